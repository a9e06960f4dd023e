import type { LamportTime } from './lamport.ts';
import type { UserEvent } from './message.ts';

/** User events that are gathered before they are handed on: of each name the latest, and all of them if several are as late. */
export interface UserCoalescerState {
  readonly latest: Map<string, Latest>;
}

interface Latest {
  readonly time: LamportTime;
  readonly payloads: readonly string[];
}

export const newUserCoalescer = (): UserCoalescerState => ({ latest: new Map() });

/** @returns whether this is the first since the last were handed on */
export function gatherEvent({ latest }: UserCoalescerState, { name, time, payload }: UserEvent): boolean {
  const isFirst = latest.size === 0;
  const held = latest.get(name);
  if (held === undefined || held.time < time) latest.set(name, { time, payloads: [payload] });
  else if (held.time === time) latest.set(name, { time, payloads: [...held.payloads, payload] });
  return isFirst;
}

/** What is to be handed on: name by name in the order in which the names were first heard of. */
export function flushEvents({ latest }: UserCoalescerState): UserEvent[] {
  const events: UserEvent[] = [];
  for (const [name, { time, payloads }] of latest) {
    for (const payload of payloads) events.push({ type: 'user event', time, name, payload, coalesce: true });
  }
  latest.clear();
  return events;
}
