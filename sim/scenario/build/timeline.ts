import type { Action, Step } from '../plan.ts';
import type { Path } from '../problem.ts';
import type { EntryInput, FaultInput, ScenarioInput } from '../schema.ts';
import type { Cast } from './cast.ts';
import type { Commands } from './commands.ts';
import { clockActions, diskActions } from './faults.ts';
import type { Reporter } from './reporter.ts';
import type { Times } from './times.ts';

/** What the entries of a timeline are built with. */
interface Parts {
  readonly cast: Cast;
  readonly times: Times;
  readonly commands: Commands;
  readonly reporter: Reporter;
  readonly network: ScenarioInput['network'];
}

/** The steps of a timeline, in the order in which they happen; an entry with `until` makes two. */
export function buildTimeline(entries: readonly EntryInput[], parts: Parts): Step[] {
  const steps: Step[] = entries.flatMap((entry, index) => {
    const path: Path = ['timeline', index];
    if ('slow' in entry) return []; // lasts, and is no step
    const at = parts.times.instant(entry.at, [...path, 'at']);
    const until =
      'until' in entry && entry.until !== undefined ? parts.times.endOf(entry.until, at, [...path, 'until']) : undefined;
    const { begin, end } = actionsOf(entry, path, parts);
    return [
      ...begin.map((action) => ({ at, ...action })),
      ...(until === undefined ? [] : end.map((action) => ({ at: until, ...action }))),
    ];
  });
  // Sorting is stable: what happens at one instant keeps the order of the file.
  return steps.sort((a, b) => a.at - b.at);
}

interface Actions {
  readonly begin: readonly Action[];
  /** What undoes it. */
  readonly end: readonly Action[];
}

function actionsOf(
  entry: Exclude<EntryInput, { readonly slow: unknown }>,
  path: Path,
  { cast, commands, reporter, network }: Parts,
): Actions {
  const nodes = (key: 'crash' | 'boot', who: string | readonly string[]) => cast.nodes(who, [...path, key]);
  const hosts = (key: 'on' | 'pause' | 'resume' | 'restart', who: string | readonly string[]) => cast.hosts(who, [...path, key]);
  if ('run' in entry) {
    const on = hosts('on', entry.on);
    commands.check(entry.run, on, [...path, 'run']);
    return once(on.map((node) => ({ type: 'run', node, line: entry.run })));
  }
  if ('signal' in entry)
    return once(hosts('on', entry.on).map((node) => ({ type: 'signal', node, signal: entry.signal, of: entry.of })));
  if ('crash' in entry) {
    const crashed = nodes('crash', entry.crash);
    return {
      begin: crashed.map((node) => ({ type: 'crash', node, torn: entry.torn ?? false })),
      end: crashed.map((node) => ({ type: 'boot', node })),
    };
  }
  if ('boot' in entry) return once(nodes('boot', entry.boot).map((node) => ({ type: 'boot', node })));
  if ('pause' in entry) {
    const paused = hosts('pause', entry.pause);
    return {
      begin: paused.map((node) => ({ type: 'pause', node })),
      end: paused.map((node) => ({ type: 'resume', node })),
    };
  }
  if ('resume' in entry) return once(hosts('resume', entry.resume).map((node) => ({ type: 'resume', node })));
  if ('restart' in entry) return once(hosts('restart', entry.restart).map((node) => ({ type: 'restart', node, of: entry.of })));
  if ('disk' in entry) return once(diskActions(entry, path, cast));
  if ('clock' in entry) return once(clockActions(entry, path, cast, reporter));
  if ('partition' in entry) {
    const pairs = separate(entry.partition, [...path, 'partition'], cast, reporter);
    return { begin: [{ type: 'cut', pairs }], end: [{ type: 'heal', pairs }] };
  }
  if ('cut' in entry) {
    const fault = faultOf(entry.cut, [...path, 'cut'], cast, reporter, network);
    return { begin: [fault('cut')], end: [fault('heal')] };
  }
  return once(
    entry.heal === 'all' ? [{ type: 'heal-all' }] : [faultOf(entry.heal, [...path, 'heal'], cast, reporter, network)('heal')],
  );
}

const once = (begin: readonly Action[]): Actions => ({ begin, end: [] });

function faultOf(
  input: FaultInput,
  path: Path,
  cast: Cast,
  reporter: Reporter,
  network: ScenarioInput['network'],
): (does: 'cut' | 'heal') => Action {
  if ('trunk' in input) {
    const [a, b] = input.trunk;
    const trunk = (network.trunks ?? []).findIndex(({ between: [c, d] }) => (a === c && b === d) || (a === d && b === c));
    if (trunk < 0) reporter.say([...path, 'trunk'], `No trunk joins ${a} and ${b}.`, 'Trunks are listed under network.');
    return (does) => ({ type: `${does}-trunk`, trunk });
  }
  let pairs: (readonly [number, number])[];
  if ('between' in input) {
    const [a, b] = input.between.map((name, end) => cast.nodes(name, [...path, 'between', end])) as [number[], number[]];
    pairs = [...cross(a, b), ...cross(b, a)];
  } else pairs = cross(cast.nodes(input.from, [...path, 'from']), cast.nodes(input.to, [...path, 'to']));
  const named = 'between' in input ? input.between : [input.from, input.to];
  if (pairs.length === 0 && String(named[0]) === String(named[1])) {
    reporter.say(path, 'It names one machine twice, and a machine always reaches itself.', 'Name two.');
  }
  return (does) => ({ type: does, pairs });
}

function separate(
  groups: readonly (readonly string[])[],
  path: Path,
  cast: Cast,
  reporter: Reporter,
): (readonly [number, number])[] {
  const sides = groups.map((group, index) => cast.nodes(group, [...path, index]));
  for (const [index, side] of sides.entries()) {
    const twice = side.find((node) => sides.slice(0, index).some((earlier) => earlier.includes(node)));
    if (twice !== undefined)
      reporter.say([...path, index], `${cast.names([twice])[0]} is in two groups.`, 'Each machine belongs to one group at most.');
  }
  return sides.flatMap((side, index) => sides.flatMap((other, place) => (place === index ? [] : cross(side, other))));
}

const cross = (from: readonly number[], to: readonly number[]): (readonly [number, number])[] =>
  from.flatMap((a) => to.flatMap((b) => (a === b ? [] : [[a, b] as const])));
