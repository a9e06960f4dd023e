import { formatAddress, LOOPBACK } from '../../../core/address.ts';
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

/** Where an agent listens for the commands of its host. Nothing is sent there, but a host has room for one agent only. */
export const RPC = { address: LOOPBACK, port: 7373 } as const;

/** What a command says when no agent runs. */
export const NO_AGENT = `Error connecting to Serf agent: dial tcp ${formatAddress(RPC.address)}:${RPC.port}: connect: connection refused`;
