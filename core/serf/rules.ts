import type { Duration } from '../time.ts';
import { type LamportTime, next, witness } from './lamport.ts';
import type { MemberStatus } from './members.ts';
import { isTooOld } from './window.ts';

/** The decisions of Serf, each by its name: what the class asks, and what a check may replace by a historical bug. */
export const SERF_RULES = {
  witness,
  isNewer,
  afterLeaveIntent,
  afterJoinIntent,
  afterLoss,
  refutesLeave,
  replayedLeaveTime,
  witnessedInMerge,
  attemptsReconnect,
  isReaped,
  isTooOld,
  isExpected,
  queryTimeout,
  winsVote,
  propagationDelay,
  syncsCompaction,
  isCompacted,
};

export type SerfRules = typeof SERF_RULES;

/** Whether an intent says something new about a member: its time is later than that of the last one accepted. */
export function isNewer(intent: LamportTime, accepted: LamportTime): boolean {
  return intent > accepted;
}

/** A failed member of which it is heard that it meant to leave has left. */
export function afterLeaveIntent(status: MemberStatus): MemberStatus {
  return status === 'alive' ? 'leaving' : status === 'failed' ? 'left' : status;
}

/** Only memberlist can revive a member that is gone. */
export function afterJoinIntent(status: MemberStatus): MemberStatus {
  return status === 'leaving' ? 'alive' : status;
}

/** What memberlist's word that a member is gone makes of it; undefined for one that is gone already. */
export function afterLoss(status: MemberStatus): 'left' | 'failed' | undefined {
  return status === 'leaving' ? 'left' : status === 'alive' ? 'failed' : undefined;
}

/** Whether somebody else's word that we leave is contradicted: as long as we do not. */
export function refutesLeave(aboutSelf: boolean, isAlive: boolean): boolean {
  return aboutSelf && isAlive;
}

/** The time of the leave intent that a peer's list of those who left stands for: just above what else it says of the member. */
export function replayedLeaveTime(claimed: LamportTime): LamportTime {
  return next(claimed);
}

/** What a peer's clock tells: its next time, so that the one before was used. A clock at 0 tells nothing. */
export function witnessedInMerge(peer: LamportTime): LamportTime | undefined {
  return peer > 0 ? ((peer - 1) as LamportTime) : undefined;
}

/** Whether to dial a failed member now: by a chance that makes all living members together dial each of them once per interval. */
export function attemptsReconnect(drawn: number, failed: number, alive: number): boolean {
  return drawn <= failed / Math.max(1, alive);
}

export function isReaped(age: Duration, timeout: Duration): boolean {
  return age > timeout;
}

/** Whether a user event or query is from a time that this node wants to hear of: one before was known, or is to be ignored. */
export function isExpected(time: LamportTime, least: LamportTime): boolean {
  return time >= least;
}

/** How long a query stays open by default: several times what gossip takes, which grows with the digits of the number of living members. */
export function queryTimeout(gossipInterval: Duration, mult: number, living: number): Duration {
  // ⌈log₁₀(n + 1)⌉ is the number of digits of n.
  let digits = 0;
  for (let rest = living; rest >= 1; rest /= 10) digits++;
  return (gossipInterval * mult * digits) as Duration;
}

/** Whether a node whose name is claimed by another may stay: more than half of those who answered know the name as its own. Without an answer it may not. */
export function winsVote(matching: number, responses: number): boolean {
  return matching >= Math.floor(responses / 2) + 1;
}

/** After a departure went out, how long a node stays so that those who hear of it late still find it there, and do not take it for failed. */
export function propagationDelay(configured: Duration): Duration {
  return configured;
}

/** Whether a new snapshot is on the disk before it takes the place of the old one, so that a power cut leaves one of the two. */
export function syncsCompaction(): boolean {
  return true;
}

/** Whether a snapshot has grown so long that it is written anew: 128 KiB at least, and twice what its living members may take. */
export function isCompacted(bytes: number, alive: number): boolean {
  return bytes > Math.max(128 * 1024, 2 * 128 * alive);
}
