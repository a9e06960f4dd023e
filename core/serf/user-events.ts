import { textBytes } from '../gossip/gossip.ts';
import type { Out } from '../protocol.ts';
import type { Instant } from '../time.ts';
import { MOST_EVENT_BYTES } from './config.ts';
import type { EventCommand } from './interface.ts';
import { next } from './lamport.ts';
import type { EventSlot, UserEvent } from './message.ts';
import { userEvent } from './pipeline.ts';
import { spreadEvent } from './queues.ts';
import type { Serf } from './serf.ts';
import { userEventSize } from './size.ts';
import { slotOf } from './window.ts';

/** Tells everybody something, this node first. */
export function sendEvent(s: Serf, now: Instant, id: number, { name, payload, coalesce }: EventCommand, out: Out<never>): void {
  const { state } = s;
  const event: UserEvent = { type: 'user event', time: state.eventTime, name, payload, coalesce };
  const error = eventProblem(s, event);
  if (error !== undefined) return out.reply(id, { error });
  state.eventTime = next(state.eventTime);
  applyEvent(s, now, event, out);
  spreadEvent(s, now, event, out);
  out.reply(id, {});
}

/** What Serf says of an event that is too long. */
function eventProblem({ config: { userEventSizeLimit } }: Serf, event: UserEvent): string | undefined {
  const said = textBytes(event.name) + textBytes(event.payload);
  if (said > userEventSizeLimit) return `user event exceeds configured limit of ${userEventSizeLimit} bytes before encoding`;
  if (said > MOST_EVENT_BYTES) return `user event exceeds sane limit of ${MOST_EVENT_BYTES} bytes before encoding`;
  const encoded = userEventSize(event);
  if (encoded > userEventSizeLimit)
    return `encoded user event exceeds configured limit of ${userEventSizeLimit} bytes after encoding`;
  if (encoded > MOST_EVENT_BYTES) return `encoded user event exceeds sane limit of ${MOST_EVENT_BYTES} bytes before encoding`;
  return undefined;
}

/**
 * Takes in a user event: one that is new is remembered and announced. Two that agree in time, name and payload are one, also
 * when different members sent them.
 *
 * @returns whether it is new and to be passed on
 */
export function applyEvent(s: Serf, now: Instant, event: UserEvent, out: Out<never>): boolean {
  const { state, rules } = s;
  const { time, name, payload, coalesce } = event;
  state.eventTime = rules.witness(state.eventTime, time);
  if (!rules.isExpected(time, state.eventMinTime)) return false;
  if (rules.isTooOld(time, state.eventTime, s.config.eventBuffer)) {
    out.log(`[WARN] serf: received old event ${name} from time ${time} (current: ${state.eventTime})`);
    return false;
  }
  const slot = slotOf(time, s.config.eventBuffer);
  const seen = state.events.get(slot);
  const known = seen?.time === time ? seen.events : [];
  if (known.some((other) => other.name === name && other.payload === payload)) return false;
  state.events.set(slot, Object.freeze({ time, events: Object.freeze([...known, Object.freeze({ name, payload, coalesce })]) }));
  userEvent(s, now, event, out);
  return true;
}

/** All that is remembered, in the order of the places in the buffer, as a peer is told it. */
export function rememberedEvents(s: Serf): readonly EventSlot[] {
  const { events } = s.state;
  if (events.size === 0) return NOTHING;
  return [...events].sort(([a], [b]) => a - b).map(([, slot]) => slot);
}

const NOTHING: readonly EventSlot[] = Object.freeze([]);

/** Takes in what a peer remembers. */
export function mergeEvents(s: Serf, now: Instant, slots: readonly EventSlot[], out: Out<never>): void {
  for (const { time, events } of slots) {
    for (const { name, payload, coalesce } of events) {
      const kept = coalesce && !s.quirks.mergeDropsCoalesceFlag;
      applyEvent(s, now, { type: 'user event', time, name, payload, coalesce: kept }, out);
    }
  }
}
