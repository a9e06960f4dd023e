import { Kind } from '../../sim/engine/journal.ts';
import { once } from './once.ts';
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
 * Where parts are no shorter than its bins, the counts are those of the trace's overview, whatever window is open; else they are exact within the window.
 */
export class Density {
  private readonly run: Run;
  /** Places of the drops in the window. */
  private readonly drops: () => Int32Array;

  constructor(run: Run) {
    this.run = run;
    this.drops = once(() => {
      const places: number[] = [];
      for (let i = 0; i < run.records.count; i++) if (run.records.kind[i] === Kind.drop) places.push(i);
      return Int32Array.from(places);
    });
  }

  /** Whether the counts of such parts are the same in all windows of the run. */
  isSteady(span: Span, parts: number): boolean {
    const { overview } = this.run;
    return overview !== undefined && (span.to - span.from) / parts >= overview.width;
  }

  over(span: Span, parts: number): Histogram {
    const steady = this.isSteady(span, parts);
    // A part begins after the last nanosecond of the one before it; the last one ends with its own.
    const bounds = Array.from({ length: parts + 1 }, (_, i) =>
      i === parts ? span.to : span.from + ((span.to - span.from) * i) / parts - 1,
    );
    const counts = bounds.map((bound) => (steady ? this.run.overview?.upTo(bound) : undefined) ?? this.upTo(bound));
    const differences = (list: readonly number[]): number[] =>
      list.slice(1).map((bound, i) => Math.max(0, bound - (list[i] as number)));
    return { records: differences(counts.map(({ records }) => records)), drops: differences(counts.map(({ drops }) => drops)) };
  }

  /** How many records, and drops, lie at or before an instant. */
  private upTo(instant: number): { readonly records: number; readonly drops: number } {
    const { records, overview } = this.run;
    const position = positionAt(records, instant);
    if (overview === undefined) return { records: position, drops: lastUpTo(this.drops(), position - 1) + 1 };
    const about = overview.upTo(instant);
    // What is open is known exactly, but how many drops there were before it is not: the difference of two parts is what counts.
    const inside = position > 0 && position < records.count;
    if (!inside) return about;
    const start = overview.upTo(records.at[0] as number);
    return { records: records.first - 1 + position, drops: start.drops + lastUpTo(this.drops(), position - 1) + 1 };
  }
}
