import type { Duration } from '../time.ts';
import { choose } from './choose.ts';
import { failedProbeDelta, healthAfter, probeWindow } from './health.ts';
import { pushPullScale } from './pushpull.ts';
import { transmitLimit } from './queue.ts';
import { ALIVE, DEAD, isLive, LEFT, type StatusNumber, SUSPECT } from './status.ts';
import { confirm, expectedConfirmations, suspicionMinimum, suspicionTimeout } from './suspicion.ts';

/**
 * The decisions of memberlist, each by its name: what the class asks, and what a check may replace by a historical bug.
 *
 * `held` is the incarnation that a node stores for a member, `arriving` the one a message carries.
 */
export const RULES = {
  aliveOverrides,
  aliveAboutSelfCounts,
  aliveClearsSuspicion,
  accusationCounts,
  confirm,
  confirmationIsPassedOn,
  mayChangeAddress,
  refutation,
  mergesAs,
  suspicionMinimum,
  expectedConfirmations,
  suspicionTimeout,
  transmitLimit,
  pushPullScale,
  healthAfter,
  failedProbeDelta,
  probeWindow,
  choose,
  mayProbe,
  warnsAccused,
  mayHelp,
  mayGossipTo,
  isForgotten,
};

export type GossipRules = typeof RULES;

/**
 * Whether an alive message about another member replaces what is held: only with a higher incarnation, so that of two equal claims
 * the worse one stands and only the accused can clear itself (SWIM §4.2).
 *
 * @param moved the name is being taken over from another address; then any incarnation will do
 */
export function aliveOverrides(held: number, arriving: number, moved: boolean): boolean {
  return moved || arriving > held;
}

/** Whether an alive message about this node itself has to be looked at; one with an equal incarnation may differ in content. */
export function aliveAboutSelfCounts(held: number, arriving: number): boolean {
  return arriving >= held;
}

/** Whether an alive message ends a suspicion: only one that overrides. An outdated one must not stop the timer of a real crash. */
export function aliveClearsSuspicion(overrides: boolean): boolean {
  return overrides;
}

/** Whether a suspect or dead message says something about what is held: it is at least as recent (SWIM §4.2). */
export function accusationCounts(held: number, arriving: number): boolean {
  return arriving >= held;
}

/** Whether a further accusation of a suspect is gossiped on: when it is news here, so that the others can count it too. */
export function confirmationIsPassedOn(isNews: boolean): boolean {
  return isNews;
}

/** Whether a name may be claimed from another address: when its member has left, or is dead for longer than the time set. */
export function mayChangeAddress(status: StatusNumber, age: Duration, reclaimAfter: Duration): boolean {
  return status === LEFT || (status === DEAD && reclaimAfter > 0 && age > reclaimAfter);
}

/** The incarnation that refutes an accusation: our next one, or one above the accusation if that is higher. */
export function refutation(next: number, accused: number): number {
  return accused >= next ? accused + 1 : next;
}

/**
 * As what a record of a push/pull is taken. A death that was only heard of raises a suspicion, so that its victim can refute; a
 * departure was announced by the member itself.
 */
export function mergesAs(status: StatusNumber): StatusNumber {
  return status === DEAD ? SUSPECT : status;
}

export function mayProbe(status: StatusNumber): boolean {
  return isLive(status);
}

/** Whether a ping carries what is said of its target: a suspect can then refute with its very answer (Lifeguard's buddy system). */
export function warnsAccused(status: StatusNumber): boolean {
  return status === SUSPECT;
}

/** Who may be asked to ping another, and be chosen for a push/pull. */
export function mayHelp(status: StatusNumber): boolean {
  return status === ALIVE;
}

/** The dead are told for a while too: one that was only cut off hears of its death and refutes it. Those that left are not. */
export function mayGossipTo(status: StatusNumber, age: Duration, toTheDead: Duration): boolean {
  return isLive(status) || (status === DEAD && age <= toTheDead);
}

/**
 * Whether a record is dropped when the probe order is renewed. Not at the death itself: an older alive message would then look
 * like a newcomer's.
 */
export function isForgotten(status: StatusNumber, age: Duration, toTheDead: Duration, leftToo: boolean): boolean {
  return (status === DEAD || (status === LEFT && leftToo)) && age > toTheDead;
}
