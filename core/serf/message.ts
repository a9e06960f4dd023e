import type { NameId, Names } from '../names.ts';
import { isLamportTime, type LamportTime } from './lamport.ts';

/** A member joins, or says that it is still there. */
export interface JoinIntent {
  readonly type: 'join';
  readonly time: LamportTime;
  readonly node: NameId;
}

/** A member is going, by its own word or by an operator's. */
export interface LeaveIntent {
  readonly type: 'leave';
  readonly time: LamportTime;
  readonly node: NameId;
  /** Whether it is to be erased altogether. */
  readonly prune: boolean;
}

export type SerfMessage = JoinIntent | LeaveIntent;

/** What one agent tells another of the whole, beside memberlist's records. */
export interface SerfState {
  readonly memberTime: LamportTime;
  readonly eventTime: LamportTime;
  readonly queryTime: LamportTime;
  /** NameIds of all members, and when each one's status was last claimed. */
  readonly names: Uint32Array;
  readonly times: Float64Array;
  /** NameIds of those that left. */
  readonly left: Uint32Array;
}

/** What the numbers in these messages stand for. */
export const SERF_MEANINGS: Readonly<Record<string, 'name'>> = { left: 'name' };

type Fields = Record<string, unknown>;

const isName = (value: unknown, names: Names): value is NameId =>
  typeof value === 'number' && Number.isInteger(value) && value >= 0 && value < names.state.texts.length;

const isObject = (value: unknown): value is Fields => typeof value === 'object' && value !== null;

/** Whether something from the network is a message with all its fields. */
export function isSerfMessage(value: unknown, names: Names): value is SerfMessage {
  if (!isObject(value) || !isLamportTime(value.time) || !isName(value.node, names)) return false;
  return value.type === 'join' || (value.type === 'leave' && typeof value.prune === 'boolean');
}

export function isSerfState(value: unknown, names: Names): value is SerfState {
  if (!isObject(value)) return false;
  const { memberTime, eventTime, queryTime, names: ids, times, left } = value;
  if (!isLamportTime(memberTime) || !isLamportTime(eventTime) || !isLamportTime(queryTime)) return false;
  if (!(ids instanceof Uint32Array && times instanceof Float64Array && left instanceof Uint32Array)) return false;
  if (ids.length !== times.length || !times.every(isLamportTime)) return false;
  return ids.every((id) => isName(id, names)) && left.every((id) => isName(id, names));
}
