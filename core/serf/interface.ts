import type { Endpoint, NameId } from '../names.ts';
import type { MemberStatus } from './members.ts';
import type { Tags } from './tags.ts';

/** What an agent may ask of Serf. Each is answered by one reply. */
export type SerfCommand =
  /** Contacts the addresses one after another. Answered by `JoinReply`, when all have been tried. */
  | { readonly command: 'join'; readonly addresses: readonly Endpoint[] }
  /** Answered by `MembersReply`. */
  | { readonly command: 'members' }
  /** Answered by `DoneReply`, when the departure had time to get around. */
  | { readonly command: 'leave' }
  /** Says of another member that it left; with `prune` erases it. Answered by `DoneReply`, when that has gone out. */
  | { readonly command: 'force-leave'; readonly node: NameId; readonly prune: boolean }
  /** Says something else about this member. Answered by `DoneReply`, when that has gone out. */
  | { readonly command: 'tags'; readonly tags: Tags }
  /** Stops without a word to the others. Answered by `DoneReply`. */
  | { readonly command: 'shutdown' }
  /** Answered by `InfoReply`. */
  | { readonly command: 'info' };

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

export interface InfoReply {
  readonly members: number;
  readonly failed: number;
  readonly left: number;
  readonly health: number;
  readonly memberTime: number;
  readonly eventTime: number;
  readonly queryTime: number;
  readonly queued: number;
  readonly coordinateResets: number;
  readonly tags: Tags;
}
