import type { Names } from '../names.ts';
import type { Descriptions } from './description.ts';
import type { Ack, Compound, Ping, PushPull, RemoteError, Single, User } from './message.ts';
import { MOST_PARTS } from './size.ts';

/*
 * What the network brings may be anything. A message that passes here has all its fields, and its names, endpoints and
 * descriptions are in the tables.
 */

type Fields = Record<string, unknown>;

export function isDatagram(message: unknown, names: Names, descriptions: Descriptions): message is Single | Compound {
  if (!isObject(message)) return false;
  if (message.type !== 'compound') return isSingle(message, names, descriptions);
  if (!Array.isArray(message.parts) || message.parts.length > MOST_PARTS) return false;
  // By place and not with `every`, which passes over places where nothing is.
  for (let i = 0; i < message.parts.length; i++) {
    const part: unknown = message.parts[i];
    if (!isObject(part) || !isSingle(part, names, descriptions)) return false;
  }
  return true;
}

export function isStreamed(
  message: unknown,
  names: Names,
  descriptions: Descriptions,
): message is Ping | Ack | User | PushPull | RemoteError {
  if (!isObject(message)) return false;
  const { type } = message;
  if (type === 'ping' || type === 'ack' || type === 'user') return isSingle(message, names, descriptions);
  if (type === 'err') return typeof message.text === 'string';
  return type === 'push-pull' && typeof message.join === 'boolean' && isNodeStates(message.nodes, names, descriptions);
}

const isObject = (value: unknown): value is Fields => typeof value === 'object' && value !== null;

/** An unsigned integer of 32 bits. */
const isWord = (value: unknown): value is number => typeof value === 'number' && value >>> 0 === value;

const isName = (value: unknown, names: Names): boolean => isWord(value) && value < names.state.texts.length;

const isEndpoint = (value: unknown, names: Names): boolean => isWord(value) && value < names.state.ports.length;

function isSingle(m: Fields, names: Names, descriptions: Descriptions): boolean {
  switch (m.type) {
    case 'ping':
      return isWord(m.sequence) && isName(m.node, names) && isEndpoint(m.source, names) && isName(m.sourceNode, names);
    case 'indirect-ping':
      return isIndirectPing(m, names);
    case 'ack':
    case 'nack':
      return isWord(m.sequence);
    case 'suspect':
    case 'dead':
      return isWord(m.incarnation) && isName(m.node, names) && isName(m.from, names);
    case 'alive':
      return isWord(m.incarnation) && isName(m.node, names) && isDescription(m.description, descriptions);
    case 'user':
      return true;
    default:
      return false;
  }
}

const isIndirectPing = (m: Fields, names: Names): boolean =>
  isWord(m.sequence) &&
  isEndpoint(m.target, names) &&
  isName(m.node, names) &&
  typeof m.nack === 'boolean' &&
  isEndpoint(m.source, names) &&
  isName(m.sourceNode, names);

const isDescription = (value: unknown, descriptions: Descriptions): boolean => isWord(value) && descriptions.has(value);

function isNodeStates(value: unknown, names: Names, descriptions: Descriptions): boolean {
  if (!isObject(value)) return false;
  const { names: ids, states, incarnations, descriptions: described } = value;
  if (!(ids instanceof Uint32Array && states instanceof Uint8Array)) return false;
  if (!(incarnations instanceof Uint32Array && described instanceof Uint32Array)) return false;
  const { length } = ids;
  if (states.length !== length || incarnations.length !== length || described.length !== length) return false;
  const { length: named } = names.state.texts;
  for (let i = 0; i < length; i++) {
    if ((ids[i] as number) >= named || (states[i] as number) > 3 || !descriptions.has(described[i] as number)) return false;
  }
  return true;
}
