import type { NameId } from '../names.ts';
import type { Out } from '../protocol.ts';
import type { Instant } from '../time.ts';
import { announceForceLeave } from './departure.ts';
import { merge } from './exchange.ts';
import type { SerfCommand } from './interface.ts';
import { nodeJoined, nodeLeft, nodeUpdated } from './membership.ts';
import type { LeaveIntent, SerfMessage, SerfState } from './message.ts';
import { spreadIntent } from './queues.ts';
import { receive } from './receiving.ts';
import type { Serf } from './serf.ts';

/*
 * The original holds the lock of its member table while a leaving member waits to be erased, and does nothing in the meantime. What comes
 * then is done afterwards, in the order in which it came.
 */

/** Something that has to wait. */
export type Postponed =
  | { readonly type: 'received'; readonly message: SerfMessage }
  | { readonly type: 'merge'; readonly state: SerfState; readonly join: boolean }
  | { readonly type: 'joined' | 'left' | 'updated'; readonly node: NameId }
  | { readonly type: 'command'; readonly id: number; readonly command: SerfCommand }
  /** The rest of what was being done. */
  | { readonly type: 'spread'; readonly intent: LeaveIntent }
  | { readonly type: 'force-leave'; readonly asked: number; readonly intent: LeaveIntent };

/** From here on everything waits. */
export function block(s: Serf): void {
  s.state.blocked ??= [];
}

/** @returns whether it has to wait */
export function postpone(s: Serf, what: Postponed): boolean {
  if (s.state.blocked === undefined) return false;
  s.state.blocked.push(what);
  return true;
}

/** Does what had to wait, until something makes the rest wait again. */
export function unblock(s: Serf, now: Instant, out: Out<never>): void {
  const waiting = s.state.blocked ?? [];
  s.state.blocked = undefined;
  for (const [i, what] of waiting.entries()) {
    if (isBlocked(s)) {
      for (const rest of waiting.slice(i)) postpone(s, rest);
      return;
    }
    resume(s, now, what, out);
  }
}

const isBlocked = (s: Serf): boolean => s.state.blocked !== undefined;

function resume(s: Serf, now: Instant, what: Postponed, out: Out<never>): void {
  switch (what.type) {
    case 'received':
      return receive(s, now, what.message, out);
    case 'merge':
      return merge(s, now, what.state, what.join, out);
    case 'joined':
      return nodeJoined(s, now, what.node, out);
    case 'left':
      return nodeLeft(s, now, what.node, out);
    case 'updated':
      return nodeUpdated(s, now, what.node, out);
    case 'command':
      return s.command(now, what.id, what.command, out);
    case 'spread':
      return spreadIntent(s, now, what.intent, out);
    case 'force-leave':
      return announceForceLeave(s, now, what.asked, what.intent, out);
  }
}
