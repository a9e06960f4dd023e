import type { NameId } from '../names.ts';
import type { Out } from '../protocol.ts';
import type { Duration, Instant } from '../time.ts';
import { admissionGoesOn, expireAdmission } from './admission.ts';
import { applyCommitted } from './apply.ts';
import { isVoter, membersOf, type Server } from './configuration.ts';
import { stepDown } from './election.ts';
import { type Content, type Entry, makeEntry, type Origin } from './entry.ts';
import { expireHandover } from './handover.ts';
import type { RaftNotice } from './interface.ts';
import { entryAt, lastIndexOf, termAt } from './log.ts';
import { continueMembership, finishMembership } from './membership.ts';
import type { RaftMessage } from './message.ts';
import { newProgress, type Progress } from './progress.ts';
import type { Raft } from './raft.ts';
import { confirmReads, releaseReads } from './reads.ts';
import { armCommitTimer, commitNews, sendAppend } from './replication.ts';
import { fallsSilent } from './silence.ts';
import { resendSnapshot } from './snapshots.ts';
import { activeConfig } from './standing.ts';
import type { Leader } from './state.ts';
import { logChanged } from './storage.ts';
import { Timer } from './tables.ts';
import { transmit } from './transport.ts';

/** The election is won (Raft §5.2): nothing is known of the others, and the first entry of the term goes out. */
export function becomeLeader(raft: Raft, now: Instant, out: Out<RaftMessage>): void {
  const { state, config } = raft;
  const last = lastIndexOf(state.log);
  const role: Leader = {
    role: 'leader',
    peers: [],
    termStart: last + 1,
    round: 0,
    roundsAt: [],
    reads: [],
    handover: undefined,
    leaseGone: false,
    checkedAt: now,
    uncommittedBytes: 0,
    nextTransfer: 1,
  };
  state.role = role;
  state.incoming = undefined;
  trackPeers(raft, role, now, out);
  const notice: RaftNotice = { type: 'raft-leader', leader: state.self, term: state.currentTerm };
  out.announce(notice);
  out.setTimer(Timer.quorum, 0, config.checkQuorum === 'lease' ? config.leaderLease : config.heartbeatInterval);
  appendEntry(raft, now, { type: 'noop' }, 0);
  sendToAll(raft, now, role, out);
  beat(raft, now, role, out);
  if (config.heartbeat === 'together') out.setTimer(Timer.heartbeat, 0, config.heartbeatInterval);
  raft.observer?.elected?.(state.currentTerm, now, out as Out<never>);
}

/** HashiCorp's leader beats each follower at a random moment of its own. */
const perPeerBeat = ({ config, random }: Raft): Duration =>
  (config.heartbeatInterval + Math.floor(random.fraction() * config.heartbeatInterval)) as Duration;

/** Follows the configuration: who is new is probed from the end of the log, who is gone is forgotten. */
export function trackPeers(raft: Raft, role: Leader, now: Instant, out: Out<RaftMessage>): void {
  const { state } = raft;
  const last = lastIndexOf(state.log);
  role.peers = membersOf(activeConfig(raft))
    .filter(({ name }) => name !== state.self)
    .map(({ name, endpoint }) => {
      const known = peerOf(role, name);
      if (known === undefined) {
        const peer = newProgress(name, endpoint, last, now);
        if (raft.config.heartbeat === 'per peer') out.setTimer(Timer.heartbeat, name, perPeerBeat(raft));
        armCommitTimer(raft, peer, out);
        return peer;
      }
      known.endpoint = endpoint;
      return known;
    });
}

export function peerOf({ peers }: Leader, name: NameId): Progress | undefined {
  for (let i = 0; i < peers.length; i++) if ((peers[i] as Progress).name === name) return peers[i];
  return undefined;
}

/** Adds an entry of its own term to its own log, and to that alone. */
export function appendEntry(raft: Raft, now: Instant, content: Content, bytes: number, origin?: Origin): Entry {
  const { state } = raft;
  const { log } = state;
  const { entries } = log;
  const { length } = entries;
  const index = log.cut + length + 1;
  const before = length === 0 ? (state.snapshot?.at ?? 0) : (entries[length - 1] as Entry).at;
  const place = { index, term: state.currentTerm, at: (before > now ? before : now) as Instant, bytes, origin };
  const entry = makeEntry(content, place);
  entries.push(entry);
  logChanged(state.storage, index);
  return entry;
}

/** Sends what each follower lacks, where that is allowed now. */
export function sendToAll(raft: Raft, now: Instant, role: Leader, out: Out<RaftMessage>): void {
  if (raft.config.writesBeforeSending && raft.state.storage.durableIndex < lastIndexOf(raft.state.log)) return;
  const { peers } = role;
  for (let i = 0; i < peers.length; i++) {
    const peer = peers[i] as Progress;
    while (sendAppend(raft, now, peer, false, out));
  }
}

