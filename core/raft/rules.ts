import type { NameId } from '../names.ts';
import type { Duration, Instant } from '../time.ts';
import type { RaftConfig } from './config.ts';
import { type Configuration, includes, isJoint, isVoter, type Server } from './configuration.ts';
import type { Content } from './entry.ts';
import type { LogEnd } from './log.ts';
import { recall } from './sessions.ts';

/**
 * The decisions of Raft, each by its name: what the class asks, and what a check may replace by a historical bug. Sections are those of
 * "In Search of an Understandable Consensus Algorithm" (extended version), or of Ongaro's thesis where it says so.
 */
export const RULES = {
  isUpToDate,
  mayGrantVote,
  mayGrantPreVote,
  isSticky,
  leaderIsSticky,
  grantRestartsTimer,
  electionWait,
  looksForLeaderAgain,
  preVoteGrantCounts,
  preVoteCountsAsContact,
  answersOutdatedVote,
  preCandidateForgetsLeader,
  countsVote,
  isNewVote,
  hasMajority,
  isLost,
  mayCampaign,
  votesFor,
  recordsVote,
  recordsTermFirst,
  rememberedVote,
  hasForgotten,
  matchesPrevious,
  conflictsAt,
  firstToCut,
  followerCommit,
  heartbeatCommit,
  leaderCommit,
  majorityMatch,
  countedVoters,
  needsSnapshot,
  termAfterSnapshot,
  installsData,
  mayChangeConfiguration,
  hasReadyTerm,
  mayReadAt,
  mayServeUnconfirmed,
  confirmsLeadership,
  leaseEnd,
  contactVoters,
  mustStepDown,
  isDiskStalled,
  heedsOutdatedLeader,
  takesProposals,
  answersAsCandidate,
  transferIsOver,
  mayTimeOutNow,
  clientRestartsTimer,
  maySendOn,
  isCaughtUp,
  afterRound,
  mayFallSilent,
  maySleep,
  recall,
};

export type RaftRules = typeof RULES;

/**
 * Whether a log that ends at `candidate` is at least as up to date as one that ends at `own`.
 *
 * The later last term wins, whatever the lengths; within one term the longer log does (§5.4.1). A voter that compared lengths alone
 * could elect a leader that lacks committed entries.
 */
export function isUpToDate(candidate: LogEnd, own: LogEnd): boolean {
  if (candidate.term !== own.term) return candidate.term > own.term;
  return candidate.index >= own.index;
}

/** What a voter looks at, once its term is the candidate's. */
export interface Ballot {
  readonly candidate: NameId;
  readonly votedFor: NameId | undefined;
  readonly leader: NameId | undefined;
  readonly upToDate: boolean;
}

/** Whether to vote: once per term, first come first served (§5.2), and only for a log that is up to date, also when asked again (§5.4.1). */
export function mayGrantVote({ candidate, votedFor, leader, upToDate }: Ballot): boolean {
  return upToDate && (votedFor === candidate || (votedFor === undefined && leader === undefined));
}

/** Whether one would vote: the term would be new, and the log is up to date (thesis §9.6). Loyalty is asked for before. */
export function mayGrantPreVote(term: number, currentTerm: number, upToDate: boolean): boolean {
  return upToDate && term > currentTerm;
}

/**
 * Whether a voter stays loyal to a leader (thesis §4.2.3): requests for votes are then ignored, whatever their term.
 *
 * @param lastHeard when the latest message of a leader came, on the own clock
 */
export function isSticky(
  kind: RaftConfig['stickiness'],
  leader: NameId | undefined,
  lastHeard: Instant | undefined,
  now: Instant,
  electionTimeout: Duration,
): boolean {
  if (kind === 'off') return false;
  if (kind === 'named') return leader !== undefined;
  if (kind === 'known' && leader === undefined) return false;
  return lastHeard !== undefined && now - lastHeard < electionTimeout;
}

/** Whether a leader ignores requests for votes: while its own check of its quorum holds, if it has one; HashiCorp's and etcd's always. */
export function leaderIsSticky(kind: RaftConfig['stickiness']): boolean {
  return kind !== 'off';
}

/** Whether a granted vote puts the voter's own candidacy off (§5.2). Without it the new leader is challenged at once. */
export function grantRestartsTimer(): boolean {
  return true;
}

