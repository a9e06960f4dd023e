import { type Duration, inSeconds } from '../../../core/time.ts';
import {
  type Client,
  type ClientState,
  expectFormat,
  expectName,
  expectTags,
  goJson,
  noOperands,
  refusedName,
  refusedTag,
  refusesNothing,
  table,
} from './serf-client.ts';
import { readGoDuration } from './serf-duration.ts';
import type { Flags } from './serf-flags.ts';
import type { QueryRequest } from './serf-request.ts';

const MOST_RELAYS = 255;

/** `serf query`: asks everybody, and shows who heard of it and what they say. */
export const query: Client = {
  name: 'query',
  table: table('query', {
    node: 'text',
    tag: 'text',
    timeout: 'text',
    'no-ack': 'switch',
    format: 'text',
    'relay-factor': 'count',
  }),
  failure: 'Error sending query',
  refuses: refusedQuery,
  check(flags, complain) {
    expectName('query', flags, complain);
    expectFormat(flags, complain);
    expectTags(flags, 'tag', complain, 'KEY=PATTERN');
    for (const word of flags.words('timeout')) {
      if (word.exact && typeof readGoDuration(word.text) === 'string') {
        complain(word, `\`-timeout\` takes a duration such as 15s, not \`${word.text}\``);
      }
    }
    for (const word of flags.words('relay-factor')) {
      if (word.exact && Number(word.text) > MOST_RELAYS)
        complain(word, `\`-relay-factor\` takes a number from 0 to ${MOST_RELAYS}, not ${word.text}`);
    }
  },
  mentions: (flags) => flags.words('node'),
  request: questionOf,
  heard(answer, last, { flags, state, tool }) {
    const isText = flags.text('format') !== 'json';
    switch (answer.type) {
      case 'ack':
        if (isText) tool.print(`Ack from '${answer.from}'`);
        break;
      case 'response':
        if (isText) tool.print(`Response from '${answer.from}': ${answer.payload.replace(/\n$/, '')}`);
        break;
      default:
        if (isText && !last) tool.print(`Query '${questionOf(flags).name}' dispatched`);
    }
    state.heard.push(answer);
    if (!last) return;
    tool.print(isText ? totals(state, !flags.has('no-ack')) : gathered(state));
    tool.end(0);
  },
};

function refusedQuery(flags: Flags): string | undefined {
  const format = flags.text('format') ?? 'text';
  const relays = flags.count('relay-factor') ?? 0;
  return (
    refusedTag(flags, 'tag') ??
    refusedName('A query', flags) ??
    (relays > MOST_RELAYS ? `Relay factor must be between 0 and ${MOST_RELAYS}` : undefined) ??
    (format === 'text' || format === 'json' ? undefined : `Invalid format: ${format}`)
  );
}

function questionOf(flags: Flags): QueryRequest {
  const timeout = readGoDuration(flags.text('timeout') ?? '0');
  return {
    type: 'query',
    name: flags.operands[0]?.text ?? '',
    payload: flags.operands[1]?.text ?? '',
    nodes: flags.texts('node'),
    tags: flags.texts('tag').map((text) => [text.slice(0, text.indexOf('=')), text.slice(text.indexOf('=') + 1)] as const),
    ack: !flags.has('no-ack'),
    relay: flags.count('relay-factor') ?? 0,
    timeout: (typeof timeout === 'number' ? Math.max(timeout, 0) : 0) as Duration,
  };
}

const ackers = ({ heard }: ClientState): string[] => heard.flatMap((each) => (each.type === 'ack' ? [each.from] : []));

const responses = ({ heard }: ClientState): [string, string][] =>
  heard.flatMap((each): [string, string][] => (each.type === 'response' ? [[each.from, each.payload]] : []));

function totals(state: ClientState, acks: boolean): string {
  const lines = [...(acks ? [`Total Acks: ${ackers(state).length}`] : []), `Total Responses: ${responses(state).length}`];
  return lines.join('\n');
}

/** In the order of their names, as Go prints maps. */
function gathered(state: ClientState): string {
  const acks = ackers(state);
  const sorted = responses(state).sort(([a], [b]) => (a < b ? -1 : 1));
  return goJson({ Acks: acks.length === 0 ? null : acks, Responses: Object.fromEntries(sorted) });
}

const DUPLICATES = 'Duplicate responses means there is a misconfiguration. Verify that node names are unique.';
const TOO_MANY = 'This could mean Serf is detecting false-failures due to a misconfiguration or network issue.';
const TOO_FEW = 'This could mean Serf gossip packets are being lost due to a misconfiguration or network issue.';
const TIPS = `
Troubleshooting tips:
* Ensure that the bind addr:port is accessible by all other nodes
* If an advertise address is set, ensure it routes to the bind address
* Check that no nodes are behind a NAT
* If nodes are behind firewalls or iptables, check that Serf traffic is permitted (UDP and TCP)
* Verify networking equipment is functional`;

/** `serf reachability`: pings everybody through gossip, and compares who answers with who is alive. */
export const reachability: Client = {
  name: 'reachability',
  table: table('reachability', { verbose: 'switch' }),
  failure: 'Error getting members',
  refuses: refusesNothing,
  check: (flags, complain) => noOperands(reachability, flags, complain),
  request: () => ({ type: 'members', status: '', name: '', tags: {} }),
  heard(answer, last, { flags, state, tool, ask }) {
    const verbose = flags.has('verbose');
    switch (answer.type) {
      case 'members':
        state.heard.push(answer);
        tool.print(`Total members: ${answer.members.length}, live members: ${alive(state).length}`);
        return ask({
          type: 'query',
          name: '_serf_ping',
          payload: '',
          nodes: [],
          tags: [],
          ack: true,
          relay: 0,
          timeout: 0 as Duration,
        });
      case 'ack':
        if (verbose) tool.print(`\tAck from '${answer.from}'`);
        if (ackers(state).includes(answer.from)) tool.print(`Duplicate response from '${answer.from}'`);
        state.heard.push(answer);
        state.latest = tool.now;
        return;
      default:
        if (!last) {
          state.began = tool.now;
          state.latest = tool.now;
          return tool.print('Starting reachability test...');
        }
    }
    const since = (instant: number) => inSeconds((instant - state.began) as Duration).toFixed(2);
    if (verbose) tool.print(`Query time: ${since(tool.now)} sec, time to last response: ${since(state.latest)} sec`);
    const { text, status } = verdict(ackers(state), alive(state));
    tool.print(text);
    tool.end(status);
  },
};

const alive = ({ heard }: ClientState): string[] =>
  heard.flatMap((each) =>
    each.type === 'members' ? each.members.filter(({ status }) => status === 'alive').map(({ name }) => name) : [],
  );

function verdict(acks: readonly string[], living: readonly string[]): { readonly text: string; readonly status: number } {
  const twice = new Set(acks).size < acks.length ? [DUPLICATES] : [];
  if (acks.length === living.length) {
    return { text: [...twice, 'Successfully contacted all live nodes'].join('\n'), status: twice.length };
  }
  const [says, who, means] =
    acks.length > living.length
      ? [
          'Received more acks than live nodes! Acks from non-live nodes:',
          [...new Set(acks)].filter((name) => !living.includes(name)),
          TOO_MANY,
        ]
      : ['Received less acks than live nodes! Missing acks from:', living.filter((name) => !acks.includes(name)), TOO_FEW];
  return { text: [...twice, says, ...who.map((name) => `\t${name}`), means, TIPS].join('\n'), status: 1 };
}
