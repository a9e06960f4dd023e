import { at, type Column, put } from '../gossip/gossip.ts';
import type { NameId } from '../names.ts';

/** What can happen to a member. */
export type MemberEvent = 'member-join' | 'member-leave' | 'member-failed' | 'member-update' | 'member-reap';

const EVENTS: readonly MemberEvent[] = ['member-join', 'member-leave', 'member-failed', 'member-update', 'member-reap'];

/** Events about members that are gathered before they are handed on, so that a member that flaps or a cluster that forms is told once. */
export interface CoalescerState {
  /** The latest event about each member since the last were handed on. */
  readonly latest: Map<NameId, MemberEvent>;
  /** What was last handed on about each member: 1 + the place in the list of events. */
  told: Column;
  /** Whether anything came since. */
  open: boolean;
}

export const newCoalescer = (): CoalescerState => ({ latest: new Map(), told: new Uint8Array(0), open: false });

/** @returns whether this is the first since the last were handed on */
export function gather(coalescer: CoalescerState, name: NameId, event: MemberEvent): boolean {
  coalescer.latest.set(name, event);
  const isFirst = !coalescer.open;
  coalescer.open = true;
  return isFirst;
}

/** One event about several members. */
export interface Gathered {
  readonly event: MemberEvent;
  readonly names: readonly NameId[];
}

/**
 * What is to be handed on: for each member its latest event, unless that was handed on last too. An update always is.
 *
 * @param keepsLatest the original forgets no latest event, so that an update of a member is told again with whatever comes next
 */
export function flush(coalescer: CoalescerState, keepsLatest: boolean): Gathered[] {
  const byEvent = new Map<MemberEvent, NameId[]>();
  for (const [name, event] of coalescer.latest) {
    const number = EVENTS.indexOf(event) + 1;
    if (event !== 'member-update' && at(coalescer.told, name) === number) continue;
    coalescer.told = put(coalescer.told, name, number);
    const names = byEvent.get(event);
    if (names === undefined) byEvent.set(event, [name]);
    else names.push(name);
  }
  for (const [name, event] of coalescer.latest) {
    // Of the others the original keeps what is not told again.
    if (!keepsLatest || event !== 'member-update') coalescer.latest.delete(name);
  }
  coalescer.open = false;
  return Array.from(byEvent, ([event, names]) => ({ event, names }));
}
