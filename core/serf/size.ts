import { countSize, type Dialect, NIL_SIZE, rawSize, signedSize, textBytes, textSize, unsignedSize } from '../gossip/gossip.ts';
import type { EventSlot, Filter, Payload, Query, QueryResponse, UserEvent } from './message.ts';
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

export const userEventSize = ({ time, name, payload }: Pick<UserEvent, 'time' | 'name' | 'payload'>): number =>
  25 + unsignedSize(time) + textSize(name) + textSize(payload);

/** @param port of the source · @param source its name, as msgpack string */
export function querySize(query: Query, port: number, source: number, dialect: Dialect): number {
  const { time, id, addressBytes, filters, ack, noBroadcast, relay, timeout, name, payload } = query;
  const flags = (ack ? 1 : 0) + (noBroadcast ? 2 : 0);
  const from = rawSize(addressBytes) + unsignedSize(port) + source;
  const asked =
    filters.length === 0 ? NIL_SIZE : filters.reduce((sum, one) => sum + rawSize(filterSize(one)), countSize(filters.length));
  const numbers =
    unsignedSize(time) + unsignedSize(id) + unsignedSize(flags) + unsignedSize(relay) + signedSize(timeout, dialect);
  return 79 + numbers + from + asked + textSize(name) + rawSize(payloadSize(payload));
}

/** With the byte that says which kind it is. */
function filterSize(filter: Filter): number {
  if (filter.type === 'tag') return 11 + textSize(filter.tag) + textSize(filter.expression);
  return filter.nodes.reduce((sum, name) => sum + textSize(name), 1 + countSize(filter.nodes.length));
}

/** @param from as msgpack string */
export function responseSize({ time, id, ack, payload }: QueryResponse, from: number): number {
  const carried = payload === undefined ? NIL_SIZE : rawSize(payloadSize(payload));
  return 30 + unsignedSize(time) + unsignedSize(id) + from + unsignedSize(ack ? 1 : 0) + carried;
}

/** @param node the name of the one it is for, as msgpack string · @param inner bytes of what is passed on */
export const relaySize = (addressBytes: number, port: number, node: number, inner: number, dialect: Dialect): number =>
  35 + rawSize(addressBytes) + signedSize(port, dialect) + node + inner;

/** Bytes of what a query or an answer carries. */
function payloadSize(payload: Payload): number {
  if (typeof payload === 'string') return textBytes(payload);
  switch (payload.type) {
    case 'conflict response':
      return payload.bytes;
    case 'key request':
      return 6 + rawSize(base64Bytes(payload.key));
    case 'key response':
      return 34 + textSize(payload.text) + keysSize(payload.keys) + textSize(payload.primary);
  }
}

const keysSize = (keys: readonly string[]): number =>
  keys.length === 0 ? NIL_SIZE : keys.reduce((sum, key) => sum + textSize(key), countSize(keys.length));

/** Bytes that a text in base 64 stands for. */
const base64Bytes = (text: string): number => Math.floor((text.replace(/=+$/, '').length * 3) / 4);

/** The record of a member. @param name as msgpack string */
export const memberRecordSize = (name: number, addressBytes: number, port: number, tags: Tags): number =>
  108 + name + rawSize(addressBytes) + unsignedSize(port) + tagsSize(tags) - 1;

/** What stands for a member that is unknown. */
export const NO_MEMBER_SIZE = 2;

/** The state of an agent. The sums are of its names as msgpack strings and the times that go with them. */
export interface StateSize {
  readonly memberTime: number;
  readonly eventTime: number;
  readonly queryTime: number;
  readonly members: number;
  readonly membersBytes: number;
  readonly left: number;
  readonly leftBytes: number;
  readonly events: readonly EventSlot[];
  /** Places in the buffer of user events, all of which a state names even when they are empty. */
  readonly slots: number;
  /** Whether it says of each event what its sender said of coalescing. The original does not. */
  readonly flags: boolean;
}

export function stateSize(s: StateSize): number {
  const clocks = unsignedSize(s.memberTime) + unsignedSize(s.eventTime) + unsignedSize(s.queryTime);
  const members = countSize(s.members) + s.membersBytes;
  const left = countSize(s.left) + s.leftBytes;
  const flag = s.flags ? 'CC'.length + 2 : 0;
  let slots = s.slots - s.events.length;
  for (const { time, events } of s.events) {
    slots += 14 + unsignedSize(time) + countSize(events.length);
    for (const { name, payload } of events) slots += 14 + flag + textSize(name) + textSize(payload);
  }
  return 62 + clocks + members + left + countSize(s.slots) + slots;
}

/** An ack's coordinate: its version byte and a map with eight dimensions. */
export const COORDINATE_SIZE = 130;
