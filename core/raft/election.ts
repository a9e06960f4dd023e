import type { Endpoint, NameId } from '../names.ts';
import type { Out } from '../protocol.ts';
import type { Duration, Instant } from '../time.ts';
import { answerAllUnknown, leaderOf } from './answers.ts';
import { isMember, isVoter, membersOf } from './configuration.ts';
import type { RaftNotice } from './interface.ts';
import { becomeLeader, quorumIsFresh } from './leader.ts';
import { lastIndexOf, lastTermOf } from './log.ts';
import type { PreVote, PreVoteResponse, RaftMessage, TimeoutNow, Vote, VoteResponse } from './message.ts';
import type { Raft } from './raft.ts';
import { failForwarded } from './reads.ts';
import { activeConfig, isElectable } from './standing.ts';
import { type Candidacy, newFollower } from './state.ts';
import { dropWaiting, sendWhenDurable } from './storage.ts';
import { Timer } from './tables.ts';
import { transmit } from './transport.ts';

/** Begins a new random wait: with a new role, a vote given, or a candidacy. */
export function restartElection(raft: Raft, now: Instant, out: Out<RaftMessage>): void {
  const { state, config, random } = raft;
  const { electionTimeout, heartbeatInterval, electionTimer } = config;
  if (electionTimer === 'ticks') {
    const ticks = Math.max(1, Math.floor(electionTimeout / heartbeatInterval));
    state.electionTicks = ticks + random.integer(ticks);
  }
  putElectionOff(raft, now);
  armElection(raft, now, out);
}

/** The leader was heard: its death is looked for later. The pending timer finds out when it fires. */
export function heardLeader(raft: Raft, now: Instant, out: Out<RaftMessage>): void {
  raft.state.lastHeard = now;
  if (raft.config.electionTimer === 'polled') return;
  putElectionOff(raft, now);
  armElection(raft, now, out);
}

function putElectionOff({ state, config, random, rules }: Raft, now: Instant): void {
  const { heartbeatInterval, electionTimeout, candidateTimeout, electionSpread, electionTimer } = config;
  if (electionTimer === 'ticks') {
    const passed = Math.floor((now - state.origin) / heartbeatInterval);
    state.electionDeadline = (state.origin + (passed + state.electionTicks) * heartbeatInterval) as Instant;
  } else {
    const isCandidate = state.role.role === 'candidate' || state.role.role === 'pre-candidate';
    const least = isCandidate ? candidateTimeout : electionTimeout;
    state.electionDeadline = (now + least + rules.electionWait(random.fraction(), electionSpread)) as Instant;
  }
}

function armElection({ state }: Raft, now: Instant, out: Out<RaftMessage>): void {
  const { electionDeadline, electionTimer } = state;
  if (electionTimer !== undefined && electionTimer <= electionDeadline) return;
  state.electionTimer = electionDeadline;
  out.setTimer(Timer.election, 0, Math.max(0, electionDeadline - now) as Duration);
}

/** The election timer fired: too early, if the leader was heard since it was set. */
export function electionTimedOut(raft: Raft, now: Instant, out: Out<RaftMessage>): void {
  const { state, config } = raft;
  const { role } = state;
  state.electionTimer = undefined;
  if (role.role === 'leader' || role.role === 'stopped') return;
  if (now < state.electionDeadline) return raft.rules.looksForLeaderAgain() ? armElection(raft, now, out) : undefined;
  const heard = config.electionTimer === 'polled' && role.role === 'follower' ? state.lastHeard : undefined;
  if (heard !== undefined && now - heard < config.electionTimeout) return restartElection(raft, now, out);
  if (state.incoming?.complete !== true) state.incoming = undefined;
  if (!isElectable(raft)) {
    setFollower(raft, now, undefined, out);
    return restartElection(raft, now, out);
  }
  campaign(raft, now, config.preVote ? 'pre-candidate' : 'candidate', false, out);
}

