/**
 * A quantile of numbers: between two of them in proportion, so that the median of an even count is the mean of both (type 7 of Hyndman and Fan,
 * "Sample Quantiles in Statistical Packages", 1996).
 *
 * @param sorted ascending
 * @param part from 0, the least, to 1, the most
 * @returns NaN when there are none
 */
export function quantile(sorted: ArrayLike<number>, part: number): number {
  if (sorted.length === 0) return Number.NaN;
  const place = part * (sorted.length - 1);
  const below = Math.floor(place);
  const [low, high] = [sorted[below] as number, sorted[Math.min(below + 1, sorted.length - 1)] as number];
  return low + (place - below) * (high - low);
}

/** The quantiles that a chart shows: two bands around a line. */
export const SHOWN = [0.05, 0.25, 0.5, 0.75, 0.95] as const;

/** Of each list of numbers, in any order, the quantiles that a chart shows. */
export function quantilesOf(lists: readonly ArrayLike<number>[]): readonly Float64Array[] {
  const sorted = lists.map((list) => Float64Array.from(list).sort());
  return SHOWN.map((part) => Float64Array.from(sorted, (list) => quantile(list, part)));
}
