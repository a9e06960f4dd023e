import type { Brand } from '../brand.ts';
import type { Endpoint, NameId } from '../names.ts';
import type { DescriptionId } from './description.ts';

/** Raised only by its owner, to refute an accusation (SWIM §4.2). */
export type Incarnation = Brand<number, 'Incarnation'>;

/** Ties an ack or a nack to the ping that asked for it; counted by the asker. */
export type SequenceNumber = Brand<number, 'SequenceNumber'>;

/** Are you there? Answered to `source`, whatever address the packet came from. */
export interface Ping {
  readonly type: 'ping';
  readonly sequence: SequenceNumber;
  /** Who is meant; somebody else at that address stays silent. */
  readonly node: NameId;
  readonly source: Endpoint;
  readonly sourceNode: NameId;
}

/** Please ping `node` for me. */
export interface IndirectPing {
  readonly type: 'indirect-ping';
  readonly sequence: SequenceNumber;
  readonly target: Endpoint;
  readonly node: NameId;
  /** Whether the helper is to say so when it gets no answer either. */
  readonly nack: boolean;
  readonly source: Endpoint;
  readonly sourceNode: NameId;
}

export interface Ack {
  readonly type: 'ack';
  readonly sequence: SequenceNumber;
  /** What the application adds to its answers; absent in an ack that was relayed or came over a stream. */
  readonly payload?: unknown;
}

export interface Nack {
  readonly type: 'nack';
  readonly sequence: SequenceNumber;
}

/** Somebody got no answer from `node`. */
export interface Suspect {
  readonly type: 'suspect';
  readonly incarnation: Incarnation;
  readonly node: NameId;
  readonly from: NameId;
}

export interface Alive {
  readonly type: 'alive';
  readonly incarnation: Incarnation;
  readonly node: NameId;
  readonly description: DescriptionId;
}

/** A suspicion ran out; when `from` is the node itself, it has left. */
export interface Dead {
  readonly type: 'dead';
  readonly incarnation: Incarnation;
  readonly node: NameId;
  readonly from: NameId;
}

/** The application's own message: opaque here. */
export interface User {
  readonly type: 'user';
  readonly message: unknown;
}

/** What is passed on from member to member. */
export type Rumour = Suspect | Alive | Dead;

/** One message of a datagram. */
export type Single = Ping | IndirectPing | Ack | Nack | Rumour | User;

/** Several messages in one datagram. */
export interface Compound {
  readonly type: 'compound';
  readonly parts: readonly Single[];
}

/** All that one member knows about the membership, sent over a stream; packed, because a large cluster exchanges millions of records. */
export interface PushPull {
  readonly type: 'push-pull';
  /** Whether the sender is joining. */
  readonly join: boolean;
  readonly nodes: NodeStates;
  /** The application's own state. */
  readonly user: unknown;
}

/** Records side by side: entry i of each array belongs to one member. */
export interface NodeStates {
  /** NameIds. */
  readonly names: Uint32Array;
  /** Wire numbers: alive 0, suspect 1, dead 2, left 3. */
  readonly states: Uint8Array;
  readonly incarnations: Uint32Array;
  /** DescriptionIds. */
  readonly descriptions: Uint32Array;
}

/** Why a request over a stream could not be read. */
export interface RemoteError {
  readonly type: 'err';
  readonly text: string;
}

/** What an envelope may hold. */
export type Plain = Single | Compound | PushPull | RemoteError;

/** Something encrypted: nobody without this key looks inside. */
export interface Sealed {
  readonly type: 'sealed';
  /** In base64, as people write it. */
  readonly key: string;
  /** What was authenticated with it. */
  readonly label: string;
  readonly message: Plain;
}

/** Something for those of one label only. */
export interface Labelled {
  readonly type: 'labelled';
  readonly label: string;
  readonly message: Plain | Sealed;
}

export type GossipMessage = Plain | Sealed | Labelled;

/** What the numbers in these messages stand for, by field, or by type and field where other messages mean something else by it. */
export const GOSSIP_MEANINGS: Readonly<Record<string, 'name' | 'endpoint'>> = {
  node: 'name',
  sourceNode: 'name',
  source: 'endpoint',
  target: 'endpoint',
  'suspect.from': 'name',
  'dead.from': 'name',
  description: 'name',
  names: 'name',
  descriptions: 'name',
};
