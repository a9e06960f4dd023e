import { ln, log10 } from '../../math.ts';
import type { Duration } from '../../time.ts';

/*
 * What memberlist reckons with, written down once more and in another way, so that a slip there does not hide itself here.
 */

/** Packets for one rumour: a multiple of the decimal digits of the number of members. */
export const packetsFor = (mult: number, members: number): number =>
  members < 1 ? 0 : mult * String(Math.floor(members)).length;

/** The shortest suspicion: ten members and fewer wait `mult` periods, more of them longer by the logarithm, in thousandths. */
export const shortestSuspicion = (mult: number, members: number, period: Duration): number =>
  members <= 10 ? mult * period : Math.floor((mult * Math.floor(1000 * log10(members)) * period) / 1000);

/** How many must agree: two less than the multiplier, if there are as many beside the suspect and its first accuser. */
export const confirmationsWanted = (mult: number, members: number): number => (mult > 2 && members >= mult ? mult - 2 : 0);

/** How long a suspicion lasts with so many confirmations, in whole milliseconds. */
export function suspicionFor(confirmations: number, wanted: number, shortest: number, longest: number): number {
  if (wanted === 0 || confirmations >= wanted) return shortest;
  if (confirmations === 0) return longest;
  const span = (longest - shortest) / 1e9;
  const passed = (ln(1 + confirmations) / ln(1 + wanted)) * span;
  return Math.max(shortest, 1e6 * Math.floor(1000 * (longest / 1e9 - passed)));
}
