import type { Call, CollectingOut } from '../collect.ts';
import type { Protocol } from '../protocol.ts';
import type { Instant } from '../time.ts';
import type { Disk } from './disk.ts';
import type { Input } from './input.ts';
import type { Place } from './subject.ts';
import type { Xoshiro } from './xoshiro.ts';

/** One node of the closed world. */
export interface Member<M, C> {
  readonly place: Place;
  /** What its protocol draws from. */
  readonly random: Xoshiro;
  protocol: Protocol<M, C>;
  boots: number;
  up: boolean;
  out: CollectingOut<M>;
  /** Whether each send since the last look was refused. */
  refusals: boolean[];
  /** Pending timers: kind and subject to the order of the event that will fire it. */
  timers: Map<string, number>;
  readonly disk: Disk;
}

/** One event: an input and what the protocol did about it. */
export interface Happened<M = unknown, C = unknown> {
  readonly step: number;
  readonly now: Instant;
  readonly node: number;
  readonly input: Input<M, C>;
  readonly calls: readonly Call<M>[];
  /** The digest of the state afterwards. */
  readonly state: string;
}

/** How a law looks at a run, and what it does to it. */
export interface Watch<M, C> {
  /** Runs everything that runs code of the protocol. */
  around?<T>(run: () => T): T;
  before?(member: Member<M, C>, input: Input<M, C>, now: Instant): void;
  after?(member: Member<M, C>, happened: Happened<M, C>): void;
  /** Whether strangers send garbage all the time. Nobody crashes then, so that what is remembered of it shows. */
  readonly strangers?: boolean;
}