/** It is time for a heartbeat. */
export function beatTimer(raft: Raft, now: Instant, subject: number, out: Out<RaftMessage>): void {
  const { state, config } = raft;
  const { role } = state;
  if (role.role !== 'leader') return;
  if (config.heartbeat === 'together') {
    if (subject !== 0 || fallsSilent(raft, now, role, out)) return;
    beat(raft, now, role, out);
    out.setTimer(Timer.heartbeat, 0, config.heartbeatInterval);
  } else {
    const peer = peerOf(role, subject as NameId);
    if (peer === undefined) return;
    beatOne(raft, peer, newRound(raft, role, now), out);
    out.setTimer(Timer.heartbeat, subject, perPeerBeat(raft));
  }
  for (const peer of role.peers) resendSnapshot(raft, now, peer, out);
}

/** Heartbeats to all, under a number that none had before. @returns the number */
export function beat(raft: Raft, now: Instant, role: Leader, out: Out<RaftMessage>, silent = false): number {
  const round = newRound(raft, role, now);
  for (const peer of role.peers) beatOne(raft, peer, round, out, silent);
  return round;
}

function newRound({ config }: Raft, role: Leader, now: Instant): number {
  const { roundsAt } = role;
  // What was sent longer ago than a lease lasts can extend none.
  while (roundsAt.length > 0 && now - (roundsAt[0] as Instant) > config.electionTimeout) {
    roundsAt.shift();
  }
  role.round++;
  roundsAt.push(now);
  return role.round;
}

function beatOne(raft: Raft, peer: Progress, round: number, out: Out<RaftMessage>, silent = false): void {
  const { state, config, rules } = raft;
  // HashiCorp's heartbeats say nothing about what is committed.
  const commit = config.commitNews === 'timeout' ? 0 : rules.heartbeatCommit(state.commitIndex, peer.match);
  transmit(raft, out, peer.endpoint, {
    type: 'heartbeat',
    cluster: config.cluster,
    from: state.self,
    to: peer.name,
    term: state.currentTerm,
    commit,
    round,
    ...(silent ? { silent } : {}),
  });
}

/** An answer of this term came, of any kind. */
export function heardFrom(peer: Progress, now: Instant): void {
  peer.lastAck = now;
  peer.active = true;
}

/** A heartbeat was answered: sends what may have been lost, and reads may be confirmed. */
export function onHeartbeatResponse(raft: Raft, now: Instant, peer: Progress, round: number, out: Out<RaftMessage>): void {
  const role = raft.state.role as Leader;
  heardFrom(peer, now);
  if (round > peer.round && round <= role.round) {
    peer.round = round;
    const place = round - role.round + role.roundsAt.length - 1;
    if (place >= 0) peer.leaseAck = role.roundsAt[place];
    confirmReads(raft, now, role, out);
  }
  peer.paused = false;
  if (peer.match < lastIndexOf(raft.state.log) || peer.mode === 'probe') sendAppend(raft, now, peer, true, out);
}

const scratch: number[] = [];

/**
 * The value that a majority of voters reach or exceed, in each half of a joint change; what this server itself has is `own`.
 *
 * @returns undefined when there are no voters
 */
function onMajority(
  raft: Raft,
  role: Leader,
  voters: readonly Server[],
  own: number,
  reached: (peer: Progress) => number,
): number | undefined {
  const { outgoing } = activeConfig(raft);
  const first = inHalf(raft, role, voters, own, reached);
  if (outgoing.length === 0) return first;
  const second = inHalf(raft, role, outgoing, own, reached);
  return first === undefined || second === undefined ? first : Math.min(first, second);
}

function inHalf(
  { state, rules }: Raft,
  role: Leader,
  voters: readonly Server[],
  own: number,
  reached: (peer: Progress) => number,
): number | undefined {
  const { length } = voters;
  if (length === 0) return undefined;
  for (let i = 0; i < length; i++) {
    const { name } = voters[i] as Server;
    const peer = name === state.self ? undefined : peerOf(role, name);
    const value = name === state.self ? own : peer === undefined ? 0 : reached(peer);
    let place = i;
    while (place > 0 && (scratch[place - 1] as number) < value) {
      scratch[place] = scratch[place - 1] as number;
      place--;
    }
    scratch[place] = value;
  }
  return rules.majorityMatch(scratch, length);
}

const matchOf = ({ match }: Progress): number => match;
const lastAckOf = ({ lastAck }: Progress): number => lastAck;
const leaseAckOf = ({ leaseAck }: Progress): number => leaseAck ?? Number.NEGATIVE_INFINITY;
const roundOf = ({ round }: Progress): number => round;

/** The same of what shows that this server still leads: only voters count. */
const ofContacts = (raft: Raft, role: Leader, own: number, reached: (peer: Progress) => number): number | undefined =>
  onMajority(raft, role, raft.rules.contactVoters(activeConfig(raft)), own, reached);

