import type { NameId } from '../names.ts';
import type { Out } from '../protocol.ts';
import type { Instant } from '../time.ts';
import { flush, gather, type MemberEvent } from './coalesce.ts';
import { flushEvents, gatherEvent } from './coalesce-events.ts';
import type { MemberNotice, UserNotice } from './events.ts';
import type { UserEvent } from './message.ts';
import type { Serf } from './serf.ts';
import { recordEvent, recordMember } from './snapshot.ts';
import { Timer } from './tables.ts';

/*
 * The way of an event from where it happens to the agent: past the snapshot and, if it may be gathered with others, into a coalescer.
 * Those that are gathered may be overtaken by others.
 */

export function memberEvent(s: Serf, now: Instant, node: NameId, event: MemberEvent, out: Out<never>): void {
  recordMember(s, now, node, event, out);
  const { coalescePeriod, quiescentPeriod } = s.config;
  if (coalescePeriod === 0 || quiescentPeriod === 0) return announceMembers(s, event, [node], out);
  if (gather(s.state.coalescer, node, event)) out.setTimer(Timer.quantum, 0, coalescePeriod);
  out.setTimer(Timer.quiescence, 0, quiescentPeriod);
}

/** The time for gathering is over, or it has been quiet for long enough. */
export function announceGathered(s: Serf, out: Out<never>): void {
  out.cancelTimer(Timer.quantum, 0);
  out.cancelTimer(Timer.quiescence, 0);
  for (const { event, names } of flush(s.state.coalescer, s.quirks.coalescerKeepsLatest)) announceMembers(s, event, names, out);
}

function announceMembers(s: Serf, type: MemberEvent, names: readonly NameId[], out: Out<never>): void {
  const notice: MemberNotice = { type, members: names.map((name) => s.noticed(name)) };
  out.announce(notice);
}

export function userEvent(s: Serf, now: Instant, event: UserEvent, out: Out<never>): void {
  recordEvent(s, now, event.time, out);
  const { userCoalescePeriod, userQuiescentPeriod } = s.config;
  if (!event.coalesce || userCoalescePeriod === 0 || userQuiescentPeriod === 0) return announceEvent(event, out);
  if (gatherEvent(s.state.userCoalescer, event)) out.setTimer(Timer.userQuantum, 0, userCoalescePeriod);
  out.setTimer(Timer.userQuiescence, 0, userQuiescentPeriod);
}

/** The time for gathering user events is over, or none came for long enough. */
export function announceGatheredEvents(s: Serf, out: Out<never>): void {
  out.cancelTimer(Timer.userQuantum, 0);
  out.cancelTimer(Timer.userQuiescence, 0);
  for (const event of flushEvents(s.state.userCoalescer)) announceEvent(event, out);
}

function announceEvent({ time, name, payload, coalesce }: UserEvent, out: Out<never>): void {
  const notice: UserNotice = { type: 'user', time, name, payload, coalesce };
  out.announce(notice);
}