/** How much longer than the least a server waits before it campaigns: each its own random time, so that one of them is first (§5.2). @param fraction drawn from 0 to 1 */
export function electionWait(fraction: number, spread: Duration): Duration {
  return Math.floor(fraction * spread) as Duration;
}

/** Whether a timer that rings too early, as the leader was heard since it was set, is set again. */
export function looksForLeaderAgain(): boolean {
  return true;
}

/** Whether this answer counts for the pre-vote: it echoes the term that would be campaigned in. */
export function preVoteGrantCounts(term: number, currentTerm: number): boolean {
  return term === currentTerm + 1;
}

/** Whether a granted pre-vote is taken for a sign of a leader: never. */
export function preVoteCountsAsContact(): boolean {
  return false;
}

/** Whether a request for a vote of an older term is answered with the own term, so that its sender catches up. */
export function answersOutdatedVote(): boolean {
  return true;
}

/** Whether one who asks for pre-votes has given its leader up; if not, it would refuse the others their pre-votes. */
export function preCandidateForgetsLeader(): boolean {
  return true;
}

/** Whether a granted vote counts: it is of this candidacy's term (§5.2). A late one of an earlier candidacy does not. */
export function countsVote(term: number, currentTerm: number): boolean {
  return term === currentTerm;
}

/** Whether a voter has not been counted yet: voters are counted, not messages. */
export function isNewVote(counted: readonly NameId[], voter: NameId): boolean {
  return !counted.includes(voter);
}

/** Whether those who said yes are a majority: of the voters, and in a joint change also of the outgoing ones (§6). */
export function hasMajority({ voters, outgoing }: Configuration, yes: readonly NameId[]): boolean {
  return isMajority(voters, yes) && (outgoing.length === 0 || isMajority(outgoing, yes));
}

/** Whether those who said no make a majority impossible, in either half. */
export function isLost({ voters, outgoing }: Configuration, no: readonly NameId[]): boolean {
  return blocks(voters, no) || (outgoing.length > 0 && blocks(outgoing, no));
}

const countOf = (servers: readonly Server[], names: readonly NameId[]): number => {
  let count = 0;
  for (let i = 0; i < names.length; i++) if (includes(servers, names[i] as NameId)) count++;
  return count;
};

const isMajority = (servers: readonly Server[], yes: readonly NameId[]): boolean => 2 * countOf(servers, yes) > servers.length;

const blocks = (servers: readonly Server[], no: readonly NameId[]): boolean =>
  2 * (servers.length - countOf(servers, no)) <= servers.length;

/** Of which configurations a server may be a voter when it campaigns. */
export interface Standing {
  readonly active: Configuration;
  /** The one before, when the active one is not known to be committed. */
  readonly before: Configuration | undefined;
}

/** Whether a server may campaign: as a voter, or as one that leaves by a change not yet known to be committed (thesis §4.2.2). */
export function mayCampaign(name: NameId, { active, before }: Standing, leavingMay: boolean): boolean {
  return isVoter(active, name) || (leavingMay && before !== undefined && isVoter(before, name));
}

/** Whether a voter votes for this candidate at all: anybody, as its own configuration may be old; HashiCorp's only for voters it knows. */
export function votesFor(candidate: NameId, config: Configuration, votersOnly: boolean): boolean {
  return !votersOnly || config.voters.length === 0 || isVoter(config, candidate);
}

/** Which vote goes to disk with the term (§5.1: currentTerm and votedFor are persistent). In one record, so that a crash cannot part them. */
export function recordsVote(votedFor: NameId | undefined): NameId | undefined {
  return votedFor;
}

/** Whether a new term is written in a record of its own, before the vote in it: never, see `recordsVote`. */
export function recordsTermFirst(): boolean {
  return false;
}

/** Which vote a restarted server finds for its term. */
export function rememberedVote(votedFor: NameId | undefined): NameId | undefined {
  return votedFor;
}

/**
 * Whether a server that finds its disk empty may have promised things that it knows no more: when it was started here before. If it voted, it
 * could vote for another in the same term.
 */
export function hasForgotten(earlierStarts: number): boolean {
  return earlierStarts > 0;
}

