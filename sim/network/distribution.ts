import { cos, exp, ln } from '../../core/math.ts';
import type { Duration } from '../../core/time.ts';

/** How long something takes; all parameters but `sigma` are durations in nanoseconds. Samples are whole and never negative. */
export type Distribution =
  | { readonly type: 'constant'; readonly value: Duration }
  | { readonly type: 'uniform'; readonly min: Duration; readonly max: Duration }
  /** Samples below `min` count as `min`. */
  | { readonly type: 'normal'; readonly mean: Duration; readonly deviation: Duration; readonly min: Duration }
  /** `min` and an exponential time on top of it, together `mean` on average. */
  | { readonly type: 'exponential'; readonly min: Duration; readonly mean: Duration }
  /** Half of the samples are above `median`; `sigma` is the standard deviation of the logarithm. */
  | { readonly type: 'lognormal'; readonly median: Duration; readonly sigma: number };

/** How many uniform numbers a sample takes. */
export function numbersFor(distribution: Distribution): 0 | 1 | 2 {
  switch (distribution.type) {
    case 'constant':
      return 0;
    case 'uniform':
    case 'exponential':
      return 1;
    case 'normal':
    case 'lognormal':
      return 2;
  }
}

/** What hardly any sample exceeds. */
export function almostMost(distribution: Distribution): number {
  switch (distribution.type) {
    case 'constant':
      return distribution.value;
    case 'uniform':
      return distribution.max;
    case 'normal':
      return distribution.mean + 4 * distribution.deviation;
    case 'exponential':
      return distribution.min + 10 * (distribution.mean - distribution.min);
    case 'lognormal':
      return 20 * distribution.median;
  }
}

/**
 * One sample from uniform numbers in [0, 1); those beyond `numbersFor` are not looked at. The same on every engine.
 *
 * Normal numbers by Box and Muller (1958), the first of the pair.
 */
export function sample(distribution: Distribution, first: number, second: number): Duration {
  switch (distribution.type) {
    case 'constant':
      return distribution.value;
    case 'uniform':
      return (distribution.min + Math.floor(first * (distribution.max - distribution.min + 1))) as Duration;
    case 'exponential':
      return whole(distribution.min - ln(1 - first) * (distribution.mean - distribution.min));
    case 'normal':
      return whole(Math.max(distribution.min, distribution.mean + distribution.deviation * normal(first, second)));
    case 'lognormal':
      return whole(distribution.median * exp(distribution.sigma * normal(first, second)));
  }
}

const normal = (first: number, second: number): number => Math.sqrt(-2 * ln(1 - first)) * cos(2 * Math.PI * second);

/** An hour at most: the tail of a distribution must not leave virtual time. */
const LONGEST = 3_600_000_000_000;
const whole = (nanoseconds: number): Duration => Math.max(0, Math.min(LONGEST, Math.round(nanoseconds))) as Duration;
