import type { Endpoint, NameId } from '../names.ts';
import type { Out } from '../protocol.ts';
import type { Instant } from '../time.ts';
import { answer, done, fail, leaderOf } from './answers.ts';
import { membersOf } from './configuration.ts';
import type { RaftCommand, ReadMode } from './interface.ts';
import { answeredRound, beat, leaseStart } from './leader.ts';
import type { RaftMessage, ReadIndex, ReadIndexResponse } from './message.ts';
import { propose } from './proposals.ts';
import type { Raft } from './raft.ts';
import { loseSentOn } from './sending-on.ts';
import { activeConfig } from './standing.ts';
import type { Asked, Leader, PendingRead } from './state.ts';
import { transmit } from './transport.ts';

type Read = Extract<RaftCommand, { command: 'read' }>;

/** How many reads a follower keeps while the leader is asked; more are refused. */
const MOST_FORWARDED = 1000;

/** Answers a question about the state machine, as fresh as the mode promises. */
export function read(raft: Raft, now: Instant, asked: Asked, command: Read, out: Out<RaftMessage>): void {
  const { state, config, rules } = raft;
  const { query, mode } = command;
  const { role } = state;
  if (role.role === 'stopped') return fail(raft, now, asked, 'stopped', out);
  if (mode === 'stale') return serve(raft, now, asked, query, mode, out);
  if (mode === 'log') return propose(raft, now, asked, { type: 'read', query }, 0, out);
  if (mode === 'lease' && !config.leaseReads) return fail(raft, now, asked, 'lease reads', out);
  if (role.role !== 'leader') {
    if (mode === 'index') return forward(raft, now, asked, query, out);
    return fail(raft, now, asked, 'not leader', out);
  }
  const ready = rules.mayReadAt(state.commitIndex, role.termStart);
  const isFree = mode === 'default' || rules.mayServeUnconfirmed() || (mode === 'lease' && hasLease(raft, now, role));
  if (ready && isFree) return serve(raft, now, asked, query, mode, out);
  const { by, id } = asked;
  enqueue(raft, now, role, { round: 0, index: 0, confirmed: false, asked: { by, id, query, mode }, follower: undefined }, out);
}

/** Puts a read into the queue; asks the others whether this server still leads, if it knows what is committed (thesis §6.4). */
function enqueue(raft: Raft, now: Instant, role: Leader, pending: PendingRead, out: Out<RaftMessage>): void {
  role.reads.push(pending);
  if (!raft.rules.mayReadAt(raft.state.commitIndex, role.termStart)) return;
  pending.index = raft.state.commitIndex;
  pending.round = beat(raft, now, role, out);
  confirmReads(raft, now, role, out);
}

/** The first entry of the term is committed: the reads that waited for it are asked about. */
export function releaseReads(raft: Raft, now: Instant, role: Leader, out: Out<RaftMessage>): void {
  const waiting = role.reads.filter(({ round }) => round === 0);
  if (waiting.length === 0) return;
  const round = beat(raft, now, role, out);
  for (const pending of waiting) {
    pending.index = raft.state.commitIndex;
    pending.round = round;
  }
  confirmReads(raft, now, role, out);
}

/** Heartbeats were answered: all reads that were there before the round are confirmed. */
export function confirmReads(raft: Raft, now: Instant, role: Leader, out: Out<RaftMessage>): void {
  const { reads } = role;
  if (reads.length === 0) return;
  const answered = answeredRound(raft, role);
  for (const pending of reads) {
    if (pending.round > 0 && raft.rules.confirmsLeadership(answered, pending.round)) pending.confirmed = true;
  }
  serveReads(raft, now, out);
}

/** Answers the reads that are confirmed and whose index has been applied. */
export function serveReads(raft: Raft, now: Instant, out: Out<RaftMessage>): void {
  const { state } = raft;
  const { role, lastApplied } = state;
  if (role.role === 'leader' && role.reads.length > 0) {
    const isDue = ({ confirmed, index }: PendingRead): boolean => confirmed && index <= lastApplied;
    const due = role.reads.filter(isDue);
    if (due.length > 0) role.reads = role.reads.filter((pending) => !isDue(pending));
    for (const { asked, follower, index } of due) {
      if (asked !== undefined) serve(raft, now, asked, asked.query, asked.mode, out);
      if (follower !== undefined) tell(raft, follower.name, follower.endpoint, follower.request, index, out);
    }
  }
  if (state.forwarded.length === 0) return;
  const isDue = ({ index }: { index: number | undefined }): boolean => index !== undefined && index <= lastApplied;
  const due = state.forwarded.filter(isDue);
  if (due.length > 0) state.forwarded = state.forwarded.filter((pending) => !isDue(pending));
  for (const pending of due) serve(raft, now, pending, pending.query, 'index', out);
}

