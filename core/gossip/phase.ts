import type { Duration, Instant } from '../time.ts';

/**
 * How long ago the last tick of a grid was.
 *
 * The remainder of a division, without the operator for it, which engines compute bit by bit for numbers of this size. Exact: the quotient
 * is off by less than 1 / `interval` as long as instants have 53 bits, so its floor is right.
 */
export function phase(now: Instant, origin: Instant, interval: Duration): Duration {
  const passed = now - origin;
  return (passed - Math.floor(passed / interval) * interval) as Duration;
}
