import type { Xoshiro } from '../laws/xoshiro.ts';
import { compareState } from '../state.ts';
import { type Duration, milliseconds } from '../time.ts';
import { Adversary, EVERYTHING, type Malice } from './adversary.ts';
import { type ClusterOptions, type ClusterServer, RaftCluster } from './cluster.ts';
import type { RaftConfig } from './config.ts';
import { isMember } from './configuration.ts';
import { lastIndexOf } from './log.ts';
import type { RaftRules } from './rules.ts';

export interface Judged {
  readonly cluster: RaftCluster;
  readonly adversary: Adversary;
  /** What was broken, by its name, and in words. */
  readonly broken: ReadonlyMap<string, string>;
}

/** How many election timeouts of peace: split votes are unlikely to go on for so long. */
const PEACE = 30;

const rounds = ({ config }: RaftCluster, count: number): Duration => (count * config.electionTimeout) as Duration;

/** One run with an adversary, then in peace, and what can be held against it. */
export function judge(options: ClusterOptions, steps: number, malice: Malice = EVERYTHING): Judged {
  const cluster = new RaftCluster(options).start();
  const adversary = new Adversary(cluster, malice);
  cluster.run(milliseconds(50));
  adversary.torment(steps);
  adversary.relent(rounds(cluster, PEACE));
  const broken = new Map<string, string>();
  const found = (name: string, says: string): void => {
    if (!broken.has(name)) broken.set(name, says);
  };
  for (const { invariant, says } of cluster.watch?.violations ?? []) found(invariant, says);
  for (const says of adversary.stale) found('linearizable reads', says);
  for (const says of adversary.unanswered()) found('answers', says);
  const { leader } = cluster;
  if (leader === undefined) found('a leader in the end', 'nobody leads');
  else {
    agreement(cluster, leader, found);
    progress(cluster, leader, found);
  }
  return { cluster, adversary, broken };
}

const membersOf = (cluster: RaftCluster, leader: ClusterServer): ClusterServer[] =>
  cluster.servers.filter(({ id }) => isMember(leader.raft.status().config, id));

/** All members have the whole log, and executed it alike. */
function agreement(cluster: RaftCluster, leader: ClusterServer, found: (name: string, says: string) => void): void {
  const { commitIndex } = leader.state;
  for (const { name, state, machine } of membersOf(cluster, leader)) {
    if (state.commitIndex !== commitIndex || lastIndexOf(state.log) !== commitIndex)
      found(
        'equal logs',
        `${name} has committed ${state.commitIndex} of ${lastIndexOf(state.log)}, and the leader ${commitIndex}`,
      );
    else if (compareState(state.sessions, leader.state.sessions) !== undefined)
      found('equal sessions', `${name} has other sessions than ${leader.name}`);
    else if (machine.state.hash !== leader.machine.state.hash)
      found('equal state machines', `${name} has another state than ${leader.name}`);
  }
}

/** A proposal is committed; and when the leader ends, while clients go on asking, another one follows. */
function progress(cluster: RaftCluster, leader: ClusterServer, found: (name: string, says: string) => void): void {
  const id = leader.propose();
  cluster.run(rounds(cluster, 2));
  const reply = leader.replies.get(id);
  if (reply?.outcome !== 'ok') found('progress in the end', `a proposal ended as ${JSON.stringify(reply)}`);
  const { voters } = leader.raft.status().config;
  if (voters.length < 3) return;
  leader.crash();
  for (let i = 0; i < 200 && cluster.leader === undefined; i++) {
    for (const server of cluster.servers) if (server.up) server.propose();
    cluster.run(rounds(cluster, 0.1));
  }
  if (cluster.leader === undefined) found('a leader after a crash', 'nobody leads 20 election timeouts after the leader ended');
}

/** A cluster of 3 to 5 servers, of which some may be outside at first, with frequent snapshots. */
export function clusterOf(
  random: Xoshiro,
  seed: number,
  rules: Partial<RaftRules>,
  base: RaftConfig,
  learners = false,
): ClusterOptions {
  const servers = learners ? 5 : 3 + random.integer(3);
  const voters = learners ? 3 : random.chance(0.5) ? servers : Math.max(2, servers - 1);
  const config = { ...base, transport: 'message', snapshotThreshold: 20, snapshotTrailing: random.integer(3) * 5 } as const;
  return { seed, servers, voters, config, rules };
}
