import { type Configuration, configuration } from '../raft/configuration.ts';
import type { ServerMember } from './servers.ts';

/** What a server that waits for others to start a cluster with comes to, by those whom it knows. */
export type Readiness =
  /** Too few are known. */
  | { readonly type: 'wait' }
  /** They do not agree on how many there are to be, or one has started alone. */
  | { readonly type: 'conflict'; readonly with: ServerMember; readonly over: 'expect' | 'bootstrap' }
  /** Enough are known: they are to be asked whether there is a cluster already. */
  | { readonly type: 'ask'; readonly servers: readonly ServerMember[] };

/**
 * Whether enough servers are known to start a cluster (Consul's maybeBootstrap). Everybody counts who ever was a member, whether it lives or
 * not, and read replicas do not.
 */
export function readinessOf(known: readonly ServerMember[], expect: number, datacenter: string): Readiness {
  const servers: ServerMember[] = [];
  let voters = 0;
  for (const server of known) {
    if (server.datacenter !== datacenter) continue;
    if (server.expect !== 0 && server.expect !== expect) return { type: 'conflict', with: server, over: 'expect' };
    if (server.bootstrap) return { type: 'conflict', with: server, over: 'bootstrap' };
    if (!server.readReplica) voters++;
    servers.push(server);
  }
  return voters < expect ? { type: 'wait' } : { type: 'ask', servers };
}

/** The configuration that they all start with: everybody who is known, even if they are more than were expected. */
export function firstConfiguration(servers: readonly ServerMember[]): Configuration {
  const all = servers.map(({ name, endpoint, readReplica }) => ({ name, endpoint, readReplica }));
  return configuration({
    voters: all.filter(({ readReplica }) => !readReplica),
    learners: all.filter(({ readReplica }) => readReplica),
  });
}

/** How often a server is asked for its peers before it counts as one without any. */
export const MOST_ATTEMPTS = 6;

/** How long to wait after an attempt that failed, in seconds: 1, 2, 4, 8, 16, 32. @param attempt from 0 */
export const waitAfter = (attempt: number): number => 1 << attempt;
