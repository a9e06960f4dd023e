import type { NameId } from '../names.ts';
import type { Out } from '../protocol.ts';
import type { Instant } from '../time.ts';
import { newLeave } from './intents.ts';
import { hasAlive } from './members.ts';
import type { LeaveIntent } from './message.ts';
import { postpone } from './postponed.ts';
import { spreadIntent } from './queues.ts';
import type { Serf } from './serf.ts';
import { closeSnapshot, recordLeave } from './snapshot.ts';
import { Timer } from './tables.ts';

/** The waiter of our own leave intent; those of force-leaves count from 1. */
const OWN = 0;

/**
 * Leaves the cluster: first the intent, so that the others know that the death that follows is meant, then the death, then some time for
 * it to get around.
 */
export function leave(s: Serf, now: Instant, asked: number, out: Out<never>): void {
  const { state } = s;
  if (state.life === 'left') return out.reply(asked, {});
  if (state.life === 'leaving') return out.reply(asked, { error: 'Leave already in progress' });
  if (state.life === 'shutdown') return out.reply(asked, { error: 'Leave called after Shutdown' });
  state.life = 'leaving';
  state.leave = { asked, phase: 'intent' };
  recordLeave(s, now, out);
  const intent = newLeave(s, now, state.self, false, out);
  if (!hasAlivePeer(s)) return die(s, now, out);
  spreadIntent(s, now, intent, out, OWN);
  out.setTimer(Timer.leave, 0, s.config.broadcastTimeout);
}

/** The intent has gone out, or has not in time. */
export function intentSpread(s: Serf, now: Instant, inTime: boolean, out: Out<never>): void {
  if (s.state.leave?.phase !== 'intent') return;
  out.cancelTimer(Timer.leave, 0);
  if (inTime) return die(s, now, out);
  if (s.quirks.leaveTimeoutFails) return fail(s, 'timeout while waiting for graceful leave', out);
  out.log('[WARN] serf: timeout while waiting for graceful leave');
  die(s, now, out);
}

function die(s: Serf, now: Instant, out: Out<never>): void {
  const { leave: pending } = s.state;
  if (pending === undefined) return;
  pending.phase = 'death';
  s.gossip.leave(now, s.config.broadcastTimeout, out.of(s.parts.gossip));
}

/** memberlist has told the others that we are gone, or could not in time. */
export function deathSpread(s: Serf, inTime: boolean, out: Out<never>): void {
  const { leave: pending } = s.state;
  if (pending?.phase !== 'death') return;
  if (!inTime) {
    if (s.quirks.leaveTimeoutFails) return fail(s, 'timeout waiting for leave broadcast', out);
    out.log('[WARN] serf: timeout waiting for leave broadcast');
  }
  pending.phase = 'propagating';
  out.setTimer(Timer.propagate, 0, s.rules.propagationDelay(s.config.leavePropagateDelay));
}

export function propagated(s: Serf, out: Out<never>): void {
  const { leave: pending } = s.state;
  if (pending?.phase !== 'propagating') return;
  if (s.state.life !== 'shutdown') s.state.life = 'left';
  s.state.leave = undefined;
  out.reply(pending.asked, {});
}

function fail(s: Serf, error: string, out: Out<never>): void {
  const { leave: pending } = s.state;
  s.state.leave = undefined;
  if (pending !== undefined) out.reply(pending.asked, { error });
}

/** Stops without a word to the others. */
export function shutDown(s: Serf, now: Instant, out: Out<never>): void {
  if (s.state.life === 'shutdown') return;
  if (s.state.life !== 'left') out.log('[WARN] serf: Shutdown without a Leave');
  s.state.life = 'shutdown';
  closeSnapshot(s, now, out);
}

/** Says of a member that it left: of a failed one for good, of a living one until it contradicts. */
export function forceLeave(s: Serf, now: Instant, asked: number, node: NameId, prune: boolean, out: Out<never>): void {
  const intent = newLeave(s, now, node, prune, out);
  if (!postpone(s, { type: 'force-leave', asked, intent })) announceForceLeave(s, now, asked, intent, out);
}

/** Tells the others, and whoever asked when that is done. */
export function announceForceLeave(s: Serf, now: Instant, asked: number, intent: LeaveIntent, out: Out<never>): void {
  if (!hasAlivePeer(s)) return out.reply(asked, {});
  const waiter = s.state.nextWaiter++;
  s.state.forced.set(waiter, asked);
  spreadIntent(s, now, intent, out, waiter);
  out.setTimer(Timer.forceLeave, waiter, s.config.broadcastTimeout);
}

export function forceLeaveSpread(s: Serf, waiter: number, inTime: boolean, out: Out<never>): void {
  const asked = s.state.forced.get(waiter);
  if (asked === undefined) return;
  s.state.forced.delete(waiter);
  out.cancelTimer(Timer.forceLeave, waiter);
  out.reply(asked, inTime ? {} : { error: 'timed out broadcasting node removal' });
}

/** Tells those whose broadcast is done with. */
export function settle(s: Serf, now: Instant, out: Out<never>): void {
  const { completed } = s.state.queues.intents;
  while (completed.length > 0) {
    const waiter = completed.shift() as number;
    if (waiter === OWN) intentSpread(s, now, true, out);
    else forceLeaveSpread(s, waiter, true, out);
  }
}

function hasAlivePeer(s: Serf): boolean {
  const { members, self } = s.state;
  return hasAlive(members, self);
}