/** Whether an append fits: the log has the entry before, of the same term (§5.3, the consistency check). */
export function matchesPrevious(ownTerm: number | undefined, prevTerm: number): boolean {
  return ownTerm === prevTerm;
}

/** Whether the entry that the log has is another than the one that arrives (§5.3). */
export function conflictsAt(ownTerm: number, arrivingTerm: number): boolean {
  return ownTerm !== arrivingTerm;
}

/**
 * Where a log is cut when an append fits: at the first entry that conflicts, and nowhere else. An append that is shorter than the log may just
 * be late (§5.3).
 *
 * @param conflict the first index with another term; 0 for none
 * @param end the last index that the append covers
 * @returns 0 for nowhere
 */
export function firstToCut(conflict: number, _end: number, _lastIndex: number): number {
  return conflict;
}

/**
 * How far a follower may count as committed: what the leader says, but no further than this append has checked (§5.3). And never
 * back.
 */
export function followerCommit(commit: number, leaderCommits: number, checked: number, _lastIndex: number): number {
  return Math.max(commit, Math.min(leaderCommits, checked));
}

/** What a heartbeat may call committed: what the leader knows the follower to have. */
export function heartbeatCommit(commit: number, match: number): number {
  return Math.min(commit, match);
}

/**
 * The commit index of a leader whose voters match up to `onMajority`: it rises when that entry is of the leader's own term (§5.4.2). Copies of
 * an older entry do not commit it: Figure 8.
 */
export function leaderCommit(commit: number, onMajority: number, termThere: number | undefined, currentTerm: number): number {
  return onMajority > commit && termThere === currentTerm ? onMajority : commit;
}

/** The highest index that a majority has (§5.3). @param descending what each voter has, highest first */
export function majorityMatch(descending: readonly number[], voters: number): number {
  return descending[voters >>> 1] as number;
}

/** Whose copies count: those of voters. A leader that is none does not count itself (thesis §4.2.2). */
export function countedVoters({ voters }: Configuration, _leader: NameId): readonly Server[] {
  return voters;
}

/** Whether a follower can be helped by a snapshot alone: the entry before its next is compacted, and so cannot be checked (§7). */
export function needsSnapshot(prevTerm: number | undefined): boolean {
  return prevTerm === undefined;
}

/** The term of a server that installed a snapshot: never less than before. */
export function termAfterSnapshot(currentTerm: number, _lastTerm: number): number {
  return currentTerm;
}

/** Whether a snapshot brings its data with it: always, when the log does not hold what it covers (§7). */
export function installsData(): boolean {
  return true;
}

/** What a leader looks at before it appends a configuration. */
export interface Readiness {
  readonly latest: Configuration;
  readonly latestIndex: number;
  readonly commitIndex: number;
  /** The first entry of its own term. */
  readonly termStart: number;
}

/**
 * Whether the configuration may change: none is under way, and an entry of the leader's own term is committed. The last condition is the
 * correction of 2015: without it two leaders can start changes whose majorities do not meet (thesis §4.1; D. Ongaro, raft-dev, July 2015).
 */
export function mayChangeConfiguration({ latest, latestIndex, commitIndex, termStart }: Readiness): boolean {
  return !isJoint(latest) && latestIndex <= commitIndex && commitIndex >= termStart;
}

/** Whether a leader knows what is committed: it has committed an entry of its own term (§8; thesis §6.4). */
export function hasReadyTerm(commitIndex: number, termStart: number): boolean {
  return commitIndex >= termStart;
}

/** Whether a leader may read at its commit index: only when it knows that nothing more is committed (thesis §6.4). */
export function mayReadAt(commitIndex: number, termStart: number): boolean {
  return hasReadyTerm(commitIndex, termStart);
}

/** Whether a leader answers a linearizable read without asking anybody: never, but by its lease. */
export function mayServeUnconfirmed(): boolean {
  return false;
}

/** Whether a round of heartbeats that a majority answered confirms a read: when the read was there before the round. */
export function confirmsLeadership(answered: number, round: number): boolean {
  return answered >= round;
}

/**
 * The end of a leader's lease (thesis §6.4.1): voters stay loyal for T after a heartbeat reached them, which is no sooner than it was sent; by
 * the slowest clock that there may be.
 *
 * @param sentAt when the heartbeat was sent that a majority has answered
 */
