import { assert } from '../../core/assert.ts';

/** An estimate of a quantile with an interval that holds the true one with at least the stated confidence. */
export interface QuantileEstimate {
  readonly value: number;
  /** Absent where the sample is too small for a bound at this confidence. */
  readonly low: number | undefined;
  readonly high: number | undefined;
}

/**
 * A quantile of a sample with a confidence interval that assumes nothing about the distribution.
 *
 * The number of the n observations below the true quantile is binomial(n, p), so order statistics bound it
 * (Conover, Practical Nonparametric Statistics, §3.2). Each tail is held to half of what the confidence leaves.
 *
 * @param sorted the sample in ascending order; at least one value
 * @param p which quantile, strictly between 0 and 1; the value is the ⌈n·p⌉-th smallest
 */
export function quantile(sorted: readonly number[], p: number, confidence = 0.95): QuantileEstimate {
  const n = sorted.length;
  assert(n > 0, 'a quantile needs at least one observation');
  assert(p > 0 && p < 1, () => `a quantile lies strictly between 0 and 1, got ${p}`);
  const tail = (1 - confidence) / 2;
  const below = binomial(n, p);
  // The r-th smallest exceeds the quantile with probability P(B < r); the largest r that keeps it within the tail bounds from below.
  let cumulative = 0;
  let low = 0;
  while (low < n && cumulative + (below[low] as number) <= tail) cumulative += below[low++] as number;
  cumulative = 0;
  let high = n + 1;
  while (high > 1 && cumulative + (below[high - 1] as number) <= tail) cumulative += below[--high] as number;
  return {
    value: sorted[Math.max(0, Math.ceil(n * p - 1e-9) - 1)] as number,
    low: low === 0 ? undefined : sorted[low - 1],
    high: high > n ? undefined : sorted[high - 1],
  };
}

/** P(B = 0 … n) for B binomial(n, p), by the ratio of neighbours outwards from the mode, where nothing underflows that counts. */
function binomial(n: number, p: number): Float64Array {
  const mass = new Float64Array(n + 1);
  const mode = Math.min(n, Math.floor((n + 1) * p));
  mass[mode] = 1;
  for (let k = mode; k < n; k++) mass[k + 1] = ((mass[k] as number) * (n - k) * p) / ((k + 1) * (1 - p));
  for (let k = mode; k > 0; k--) mass[k - 1] = ((mass[k] as number) * k * (1 - p)) / ((n - k + 1) * p);
  const total = mass.reduce((sum, each) => sum + each, 0);
  return mass.map((each) => each / total);
}
