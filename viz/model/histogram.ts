import { Kind } from '../../sim/engine/journal.ts';
import { lastUpTo, positionAt, type Run } from './run.ts';

/** A stretch of time, both ends included. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/** How much happened in each of equally long parts of a span. */
export interface Histogram {
  readonly records: readonly number[];
  readonly drops: readonly number[];
}

/** Counts by searching the bounds of each part, so that its cost does not depend on how much happened. */
export class Density {
  private readonly run: Run;
  private readonly drops: Int32Array;

  constructor(run: Run) {
    this.run = run;
    const places: number[] = [];
    for (let i = 0; i < run.records.count; i++) if (run.records.kind[i] === Kind.drop) places.push(i);
    this.drops = Int32Array.from(places);
  }

  over(span: Span, parts: number): Histogram {
    const bounds = Array.from({ length: parts + 1 }, (_, i) =>
      positionAt(this.run.records, i === parts ? span.to : span.from + ((span.to - span.from) * i) / parts - 1),
    );
    const dropped = bounds.map((bound) => lastUpTo(this.drops, bound - 1) + 1);
    const differences = (list: readonly number[]): number[] => list.slice(1).map((bound, i) => bound - (list[i] as number));
    return { records: differences(bounds), drops: differences(dropped) };
  }
}
