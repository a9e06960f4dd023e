import { type QuantileEstimate, quantile } from '../../sim/run/quantile.ts';

/** What one measure came to for clusters of one size; a sample that it never came to an end in is an infinity. */
export interface Distribution {
  readonly size: number;
  readonly name: string;
  readonly unit: string;
  /** It is known to differ. */
  readonly differs?: boolean;
  /** Both ascending. */
  readonly real: readonly number[];
  readonly simulated: readonly number[];
}

/** Deviations up to this are called none. */
const TOLERANCE = 0.1;

export interface Verdict {
  readonly real: QuantileEstimate;
  readonly simulated: number;
  /** Of the simulated quantile, as a part of the real one. */
  readonly deviation: number;
  readonly says: '≤ 10 %' | 'sampling error' | 'outside' | 'differs';
}

/**
 * How a simulated quantile compares to the real one.
 *
 * The sampling error is that of the real sample alone, as there are many more simulated runs: the interval between two of its order
 * statistics that holds the true quantile with 95 % confidence. One comparison in twenty falls outside by chance.
 */
export function compare({ real, simulated, differs = false }: Distribution, p: number): Verdict {
  const estimate = quantile(real, p);
  const { value } = quantile(simulated, p);
  const deviation = value === estimate.value ? 0 : value / estimate.value - 1;
  const { low = Number.NEGATIVE_INFINITY, high = Number.POSITIVE_INFINITY } = estimate;
  const sampling = value >= low && value <= high;
  const says = Math.abs(deviation) <= TOLERANCE ? '≤ 10 %' : sampling ? 'sampling error' : differs ? 'differs' : 'outside';
  return { real: estimate, simulated: value, deviation, says };
}

/** What a busy machine may add to a time, or take away when it delays the line that it is counted from; in milliseconds. */
const LATE = 2_000;
const EARLY = 100;

/**
 * Whether a few real samples could come from a simulator that is not grossly wrong: their median is no less than half of the least
 * simulated value and no more than twice the greatest one, apart from what the machine may do to it. What is known to differ may.
 */
export function isPlausible({ real, simulated, unit, differs = false }: Distribution): boolean {
  const { value } = quantile(real, 0.5);
  const [late, early] = unit === 'ms' ? [LATE, EARLY] : [0, 0];
  const least = (simulated[0] ?? Number.NaN) / 2 - early;
  const most = 2 * (simulated.at(-1) ?? Number.NaN) + late;
  return differs || (value >= least && value <= most);
}
