import { Kind } from '../../sim/engine/journal.ts';
import type { Topology } from '../../sim/network/topology.ts';
import type { Span } from './histogram.ts';
import { type Earlier, nameOf, type Run, textField } from './run.ts';

/** A stretch of a run in which something was broken on purpose or had fallen. */
export interface FaultBand {
  readonly from: number;
  /** The end of the run when it was never put right. */
  readonly to: number;
  /** Numbers of the first and the last record of it; the last is undefined when it never ended. */
  readonly begin: number;
  readonly end: number | undefined;
  /** In words. */
  readonly says: string;
  /** Directions that carry nothing, as pairs of names; empty for faults of another sort. */
  readonly cuts: readonly (readonly [from: string, to: string])[];
}

const CUT = 'cut: ';
const HEALED = 'healed: ';
const ALL = 'all cuts';

/** The faults of whole runs, which all their windows share. */
const shared = new WeakMap<readonly Earlier[], readonly FaultBand[]>();

/** The faults of a run by their beginnings; of a large one, up to the end of the window, until all of it is known. */
export function faultsOf(run: Run): readonly FaultBand[] {
  if (run.lasting === undefined) return bandsOf(run);
  const bands = shared.get(run.lasting) ?? bandsOf(run);
  shared.set(run.lasting, bands);
  return bands;
}

function bandsOf(run: Run): readonly FaultBand[] {
  const { records, past, lasting } = run;
  const bands: FaultBand[] = [];
  const open: FaultBand[] = [];
  const close = (wanted: (band: FaultBand) => boolean, at: number, number: number): void => {
    for (const band of open.filter(wanted)) {
      open.splice(open.indexOf(band), 1);
      bands[bands.indexOf(band)] = { ...band, to: at, end: number };
    }
  };
  const start = (band: FaultBand, lasts: boolean): void => {
    bands.push(band);
    if (lasts) open.push(band);
  };
  const add = (number: number, at: number, kind: number, node: number, payload: unknown): void => {
    const downed = `${nameOf(run, node)} is down`;
    if (kind === Kind.crash) start({ from: at, to: run.end, begin: number, end: undefined, says: downed, cuts: [] }, true);
    else if (kind === Kind.boot) close(({ says }) => says === downed, at, number);
    else if (kind === Kind.fault) {
      const does = textField(payload, 'does');
      if (does.startsWith(HEALED)) {
        const what = does.slice(HEALED.length);
        close(({ says }) => says === CUT + what || (what === ALL && says.startsWith(CUT)), at, number);
      } else if (does.startsWith(CUT)) {
        start(
          { from: at, to: run.end, begin: number, end: undefined, says: does, cuts: pairsOf(run, does.slice(CUT.length)) },
          true,
        );
      } else if (!does.endsWith(' crashes')) {
        const to = endOf(does) ?? run.end;
        start({ from: at, to: Math.max(at, to), begin: number, end: undefined, says: does, cuts: [] }, false);
      }
    }
  };
  for (const { number, at, kind, node, payload } of lasting ?? past) add(number, at, kind, node, payload);
  if (lasting !== undefined) return bands;
  for (let i = 0; i < records.count; i++) {
    const kind = records.kind[i] as number;
    if (kind !== Kind.crash && kind !== Kind.boot && kind !== Kind.fault) continue;
    add(records.first + i, records.at[i] as number, kind, records.node[i] as number, run.payload(i));
  }
  return bands;
}

/** The stretches of a span in which anything was broken, those that touch as one. */
export function stretchesOf(bands: readonly FaultBand[], within: Span): readonly Span[] {
  const stretches: Span[] = [];
  for (const { from, to } of bands.toSorted((a, b) => a.from - b.from)) {
    if (to < within.from || from > within.to) continue;
    const part = { from: Math.max(from, within.from), to: Math.min(to, within.to) };
    const last = stretches.at(-1);
    if (last !== undefined && part.from <= last.to)
      stretches[stretches.length - 1] = { from: last.from, to: Math.max(last.to, part.to) };
    else stretches.push(part);
  }
  return stretches;
}

/** Those that are in force after so many records of the window. */
export const activeFaults = (run: Run, bands: readonly FaultBand[], position: number, instant: number): readonly FaultBand[] => {
  const last = run.records.first - 1 + position;
  return bands.filter(({ begin, end, to }) => begin <= last && (end === undefined ? instant <= to : last < end));
};

function pairsOf(run: Run, text: string): (readonly [string, string])[] {
  const trunk = /^trunk (\d+)$/.exec(text);
  if (trunk !== null) return partedBy(run.topology, Number(trunk[1]));
  return text
    .split(', ')
    .map((pair) => pair.split(' → '))
    .filter((pair): pair is [string, string] => pair.length === 2);
}

/** The nodes of one segment that a trunk alone joins, in both directions. */
function partedBy({ nodes, trunks = [] }: Topology, cut: number): (readonly [string, string])[] {
  const carried = trunks[cut];
  if (carried === undefined) return [];
  /** The switches that can be reached from one, without that trunk. */
  const reached = new Set([carried.between[0]]);
  for (let grown = -1; grown !== reached.size; ) {
    grown = reached.size;
    trunks.forEach(({ between: [a, b] }, place) => {
      if (place === cut || !(reached.has(a) || reached.has(b))) return;
      reached.add(a);
      reached.add(b);
    });
  }
  const sides = nodes.flatMap(({ name, interfaces }) => {
    const own = interfaces.find((each) => each.switch !== undefined)?.switch;
    return own === undefined ? [] : [{ name, near: reached.has(own) }];
  });
  return sides.flatMap((a) => sides.filter((b) => a.near !== b.near).map((b) => [a.name, b.name] as const));
}

/** `… from 12.000 s to 22.000 s` says when it ends. */
function endOf(text: string): number | undefined {
  const match = / to (\d+(?:\.\d+)?) s$/.exec(text);
  return match === null ? undefined : Number(match[1]) * 1e9;
}

/**
 * The sides that cuts have split nodes into: for each node that is cut from another in both directions the number of its side, from 0 in the order
 * of the nodes. Undefined when the cuts split nothing: somebody still reaches both sides.
 */
export function sidesOf(
  names: readonly string[],
  cuts: readonly (readonly [string, string])[],
): ReadonlyMap<string, number> | undefined {
  const broken = new Set(cuts.map(([from, to]) => `${from} ${to}`));
  const involved = names.filter((name) => cuts.some(([from, to]) => from === name || to === name));
  const sides = new Map<string, number>();
  let count = 0;
  for (const first of involved) {
    if (sides.has(first)) continue;
    const queue = [first];
    for (let name = queue.pop(); name !== undefined; name = queue.pop()) {
      if (sides.has(name)) continue;
      sides.set(name, count);
      queue.push(...involved.filter((other) => !broken.has(`${name} ${other}`) && !broken.has(`${other} ${name}`)));
    }
    count++;
  }
  return count < 2 ? undefined : new Map(involved.map((name) => [name, sides.get(name) as number]));
}