/** The latest round of heartbeats that a majority has answered. */
export const answeredRound = (raft: Raft, role: Leader): number => ofContacts(raft, role, role.round, roundOf) ?? 0;

/** When the latest round was sent that a majority has answered; it is what the lease counts from. */
export const leaseStart = (raft: Raft, role: Leader, now: Instant): Instant =>
  (ofContacts(raft, role, now, leaseAckOf) ?? Number.NEGATIVE_INFINITY) as Instant;

/** Tries to commit more (Raft §5.3, §5.4.2). */
export function advanceCommit(raft: Raft, now: Instant, out: Out<RaftMessage>): boolean {
  const { state, rules } = raft;
  const role = state.role as Leader;
  const voters = rules.countedVoters(activeConfig(raft), state.self);
  const index = onMajority(raft, role, voters, state.storage.durableIndex, matchOf);
  if (index === undefined) return false;
  const commit = rules.leaderCommit(state.commitIndex, index, termAt(state.log, index), state.currentTerm);
  if (commit === state.commitIndex) return false;
  for (let i = Math.max(state.commitIndex + 1, state.log.cut + 1); i <= commit; i++) {
    role.uncommittedBytes -= entryAt(state.log, i)?.bytes ?? 0;
  }
  role.uncommittedBytes = Math.max(0, role.uncommittedBytes);
  const before = state.commitIndex;
  state.commitIndex = commit;
  applyCommitted(raft, now, out);
  if (state.role !== role) return true;
  if (before < role.termStart && commit >= role.termStart) releaseReads(raft, now, role, out);
  commitNews(raft, now, role, out);
  continueMembership(raft, now, role, out);
  finishMembership(raft, now, role, out);
  if (state.role === role) admissionGoesOn(raft, now, role, out);
  return true;
}

/** A leader looks whether it still hears a majority. */
export function checkQuorum(raft: Raft, now: Instant, out: Out<RaftMessage>): void {
  const { state, config, rules } = raft;
  const { role } = state;
  if (role.role !== 'leader') return;
  expireHandover(raft, now, role, out);
  expireAdmission(raft, now, role, out);
  if (rules.isDiskStalled(state.storage.inflight?.since, now, config.diskPatience)) {
    out.log('[WARN] raft: the disk is too slow to lead, stepping down');
    return stepDown(raft, now, out);
  }
  const wait = config.checkQuorum === 'lease' ? leaseCheck(raft, now, role, out) : windowCheck(raft, now, role, out);
  if (state.role === role) out.setTimer(Timer.quorum, 0, wait);
}

function windowCheck(raft: Raft, now: Instant, role: Leader, out: Out<RaftMessage>): Duration {
  const { config } = raft;
  const { heartbeatInterval, electionTimeout } = config;
  if (config.checkQuorum === 'sliding') {
    if (!quorumIsFresh(raft, now)) lostQuorum(raft, now, out);
  } else if (config.checkQuorum === 'windows' && now - role.checkedAt >= electionTimeout) {
    role.checkedAt = now;
    const active = (ofContacts(raft, role, 1, ({ active }) => (active ? 1 : 0)) ?? 0) > 0;
    for (const peer of role.peers) peer.active = false;
    if (!active) lostQuorum(raft, now, out);
  }
  return heartbeatInterval;
}

/** HashiCorp's lease: the next look is when the oldest contact that still counts will have run out, and at least 10 ms later. */
function leaseCheck(raft: Raft, now: Instant, role: Leader, out: Out<RaftMessage>): Duration {
  const { leaderLease } = raft.config;
  const heard = ofContacts(raft, role, now, lastAckOf) ?? now;
  if (raft.rules.mustStepDown(heard as Instant, now, leaderLease)) {
    lostQuorum(raft, now, out);
    return leaderLease;
  }
  const active = activeConfig(raft);
  let oldest = 0;
  for (const { name, lastAck } of role.peers) {
    if (isVoter(active, name) && now - lastAck <= leaderLease) oldest = Math.max(oldest, now - lastAck);
  }
  return Math.max(leaderLease - oldest, MINIMUM_CHECK) as Duration;
}

const MINIMUM_CHECK = 10_000_000 as Duration;

function lostQuorum(raft: Raft, now: Instant, out: Out<RaftMessage>): void {
  out.log('[WARN] raft: failed to contact quorum of nodes, stepping down');
  stepDown(raft, now, out);
}

/** Whether a majority of voters answered within an election timeout; etcd's and HashiCorp's leaders do not ask in between. */
export function quorumIsFresh(raft: Raft, now: Instant): boolean {
  const { role } = raft.state;
  if (role.role !== 'leader') return false;
  if (raft.config.checkQuorum !== 'sliding') return true;
  const heard = ofContacts(raft, role, now, lastAckOf) ?? now;
  return !raft.rules.mustStepDown(heard as Instant, now, raft.config.electionTimeout);
}
