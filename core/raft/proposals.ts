import type { Out } from '../protocol.ts';
import type { Instant } from '../time.ts';
import { fail } from './answers.ts';
import { isMember } from './configuration.ts';
import type { Content, Origin } from './entry.ts';
import type { RaftProblem } from './interface.ts';
import { appendEntry, sendToAll } from './leader.ts';
import type { RaftMessage } from './message.ts';
import type { Raft } from './raft.ts';
import { sendOn } from './sending-on.ts';
import { activeConfig } from './standing.ts';
import type { Asked, Leader } from './state.ts';

/** Appends an entry to the leader's log and sends it, while the own disk writes it (thesis §10.2.1). Answered when it is applied. */
export function propose(raft: Raft, now: Instant, asked: Asked, content: Content, bytes: number, out: Out<RaftMessage>): void {
  const { role } = raft.state;
  if (role.role === 'candidate' && !raft.rules.answersAsCandidate()) return;
  const problem = whyNotProposed(raft, bytes);
  if (problem === undefined && role.role === 'leader') enter(raft, now, role, asked, content, bytes, out);
  else if (!sendOn(raft, now, asked, content, bytes, out)) fail(raft, now, asked, problem ?? 'not leader', out);
}

/** Why this server does not propose something of this size; undefined when it does. */
export function whyNotProposed(raft: Raft, bytes: number): RaftProblem | undefined {
  const { state, config, rules } = raft;
  const { role } = state;
  if (role.role !== 'leader') return role.role === 'stopped' ? 'stopped' : 'not leader';
  if (!rules.takesProposals(role.handover !== undefined)) return 'transfer in progress';
  if (!isMember(activeConfig(raft), state.self)) return 'not leader';
  if (bytes > config.maxProposalBytes) return 'too large';
  // One is always taken, and so is what has no size: a barrier must not wait for room.
  const isTooMuch = bytes > 0 && role.uncommittedBytes > 0 && role.uncommittedBytes + bytes > config.maxUncommittedBytes;
  return isTooMuch ? 'too many uncommitted' : undefined;
}

/** Appends an entry that may be appended. */
export function enter(
  raft: Raft,
  now: Instant,
  role: Leader,
  asked: Asked | undefined,
  content: Content,
  bytes: number,
  out: Out<RaftMessage>,
  origin?: Origin,
): number {
  const { index, term } = appendEntry(raft, now, content, bytes, origin);
  role.uncommittedBytes += bytes;
  if (asked !== undefined) raft.state.proposals.push({ by: asked.by, id: asked.id, index, term });
  sendToAll(raft, now, role, out);
  return index;
}
