import type { NameId } from '../names.ts';
import type { Instant } from '../time.ts';
import type { Configuration } from './configuration.ts';
import type { SessionStamp } from './interface.ts';

/** One entry of the log. Never changed once it was made, and shared by the logs of all servers that have it. */
export type Entry =
  /** A command of the state machine; `session` when a client must not have it executed twice. */
  | (Place & { readonly type: 'command'; readonly payload: unknown; readonly session: SessionStamp | undefined })
  /** The first entry of each leader: with it everything before is committed (Raft §8). */
  | (Place & { readonly type: 'noop' })
  | (Place & { readonly type: 'config'; readonly config: Configuration })
  /** Whoever asked for it knows that everything before it was applied. */
  | (Place & { readonly type: 'barrier' })
  /** A read that goes through the log. */
  | (Place & { readonly type: 'read'; readonly query: unknown })
  /** Opens a session; its index becomes the client's number. */
  | (Place & { readonly type: 'register' })
  | (Place & { readonly type: 'keep-alive'; readonly client: number });

/** What all entries have. */
export interface Place {
  readonly index: number;
  readonly term: number;
  /** The leader's clock when it was appended, never less than that of the entry before. */
  readonly at: Instant;
  /** Size of what it carries. */
  readonly bytes: number;
  /** The follower that was asked for it and sent it on to the leader, and its number for that. */
  readonly origin?: Origin | undefined;
}

/** Where a proposal came from that was sent on. */
export interface Origin {
  readonly server: NameId;
  readonly request: number;
}

/** What an entry is about, without its place in the log. */
export type Content = Entry extends infer E ? (E extends Entry ? Omit<E, keyof Place> : never) : never;

/** An entry at its place. Commands are made field by field: a spread costs a sixth of a whole commit. */
export function makeEntry(content: Content, { index, term, at, bytes, origin }: Place): Entry {
  if (origin !== undefined) return { ...content, index, term, at, bytes, origin };
  if (content.type !== 'command') return { ...content, index, term, at, bytes };
  return { type: 'command', payload: content.payload, session: content.session, index, term, at, bytes };
}

/** Index, term, time, type and length, as a plausible encoding has them. */
export const ENTRY_OVERHEAD = 24;

/** A server in an encoded configuration. */
const SERVER_BYTES = 24;

export const configBytes = ({ voters, learners, outgoing, learnersNext }: Configuration): number =>
  SERVER_BYTES * (voters.length + learners.length + outgoing.length + learnersNext.length);

/** Size of entries on disk or wire. */
export function entriesBytes(entries: readonly Entry[]): number {
  let bytes = 0;
  for (let i = 0; i < entries.length; i++) bytes += ENTRY_OVERHEAD + (entries[i] as Entry).bytes;
  return bytes;
}
