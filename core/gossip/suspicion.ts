import { assert } from '../assert.ts';
import { ln, log10 } from '../math.ts';
import type { NameId } from '../names.ts';
import { between, type Duration, type Instant, milliseconds } from '../time.ts';

/** A member that somebody did not hear from, and who agrees. */
export interface Suspicion {
  readonly startedAt: Instant;
  readonly min: Duration;
  readonly max: Duration;
  /** Confirmations at which the timeout reaches `min`; 0 starts there. */
  readonly expected: number;
  confirmations: number;
  /** Who counted already, the first accuser among them. */
  readonly seen: NameId[];
}

/** How the timeouts of a suspicion follow from configuration and size. */
export interface SuspicionRange {
  readonly expected: number;
  readonly min: Duration;
  readonly max: Duration;
}

/**
 * The shortest time a suspect is given to refute: `mult` protocol periods, more in a large cluster, where the rumour needs
 * longer to find it.
 *
 * The logarithm is cut to whole thousandths, as memberlist does.
 */
export function suspicionMinimum(mult: number, members: number, interval: Duration): Duration {
  const thousandths = Math.trunc(Math.max(1, log10(Math.max(1, members))) * 1000);
  return Math.trunc((mult * thousandths * interval) / 1000) as Duration;
}

/** How many must agree before the shortest time suffices: `mult` − 2, or 0 where the cluster is too small to yield so many. */
export function expectedConfirmations(mult: number, members: number): number {
  const wanted = mult - 2;
  return wanted < 1 || members - 2 < wanted ? 0 : wanted;
}

/**
 * How long a suspect may stay silent in all before it is declared dead.
 *
 * Falls from `max` to `min` as independent members confirm the suspicion, each confirmation counting for less than the one
 * before (Lifeguard, LHA-Suspicion). Cut to whole milliseconds, as memberlist does.
 *
 * @param confirmations distinct members that agree, the first accuser not counted
 */
export function suspicionTimeout(confirmations: number, { expected, min, max }: SuspicionRange): Duration {
  if (expected < 1) return min;
  if (confirmations === 0) return max;
  const progress = ln(confirmations + 1) / ln(expected + 1);
  const [shortest, longest] = [min / 1e9, max / 1e9];
  const timeout = milliseconds(Math.floor(1000 * (longest - progress * (longest - shortest))));
  return timeout > min ? timeout : min;
}

export function newSuspicion(now: Instant, accuser: NameId, { expected, min, max }: SuspicionRange): Suspicion {
  assert(min <= max, () => `a suspicion cannot last from ${min} to ${max} ns`);
  return { startedAt: now, min, max, expected, confirmations: 0, seen: [accuser] };
}

/** Counts a further accuser. @returns false when it is no news: it counted before, or enough have agreed */
export function confirm(suspicion: Suspicion, from: NameId): boolean {
  if (suspicion.confirmations >= suspicion.expected || suspicion.seen.includes(from)) return false;
  suspicion.confirmations++;
  suspicion.seen.push(from);
  return true;
}

/** How long the suspect still has; 0 or less when the time is over. */
export function remaining(suspicion: Suspicion, timeout: Duration, now: Instant): number {
  return timeout - between(suspicion.startedAt, now);
}
