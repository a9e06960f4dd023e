import type { NameId } from '../names.ts';
import type { Out } from '../protocol.ts';
import { between, type Duration, type Instant } from '../time.ts';
import { erase, goneFor, statusOf } from './members.ts';
import { forgetPeer } from './peers.ts';
import { memberEvent } from './pipeline.ts';
import { block, unblock } from './postponed.ts';
import type { Serf } from './serf.ts';
import { Cell, Timer } from './tables.ts';

/** Erases who has been gone for long enough, and forgets old intents. */
export function reapTick(s: Serf, now: Instant, out: Out<never>): void {
  const { state, config } = s;
  out.setTimer(Timer.reap, 0, config.reapInterval);
  for (const [list, timeout] of [
    [state.members.failed, config.reconnectTimeout],
    [state.members.left, config.tombstoneTimeout],
  ] as const) {
    for (const node of [...list]) {
      const own = config.reconnectTimeoutOf?.(node, timeout) ?? timeout;
      if (!s.rules.isReaped(goneFor(state.members, node, now), own)) continue;
      out.log(`[INFO] serf: EventMemberReap: ${s.names.text(node)}`);
      eraseMember(s, now, node, out);
    }
  }
  for (const [node, { at }] of state.intents) {
    if (between(at, now) > config.recentIntentTimeout) state.intents.delete(node);
  }
}

/** Erases a member at an operator's word: at once, but one that is leaving only when that had time to get around. */
export function prune(s: Serf, now: Instant, node: NameId, out: Out<never>): void {
  const { config } = s;
  if (statusOf(s.state.members, node) !== 'leaving') return pruneNow(s, now, node, out);
  if (s.quirks.pruneBlocks) block(s);
  out.setTimer(Timer.prune, node, (config.broadcastTimeout + config.leavePropagateDelay) as Duration);
}

/** The time of a leaving member is over. One that has contradicted meanwhile stays; in the original nobody could have heard it. */
export function pruneDue(s: Serf, now: Instant, node: NameId, out: Out<never>): void {
  if (statusOf(s.state.members, node) !== 'alive') pruneNow(s, now, node, out);
  unblock(s, now, out);
}

function pruneNow(s: Serf, now: Instant, node: NameId, out: Out<never>): void {
  if (statusOf(s.state.members, node) === undefined) return;
  out.log(`[INFO] serf: EventMemberReap (forced): ${s.label(node)}`);
  eraseMember(s, now, node, out);
}

function eraseMember(s: Serf, now: Instant, node: NameId, out: Out<never>): void {
  erase(s.state.members, node);
  forgetPeer(s.state.coordinates.peers, node);
  out.cell(node, Cell.status, '');
  memberEvent(s, now, node, 'member-reap', out);
}

/** Dials one failed member now and then, so that a partition heals by itself. */
export function reconnectTick(s: Serf, now: Instant, out: Out<never>): void {
  const { members } = s.state;
  const failed = members.failed.length;
  if (failed === 0) return waitForReconnect(s, out);
  if (!s.rules.attemptsReconnect(s.random.fraction(), failed, members.count - failed - members.left.length)) {
    out.log('[DEBUG] serf: forgoing reconnect for random throttling');
    return waitForReconnect(s, out);
  }
  const node = members.failed[s.random.integer(failed)] as NameId;
  const { address } = s.gossip.describe(node);
  out.log(`[INFO] serf: attempting reconnect to ${s.names.text(node)} ${s.gossip.where(address)}`);
  s.state.reconnect = s.state.nextJoin++;
  s.gossip.join(now, s.state.reconnect, [address], true, out.of(s.parts.gossip));
}

export function waitForReconnect(s: Serf, out: Out<never>): void {
  s.state.reconnect = undefined;
  out.setTimer(Timer.reconnect, 0, s.config.reconnectInterval);
}
