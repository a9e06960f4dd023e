import type { Endpoint, NameId } from '../names.ts';
import type { Duration } from '../time.ts';
import type { LamportTime } from './lamport.ts';

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

/** Something that a user tells everybody. */
export interface UserEvent {
  readonly type: 'user event';
  readonly time: LamportTime;
  readonly name: string;
  readonly payload: string;
  /** Whether of several of this name that come together the latest is enough. */
  readonly coalesce: boolean;
}

/** Something that everybody is asked. Gossiped; the answers go straight to `source`. */
export interface Query {
  readonly type: 'query';
  readonly time: LamportTime;
  /** Drawn by the asker, to tell queries of equal time apart. */
  readonly id: number;
  readonly source: Endpoint;
  /** The length of its address on the wire. */
  readonly addressBytes: 4 | 16;
  readonly sourceNode: NameId;
  /** All must match whoever is to answer. */
  readonly filters: readonly Filter[];
  /** Whether whoever matches is to say so. */
  readonly ack: boolean;
  /** Whether it is not to be passed on. Nobody sets it, everybody heeds it. */
  readonly noBroadcast: boolean;
  /** Through how many others each answer goes too. */
  readonly relay: number;
  /** How long the asker listens. */
  readonly timeout: Duration;
  readonly name: string;
  readonly payload: Payload;
}

/** Whom a query is for. */
export type Filter =
  | { readonly type: 'nodes'; readonly nodes: readonly string[] }
  /** The expression must be found in the value of the tag. */
  | { readonly type: 'tag'; readonly tag: string; readonly expression: string };

/** What goes back to the asker: that the query was heard, or an answer. */
export interface QueryResponse {
  readonly type: 'query response';
  readonly time: LamportTime;
  readonly id: number;
  readonly from: NameId;
  readonly ack: boolean;
  /** Absent in an ack. */
  readonly payload?: Payload;
}

/** Please pass this on to the asker, in case it gets lost on the straight way. */
export interface Relay {
  readonly type: 'relay';
  readonly to: Endpoint;
  /** The length of its address on the wire. */
  readonly addressBytes: 4 | 16;
  readonly node: NameId;
  readonly message: QueryResponse;
}

/** What a query or an answer carries: text between users, and among the agents themselves something of their own. */
export type Payload = string | ConflictResponse | KeyRequest | KeyResponse;

/** Where a member is, in the eyes of the one who answers; absent when it knows no such member. */
export interface ConflictResponse {
  readonly type: 'conflict response';
  readonly address?: Endpoint;
  /** Bytes of the member's record. */
  readonly bytes: number;
}

/** A key in base 64; empty when the request needs none. */
export interface KeyRequest {
  readonly type: 'key request';
  readonly key: string;
}

export interface KeyResponse {
  readonly type: 'key response';
  readonly ok: boolean;
  /** Why not, or what else there is to say. */
  readonly text: string;
  readonly keys: readonly string[];
  readonly primary: string;
}

export type Intent = JoinIntent | LeaveIntent;

/** What is gossiped. */
export type Rumour = Intent | UserEvent | Query;

export type SerfMessage = Rumour | QueryResponse | Relay;

/** User events of one time, of which a node remembers those of the last 512 times. Never changed once made. */
export interface EventSlot {
  readonly time: LamportTime;
  readonly events: readonly RememberedEvent[];
}

export interface RememberedEvent {
  readonly name: string;
  readonly payload: string;
  readonly coalesce: boolean;
}

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
  /** In the order of their places in the buffer. */
  readonly events: readonly EventSlot[];
}

/** What the numbers in these messages stand for. */
export const SERF_MEANINGS: Readonly<Record<string, 'name' | 'endpoint'>> = {
  left: 'name',
  'query response.from': 'name',
  'relay.to': 'endpoint',
  'conflict response.address': 'endpoint',
};
