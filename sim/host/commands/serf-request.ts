import type { Coordinate } from '../../../core/serf/coordinate.ts';
import type { InfoReply, KeyCommand, KeysReply, QueryCommand } from '../../../core/serf/interface.ts';
import type { MemberRow } from './serf-output.ts';

/** What a `serf` command asks of an agent on its host. */
export type AgentRequest =
  /** Regular expressions, as they were typed; those of tags by their keys. */
  | { readonly type: 'members'; readonly status: string; readonly name: string; readonly tags: Readonly<Record<string, string>> }
  /** `addresses` as they were typed. */
  | { readonly type: 'join'; readonly addresses: readonly string[]; readonly replay: boolean }
  | { readonly type: 'leave' }
  | { readonly type: 'force-leave'; readonly node: string; readonly prune: boolean }
  /** Lines follow one after another. */
  | { readonly type: 'monitor'; readonly level: string }
  | { readonly type: 'event'; readonly name: string; readonly payload: string; readonly coalesce: boolean }
  | QueryRequest
  | { readonly type: 'tags'; readonly set: Readonly<Record<string, string>>; readonly remove: readonly string[] }
  | { readonly type: 'keys'; readonly action: KeyCommand['action']; readonly key: string }
  | { readonly type: 'info' }
  /** Where these members are; the agent itself stands in for a second one. */
  | { readonly type: 'rtt'; readonly nodes: readonly string[] };

/** Acks and responses follow one after another. */
export type QueryRequest = { readonly type: 'query' } & Omit<QueryCommand, 'command'>;

/** A request on its way, and the token that it shows. */
export interface AgentCall {
  readonly request: AgentRequest;
  readonly token: string;
}

/** What an agent answers. */
export type AgentAnswer =
  | { readonly type: 'members'; readonly members: readonly MemberRow[] }
  | { readonly type: 'joined'; readonly contacted: number }
  | { readonly type: 'done' }
  | { readonly type: 'line'; readonly line: string }
  | { readonly type: 'ack'; readonly from: string }
  | { readonly type: 'response'; readonly from: string; readonly payload: string }
  | { readonly type: 'keys'; readonly reply: KeysReply }
  | {
      readonly type: 'info';
      readonly info: InfoReply;
      readonly node: string;
      readonly handlers: readonly (readonly [filter: string, script: string])[];
    }
  /** Where members are, by their names; of one that nobody has heard of, undefined. */
  | {
      readonly type: 'coordinates';
      readonly coordinates: readonly (readonly [node: string, coordinate: Coordinate | undefined])[];
    }
  /** It could not be done, and why. */
  | { readonly type: 'failed'; readonly error: string }
  /** The token is wrong: nothing more is said on this connection. */
  | { readonly type: 'denied'; readonly error: string }
  /** The agent closes the connection. */
  | { readonly type: 'closed' };