export function leaseEnd(
  sentAt: Instant,
  _now: Instant,
  electionTimeout: Duration,
  clockRatio: number,
  margin: Duration,
): Instant {
  return Math.floor(sentAt + electionTimeout / clockRatio - margin) as Instant;
}

/** Whose answers extend lease and leadership: those of voters. */
export function contactVoters({ voters }: Configuration): readonly Server[] {
  return voters;
}

/** Whether a leader has heard too few for too long (thesis §6.2). @param heard when the latest answer came that completes a majority */
export function mustStepDown(heard: Instant, now: Instant, patience: Duration): boolean {
  return now - heard > patience;
}

/** Whether a leader's disk is too late to lead. @param since when the write under way began; undefined for none */
export function isDiskStalled(since: Instant | undefined, now: Instant, patience: Duration): boolean {
  return patience > 0 && since !== undefined && now - since > patience;
}

/** Whether a candidate gives up for a leader of an older term: never, as that one is what it stands against (§5.2). */
export function heedsOutdatedLeader(): boolean {
  return false;
}

/** Whether who is asked for something while it campaigns says that it does not lead. */
export function answersAsCandidate(): boolean {
  return true;
}

/** Whether a leader takes proposals: not while it hands leadership over (thesis §3.10). */
export function takesProposals(transferring: boolean): boolean {
  return !transferring;
}

/** Whether a transfer has failed: an election timeout after it began (thesis §3.10). */
export function transferIsOver(since: Instant, now: Instant, electionTimeout: Duration): boolean {
  return now - since >= electionTimeout;
}

/** Whether a follower does as it is told and campaigns at once: its own leader asks, in this term. */
export function mayTimeOutNow(from: NameId, leader: NameId | undefined, isMemberNow: boolean): boolean {
  return from === leader && isMemberNow;
}

/** Whether what clients ask counts as a sign of the leader: never. */
export function clientRestartsTimer(): boolean {
  return false;
}

/** Whether a follower may send a proposal on to the leader (thesis §6.2): where a network may double it, only what may be appended twice. */
export function maySendOn(kind: RaftConfig['forwarding'], content: Content): boolean {
  if (kind !== 'repeatable') return kind === 'all';
  return content.type === 'command' ? content.session !== undefined : content.type !== 'config';
}

/** Whether a learner has enough of the log to become a voter (etcd's server asks for nine tenths). @param leaderMatch how far the leader's own disk has it */
export function isCaughtUp(match: number, leaderMatch: number, share: number): boolean {
  return match >= leaderMatch * share;
}

/**
 * What follows a round in which a new server received all that was in the leader's log when the round began (thesis §4.2.1): it is let in when the round was
 * shorter than an election timeout, as what it lacks now will take no longer than an election.
 *
 * @param round from 1
 */
export function afterRound(
  round: number,
  took: Duration,
  electionTimeout: Duration,
  most: number,
): 'promote' | 'again' | 'too slow' {
  if (took < electionTimeout) return 'promote';
  return round < most ? 'again' : 'too slow';
}

/** What a leader looks at before it falls silent. */
export interface Idleness {
  /** Proposals, reads, transfers and changes that somebody waits for. */
  readonly underWay: number;
  readonly commitIndex: number;
  readonly lastApplied: number;
  readonly lastIndex: number;
  /** The least that any other member is known to have, and how long ago the one that was heard longest ago answered. */
  readonly leastMatch: number;
  readonly longestSilence: Duration;
}

/** Whether a leader may fall silent: all have everything, and have just said so. */
export function mayFallSilent(idle: Idleness, electionTimeout: Duration): boolean {
  const { underWay, commitIndex, lastApplied, lastIndex, leastMatch, longestSilence } = idle;
  const isDone = commitIndex === lastIndex && lastApplied === lastIndex && leastMatch === lastIndex;
  return underWay === 0 && isDone && longestSilence < electionTimeout;
}

/** Whether a follower may stop looking for its leader, which fell silent: it has all that the leader had then, and knows it to be committed. */
export function maySleep(leaderCommits: number, commitIndex: number, lastIndex: number): boolean {
  return leaderCommits === lastIndex && commitIndex === lastIndex;
}