/** Asks the others for their pre-votes or votes. */
export function campaign(raft: Raft, now: Instant, role: Candidacy['role'], force: boolean, out: Out<RaftMessage>): void {
  const { state, rules } = raft;
  const { self } = state;
  const leader = leaderOf(raft);
  const forgets = role === 'candidate' || rules.preCandidateForgetsLeader();
  state.role = { role, granted: [], refused: [], force, leader: forgets ? undefined : leader };
  if (role === 'pre-candidate') {
    state.role.granted.push(self);
  } else {
    enterTerm(raft, state.currentTerm + 1);
    state.votedFor = self;
  }
  restartElection(raft, now, out);
  const { cluster } = raft.config;
  const lastIndex = lastIndexOf(state.log);
  const lastTerm = lastTermOf(state.log);
  const active = activeConfig(raft);
  for (const { name, endpoint } of membersOf(active)) {
    if (name === self || !isVoter(active, name)) continue;
    const ends = { cluster, from: self, to: name };
    if (role === 'pre-candidate') {
      transmit(raft, out, endpoint, { type: 'pre-vote', ...ends, term: state.currentTerm + 1, lastIndex, lastTerm });
    } else {
      sendWhenDurable(raft, out, endpoint, { type: 'vote', ...ends, term: state.currentTerm, lastIndex, lastTerm, force });
    }
  }
  if (leader !== undefined) {
    failForwarded(raft, now, out);
    raft.observer?.follows?.(undefined, now, out as Out<never>);
  }
  if (state.role.role === 'pre-candidate') tally(raft, now, out);
}

/** Its own vote is on disk: now it counts, and is the only one needed where there is only one voter. */
export function ownVoteIsDurable(raft: Raft, now: Instant, out: Out<RaftMessage>): void {
  const { state } = raft;
  const { role, storage, self } = state;
  if (role.role !== 'candidate' || storage.durableTerm !== state.currentTerm || storage.durableVote !== self) return;
  if (role.granted.includes(self)) return;
  role.granted.push(self);
  tally(raft, now, out);
}

/** What the votes come to. */
function tally(raft: Raft, now: Instant, out: Out<RaftMessage>): void {
  const { state, config, rules } = raft;
  const { role } = state;
  if (role.role !== 'candidate' && role.role !== 'pre-candidate') return;
  const active = activeConfig(raft);
  if (rules.hasMajority(active, role.granted)) {
    if (role.role === 'candidate') return becomeLeader(raft, now, out);
    return campaign(raft, now, 'candidate', false, out);
  }
  if (!rules.isLost(active, role.refused)) return;
  if (role.role === 'pre-candidate' && config.yieldsWhenRefused) {
    setFollower(raft, now, undefined, out);
    restartElection(raft, now, out);
  } else if (config.yieldsWhenRefused) {
    setFollower(raft, now, undefined, out);
  }
}

/** Takes over a higher term (Raft §5.1). To be durable before anything is promised in it. */
function enterTerm(raft: Raft, term: number): void {
  const { state } = raft;
  state.currentTerm = term;
  state.votedFor = undefined;
  state.storage.unsavedVote = true;
  dropWaiting(state);
}

/** Becomes a follower of a term at least as high as its own. */
export function becomeFollower(raft: Raft, now: Instant, term: number, leader: NameId | undefined, out: Out<RaftMessage>): void {
  const { state } = raft;
  const rises = term > state.currentTerm;
  if (rises) enterTerm(raft, term);
  setFollower(raft, now, leader, out);
  if (rises && raft.config.electionTimer === 'ticks') restartElection(raft, now, out);
}

