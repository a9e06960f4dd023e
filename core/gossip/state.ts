import type { Endpoint, NameId } from '../names.ts';
import type { StreamId } from '../protocol.ts';
import type { Instant } from '../time.ts';
import { START } from '../time.ts';
import { type MembersState, newMembers } from './members.ts';
import type { Incarnation, Ping, SequenceNumber, Single } from './message.ts';
import { newQueue, type QueueState } from './queue.ts';
import type { Suspicion } from './suspicion.ts';

/** Everything that changes in one node. What every packet looks at comes first, so that it lies together in memory. */
export interface GossipState {
  readonly members: MembersState;
  readonly queue: QueueState<Single>;
  /** Whether the tick of gossip is set; without anything to say it is not. */
  gossiping: boolean;
  /** Whether the application may have something to say. */
  offered: boolean;
  /** Whether a queue was touched since it was last looked whom to tell. */
  touched: boolean;
  /** What packets are sealed with, the primary key first; undefined: they are not. */
  keys: string[] | undefined;
  /** Whether there ever was a member whose name is the text of an address. */
  namedAsAddress: boolean;
  /** How many members there are believed to be, the dead included until they are forgotten. */
  estimate: number;
  /** Where the grid of ticks begins. */
  origin: Instant;
  lastGossip: Instant;

  /** The probe under way. */
  probe: Probe | undefined;
  /** A tick came while a probe was running, and is served when it ends. */
  tickPending: boolean;
  /** The place in the probe order that is next. */
  probeIndex: number;
  /** The last sequence number and incarnation used; the first are 1. Volatile: a restarted node begins anew. */
  sequence: SequenceNumber;
  incarnation: Incarnation;
  /** Local health: 0 is good. */
  health: number;
  /** Set when leaving begins, never cleared. */
  leaving: boolean;
  /** Whose it is. */
  readonly self: NameId;

  readonly suspicions: Map<NameId, Suspicion>;
  /** Pings made for others, by their sequence number. */
  readonly helping: Map<SequenceNumber, Helping>;
  readonly conversations: Map<StreamId, Conversation>;
  /** Joins under way, by the id they were given. */
  readonly joins: Map<number, Join>;
  pushPull: 'off' | 'staggering' | 'waiting' | 'exchanging';
  /** Who is told when a broadcast is done with. */
  readonly waiting: Map<Waiter, Asked>;
  /** Pings that somebody asked for, by their sequence number. */
  readonly reaching: Map<SequenceNumber, Reaching>;
}

/** A request that is answered later. */
export interface Asked {
  readonly by: Asker;
  readonly id: number;
}

/** What waits until its broadcast is done with: the node's departure, or its new description. */
export type Waiter = 0 | 1;
export const LEAVE: Waiter = 0;
export const UPDATE: Waiter = 1;

/** The probe under way. */
export interface Probe {
  readonly node: NameId;
  /** As known when the probe began: what an accusation will carry. */
  readonly incarnation: Incarnation;
  readonly sequence: SequenceNumber;
  readonly startedAt: Instant;
  readonly deadline: Instant;
  /** The direct ping could not even be sent: success earns no credit then. */
  readonly unsent: boolean;
  indirect: boolean;
  expectedNacks: number;
  nacks: number;
  /** The ping over TCP. */
  fallback: StreamId | undefined;
  fallbackAnswered: boolean;
}

/** A ping made for another member. */
export interface Helping {
  readonly requester: Endpoint;
  readonly sequence: SequenceNumber;
  /** The requester wants to hear of a failure and did not yet. */
  nack: boolean;
}

/** A ping that was asked for. */
export interface Reaching {
  readonly command: number;
  readonly node: NameId;
  readonly startedAt: Instant;
}

/** What a stream is used for. */
export type Conversation =
  | { readonly role: 'join'; readonly join: number; readonly to: Endpoint }
  | { readonly role: 'push-pull'; readonly node: NameId; readonly to: Endpoint }
  | { readonly role: 'ping'; readonly ping: Ping; readonly bytes: number }
  | { readonly role: 'server'; readonly from: Endpoint };

export interface Join {
  /** Who asked, and is told how it ended. */
  readonly by: Asker;
  /** Still to be contacted. */
  readonly addresses: Endpoint[];
  contacted: number;
  readonly problems: JoinProblem[];
}

/** Who asked for a join or a departure: a command from outside, or the application on top. */
export type Asker = 'command' | 'delegate';

/** Why an address could not be joined, as the system words it. */
export interface JoinProblem {
  readonly address: Endpoint;
  readonly problem: string;
}

export function newState(self: NameId, keys: readonly string[]): GossipState {
  return {
    members: newMembers(),
    queue: newQueue(),
    gossiping: false,
    offered: true,
    touched: true,
    keys: keys.length === 0 ? undefined : [...keys],
    namedAsAddress: false,
    estimate: 0,
    origin: START,
    lastGossip: START,
    probe: undefined,
    tickPending: false,
    probeIndex: 0,
    sequence: 0 as SequenceNumber,
    incarnation: 0 as Incarnation,
    health: 0,
    leaving: false,
    self,
    suspicions: new Map(),
    helping: new Map(),
    conversations: new Map(),
    joins: new Map(),
    pushPull: 'off',
    waiting: new Map(),
    reaching: new Map(),
  };
}

export const newJoin = (by: Asker, addresses: readonly Endpoint[]): Join => ({
  by,
  addresses: [...addresses],
  contacted: 0,
  problems: [],
});
