import type { InfoReply } from '../../../core/serf/interface.ts';

/** What `serf info` and `consul info` tell of Serf, in alphabetical order. */
export function serfFigures(figures: InfoReply): Readonly<Record<string, string>> {
  const told = {
    encrypted: figures.encrypted,
    event_queue: figures.eventQueue,
    event_time: figures.eventTime,
    failed: figures.failed,
    health_score: figures.health,
    intent_queue: figures.intentQueue,
    left: figures.left,
    member_time: figures.memberTime,
    members: figures.members,
    query_queue: figures.queryQueue,
    query_time: figures.queryTime,
  };
  return Object.fromEntries(Object.entries(told).map(([key, value]) => [key, String(value)]));
}
