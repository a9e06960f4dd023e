import { Kind } from '../../sim/engine/journal.ts';
import type { Run } from './run.ts';

export type MarkerType = 'command' | 'crash' | 'boot' | 'stop' | 'pause' | 'fault' | 'held' | 'violated' | 'inconclusive';

/** A moment worth finding again. */
export interface Marker {
  readonly at: number;
  /** Place of its record. */
  readonly record: number;
  readonly type: MarkerType;
}

const TYPES: Readonly<Partial<Record<number, MarkerType>>> = {
  [Kind.command]: 'command',
  [Kind.crash]: 'crash',
  [Kind.stop]: 'stop',
  [Kind.pause]: 'pause',
  [Kind.fault]: 'fault',
};

/** All of them in order. A node's first boot is none: every node has one. */
export function markersOf(run: Run): readonly Marker[] {
  const { records } = run;
  const outcomes = new Map(run.verdicts.map(({ record, outcome }) => [record, outcome]));
  const booted = new Set<number>();
  const markers: Marker[] = [];
  for (let i = 0; i < records.count; i++) {
    const kind = records.kind[i] as number;
    const type =
      kind === Kind.verdict
        ? outcomes.get(i + 1)
        : kind === Kind.boot
          ? bootType(booted, records.node[i] as number)
          : TYPES[kind];
    if (type !== undefined) markers.push({ at: records.at[i] as number, record: i, type });
  }
  return markers;
}

function bootType(booted: Set<number>, node: number): MarkerType | undefined {
  if (booted.has(node)) return 'boot';
  booted.add(node);
  return undefined;
}
