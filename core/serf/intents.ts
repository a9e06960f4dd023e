import type { Out } from '../protocol.ts';
import type { Instant } from '../time.ts';
import { type LamportTime, next } from './lamport.ts';
import { setStatus, setTime, statusOf, timeOf } from './members.ts';
import type { JoinIntent, LeaveIntent } from './message.ts';
import { memberEvent } from './pipeline.ts';
import { spreadIntent } from './queues.ts';
import { prune } from './reap.ts';
import type { Serf } from './serf.ts';
import { Cell } from './tables.ts';

/*
 * Intents: what members say of their coming and going, ordered by Lamport time. memberlist says only who is there.
 */

/** Says that we are here, with the present time. */
export function announceJoin(s: Serf, now: Instant, out: Out<never>): void {
  const intent: JoinIntent = { type: 'join', time: s.state.memberTime, node: s.state.self };
  applyJoin(s, now, intent, out);
  spreadIntent(s, now, intent, out);
}

/** An intent of our own about a member that is to leave; handled here before it goes out. */
export function newLeave(s: Serf, now: Instant, node: LeaveIntent['node'], prunes: boolean, out: Out<never>): LeaveIntent {
  const intent: LeaveIntent = { type: 'leave', time: s.state.memberTime, node, prune: prunes };
  s.state.memberTime = next(s.state.memberTime);
  applyLeave(s, now, intent, out);
  return intent;
}

/** @returns whether it is news and to be passed on */
export function applyJoin(s: Serf, now: Instant, { time, node }: JoinIntent, out: Out<never>): boolean {
  const { members } = s.state;
  s.state.memberTime = s.rules.witness(s.state.memberTime, time);
  const status = statusOf(members, node);
  if (status === undefined) return keep(s, now, 'join', node, time);
  if (!s.rules.isNewer(time, timeOf(members, node))) return false;
  setTime(members, node, time);
  become(s, node, s.rules.afterJoinIntent(status), out);
  return true;
}

/** @returns whether it is news and to be passed on */
export function applyLeave(s: Serf, now: Instant, intent: LeaveIntent, out: Out<never>): boolean {
  const { state } = s;
  const { time, node } = intent;
  state.memberTime = s.rules.witness(state.memberTime, time);
  const status = statusOf(state.members, node);
  if (status === undefined) return keep(s, now, 'leave', node, time);
  if (!s.rules.isNewer(time, timeOf(state.members, node))) return false;
  if (s.rules.refutesLeave(node === state.self, state.life === 'alive')) {
    out.log('[DEBUG] serf: Refuting an older leave intent');
    announceJoin(s, now, out);
    return false;
  }
  // Also where nothing else changes: an intent that was accepted once is no news when it comes around again.
  setTime(state.members, node, time);
  const after = s.rules.afterLeaveIntent(status);
  become(s, node, after, out);
  if (status === 'failed' && after === 'left') {
    out.log(`[INFO] serf: EventMemberLeave (forced): ${s.label(node)}`);
    memberEvent(s, now, node, 'member-leave', out);
  }
  if (intent.prune) prune(s, now, node, out);
  return true;
}

/** Keeps the latest intent about somebody who is no member yet. @returns whether this is it */
function keep(s: Serf, now: Instant, type: 'join' | 'leave', node: JoinIntent['node'], time: LamportTime): boolean {
  const known = s.state.intents.get(node);
  if (known !== undefined && !s.rules.isNewer(time, known.time)) return false;
  s.state.intents.set(node, { type, time, at: now });
  return true;
}

/** Gives a member a status, and shows it if it is another. */
export function become(s: Serf, node: JoinIntent['node'], status: ReturnType<typeof statusOf> & string, out: Out<never>): void {
  if (statusOf(s.state.members, node) === status) return;
  setStatus(s.state.members, node, status);
  out.cell(node, Cell.status, status);
}
