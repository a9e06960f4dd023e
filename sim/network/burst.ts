import type { Instant } from '../../core/time.ts';
import type { Draws } from '../draws.ts';
import { Purpose } from './purpose.ts';
import type { BurstSpec } from './topology.ts';

const DEFAULT_SLOT = 10_000_000;

/** How far back a state is looked for; reached only where `enter + leave` is tiny, and then the time counts as good. */
const LONGEST_SEARCH = 100_000;

/**
 * Whether a direction of a link is in a bad time (Gilbert–Elliott), computed from nothing but the instant.
 *
 * Each slot has one uniform number u. A good time turns bad when u < enter, a bad one stays bad when u < 1 − leave. So a u below both
 * thresholds makes the slot bad and a u above both makes it good whatever came before; in between the slot repeats the one before
 * (or turns it round, when enter > 1 − leave). Going back to the last slot that was decided by itself gives the exact state of the chain in
 * about 1 / (enter + leave) steps, with nothing stored and no influence of other traffic.
 *
 * @param from key of the sending interface
 * @param to key of the receiving interface
 */
export function inBadTime(burst: BurstSpec, now: Instant, from: number, to: number, draws: Draws): boolean {
  const stay = 1 - burst.leave;
  const low = Math.min(burst.enter, stay);
  const high = Math.max(burst.enter, stay);
  const latest = Math.floor(now / (burst.slot ?? DEFAULT_SLOT));
  let turned = false;
  for (let slot = latest; slot >= 0 && latest - slot < LONGEST_SEARCH; slot--) {
    const u = draws.fraction(from, Math.floor(slot / 0x1_0000_0000), slot % 0x1_0000_0000, to, 0, Purpose.burstSlot);
    if (u < low) return !turned;
    if (u >= high) return turned;
    if (burst.enter > stay) turned = !turned;
  }
  return turned; // a run starts in a good time
}
