import type { Verdict } from './check.ts';

/** The cells by which an agent shows its view of a member, and its own health. */
export const STATUS = 'serf.status';
export const STATE = 'gossip.state';
export const INCARNATION = 'gossip.incarnation';
export const HEALTH = 'gossip.health';

const VERDICTS: readonly Verdict[] = ['held', 'violated', 'inconclusive'];

/**
 * The names that those who watch a run use. A world gives them their numbers before anything happens, so that watching it does not move the
 * number of any other name.
 */
export const OBSERVED: readonly string[] = [STATUS, STATE, INCARNATION, HEALTH, ...VERDICTS];
