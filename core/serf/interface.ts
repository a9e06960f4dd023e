import type { Endpoint, NameId } from '../names.ts';
import type { Duration } from '../time.ts';
import type { Coordinate } from './coordinate.ts';
import type { MemberStatus } from './members.ts';
import type { Tags } from './tags.ts';

/** What an agent may ask of Serf. Each is answered by one reply. */
export type SerfCommand =
  | JoinCommand
  /** Answered by `MembersReply`. */
  | { readonly command: 'members' }
  /** Answered by `DoneReply`, when the departure had time to get around. */
  | { readonly command: 'leave' }
  /** Says of another member that it left; with `prune` erases it. Answered by `DoneReply`, when that has gone out. */
  | { readonly command: 'force-leave'; readonly node: NameId; readonly prune: boolean }
  /** Says something else about this member. Answered by `DoneReply`, when that has gone out, or at once when it is too long. */
  | { readonly command: 'tags'; readonly tags: Tags }
  /** Stops without a word to the others. Answered by `DoneReply`. */
  | { readonly command: 'shutdown' }
  /** Answered by `InfoReply`. */
  | { readonly command: 'info' }
  | EventCommand
  | QueryCommand
  | RespondCommand
  | KeyCommand
  /** Answered by `CoordinateReply`. */
  | { readonly command: 'coordinate'; readonly node: string };

/** Contacts the addresses one after another. Answered by `JoinReply`, when all have been tried. */
export interface JoinCommand {
  readonly command: 'join';
  readonly addresses: readonly Endpoint[];
  /** Whether user events of the time before are kept from this node; an agent wants that unless it was told to replay them. */
  readonly ignoreOld?: boolean;
}

/** Sends a user event to everybody, this node included. Answered at once by `DoneReply`. */
export interface EventCommand {
  readonly command: 'event';
  readonly name: string;
  readonly payload: string;
  /** Whether of several events of this name that come together the latest is enough. */
  readonly coalesce: boolean;
}

/**
 * Asks everybody, or those that match all filters. Answered at once by `QueryReply`; what comes of it is announced by `QueryAckNotice`,
 * `QueryResponseNotice` and at last `QueryClosedNotice`, which bear the number of this command.
 */
export interface QueryCommand {
  readonly command: 'query';
  readonly name: string;
  readonly payload: string;
  /** Names of those who are asked; empty for everybody. */
  readonly nodes: readonly string[];
  /** Regular expressions, in Go's syntax, that must be found in the values of tags; a missing tag is empty. */
  readonly tags: readonly (readonly [tag: string, expression: string])[];
  /** Whether everybody who is asked and hears of it is to say so. */
  readonly ack: boolean;
  /** Through how many members each answer is sent once more, 0 to 255. */
  readonly relay: number;
  /** How long answers count; 0 for a time that follows from the size of the cluster. */
  readonly timeout: Duration;
}

/** Answers a query that was announced by a `QueryNotice`. Answered at once by `DoneReply`. */
export interface RespondCommand {
  readonly command: 'respond';
  /** As the notice has it. */
  readonly query: number;
  readonly payload: string;
}

/** Changes the keyrings of all members, or looks at them. Answered by `KeysReply`, when all have answered or the time is over. */
export interface KeyCommand {
  readonly command: 'keys';
  readonly action: 'install' | 'use' | 'remove' | 'list';
  /** In base 64; ignored for `list`. */
  readonly key: string;
  /** As that of a query. */
  readonly relay: number;
}

export interface DoneReply {
  /** Why it could not be done. */
  readonly error?: string;
}

export interface JoinReply {
  /** How many addresses were contacted. */
  readonly contacted: number;
  readonly problems: readonly { readonly address: Endpoint; readonly problem: string }[];
  /** Why none was tried. */
  readonly error?: string;
}

export interface MemberInfo {
  readonly name: string;
  readonly address: string;
  readonly port: number;
  readonly status: MemberStatus;
  readonly tags: Tags;
  /** Versions of Serf's protocol. */
  readonly protocol: { readonly min: number; readonly max: number; readonly version: number };
}

export interface MembersReply {
  readonly members: readonly MemberInfo[];
}

/** What `serf info` tells. */
export interface InfoReply {
  readonly members: number;
  readonly failed: number;
  readonly left: number;
  /** Local health: 0 is good. */
  readonly health: number;
  readonly memberTime: number;
  readonly eventTime: number;
  readonly queryTime: number;
  /** Broadcasts that wait. */
  readonly intentQueue: number;
  readonly eventQueue: number;
  readonly queryQueue: number;
  readonly coordinateResets: number;
  readonly encrypted: boolean;
  readonly tags: Tags;
}

export type QueryReply =
  /** Until when answers count, from now. */
  { readonly timeout: Duration; readonly error?: undefined } | { readonly error: string };

export interface KeysReply {
  /** Why it did not succeed everywhere, or could not be tried. */
  readonly error?: string;
  /** What members had to say, in the order in which they answered. */
  readonly messages: readonly { readonly node: string; readonly message: string }[];
  /** How many members have each key, in the order in which the keys were first heard of. */
  readonly keys: readonly { readonly key: string; readonly count: number }[];
  /** How many members encrypt with each key. */
  readonly primaryKeys: readonly { readonly key: string; readonly count: number }[];
  /** How many members were alive, how many of them answered, and how many reported a failure. */
  readonly nodes: number;
  readonly responses: number;
  readonly errors: number;
}

export interface CoordinateReply {
  /** Absent when none is known of that member. */
  readonly coordinate?: Coordinate;
}
