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

/**
 * Counts by searching the bounds of each part, so that its cost does not depend on how much happened.
 *
 * Outside of the window the counts are those of the trace's overview, whose bins may be wider than a part.
 */
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
    // A part begins after the last nanosecond of the one before it; the last one ends with its own.
    const bounds = Array.from({ length: parts + 1 }, (_, i) =>
      i === parts ? span.to : span.from + ((span.to - span.from) * i) / parts - 1,
    );
    const counts = bounds.map((bound) => this.upTo(bound));
    const differences = (list: readonly number[]): number[] =>
      list.slice(1).map((bound, i) => Math.max(0, bound - (list[i] as number)));
    return { records: differences(counts.map(({ records }) => records)), drops: differences(counts.map(({ drops }) => drops)) };
  }

  /** How many records, and drops, lie at or before an instant. */
  private upTo(instant: number): { readonly records: number; readonly drops: number } {
    const { records, overview } = this.run;
    const position = positionAt(records, instant);
    if (overview === undefined) return { records: position, drops: lastUpTo(this.drops, position - 1) + 1 };
    const about = overview.upTo(instant);
    // What is open is known exactly, but how many drops there were before it is not: the difference of two parts is what counts.
    const inside = position > 0 && position < records.count;
    if (!inside) return about;
    const start = overview.upTo(records.at[0] as number);
    return { records: records.first - 1 + position, drops: start.drops + lastUpTo(this.drops, position - 1) + 1 };
  }
}
