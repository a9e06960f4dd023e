import { newQueue } from '../gossip/gossip.ts';
import type { Endpoint, NameId } from '../names.ts';
import type { Instant } from '../time.ts';
import type { Asked, HeardQueries } from './answering.ts';
import type { OpenQuery } from './asking.ts';
import { type CoalescerState, newCoalescer } from './coalesce.ts';
import { newUserCoalescer, type UserCoalescerState } from './coalesce-events.ts';
import { type CoordinateState, newCoordinates } from './coordinate.ts';
import type { PendingKeys, WaitingKeys } from './keys.ts';
import type { LamportTime } from './lamport.ts';
import { type MembersState, newMembers } from './members.ts';
import type { EventSlot } from './message.ts';
import type { Postponed } from './postponed.ts';
import type { QueuesState } from './queues.ts';
import type { SnapshotState } from './snapshot.ts';
import type { Tags } from './tags.ts';

/** Everything that changes in Serf on one node. */
export interface SerfNodeState {
  /** Whose it is. */
  readonly self: NameId;
  life: 'alive' | 'leaving' | 'left' | 'shutdown';
  tags: Tags;
  /** Commands that wait until the new tags have gone out. */
  readonly retagging: number[];
  /** Lamport clocks, one for each class of messages; the next time that will be used. */
  memberTime: LamportTime;
  eventTime: LamportTime;
  queryTime: LamportTime;
  readonly members: MembersState;
  /** The latest intent about each name that is no member yet. */
  readonly intents: Map<NameId, Intent>;
  readonly queues: QueuesState;

  /** User events that were heard, by their place in the buffer, and the least time of those that count. */
  readonly events: Map<number, EventSlot>;
  eventMinTime: LamportTime;
  /** The same of queries. */
  readonly heard: Map<number, HeardQueries>;
  queryMinTime: LamportTime;
  /** Queries that this node may answer, by the number that the application knows them by. */
  readonly asked: Map<number, Asked>;
  nextAsked: number;
  /** Our own queries that are not closed, by their time. */
  readonly queries: Map<LamportTime, OpenQuery>;
  nextQuery: number;
  /** Answers that wait until the changed keyring is on the disk. */
  readonly pendingKeys: PendingKeys[];
  /** Commands about keys that wait for their turn. */
  readonly waitingKeys: WaitingKeys[];

  /** Joins that were asked for: the first is under way, the others wait. */
  readonly joins: Join[];
  nextJoin: number;
  /** The attempt to dial a failed member: the join it uses. */
  reconnect: number | undefined;
  /** Whom the snapshot knew: the one that is dialled now, by the join it uses, and those that are left. */
  rejoin: { id: number; readonly left: Known[] } | undefined;
  /** The command that waits for our departure. */
  leave: { readonly asked: number; phase: 'intent' | 'death' | 'propagating' } | undefined;
  /** The commands that wait for a force-leave to go out, by the waiter of its broadcast. */
  readonly forced: Map<number, number>;
  nextWaiter: number;
  /** What has to wait while Serf does nothing; undefined when it does. */
  blocked: Postponed[] | undefined;

  readonly coalescer: CoalescerState;
  readonly userCoalescer: UserCoalescerState;
  readonly coordinates: CoordinateState;
  /** The snapshot, once it is open; undefined without one. */
  snapshot: SnapshotState | undefined;
}

export interface Intent {
  readonly type: 'join' | 'leave';
  readonly time: LamportTime;
  readonly at: Instant;
}

export interface Join {
  /** The id under which memberlist knows it. */
  readonly id: number;
  /** The command that asked for it. */
  readonly command: number;
  readonly addresses: readonly Endpoint[];
  /** Whether user events from before are not wanted. */
  readonly ignoreOld: boolean;
}

/** A member that the snapshot knew. */
export interface Known {
  readonly name: string;
  readonly address: Endpoint;
}

const FIRST_TIME = 1 as LamportTime;
const ANY_TIME = 0 as LamportTime;

export function newState(self: NameId, tags: Tags): SerfNodeState {
  return {
    self,
    life: 'alive',
    tags,
    retagging: [],
    memberTime: FIRST_TIME,
    eventTime: FIRST_TIME,
    queryTime: FIRST_TIME,
    members: newMembers(),
    intents: new Map(),
    queues: { intents: newQueue(), queries: newQueue(), events: newQueue() },
    events: new Map(),
    eventMinTime: ANY_TIME,
    heard: new Map(),
    queryMinTime: ANY_TIME,
    asked: new Map(),
    nextAsked: 1,
    queries: new Map(),
    nextQuery: 1,
    pendingKeys: [],
    waitingKeys: [],
    joins: [],
    nextJoin: 1,
    reconnect: undefined,
    rejoin: undefined,
    leave: undefined,
    forced: new Map(),
    nextWaiter: 1,
    blocked: undefined,
    coalescer: newCoalescer(),
    userCoalescer: newUserCoalescer(),
    coordinates: newCoordinates(),
    snapshot: undefined,
  };
}
