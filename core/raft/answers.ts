import type { NameId } from '../names.ts';
import type { Out } from '../protocol.ts';
import type { Instant } from '../time.ts';
import type { RaftProblem, RaftReply } from './interface.ts';
import type { RaftMessage } from './message.ts';
import type { Raft } from './raft.ts';
import type { Asked, Role } from './state.ts';

/** Answers whoever asked. */
export function answer(raft: Raft, now: Instant, { by, id }: Asked, reply: RaftReply, out: Out<RaftMessage>): void {
  if (by === 'command') out.reply(id, reply);
  else raft.observer?.answered(id, reply, now, out as Out<never>);
}

export const done = (index: number, result: unknown): RaftReply => ({ outcome: 'ok', index, result });

/** Certainly not executed. */
export function fail(raft: Raft, now: Instant, asked: Asked, problem: RaftProblem, out: Out<RaftMessage>): void {
  answer(raft, now, asked, refusal('fail', problem, leaderOf(raft)), out);
}

/** Nobody here can say. */
export function unknown(
  raft: Raft,
  now: Instant,
  asked: Asked,
  out: Out<RaftMessage>,
  problem: 'leadership lost' | 'no answer' = 'leadership lost',
): void {
  answer(raft, now, asked, refusal('unknown', problem, leaderOf(raft)), out);
}

const refusal = (outcome: 'fail' | 'unknown', problem: RaftProblem, leader: NameId | undefined): RaftReply =>
  leader === undefined ? { outcome, problem } : { outcome, problem, leader };

/** Whom a server takes for the leader of its term. */
export function leaderOf({ state }: Raft): NameId | undefined {
  const { role } = state;
  if (role.role === 'leader') return state.self;
  return role.role === 'stopped' ? undefined : role.leader;
}

/**
 * Leadership is lost: what was proposed may yet be committed by the next leader, and reads cannot be confirmed. Called when the new role is
 * in place, as whoever is answered may ask again at once.
 */
export function answerAllUnknown(raft: Raft, now: Instant, before: Role, out: Out<RaftMessage>): void {
  const { state } = raft;
  const { proposals } = state;
  state.proposals = [];
  for (const waiting of proposals) unknown(raft, now, waiting, out);
  if (before.role !== 'leader') return;
  for (const { asked } of before.reads) if (asked !== undefined) fail(raft, now, asked, 'leadership lost', out);
  const { handover, admission } = before;
  if (admission !== undefined) unknown(raft, now, admission.asked, out);
  if (handover?.asked !== undefined) answer(raft, now, handover.asked, done(state.commitIndex, undefined), out);
}