/** Whether a majority has promised to stay loyal for now (thesis §6.4.1). */
function hasLease(raft: Raft, now: Instant, role: Leader): boolean {
  const { electionTimeout, clockRatio, leaseMargin } = raft.config;
  if (role.leaseGone) return false;
  return now < raft.rules.leaseEnd(leaseStart(raft, role, now), now, electionTimeout, clockRatio, leaseMargin);
}

function serve(raft: Raft, now: Instant, asked: Asked, query: unknown, mode: ReadMode, out: Out<RaftMessage>): void {
  raft.answering?.(asked, mode, now);
  answer(raft, now, asked, done(raft.state.lastApplied, raft.machine.query(query)), out);
}

/** A follower asks the leader what it must have applied. */
function forward(raft: Raft, now: Instant, { by, id }: Asked, query: unknown, out: Out<RaftMessage>): void {
  const { state, config } = raft;
  const leader = leaderOf(raft);
  const server = membersOf(activeConfig(raft)).find(({ name }) => name === leader);
  if (leader === undefined || server === undefined || state.forwarded.length >= MOST_FORWARDED) {
    return fail(raft, now, { by, id }, 'not leader', out);
  }
  const request = state.nextRequest++;
  state.forwarded.push({ by, id, request, query, term: state.currentTerm, index: undefined });
  const ends = { cluster: config.cluster, from: state.self, to: leader, term: state.currentTerm };
  transmit(raft, out, server.endpoint, { type: 'read-index', ...ends, request });
}

export function onReadIndex(
  raft: Raft,
  now: Instant,
  { from, request }: ReadIndex,
  endpoint: Endpoint,
  out: Out<RaftMessage>,
): void {
  const { role } = raft.state;
  if (role.role !== 'leader') return tell(raft, from, endpoint, request, undefined, out);
  const isKnown = role.reads.some(({ follower }) => follower?.name === from && follower.request === request);
  if (isKnown || role.reads.length >= MOST_FORWARDED) return;
  const follower = { name: from, endpoint, request };
  enqueue(raft, now, role, { round: 0, index: 0, confirmed: false, asked: undefined, follower }, out);
}

function tell(
  raft: Raft,
  to: NameId,
  endpoint: Endpoint,
  request: number,
  index: number | undefined,
  out: Out<RaftMessage>,
): void {
  const { state, config } = raft;
  const ends = { cluster: config.cluster, from: state.self, to, term: state.currentTerm };
  transmit(raft, out, endpoint, { type: 'read-index-response', ...ends, request, index });
}

export function onReadIndexResponse(
  raft: Raft,
  now: Instant,
  { request, index }: ReadIndexResponse,
  out: Out<RaftMessage>,
): void {
  const { state } = raft;
  const found = state.forwarded.find((pending) => pending.request === request);
  if (found === undefined || found.index !== undefined) return;
  if (index === undefined) {
    state.forwarded = state.forwarded.filter((pending) => pending !== found);
    return fail(raft, now, found, 'not leader', out);
  }
  found.index = index;
  serveReads(raft, now, out);
}

/** A request or its answer may have been lost: asks again, as often as the leader is heard. */
export function askAgain(raft: Raft, endpoint: Endpoint, out: Out<RaftMessage>): void {
  const { state, config } = raft;
  const leader = leaderOf(raft);
  if (leader === undefined) return;
  for (const { request, index } of state.forwarded) {
    if (index !== undefined) continue;
    const ends = { cluster: config.cluster, from: state.self, to: leader, term: state.currentTerm };
    transmit(raft, out, endpoint, { type: 'read-index', ...ends, request });
  }
}

/**
 * The leader that was asked on is gone, or another one: reads fail, and may be asked again. Those, too, that only wait until enough is applied: whoever was removed
 * never gets there. What became of proposals nobody here can say.
 */
export function failForwarded(raft: Raft, now: Instant, out: Out<RaftMessage>): void {
  const { state } = raft;
  loseSentOn(raft, now, out);
  const lost = state.forwarded;
  if (lost.length === 0) return;
  state.forwarded = [];
  for (const pending of lost) fail(raft, now, pending, 'leadership lost', out);
}
