import { distance } from '../../../core/serf/coordinate.ts';
import { type Client, expectFormat, goJson, missing, noOperands, refusesNothing, table } from './serf-client.ts';
import { serfFigures } from './serf-figures.ts';
import type { AgentAnswer } from './serf-request.ts';

/** `serf info`: figures for operators. */
export const info: Client = {
  name: 'info',
  table: table('info', { format: 'text' }),
  failure: 'Error querying agent',
  refuses: refusesNothing,
  check(flags, complain) {
    noOperands(info, flags, complain);
    expectFormat(flags, complain);
  },
  request: () => ({ type: 'info' }),
  heard(answer, _last, { flags, tool }) {
    if (answer.type === 'info')
      tool.print(flags.text('format') === 'json' ? goJson(sections(answer)) : sectionsText(sections(answer)));
    tool.end(0);
  },
};

type Sections = Readonly<Record<string, Readonly<Record<string, string>>>>;

/** What the agent runs on: there is no such machine, but those who read it expect it to be told. */
const RUNTIME = { arch: 'amd64', cpu_count: '1', goroutines: '1', max_procs: '1', os: 'linux', version: 'partita' };

function sections({ info: figures, node, handlers }: Extract<AgentAnswer, { type: 'info' }>): Sections {
  return {
    agent: { name: node },
    event_handlers: sorted(handlers),
    runtime: RUNTIME,
    serf: { coordinate_resets: String(figures.coordinateResets), ...serfFigures(figures) },
    tags: sorted(figures.tags),
  };
}

const sorted = (entries: readonly (readonly [key: string, value: string])[]): Readonly<Record<string, string>> =>
  Object.fromEntries([...new Map(entries)].sort(([a], [b]) => (a < b ? -1 : 1)));

function sectionsText(all: Sections): string {
  const section = ([name, values]: [string, Readonly<Record<string, string>>]) => [
    `${name}:`,
    ...Object.entries(values).map(([key, value]) => `\t${key} = ${value}`),
  ];
  return Object.entries(all).flatMap(section).join('\n').trim();
}

/** `serf rtt`: the time between two members, as their coordinates have it. */
export const rtt: Client = {
  name: 'rtt',
  table: table('rtt'),
  failure: ({ operands }) => (operands.length === 1 ? 'Error querying agent' : 'Error getting coordinates'),
  refuses: ({ operands: { length } }) => (length === 1 || length === 2 ? undefined : 'One or two node names must be specified'),
  check({ operands }, complain) {
    if (operands.length === 0) missing(complain, '`serf rtt` needs the name of a member, or of two');
    for (const extra of operands.slice(2)) complain(extra, '`serf rtt` takes the names of two members at most');
  },
  mentions: ({ operands }) => operands,
  request: (flags) => ({ type: 'rtt', nodes: flags.operands.map(({ text }) => text) }),
  heard(answer, _last, { tool }) {
    const [first, second] = answer.type === 'coordinates' ? answer.coordinates : [];
    if (first === undefined || second === undefined) return tool.end(1);
    const unknown = [first, second].find(([, coordinate]) => coordinate === undefined);
    if (unknown !== undefined) {
      tool.print(`Could not find a coordinate for node ${JSON.stringify(unknown[0])}`);
      return tool.end(1);
    }
    const [[a, from], [b, to]] = [first, second];
    if (from === undefined || to === undefined) return tool.end(1);
    // Distances are whole nanoseconds.
    const milliseconds = Math.floor(distance(from, to) * 1e9) / 1e6;
    tool.print(`Estimated ${a} <-> ${b} rtt: ${milliseconds.toFixed(3)} ms`);
    tool.end(0);
  },
};
