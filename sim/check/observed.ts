import { HISTORY_NOTICES } from '../linearizability/history.ts';
import type { Verdict } from './check.ts';

/** The cells by which an agent shows its view of a member, and its own health. */
export const STATUS = 'serf.status';
export const STATE = 'gossip.state';
export const INCARNATION = 'gossip.incarnation';
export const HEALTH = 'gossip.health';

/** The cells by which a server of Raft shows what it is and knows. */
export const RAFT = {
  role: 'raft.role',
  leader: 'raft.leader',
  term: 'raft.term',
  commit: 'raft.commit',
  voters: 'raft.voters',
} as const;

const VERDICTS: readonly Verdict[] = ['held', 'violated', 'inconclusive'];

/**
 * The names that those who watch a run use. A world gives them their numbers before anything happens, so that watching it does not move the
 * number of any other name.
 */
export const OBSERVED: readonly string[] = [
  STATUS,
  STATE,
  INCARNATION,
  HEALTH,
  ...VERDICTS,
  ...Object.values(RAFT),
  ...HISTORY_NOTICES,
];