function setFollower(raft: Raft, now: Instant, leader: NameId | undefined, out: Out<RaftMessage>): void {
  const { state } = raft;
  const before = state.role;
  if (before.role === 'follower') {
    if (before.leader === leader) return;
    before.leader = leader;
  } else {
    state.role = newFollower(leader);
  }
  if (before.role === 'leader') {
    const { currentTerm } = state;
    answerAllUnknown(raft, now, before, out);
    raft.observer?.deposed?.(currentTerm, now, out as Out<never>);
    const notice: RaftNotice = { type: 'raft-leader-lost', term: currentTerm };
    out.announce(notice);
    restartElection(raft, now, out);
  } else if (before.role !== 'follower' && raft.config.electionTimer === 'ticks') restartElection(raft, now, out);
  failForwarded(raft, now, out);
  if (leader !== undefined) {
    const notice: RaftNotice = { type: 'raft-leader', leader, term: state.currentTerm };
    out.announce(notice);
  }
  raft.observer?.follows?.(leader, now, out as Out<never>);
}

/** A leader steps down by itself, in its own term. */
export const stepDown = (raft: Raft, now: Instant, out: Out<RaftMessage>): void => setFollower(raft, now, undefined, out);

/** A leader that has not heard a majority in time is about to step down, and does so before it refuses anybody. */
function stepDownIfDeaf(raft: Raft, now: Instant, out: Out<RaftMessage>): void {
  const { state, config } = raft;
  if (state.role.role === 'leader' && config.checkQuorum === 'sliding' && !quorumIsFresh(raft, now)) stepDown(raft, now, out);
}

/** Whether it stays loyal to a leader, and hears no requests for votes. */
export function isLoyal(raft: Raft, now: Instant): boolean {
  const { state, config, rules } = raft;
  if (now < state.quietUntil) return true;
  const { stickiness, electionTimeout, checkQuorum } = config;
  if (state.role.role === 'leader')
    return rules.leaderIsSticky(stickiness) && (checkQuorum === 'off' || quorumIsFresh(raft, now));
  const heard = state.lastHeard === undefined ? undefined : onClock(raft, state.lastHeard);
  return rules.isSticky(stickiness, leaderOf(raft), heard, onClock(raft, now), electionTimeout);
}

/** An instant as this server counts it: where it counts in ticks, the tick before. */
function onClock({ state, config }: Raft, instant: Instant): Instant {
  if (config.electionTimer !== 'ticks') return instant;
  const ticks = Math.floor((instant - state.origin) / config.heartbeatInterval);
  return (state.origin + ticks * config.heartbeatInterval) as Instant;
}

export function onPreVote(raft: Raft, now: Instant, message: PreVote, endpoint: Endpoint, out: Out<RaftMessage>): void {
  const { state, config, rules } = raft;
  const { from, term, lastIndex, lastTerm } = message;
  const answer = (granted: boolean): void =>
    transmit(raft, out, endpoint, {
      type: 'pre-vote-response',
      cluster: config.cluster,
      from: state.self,
      to: from,
      term: granted ? term : state.currentTerm,
      granted,
    });
  if (term < state.currentTerm) return rules.answersOutdatedVote() ? answer(false) : undefined;
  stepDownIfDeaf(raft, now, out);
  if (isLoyal(raft, now) && !isOwnLeader(raft, from)) return config.stickiness === 'named' ? answer(false) : undefined;
  const upToDate = rules.isUpToDate(
    { index: lastIndex, term: lastTerm },
    { index: lastIndexOf(state.log), term: lastTermOf(state.log) },
  );
  const granted = votesAtAll(raft, from) && rules.mayGrantPreVote(term, state.currentTerm, upToDate);
  if (granted && rules.preVoteCountsAsContact()) heardLeader(raft, now, out);
  answer(granted);
}

/** HashiCorp's voters are loyal to a leader by its name: that leader itself may ask. */
const isOwnLeader = (raft: Raft, candidate: NameId): boolean =>
  raft.config.stickiness === 'named' && leaderOf(raft) === candidate;

