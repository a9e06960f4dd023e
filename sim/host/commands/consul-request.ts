import type { ConsulReply, ConsulRequest } from '../../../core/consul/interface.ts';
import type { MemberInfo } from '../../../core/serf/interface.ts';

/** What a `consul` command asks of an agent on its host. */
export type AgentRequest =
  | { readonly type: 'members' }
  /** `addresses` as they were typed. */
  | { readonly type: 'join'; readonly addresses: readonly string[] }
  | { readonly type: 'leave' }
  | { readonly type: 'force-leave'; readonly node: string; readonly prune: boolean }
  | { readonly type: 'info' }
  /** For the leader, or with `stale` for the agent itself. */
  | { readonly type: 'consul'; readonly request: ConsulRequest; readonly stale: boolean };

/** What an agent answers. */
export type AgentAnswer =
  | { readonly type: 'members'; readonly members: readonly MemberInfo[] }
  | { readonly type: 'joined'; readonly contacted: number }
  | { readonly type: 'done' }
  | { readonly type: 'info'; readonly sections: Sections }
  /** `members`: the names of those whom gossip knows. */
  | { readonly type: 'consul'; readonly reply: ConsulReply; readonly members: readonly string[] }
  /** It could not be done, and why: a server's error. */
  | { readonly type: 'failed'; readonly error: string };

export type Sections = readonly (readonly [name: string, values: readonly (readonly [key: string, value: string])[]])[];
