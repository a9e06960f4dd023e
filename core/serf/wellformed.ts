import type { Names } from '../names.ts';
import { LAST_INSTANT } from '../time.ts';
import { isLamportTime } from './lamport.ts';
import type { SerfMessage, SerfState } from './message.ts';

/*
 * What the network brings may be anything. A message that passes here has all its fields, and its names and endpoints are in the
 * tables.
 */

type Fields = Record<string, unknown>;

const isObject = (value: unknown): value is Fields => typeof value === 'object' && value !== null;

/** An unsigned integer of 32 bits. */
const isWord = (value: unknown): value is number => typeof value === 'number' && value >>> 0 === value;

const isName = (value: unknown, names: Names): boolean => isWord(value) && value < names.state.texts.length;

const isEndpoint = (value: unknown, names: Names): boolean => isWord(value) && value < names.state.ports.length;

const isText = (value: unknown): value is string => typeof value === 'string';

const isFlag = (value: unknown): value is boolean => typeof value === 'boolean';

const isAddressLength = (value: unknown): boolean => value === 4 || value === 16;

/** By place and not with `every`, which passes over places where nothing is. */
function isList(value: unknown, isItem: (item: unknown) => boolean): boolean {
  if (!Array.isArray(value)) return false;
  for (let i = 0; i < value.length; i++) if (!isItem(value[i])) return false;
  return true;
}

/** Whether something from the network is a message with all its fields. */
export function isSerfMessage(value: unknown, names: Names): value is SerfMessage {
  if (!isObject(value)) return false;
  if (value.type === 'relay') return isRelay(value, names);
  if (!isLamportTime(value.time)) return false;
  switch (value.type) {
    case 'join':
      return isName(value.node, names);
    case 'leave':
      return isName(value.node, names) && isFlag(value.prune);
    case 'user event':
      return isText(value.name) && isText(value.payload) && isFlag(value.coalesce);
    case 'query':
      return isQuery(value, names);
    case 'query response':
      return isResponse(value, names);
    default:
      return false;
  }
}

function isQuery(q: Fields, names: Names): boolean {
  if (!isEndpoint(q.source, names) || !isAddressLength(q.addressBytes) || !isName(q.sourceNode, names)) return false;
  if (!isWord(q.id) || !isFlag(q.ack) || !isFlag(q.noBroadcast) || !isWord(q.relay) || q.relay > 255) return false;
  if (typeof q.timeout !== 'number' || !Number.isInteger(q.timeout) || q.timeout < 0 || q.timeout > LAST_INSTANT) return false;
  return isText(q.name) && isPayload(q.payload, names) && isList(q.filters, isFilter);
}

function isFilter(value: unknown): boolean {
  if (!isObject(value)) return false;
  return value.type === 'nodes'
    ? isList(value.nodes, isText)
    : value.type === 'tag' && isText(value.tag) && isText(value.expression);
}

function isResponse(r: Fields, names: Names): boolean {
  return isWord(r.id) && isName(r.from, names) && isFlag(r.ack) && (r.payload === undefined || isPayload(r.payload, names));
}

function isRelay({ to, addressBytes, node, message }: Fields, names: Names): boolean {
  if (!isEndpoint(to, names) || !isAddressLength(addressBytes) || !isName(node, names)) return false;
  return isObject(message) && message.type === 'query response' && isSerfMessage(message, names);
}

function isPayload(value: unknown, names: Names): boolean {
  if (isText(value)) return true;
  if (!isObject(value)) return false;
  switch (value.type) {
    case 'conflict response':
      return isWord(value.bytes) && (value.address === undefined || isEndpoint(value.address, names));
    case 'key request':
      return isText(value.key);
    case 'key response':
      return isFlag(value.ok) && isText(value.text) && isList(value.keys, isText) && isText(value.primary);
    default:
      return false;
  }
}

export function isSerfState(value: unknown, names: Names): value is SerfState {
  if (!isObject(value)) return false;
  const { memberTime, eventTime, queryTime, names: ids, times, left, events } = value;
  if (!isLamportTime(memberTime) || !isLamportTime(eventTime) || !isLamportTime(queryTime)) return false;
  if (!(ids instanceof Uint32Array && times instanceof Float64Array && left instanceof Uint32Array)) return false;
  if (ids.length !== times.length || !times.every(isLamportTime)) return false;
  return ids.every((id) => isName(id, names)) && left.every((id) => isName(id, names)) && isList(events, isSlot);
}

const isSlot = (value: unknown): boolean => isObject(value) && isLamportTime(value.time) && isList(value.events, isRemembered);

const isRemembered = (value: unknown): boolean =>
  isObject(value) && isText(value.name) && isText(value.payload) && isFlag(value.coalesce);