const votesAtAll = (raft: Raft, candidate: NameId): boolean =>
  !raft.state.amnesiac && raft.rules.votesFor(candidate, activeConfig(raft), raft.config.votesForVotersOnly);

/** HashiCorp's voters do not even take the term of a candidate that their configuration does not list. */
function isStranger(raft: Raft, candidate: NameId): boolean {
  const config = activeConfig(raft);
  return raft.config.votesForVotersOnly && config.voters.length > 0 && !isMember(config, candidate);
}

export function onVote(raft: Raft, now: Instant, message: Vote, endpoint: Endpoint, out: Out<RaftMessage>): void {
  const { state, config, rules } = raft;
  const { from, term, force, lastIndex, lastTerm } = message;
  const ends = { cluster: config.cluster, from: state.self, to: from };
  const refuse = (): void =>
    transmit(raft, out, endpoint, { type: 'vote-response', ...ends, term: state.currentTerm, granted: false });
  if (term < state.currentTerm) return rules.answersOutdatedVote() ? refuse() : undefined;
  if (isStranger(raft, from)) return refuse();
  stepDownIfDeaf(raft, now, out);
  if (!force && isLoyal(raft, now) && !isOwnLeader(raft, from)) return config.stickiness === 'named' ? refuse() : undefined;
  if (term > state.currentTerm) becomeFollower(raft, now, term, undefined, out);
  const upToDate = rules.isUpToDate(
    { index: lastIndex, term: lastTerm },
    { index: lastIndexOf(state.log), term: lastTermOf(state.log) },
  );
  const leader = leaderOf(raft);
  const granted = rules.mayGrantVote({ candidate: from, votedFor: state.votedFor, leader, upToDate });
  if (!granted || !votesAtAll(raft, from)) return refuse();
  if (state.votedFor !== from) {
    state.votedFor = from;
    state.storage.unsavedVote = true;
  }
  if (config.electionTimer === 'polled') state.lastHeard = now;
  if (rules.grantRestartsTimer()) restartElection(raft, now, out);
  sendWhenDurable(raft, out, endpoint, { type: 'vote-response', ...ends, term, granted: true });
}

export function onPreVoteResponse(raft: Raft, now: Instant, message: PreVoteResponse, out: Out<RaftMessage>): void {
  const { state, rules } = raft;
  const { role } = state;
  const { from, term, granted } = message;
  if (!granted && term > state.currentTerm) return becomeFollower(raft, now, term, undefined, out);
  if (role.role !== 'pre-candidate') return;
  if (granted ? rules.preVoteGrantCounts(term, state.currentTerm) : term === state.currentTerm)
    count(raft, now, from, granted, out);
}

export function onVoteResponse(raft: Raft, now: Instant, message: VoteResponse, out: Out<RaftMessage>): void {
  const { state, rules } = raft;
  if (message.term > state.currentTerm) return becomeFollower(raft, now, message.term, undefined, out);
  if (state.role.role === 'candidate' && rules.countsVote(message.term, state.currentTerm)) {
    count(raft, now, message.from, message.granted, out);
  }
}

/** The first answer of each server counts. */
function count(raft: Raft, now: Instant, from: NameId, granted: boolean, out: Out<RaftMessage>): void {
  const { state, rules } = raft;
  const role = state.role as Candidacy;
  if (!rules.isNewVote(role.granted, from) || role.refused.includes(from)) return;
  (granted ? role.granted : role.refused).push(from);
  tally(raft, now, out);
}

/** The leader hands over: campaign at once, without asking whether one may (thesis §3.10). */
export function onTimeoutNow(raft: Raft, now: Instant, { from, term }: TimeoutNow, out: Out<RaftMessage>): void {
  const { state, rules } = raft;
  if (term !== state.currentTerm || state.role.role === 'leader') return;
  if (rules.mayTimeOutNow(from, leaderOf(raft), isElectable(raft))) campaign(raft, now, 'candidate', true, out);
}
