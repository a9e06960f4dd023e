import type { Instant } from '../time.ts';
import type { MemberEvent } from './coalesce.ts';
import type { LamportTime } from './lamport.ts';
import type { Tags } from './tags.ts';

/** What Serf announces to the agent. */
export type SerfNotice =
  | MemberNotice
  | UserNotice
  | QueryNotice
  | QueryAckNotice
  | QueryResponseNotice
  | QueryClosedNotice
  | ShutdownNotice;

/** Something happened to members; what an agent hands to its event handlers. */
export interface MemberNotice {
  readonly type: MemberEvent;
  readonly members: readonly NoticedMember[];
}

export interface NoticedMember {
  readonly name: string;
  readonly address: string;
  readonly port: number;
  readonly tags: Tags;
}

/** A user event came, or one of our own. */
export interface UserNotice {
  readonly type: 'user';
  readonly time: LamportTime;
  readonly name: string;
  readonly payload: string;
  /** Whether its sender said that the latest of several is enough. One that came in an exchange of states has lost that word. */
  readonly coalesce: boolean;
}

/** We are asked, and may answer once with the command `respond`. */
export interface QueryNotice {
  readonly type: 'query';
  /** What the command `respond` is to name. */
  readonly query: number;
  readonly time: LamportTime;
  readonly id: number;
  readonly name: string;
  readonly payload: string;
  /** Who asks. */
  readonly source: string;
  /** An answer counts until then, on this node's clock. */
  readonly deadline: Instant;
}

/** A member has heard of a query of ours. */
export interface QueryAckNotice {
  readonly type: 'query-ack';
  /** The command that asked. */
  readonly command: number;
  readonly from: string;
}

/** A member has answered a query of ours. */
export interface QueryResponseNotice {
  readonly type: 'query-response';
  readonly command: number;
  readonly from: string;
  readonly payload: string;
}

/** The time for answering a query of ours is over. */
export interface QueryClosedNotice {
  readonly type: 'query-closed';
  readonly command: number;
  readonly acks: number;
  readonly responses: number;
}

/** Serf has stopped by itself, because the others know our name as another's: the agent ends with status 0. */
export interface ShutdownNotice {
  readonly type: 'serf-shutdown';
}
