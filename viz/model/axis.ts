import type { Span } from './histogram.ts';
import { positionAt, type Records } from './run.ts';

/**
 * How time is laid out: `linear` as it is; `order` gives every event the same room; `spread` gives long gaps little more than short ones, so that
 * a burst of microseconds and the quiet seconds around it are seen together.
 */
export type AxisType = 'linear' | 'order' | 'spread';

export const AXES: readonly AxisType[] = ['linear', 'order', 'spread'];

/** What events of one instant are apart on a `spread` axis, where the shortest gap that counts is 1. */
const TOGETHER = 0.25;
/** Of the mean gap, the part that counts as 1. */
const FINEST = 1 / 64;
/** With more events than this in sight no gap could be seen, and time is laid out as it is. */
const MOST_EVENTS = 400_000;

/** Where the events of a part of a run lie: 0 at its beginning, 1 at its end. */
export class Axis {
  readonly lens: Span;
  /** Places of the first record in the lens and of the one after the last. */
  readonly begin: number;
  readonly end: number;
  private readonly records: Records;
  /** By place from `begin`; undefined on a linear axis. */
  private readonly at: Float64Array | undefined;

  constructor(records: Records, lens: Span, type: AxisType) {
    this.records = records;
    this.lens = lens;
    this.begin = positionAt(records, lens.from - 1);
    this.end = Math.max(this.begin, positionAt(records, lens.to));
    const count = this.end - this.begin;
    if (type === 'linear' || count === 0 || count > MOST_EVENTS) this.at = undefined;
    else this.at = type === 'order' ? Float64Array.from({ length: count }, (_, i) => (i + 0.5) / count) : this.spread(count);
  }

  /** Where a record lies; one before the lens at a little less than 0, one after it at a little more than 1. */
  place(place: number): number {
    if (place < this.begin) return -0.02;
    if (place >= this.end) return 1.02;
    return this.at === undefined ? this.linear(this.records.at[place] as number) : (this.at[place - this.begin] as number);
  }

  /** Where an instant lies, after everything that happened in it. */
  x(instant: number): number {
    if (this.at === undefined) return this.linear(instant);
    if (instant < this.lens.from || instant > this.lens.to) return this.linear(instant);
    const next = positionAt(this.records, instant);
    const [before, after] = [this.bound(next - 1), this.bound(next)];
    const part = after.at === before.at ? 0 : (instant - before.at) / (after.at - before.at);
    return before.x + (after.x - before.x) * Math.min(1, Math.max(0, part));
  }

  /** The instant at a place of the axis; beyond its ends time goes on at its mean pace. */
  invert(x: number): number {
    const { from, to } = this.lens;
    const { at } = this;
    if (at === undefined || x <= 0 || x >= 1) return from + (to - from) * x;
    let low = 0;
    let high = at.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((at[middle] as number) <= x) low = middle + 1;
      else high = middle;
    }
    const [before, after] = [this.bound(this.begin + low - 1), this.bound(this.begin + low)];
    const part = after.x === before.x ? 0 : (x - before.x) / (after.x - before.x);
    return before.at + (after.at - before.at) * part;
  }

  private linear(instant: number): number {
    const { from, to } = this.lens;
    return to === from ? 0.5 : (instant - from) / (to - from);
  }

  private bound(place: number): { readonly at: number; readonly x: number } {
    if (place < this.begin) return { at: this.lens.from, x: 0 };
    if (place >= this.end) return { at: this.lens.to, x: 1 };
    return { at: this.records.at[place] as number, x: (this.at as Float64Array)[place - this.begin] as number };
  }

  private spread(count: number): Float64Array {
    const { from, to } = this.lens;
    const finest = Math.max(1, ((to - from) / count) * FINEST);
    const width = (gap: number): number => (gap === 0 ? TOGETHER : Math.log2(2 + gap / finest));
    const at = new Float64Array(count);
    let sum = 0;
    let last = from;
    for (let i = 0; i < count; i++) {
      const now = this.records.at[this.begin + i] as number;
      sum += width(now - last);
      at[i] = sum;
      last = now;
    }
    const whole = sum + width(to - last);
    return at.map((x) => x / whole);
  }
}

/** More (factor above 1) or less of a run, keeping what lies at `around` where it is. */
export function zoomedLens(axis: Axis, factor: number, around: number, whole: Span): Span {
  const from = axis.invert(around - around * factor);
  const to = axis.invert(around + (1 - around) * factor);
  return withinSpan({ from, to: Math.max(to, from + SHORTEST) }, whole);
}

/** Nothing is to be seen in less than so many nanoseconds. */
const SHORTEST = 200;

/** Moves a span into another one, and shortens it if it must. */
export function withinSpan(span: Span, whole: Span): Span {
  const length = Math.min(span.to - span.from, Math.max(1, whole.to - whole.from));
  const from = Math.max(whole.from, Math.min(whole.to - length, span.from));
  return { from, to: from + length };
}

/** The part of a run that so many records around a position take up, with a little air on both sides. */
export function lensAround(records: Records, position: number, count: number, whole: Span): Span {
  if (records.count === 0) return whole;
  const begin = Math.max(0, Math.min(records.count - count, position - Math.floor(count / 2)));
  const from = records.at[begin] as number;
  const to = records.at[Math.min(records.count - 1, begin + count)] as number;
  const air = Math.max(1000, (to - from) * 0.04);
  return withinSpan({ from: from - air, to: to + air }, whole);
}
