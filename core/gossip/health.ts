import type { Duration } from '../time.ts';

/*
 * Local health (Lifeguard's local health multiplier): a node that cannot reach others, or is wrongly accused, suspects first
 * that it is itself slow, and gives its probes more time.
 */

/** The score after an event: 0 is healthy, `multiplier` − 1 the worst. */
export function healthAfter(score: number, delta: number, multiplier: number): number {
  return Math.min(Math.max(score + delta, 0), multiplier - 1);
}

/**
 * What a failed probe says about our own health: each helper that was asked to report its own failure and did not is one; without
 * such helpers the failure itself is.
 */
export function failedProbeDelta(expectedNacks: number, nacks: number): number {
  return expectedNacks > 0 ? Math.max(0, expectedNacks - nacks) : 1;
}

/** How long a probe may take in all: only this, not the wait for the direct answer, grows with bad health. */
export const probeWindow = (score: number, interval: Duration): Duration => ((score + 1) * interval) as Duration;
