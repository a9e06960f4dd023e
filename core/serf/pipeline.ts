import type { NameId } from '../names.ts';
import type { Out } from '../protocol.ts';
import { flush, gather, type MemberEvent } from './coalesce.ts';
import type { MemberNotice } from './events.ts';
import type { Serf } from './serf.ts';
import { Timer } from './tables.ts';

/** Announces an event, or gathers it with those that follow soon. */
export function memberEvent(s: Serf, node: NameId, event: MemberEvent, out: Out<never>): void {
  const { coalescePeriod, quiescentPeriod } = s.config;
  if (coalescePeriod === 0) return announce(s, event, [node], out);
  if (gather(s.state.coalescer, node, event)) out.setTimer(Timer.quantum, 0, coalescePeriod);
  out.setTimer(Timer.quiescence, 0, quiescentPeriod);
}

/** The time for gathering is over, or it has been quiet for long enough. */
export function announceGathered(s: Serf, out: Out<never>): void {
  out.cancelTimer(Timer.quantum, 0);
  out.cancelTimer(Timer.quiescence, 0);
  for (const { event, names } of flush(s.state.coalescer, s.quirks.coalescerKeepsLatest)) announce(s, event, names, out);
}

function announce(s: Serf, type: MemberEvent, names: readonly NameId[], out: Out<never>): void {
  const notice: MemberNotice = { type, members: names.map((name) => s.noticed(name)) };
  out.announce(notice);
}
