import { Kind } from '../../sim/engine/journal.ts';
import type { Marker, MarkerType, Outcome, Run } from './run.ts';

const TYPES: Readonly<Partial<Record<number, MarkerType>>> = {
  [Kind.command]: 'command',
  [Kind.crash]: 'crash',
  [Kind.stop]: 'stop',
  [Kind.pause]: 'pause',
  [Kind.fault]: 'fault',
};

/** Whether a change of a cell says that somebody leads from then on. */
export const isElection = (field: string, value: unknown): boolean => field === 'raft.role' && value === 'leader';

/** All of them in order, those outside of the window too. */
export function markersOf(run: Run): readonly Marker[] {
  if (run.overview !== undefined) return run.overview.markers;
  const { records } = run;
  const maker = new MarkerMaker(new Map(run.verdicts.map(({ record, outcome }) => [record, outcome])));
  const elected = run.cells.filter(({ field, value }) => isElection(field, value)).map(({ position }) => position - 1);
  const elections = new Set(elected);
  for (let i = 0; i < records.count; i++) {
    if (elections.has(i)) maker.markers.push({ at: records.at[i] as number, number: records.first + i, type: 'leader' });
    else maker.add(records.at[i] as number, records.first + i, records.kind[i] as number, records.node[i] as number);
  }
  return maker.markers;
}

/** Tells which records are markers. A node's first boot is none: every node has one. */
export class MarkerMaker {
  readonly markers: Marker[] = [];
  private readonly outcomes: ReadonlyMap<number, Outcome>;
  private readonly booted = new Set<number>();

  /** @param outcomes of the verdicts, by the numbers of their records */
  constructor(outcomes: ReadonlyMap<number, Outcome>) {
    this.outcomes = outcomes;
  }

  add(at: number, number: number, kind: number, node: number): void {
    const type = kind === Kind.verdict ? this.outcomes.get(number) : kind === Kind.boot ? this.boot(node) : TYPES[kind];
    if (type !== undefined) this.markers.push({ at, number, type });
  }

  private boot(node: number): MarkerType | undefined {
    if (this.booted.has(node)) return 'boot';
    this.booted.add(node);
    return undefined;
  }
}
