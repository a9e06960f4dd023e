import type { NameId } from '../../names.ts';
import type { Instant } from '../../time.ts';
import type { Cluster, ClusterNode, Input, Passing, Shown } from '../cluster.ts';
import type { Gossip } from '../gossip.ts';
import type { Probe } from '../state.ts';
import type { Status } from '../status.ts';

/** What a node shows of a member. */
export interface Belief {
  state: Status;
  incarnation: number;
  /** Since when it has been in this state. */
  since: Instant;
  /** The incarnation at which it was last held to be dead or to have left. */
  goneAt: number;
}

/** One life of a node, from its start to its crash, as far as it was seen. */
export interface Life {
  readonly node: ClusterNode;
  readonly gossip: Gossip;
  readonly self: NameId;
  /** What it shows of the others and itself; nothing of those that it forgot. */
  readonly beliefs: Map<NameId, Belief>;
  /** What it has sent since it was last given something. */
  readonly sends: Passing[];
  /** What it is being given. */
  input: Input;
  /** As it was before that. */
  before: Before;
}

/** What a property may compare with. */
export interface Before {
  readonly incarnation: number;
  readonly health: number;
  readonly leaving: boolean;
  /** How many members it believed there to be. */
  readonly estimate: number;
  readonly probe: Probe | undefined;
  /** How many nacks that probe had. */
  readonly nacks: number;
  /** Whether a state that comes over the stream will be looked at. */
  readonly merges: boolean;
}

/**
 * Something that must hold of every node at every moment, whatever the network does; found out step by step.
 *
 * Each method returns what is wrong, in words, or undefined. One object watches one cluster, so it may remember.
 */
export interface Property {
  readonly name: string;
  /** A cell was written. `life.beliefs` has the value already, `before` what it was: undefined for a member that was unknown. */
  changed?(life: Life, change: Shown, before: Belief | undefined): string | undefined;
  /** Something was sent, whatever became of it. */
  sent?(life: Life, passing: Passing): string | undefined;
  /** The node is about to be given something. */
  feeding?(life: Life, input: Input): void;
  /** The node has dealt with what it was given. */
  fed?(life: Life, input: Input): string | undefined;
}

/** What all watched nodes share. */
export interface Watched {
  readonly cluster: Cluster;
  /** The name of each node's member. */
  readonly members: ReadonlyMap<string, NameId>;
}

/** Makes a property for one cluster. */
export type NewProperty = (watched: Watched) => Property;
