import { enqueue, fetch, prune, type QueueState, type Single, textSize, type User } from '../gossip/gossip.ts';
import type { Out } from '../protocol.ts';
import type { Instant } from '../time.ts';
import type { Intent, Query, Rumour, UserEvent } from './message.ts';
import type { Serf } from './serf.ts';
import { joinSize, leaveSize, querySize, userEventSize } from './size.ts';
import { Timer } from './tables.ts';

/*
 * Serf's own rumours wait in three queues. What room memberlist leaves in a packet is filled from them in the order intents, queries,
 * user events.
 */

/** At this many queued broadcasts somebody should know. */
const WARN_DEPTH = 128;

export interface QueuesState {
  readonly intents: QueueState<User>;
  readonly queries: QueueState<User>;
  readonly events: QueueState<User>;
}

/** @param waiter who is told when it has gone out */
export function spreadIntent(s: Serf, now: Instant, intent: Intent, out: Out<never>, waiter?: number): void {
  const node = textSize(s.names.text(intent.node));
  const bytes = intent.type === 'leave' ? leaveSize(intent.time, node) : joinSize(intent.time, node);
  spread(s, now, s.state.queues.intents, intent, bytes, waiter, out);
}

export function spreadEvent(s: Serf, now: Instant, event: UserEvent, out: Out<never>): void {
  spread(s, now, s.state.queues.events, event, userEventSize(event), undefined, out);
}

export function spreadQuery(s: Serf, now: Instant, query: Query, out: Out<never>): void {
  spread(s, now, s.state.queues.queries, query, bytesOf(s, query), undefined, out);
}

/** The bytes of a query's message. */
export const bytesOf = (s: Serf, query: Query): number =>
  querySize(query, s.names.port(query.source), textSize(s.names.text(query.sourceNode)), s.gossip.dialect);

/** Queues a rumour for gossip. Frozen, because from now on the queue and packets in flight share it. */
function spread(
  s: Serf,
  now: Instant,
  queue: QueueState<User>,
  rumour: Rumour,
  bytes: number,
  waiter: number | undefined,
  out: Out<never>,
): void {
  const message = Object.freeze({ type: 'user' as const, message: Object.freeze(rumour) });
  enqueue(queue, { message, bytes, waiter });
  s.gossip.wake(now, out.of(s.parts.gossip));
}

export const isAnythingQueued = ({ intents, queries, events }: QueuesState): boolean =>
  intents.count > 0 || queries.count > 0 || events.count > 0;

/** Fills a packet. @returns the bytes used */
export function fetchRumours(s: Serf, overhead: number, budget: number, into: Single[]): number {
  const { queues, members } = s.state;
  const { rules, config, quirks } = s.gossip;
  const limit = rules.transmitLimit(config.retransmitMult, members.count);
  const { queueIdReset: ranksRestart } = quirks;
  let used = 0;
  if (queues.intents.count > 0) used = fetch(queues.intents, { limit, overhead, budget, ranksRestart }, into);
  if (queues.queries.count > 0 && budget - used > overhead) {
    used += fetch(queues.queries, { limit, overhead, budget: budget - used, ranksRestart }, into);
  }
  if (queues.events.count > 0 && budget - used > overhead) {
    used += fetch(queues.events, { limit, overhead, budget: budget - used, ranksRestart }, into);
  }
  return used;
}

/** Looks whether more waits than should, and drops what is too much. */
export function checkQueues(s: Serf, out: Out<never>): void {
  const { queues } = s.state;
  out.setTimer(Timer.queueCheck, 0, s.config.queueCheckInterval);
  check(s, 'Intent', queues.intents, out);
  check(s, 'Event', queues.events, out);
  check(s, 'Query', queues.queries, out);
}

function check(s: Serf, name: string, queue: QueueState<User>, out: Out<never>): void {
  const { minQueueDepth, maxQueueDepth } = s.config;
  const depth = queue.count;
  if (depth >= WARN_DEPTH) out.log(`[WARN] serf: ${name} queue depth: ${depth}`);
  const most = minQueueDepth > 0 ? Math.max(minQueueDepth, 2 * s.state.members.count) : maxQueueDepth;
  if (depth <= most) return;
  out.log(`[WARN] serf: ${name} queue depth (${depth}) exceeds limit (${most}), dropping messages!`);
  prune(queue, most);
  s.gossip.state.touched = true;
}
