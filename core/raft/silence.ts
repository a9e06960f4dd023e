import type { Out } from '../protocol.ts';
import type { Duration, Instant } from '../time.ts';
import { leaderOf } from './answers.ts';
import { isJoint, membersOf } from './configuration.ts';
import { restartElection } from './election.ts';
import { beat } from './leader.ts';
import { lastIndexOf } from './log.ts';
import type { Heartbeat, RaftMessage } from './message.ts';
import type { Raft } from './raft.ts';
import { activeConfig, latestConfig, latestConfigIndex } from './standing.ts';
import type { Leader } from './state.ts';
import { Timer } from './tables.ts';
import { transmit } from './transport.ts';

/*
 * Quiescence: a cluster with nothing to do sends nothing. The leader says so with its last heartbeat; who has everything stops looking for it. Only timers stop, so nothing
 * rests on it but that somebody notices the leader's death: whoever is asked for something, or is told by another detector (`forget-leader`).
 */

/** Whether the leader falls silent instead of sending heartbeats as usual. */
export function fallsSilent(raft: Raft, now: Instant, role: Leader, out: Out<RaftMessage>): boolean {
  const { state, config, rules } = raft;
  if (!config.quiescence || role.peers.length === 0) return false;
  const { commitIndex, lastApplied } = state;
  const isChanging = isJoint(latestConfig(raft)) || latestConfigIndex(raft) > commitIndex;
  const waited = [role.handover !== undefined, role.admission !== undefined, isChanging].filter(Boolean).length;
  const idle = {
    underWay: state.proposals.length + role.reads.length + waited,
    commitIndex,
    lastApplied,
    lastIndex: lastIndexOf(state.log),
    leastMatch: Math.min(...role.peers.map(({ match }) => match)),
    longestSilence: (now - Math.min(...role.peers.map(({ lastAck }) => lastAck))) as Duration,
  };
  if (!rules.mayFallSilent(idle, config.electionTimeout)) return false;
  role.isSilent = true;
  beat(raft, now, role, out, true);
  for (const timer of [Timer.heartbeat, Timer.quorum]) out.cancelTimer(timer, 0);
  return true;
}

/** The leader has said that it falls silent. */
export function fallAsleep(raft: Raft, { silent, commit }: Heartbeat, out: Out<RaftMessage>): void {
  const { state, config, rules } = raft;
  if (silent !== true || !config.quiescence || !rules.maySleep(commit, state.commitIndex, lastIndexOf(state.log))) return;
  state.isAsleep = true;
  state.electionTimer = undefined;
  out.cancelTimer(Timer.election, 0);
}

/** A message came. Late answers to what a leader sent before it fell silent do not wake it. */
export function wakeByMessage(raft: Raft, now: Instant, message: RaftMessage, out: Out<RaftMessage>): void {
  if (raft.state.isAsleep === true) return wakeFollower(raft, now, out);
  const isLate =
    message.type === 'append-response' ||
    message.type === 'snapshot-response' ||
    (message.type === 'heartbeat-response' && message.round > 0);
  if (!isLate) wakeLeader(raft, now, out);
}

/** Somebody asks this server for something: a follower needs its leader for that, and sees whether it is still there. */
export function wakeByCommand(raft: Raft, now: Instant, out: Out<RaftMessage>): void {
  const { state, config } = raft;
  if (state.isAsleep !== true) return wakeLeader(raft, now, out);
  wakeFollower(raft, now, out);
  const leader = membersOf(activeConfig(raft)).find(({ name }) => name === leaderOf(raft));
  if (leader === undefined) return;
  const ends = { cluster: config.cluster, from: state.self, to: leader.name, term: state.currentTerm };
  transmit(raft, out, leader.endpoint, { type: 'heartbeat-response', ...ends, round: 0 });
}

function wakeFollower(raft: Raft, now: Instant, out: Out<RaftMessage>): void {
  raft.state.isAsleep = false;
  restartElection(raft, now, out);
}

/** Nobody was asked meanwhile, so nobody is late; and no lease lasts over that. */
function wakeLeader(raft: Raft, now: Instant, out: Out<RaftMessage>): void {
  const { role } = raft.state;
  const { heartbeatInterval } = raft.config;
  if (role.role !== 'leader' || role.isSilent !== true) return;
  role.isSilent = false;
  role.checkedAt = now;
  for (const peer of role.peers) {
    peer.lastAck = now;
    peer.leaseAck = undefined;
    peer.active = true;
  }
  beat(raft, now, role, out);
  out.setTimer(Timer.heartbeat, 0, heartbeatInterval);
  out.setTimer(Timer.quorum, 0, raft.config.checkQuorum === 'lease' ? raft.config.leaderLease : heartbeatInterval);
}
