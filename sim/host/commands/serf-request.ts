import type { MemberRow } from './serf-output.ts';

/** What a `serf` command asks of the agent on its host. */
export type AgentRequest =
  | { readonly type: 'members' }
  /** `addresses` as they were typed. */
  | { readonly type: 'join'; readonly addresses: readonly string[]; readonly replay: boolean }
  | { readonly type: 'leave' }
  | { readonly type: 'force-leave'; readonly node: string; readonly prune: boolean }
  /** Lines follow one after another. */
  | { readonly type: 'monitor'; readonly level: string };

/** What the agent answers. */
export type AgentAnswer =
  | { readonly type: 'members'; readonly members: readonly MemberRow[] }
  | { readonly type: 'joined'; readonly contacted: number }
  | { readonly type: 'done' }
  | { readonly type: 'line'; readonly line: string }
  /** It could not be done, and why. */
  | { readonly type: 'failed'; readonly error: string };

/** What a command says when no agent runs: nobody listens at its RPC address. */
export const NO_AGENT = 'Error connecting to Serf agent: dial tcp 127.0.0.1:7373: connect: connection refused';
