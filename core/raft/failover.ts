import { type Duration, microseconds, milliseconds, seconds, ZERO } from '../time.ts';
import { RaftCluster } from './cluster.ts';
import type { RaftConfig } from './config.ts';

export interface FailoverOptions {
  readonly config: RaftConfig;
  readonly servers: number;
  readonly crashes: number;
  readonly seed?: number;
  /** Of each message, independent. */
  readonly loss?: number;
  /** Of each message at least, and so much more at most; 0.5 and 1.5 ms unless said otherwise. */
  readonly delay?: readonly [Duration, Duration];
}

const LAN = [microseconds(500), microseconds(1500)] as const;

/**
 * How long clusters are without a leader when theirs crashes, from the crash to the next election won, in seconds: one number for each crash.
 * Writes take no time; the leader crashes at a random moment of its heartbeats, and comes back when another leads.
 */
export function failovers({ config, servers, crashes, seed = 1, loss = 0, delay = LAN }: FailoverOptions): number[] {
  const cluster = new RaftCluster({ servers, seed, watched: false, config: { ...config, transport: 'message' } });
  [cluster.delay, cluster.jitter] = delay;
  cluster.sync = ZERO;
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
