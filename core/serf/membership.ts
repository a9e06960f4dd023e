import type { DescriptionId } from '../gossip/gossip.ts';
import type { NameId } from '../names.ts';
import type { Out } from '../protocol.ts';
import type { Instant } from '../time.ts';
import { startVote } from './conflict.ts';
import { become } from './intents.ts';
import { goneFor, setTime, statusOf } from './members.ts';
import { memberEvent } from './pipeline.ts';
import type { Serf } from './serf.ts';
import { Cell } from './tables.ts';

/*
 * What Serf makes of memberlist's word about who is there.
 */

export function nodeJoined(s: Serf, now: Instant, node: NameId, out: Out<never>): void {
  const { members, intents } = s.state;
  const before = statusOf(members, node);
  if (before === 'failed' && goneFor(members, node, now) < s.config.flapTimeout) {
    members.flaps++;
    out.cell(s.state.self, Cell.flaps, members.flaps);
  }
  const intent = before === undefined ? intents.get(node) : undefined;
  become(s, node, intent?.type === 'leave' ? 'leaving' : 'alive', out);
  if (intent !== undefined) setTime(members, node, intent.time);
  members.goneSince.delete(node);
  out.log(`[INFO] serf: EventMemberJoin: ${s.label(node)}`);
  memberEvent(s, now, node, 'member-join', out);
}

/** For dead and left alike: which of the two it is only the intent tells. */
export function nodeLeft(s: Serf, now: Instant, node: NameId, out: Out<never>): void {
  const { members } = s.state;
  const status = statusOf(members, node);
  if (status === undefined) return;
  const lost = s.rules.afterLoss(status);
  if (lost === undefined) return out.log(`[WARN] serf: Bad state when leave: ${status}`);
  become(s, node, lost, out);
  members.goneSince.set(node, now);
  out.log(`[INFO] serf: EventMember${lost === 'left' ? 'Leave' : 'Failed'}: ${s.label(node)}`);
  memberEvent(s, now, node, lost === 'left' ? 'member-leave' : 'member-failed', out);
}

export function nodeUpdated(s: Serf, now: Instant, node: NameId, out: Out<never>): void {
  if (statusOf(s.state.members, node) === undefined) return;
  out.log(`[INFO] serf: EventMemberUpdate: ${s.names.text(node)}`);
  memberEvent(s, now, node, 'member-update', out);
}

/** Somebody claims a name that another has. */
export function nameClaimed(s: Serf, now: Instant, node: NameId, claimed: DescriptionId, out: Out<never>): void {
  const other = s.gossip.where(s.gossip.descriptions.of(claimed).address);
  if (node !== s.state.self) {
    const name = s.names.text(node);
    return out.log(`[WARN] serf: Name conflict for '${name}' both ${s.gossip.whereIs(node)} and ${other} are claiming`);
  }
  const { enableNameConflictResolution: resolves } = s.config;
  out.log(
    `[ERR] serf: Node name conflicts with another node at ${other}. Names must be unique! (Resolution enabled: ${resolves})`,
  );
  if (resolves) startVote(s, now, out);
}
