import type { Out } from '../protocol.ts';
import type { Instant } from '../time.ts';
import { fail } from './answers.ts';
import { isMember } from './configuration.ts';
import type { Content } from './entry.ts';
import { appendEntry, sendToAll } from './leader.ts';
import type { RaftMessage } from './message.ts';
import type { Raft } from './raft.ts';
import { activeConfig } from './standing.ts';
import type { Asked, Leader } from './state.ts';

/** Appends an entry to the leader's log and sends it, while the own disk writes it (thesis §10.2.1). Answered when it is applied. */
export function propose(raft: Raft, now: Instant, asked: Asked, content: Content, bytes: number, out: Out<RaftMessage>): void {
  const { state, config, rules } = raft;
  const { role } = state;
  if (role.role === 'candidate' && !rules.answersAsCandidate()) return;
  if (role.role !== 'leader') return fail(raft, now, asked, role.role === 'stopped' ? 'stopped' : 'not leader', out);
  if (!rules.takesProposals(role.handover !== undefined)) return fail(raft, now, asked, 'transfer in progress', out);
  if (!isMember(activeConfig(raft), state.self)) return fail(raft, now, asked, 'not leader', out);
  if (bytes > config.maxProposalBytes) return fail(raft, now, asked, 'too large', out);
  // One is always taken, and so is what has no size: a barrier must not wait for room.
  const isTooMuch = bytes > 0 && role.uncommittedBytes > 0 && role.uncommittedBytes + bytes > config.maxUncommittedBytes;
  if (isTooMuch) return fail(raft, now, asked, 'too many uncommitted', out);
  enter(raft, now, role, asked, content, bytes, out);
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
): number {
  const { index, term } = appendEntry(raft, now, content, bytes);
  role.uncommittedBytes += bytes;
  if (asked !== undefined) raft.state.proposals.push({ by: asked.by, id: asked.id, index, term });
  sendToAll(raft, now, role, out);
  return index;
}
