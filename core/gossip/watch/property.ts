import type { Endpoint, NameId } from '../../names.ts';
import type { Duration, Instant } from '../../time.ts';
import type { Input } from '../cluster.ts';
import type { Gossip } from '../gossip.ts';
import type { Probe } from '../state.ts';
import type { Status } from '../status.ts';
import type { Claim } from './parts.ts';

/** What a node shows of a member. */
export interface Belief {
  state: Status;
  incarnation: number;
  /** Since when it has been in this state. */
  since: Instant;
  /** The incarnation at which it was last held to be dead or to have left. */
  goneAt: number;
  /** Where it is. */
  address: Endpoint;
}

/** A datagram or message of a stream that a node has sent. */
export interface Sent {
  /** Undefined for a stream, which knows. */
  readonly to: Endpoint | undefined;
  readonly message: unknown;
  readonly bytes: number;
}

/** One life of a node, from its start to its end, as far as it was seen. Instants are those of its host's clock. */
export interface Life {
  readonly gossip: Gossip;
  readonly self: NameId;
  /** What it shows of the others and itself; nothing of those that it forgot. */
  readonly beliefs: Map<NameId, Belief>;
  /** What it has sent since it was last given something. */
  readonly sends: Sent[];
  /** What it is being given, and what is claimed in it. */
  input: Input;
  claims: readonly Claim[];
  /** When that is. */
  now: Instant;
  /** Whether that had to wait for it, as its process stood still or its host was busy; its timers may have too. */
  late: boolean;
  /** When that was so last. */
  lateAt: Instant | undefined;
  /** As it was before that. */
  before: Before;
  /** By how much a timer may be off: a clock that drifts rounds. */
  readonly rounding: Duration;
  /** The most members that it ever believed there to be. */
  largest: number;
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

/** A cell that was written about a member; empty values for one that was forgotten. */
export interface Change {
  readonly subject: NameId;
  readonly field: 'state' | 'incarnation';
  readonly value: number | string;
  /** The name is claimed from another address than before, so that it stands for somebody else. */
  readonly moved: boolean;
}

/** What was found: `SOUND`, or what is wrong, in words; undefined when there was nothing to judge. */
export type Found = string | undefined;

export const SOUND = '';

/** What is wrong, unless it is not so. */
export const unless = (holds: boolean, wrong: () => string): string => (holds ? SOUND : wrong());

/**
 * Something that must hold of every node at every moment, whatever the network does; found out step by step. One object watches one world,
 * so it may remember.
 */
export interface Property {
  readonly name: string;
  /** A cell was written. `life.beliefs` has the value already, `before` what it was: undefined for a member that was unknown. */
  changed?(life: Life, change: Change, before: Belief | undefined): Found;
  /** Something was sent, whatever became of it. */
  sent?(life: Life, sent: Sent): Found;
  /** The node is about to be given something. */
  feeding?(life: Life): void;
  /** The node has dealt with what it was given. */
  fed?(life: Life): Found;
  /** Its state was made what it is by somebody else, and all of its beliefs with it. */
  adopted?(life: Life): void;
  /** It has ended. */
  ended?(life: Life): void;
}

/** Makes a property for one world. */
export type NewProperty = () => Property;

/** A member's name. */
export const called = ({ gossip }: Life, member: NameId): string => gossip.names.text(member);

/** Whether a timer that is due at an instant may come now. */
export const isTimely = ({ now, late, rounding }: Life, due: Instant): boolean => now >= due && (late || now <= due + rounding);

/** Whether a timer that was due at an instant should have come. */
export const isOverdue = ({ now, late, rounding }: Life, due: Instant): boolean => !late && now > due + rounding;

export const isTimeout = ({ input }: Life, kind: number): boolean => input.type === 'timeout' && input.kind === kind;
