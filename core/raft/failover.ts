import { type Duration, microseconds, milliseconds, seconds, ZERO } from '../time.ts';
import { RaftCluster } from './cluster.ts';
import type { RaftConfig } from './config.ts';
import { PROFILES } from './profiles.ts';
import { Timer } from './tables.ts';

export interface FailoverOptions {
  readonly config: RaftConfig;
  readonly servers: number;
  readonly crashes: number;
  readonly seed?: number;
  /** Of each message, independent. */
  readonly loss?: number;
  /** Of each message at least, and so much more at most; 0.5 and 1.5 ms unless said otherwise. */
  readonly delay?: readonly [Duration, Duration];
  /** How long a write takes; no time unless said otherwise. */
  readonly write?: Duration;
  /** The leader has just sent a heartbeat when it crashes. */
  readonly afterBeat?: boolean;
}

const LAN = [microseconds(500), microseconds(1500)] as const;

/**
 * How long clusters are without a leader when theirs crashes, from the crash to the next election won, in seconds: one number for each crash.
 * The leader crashes at a random moment of its heartbeats, and comes back when another leads.
 */
export function failovers({
  config,
  servers,
  crashes,
  seed = 1,
  loss = 0,
  delay = LAN,
  write = ZERO,
  afterBeat = false,
}: FailoverOptions): number[] {
  const cluster = new RaftCluster({ servers, seed, watched: false, config: { ...config, transport: 'message' } });
  [cluster.delay, cluster.jitter] = delay;
  cluster.sync = write;
  cluster.start();
  const times: number[] = [];
  const calm = (5 * config.electionTimeout) as Duration;
  while (times.length < crashes) {
    cluster.loss = 0;
    cluster.elect(seconds(3600));
    cluster.loss = loss;
    cluster.run(calm);
    cluster.run(Math.floor(cluster.random.fraction() * 3 * config.heartbeatInterval) as Duration);
    const { leader } = cluster;
    if (leader === undefined) continue;
    if (afterBeat) leader.timer(Timer.heartbeat, 0);
    leader.crash('none');
    const start = cluster.now;
    const end = cluster.when(() => cluster.leader !== undefined, seconds(3600));
    times.push((end - start) / 1e9);
    cluster.loss = 0;
    cluster.run(milliseconds(10));
    leader.start();
  }
  return times;
}

export interface SplitOptions {
  readonly servers: number;
  /** Servers that are down, the leader that crashed among them. */
  readonly failed: number;
  /** How long a message takes, as a part of the random range of the timeouts. */
  readonly latency: number;
  readonly elections: number;
  readonly seed?: number;
}

/** The share of elections in which nobody wins the first term, with the paper's timers and writes that take no time. */
export function splitShare({ servers, failed, latency, elections, seed = 5 }: SplitOptions): number {
  const config = PROFILES.paper;
  const cluster = new RaftCluster({ servers, seed, watched: false, config });
  cluster.sync = ZERO;
  let split = 0;
  for (let i = 0; i < elections; i++) {
    cluster.delay = milliseconds(1);
    cluster.start();
    cluster.elect(seconds(60));
    cluster.run(seconds(1));
    const { leader } = cluster;
    if (leader === undefined) continue;
    cluster.delay = Math.round(config.electionSpread * latency) as Duration;
    for (const server of cluster.servers.filter((each) => each !== leader).slice(0, failed - 1)) server.crash('none');
    const term = leader.state.currentTerm;
    leader.crash('none');
    cluster.when(() => cluster.leader !== undefined, seconds(600));
    if ((cluster.leader?.state.currentTerm ?? 0) > term + 1) split++;
  }
  return split / elections;
}
