import { countSize, textSize, unsignedSize } from '../gossip/gossip.ts';
import type { Tags } from './tags.ts';

/*
 * What Serf's messages take on the wire, their own type byte included; memberlist adds one byte for a message of the application.
 */

/** @param node as msgpack string */
export const leaveSize = (time: number, node: number): number => 20 + unsignedSize(time) + node;

/** @param node as msgpack string */
export const joinSize = (time: number, node: number): number => 13 + unsignedSize(time) + node;

/** A member's tags: the byte that marks them, and a map. */
export function tagsSize(tags: Tags): number {
  return tags.reduce((sum, [key, value]) => sum + textSize(key) + textSize(value), 1 + countSize(tags.length));
}

/** Places in the buffer of user events, all of which a state names even when they are empty. */
const EVENT_SLOTS = 512;

/** The state of an agent that holds no user events. */
export interface StateSize {
  readonly memberTime: number;
  readonly eventTime: number;
  readonly queryTime: number;
  readonly members: readonly { readonly name: string; readonly time: number }[];
  readonly left: readonly string[];
}

export function stateSize({ memberTime, eventTime, queryTime, members, left }: StateSize): number {
  const clocks = unsignedSize(memberTime) + unsignedSize(eventTime) + unsignedSize(queryTime);
  const times = members.reduce((sum, { name, time }) => sum + textSize(name) + unsignedSize(time), countSize(members.length));
  const gone = left.reduce((sum, name) => sum + textSize(name), countSize(left.length));
  return 62 + clocks + times + gone + countSize(EVENT_SLOTS) + EVENT_SLOTS;
}

/** An ack's coordinate: its version byte and a map with eight dimensions. */
export const COORDINATE_SIZE = 130;
