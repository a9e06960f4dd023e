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
