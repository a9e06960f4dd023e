import { type Duration, milliseconds, START, seconds } from '../time.ts';
import { type ClusterOptions, type ClusterServer, RaftCluster } from './cluster.ts';
import type { RaftConfig } from './config.ts';
import { type Configuration, configuration } from './configuration.ts';
import type { Entry } from './entry.ts';
import { lastIndexOf, termAt } from './log.ts';
import { PROFILES } from './profiles.ts';
import type { HeadRecord } from './storage.ts';
import { Timer } from './tables.ts';

/** Nobody campaigns by itself: a test says who does. */
export const DIRECTED: Partial<RaftConfig> = {
  electionTimeout: seconds(10_000),
  electionSpread: seconds(10_000),
  candidateTimeout: seconds(10_000),
  heartbeatInterval: milliseconds(50),
  snapshotThreshold: 0,
};

/** The paper's Raft, whose elections a test directs. */
export const PAPER: RaftConfig = { ...PROFILES.paper, ...DIRECTED };

/** Partita's Raft, whose elections a test directs, without anybody being asked before or loyal. */
export const PLAIN: RaftConfig = {
  ...PROFILES.partita,
  ...DIRECTED,
  preVote: false,
  stickiness: 'off',
  checkQuorum: 'off',
  leaseReads: false,
};

/** Servers whose logs have these terms, from index 1, which holds the configuration; `terms` of servers that are not told of are empty. */
export function clusterWith(
  logs: readonly (readonly number[])[],
  options: Partial<ClusterOptions> & { readonly currentTerms?: readonly number[] } = {},
): RaftCluster {
  const cluster = new RaftCluster({ servers: logs.length, config: PLAIN, ...options });
  const config = cluster.first as Configuration;
  for (const [i, terms] of logs.entries()) {
    const server = cluster.servers[i] as ClusterServer;
    preload(server, terms, config, options.currentTerms?.[i] ?? terms.at(-1) ?? 0);
  }
  return cluster.start();
}

function preload({ disk }: ClusterServer, terms: readonly number[], config: Configuration, term: number): void {
  const entries = terms.map((each, i): Entry => {
    const place = { index: i + 1, term: each, at: START, bytes: 0 };
    if (i === 0) return { type: 'config', config: configuration(config), ...place };
    const isFirst = each !== terms[i - 1];
    return isFirst ? { type: 'noop', ...place } : { type: 'command', payload: `${i + 1}/${each}`, session: undefined, ...place };
  });
  const head: HeadRecord = {
    type: 'head',
    sequence: 0,
    term,
    vote: undefined,
    cut: 0,
    cutTerm: 0,
    entries,
    commit: 0,
    amnesiac: false,
  };
  disk.replace('wal', [head]);
  disk.synced('wal', disk.mark('wal'));
}

/** The terms of a server's log. */
export const termsOf = ({ state: { log } }: ClusterServer): number[] =>
  Array.from({ length: lastIndexOf(log) }, (_, i) => termAt(log, i + 1) ?? Number.NaN);

/** Its election timer fires now, however lately it heard a leader. */
export function timesOut(server: ClusterServer): void {
  const seen = server.cluster.watch?.state.seen.get(server.id);
  if (seen !== undefined) seen.heardAt = undefined;
  server.state.electionDeadline = server.now;
  server.timer(Timer.election, 0);
}

/** Lets a server campaign, and the others answer. */
export function campaigns(server: ClusterServer, duration: Duration = milliseconds(20)): void {
  timesOut(server);
  server.cluster.run(duration);
}

/** Who is leader now, by name. */
export const leadersOf = ({ servers }: RaftCluster): string[] =>
  servers.filter(({ up, state }) => up && state.role.role === 'leader').map(({ name }) => name);

/** The names of the invariants that were broken so far. */
export const brokenOf = ({ watch }: RaftCluster): string[] => [...new Set(watch?.violations.map(({ invariant }) => invariant))];
