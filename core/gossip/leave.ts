import type { Out } from '../protocol.ts';
import type { Duration, Instant } from '../time.ts';
import { announceSelf, applyDead } from './claims.ts';
import type { Gossip } from './gossip.ts';
import { hasLivePeer } from './members.ts';
import type { GossipMessage } from './message.ts';
import { type Asked, LEAVE, UPDATE, type Waiter } from './state.ts';
import { Timer } from './tables.ts';

type GossipOut = Out<GossipMessage>;

/**
 * Tells the others that this node is going, and whoever asked when that has been gossiped often enough, or the time is over. The node
 * goes on answering and gossiping until its process ends.
 */
export function leave(g: Gossip, now: Instant, asked: Asked, timeout: Duration, out: GossipOut): void {
  const { state } = g;
  if (state.leaving) return tell(g, now, LEAVE, asked, true, out);
  state.leaving = true;
  applyDead(g, now, { type: 'dead', incarnation: state.incarnation, node: g.self.name, from: g.self.name }, out);
  wait(g, now, LEAVE, asked, timeout, out);
}

/** Tells the others what the application says about this node now. */
export function update(g: Gossip, now: Instant, asked: Asked, timeout: Duration, out: GossipOut): void {
  announceSelf(g, now, out, UPDATE);
  wait(g, now, UPDATE, asked, timeout, out);
}

function wait(g: Gossip, now: Instant, waiter: Waiter, asked: Asked, timeout: Duration, out: GossipOut): void {
  if (!hasLivePeer(g.state.members, g.self.name)) return tell(g, now, waiter, asked, true, out);
  g.state.waiting.set(waiter, asked);
  out.setTimer(waiter === LEAVE ? Timer.leave : Timer.update, 0, timeout);
}

/** Tells those whose broadcast is done with. */
export function settle(g: Gossip, now: Instant, out: GossipOut): void {
  g.state.touched = false;
  const { completed } = g.state.queue;
  while (completed.length > 0) {
    const waiter = completed.shift() as Waiter;
    out.cancelTimer(waiter === LEAVE ? Timer.leave : Timer.update, 0);
    stopWaiting(g, now, waiter, true, out);
  }
  g.delegate?.settle(now, out);
}

/** @param spread whether the broadcast was done with in time */
export function stopWaiting(g: Gossip, now: Instant, waiter: Waiter, spread: boolean, out: GossipOut): void {
  const asked = g.state.waiting.get(waiter);
  if (asked === undefined) return;
  g.state.waiting.delete(waiter);
  tell(g, now, waiter, asked, spread, out);
}

function tell(g: Gossip, now: Instant, waiter: Waiter, asked: Asked, spread: boolean, out: GossipOut): void {
  if (asked.by === 'command') out.reply(asked.id, { spread });
  else if (waiter === LEAVE) g.delegate?.departed(now, spread, out);
  else g.delegate?.described(now, spread, out);
}
