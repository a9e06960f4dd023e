import { newQueue, type QueueState, type User } from '../gossip/gossip.ts';
import type { Endpoint, NameId } from '../names.ts';
import type { Instant } from '../time.ts';
import { type CoalescerState, newCoalescer } from './coalesce.ts';
import { type CoordinateState, newCoordinates } from './coordinate.ts';
import type { LamportTime } from './lamport.ts';
import { type MembersState, newMembers } from './members.ts';
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
  readonly queue: QueueState<User>;

  /** Joins that were asked for: the first is under way, the others wait. */
  readonly joins: Join[];
  nextJoin: number;
  /** The attempt to dial a failed member: the join it uses. */
  reconnect: number | undefined;
  /** The command that waits for our departure. */
  leave: { readonly asked: number; phase: 'intent' | 'death' | 'propagating' } | undefined;
  /** The commands that wait for a force-leave to go out, by the waiter of its broadcast. */
  readonly forced: Map<number, number>;
  nextWaiter: number;

  readonly coalescer: CoalescerState;
  readonly coordinates: CoordinateState;
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
}

export const FIRST_TIME = 1 as LamportTime;

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
    queue: newQueue(),
    joins: [],
    nextJoin: 1,
    reconnect: undefined,
    leave: undefined,
    forced: new Map(),
    nextWaiter: 1,
    coalescer: newCoalescer(),
    coordinates: newCoordinates(),
  };
}
