import type { Reduced } from './arenas/arena.ts';
import type { Found, Hunted } from './hunt.ts';
import { type Bug, UNMADE } from './kit.ts';

/** What became of one bug. */
export interface Row {
  readonly id: string;
  readonly name: string;
  /** The property that noticed it; undefined when none did. */
  readonly property: string | undefined;
  readonly says: string | undefined;
  readonly arena: string | undefined;
  readonly run: number | undefined;
  readonly runs: number;
  readonly events: number;
  readonly cpuSeconds: number;
  /** Runs that were not counted, as something is noticed in them without the bug, too. */
  readonly falseAlarms: readonly Found[];
  readonly shrunk: Shrunk | undefined;
  /** Why there is nothing to say, where that is so. */
  readonly lost: string | undefined;
}

interface Shrunk {
  readonly faults: number;
  readonly steps: number;
  readonly before: number;
  readonly ended: string;
  readonly cpuSeconds: number;
  readonly necessary: readonly string[];
}

export function rowOf(
  { id, name }: Bug,
  { found: [found], ...hunted }: Hunted,
  reduced: Reduced | undefined,
  lost?: string,
): Row {
  return {
    id,
    name,
    property: found?.noticed.check,
    says: found?.noticed.says,
    arena: found?.arena,
    run: found?.index,
    ...hunted,
    shrunk: reduced === undefined ? undefined : { ...reduced, faults: reduced.faults.length },
    lost,
  };
}

export const isKilled = ({ property, lost }: Row): boolean => property !== undefined || lost !== undefined;

const seconds = (value: number): string => value.toFixed(value < 10 ? 1 : 0);

/** The table for people, in Markdown. */
export function tableOf(rows: readonly Row[]): string {
  const lines = rows.map((row) => {
    const { id, name, property, arena, runs, events, cpuSeconds, shrunk, lost } = row;
    const caught = property ?? (lost === undefined ? '**survives**' : lost);
    const size = shrunk === undefined ? '' : `${shrunk.before} → ${shrunk.faults} faults, ${shrunk.steps} steps`;
    const needed = shrunk === undefined ? '' : shrunk.necessary.join(', ') || 'none';
    return [id, name, caught, arena ?? '', runs, events, seconds(cpuSeconds), size, needed].join(' | ');
  });
  return [
    '| bug | | noticed by | in | runs | events | CPU s | made smaller | faults without which it is not noticed in that run |',
    '| --- | --- | --- | --- | ---: | ---: | ---: | --- | --- |',
    ...lines.map((line) => `| ${line} |`),
    '',
    summaryOf(rows),
    ...alarmsOf(rows),
    '',
    'Not put back:',
    '',
    ...UNMADE.map(({ id, name, why }) => `- ${id}, ${name}. ${why}`),
  ].join('\n');
}

/** What is noticed without any bug, once for each run. */
function alarmsOf(rows: readonly Row[]): string[] {
  const all = rows.flatMap(({ falseAlarms }) =>
    falseAlarms.map(({ arena, index, noticed }) => `${arena}/${index} ${noticed.check}`),
  );
  return all.length === 0 ? [] : ['', `Noticed without a bug, too, and not counted: ${[...new Set(all)].join(', ')}.`];
}

/** How many of how many. */
export function summaryOf(rows: readonly Row[]): string {
  const killed = rows.filter(isKilled).length;
  const shrinking = rows.flatMap(({ shrunk }) => shrunk?.cpuSeconds ?? []).sort((a, b) => a - b);
  const median = shrinking[Math.floor(shrinking.length / 2)];
  const shrunk = median === undefined ? '' : ` Made smaller in ${seconds(median)} CPU s, by the median.`;
  return `${killed} of ${rows.length} noticed (${((100 * killed) / rows.length).toFixed(1)} %).${shrunk}`;
}
