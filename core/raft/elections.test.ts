import { describe, expect, test } from 'vitest';
import { milliseconds, seconds } from '../time.ts';
import { RaftCluster } from './cluster.ts';
import { failovers, splitShare } from './failover.ts';
import { attemptSucceeds, leaderBound, returnBound, stepDownBound } from './liveness.ts';
import { PROFILES } from './profiles.ts';
import type { RaftRules } from './rules.ts';
import { leadersOf } from './scene.ts';

const mean = (times: readonly number[]): number => times.reduce((sum, time) => sum + time, 0) / times.length;

function standardError(times: readonly number[]): number {
  const middle = mean(times);
  return Math.sqrt(times.reduce((sum, time) => sum + (time - middle) * (time - middle), 0)) / times.length;
}

describe('how long a cluster is without a leader after a crash', () => {
  // Simulations of the documented rules of etcd, HashiCorp and the paper, 20 000 crashes each, messages of 0.5 to 2 ms, made independently of
  // this code. HashiCorp's appends without entries, every 50 to 100 ms, count as contact too, which they leave out: a leader is heard 37.5 ms later.
  test.each`
    profile        | servers | loss   | published
    ${'etcd'}      | ${3}    | ${0}   | ${1.24}
    ${'etcd'}      | ${5}    | ${0}   | ${1.1}
    ${'etcd'}      | ${3}    | ${0.1} | ${1.68}
    ${'etcd'}      | ${5}    | ${0.1} | ${1.28}
    ${'hashicorp'} | ${3}    | ${0}   | ${1.99 + 0.0375}
    ${'hashicorp'} | ${5}    | ${0}   | ${1.85 + 0.0375}
    ${'hashicorp'} | ${3}    | ${0.1} | ${2.54 + 0.0375}
    ${'hashicorp'} | ${5}    | ${0.1} | ${2.36 + 0.0375}
    ${'paper'}     | ${3}    | ${0}   | ${0.17}
    ${'paper'}     | ${5}    | ${0}   | ${0.148}
    ${'paper'}     | ${3}    | ${0.1} | ${0.205}
    ${'paper'}     | ${5}    | ${0.1} | ${0.153}
  `('as $profile, $servers servers, loss $loss: $published s, within sampling error', ({ profile, servers, loss, published }) => {
    const times = failovers({ config: PROFILES[profile as keyof typeof PROFILES], servers, crashes: 150, loss });
    expect(Math.abs(mean(times) - published)).toBeLessThan(4 * standardError(times));
  });

  test.each([3, 5])(
    'with %i servers it is T(1 + 1/(s+1)) − h/2 + 5 messages on average, s being those that are left',
    (servers) => {
      const times = failovers({ config: PROFILES.partita, servers, crashes: 150 });
      const expected = 1 + 1 / servers - 0.05 + 5 * 0.00125;
      expect(Math.abs(mean(times) - expected)).toBeLessThan(4 * standardError(times));
    },
  );

  test('HashiCorp’s clusters notice after T at the earliest and less than 3 T', () => {
    for (const servers of [3, 5]) {
      const times = failovers({ config: PROFILES.hashicorp, servers, crashes: 200 });
      expect(Math.min(...times)).toBeGreaterThan(0.9);
      expect(Math.max(...times)).toBeLessThan(3.1);
    }
  });

  test('with messages of 7 ms leaders are hardly ever elected without randomness; 50 ms of it are enough (Raft §9.3)', () => {
    const median = (spread: number): number => {
      const config = { ...PROFILES.paper, electionSpread: milliseconds(spread) };
      const delay = [milliseconds(7), milliseconds(1)] as const;
      const times = failovers({ config, servers: 5, crashes: 21, delay }).sort((a, b) => a - b);
      return times[10] as number;
    };
    expect(median(1)).toBeGreaterThan(0.5);
    expect(median(5)).toBeGreaterThan(0.2);
    expect(median(50)).toBeLessThan(0.2);
  });
});

const choose = (n: number, k: number): number => (k === 0 ? 1 : (choose(n - 1, k - 1) * n) / k);
const power = (base: number, exponent: number): number => (exponent === 0 ? 1 : base * power(base, exponent - 1));

describe('split votes', () => {
  test('go on for ever where all draw the same, and are over at once where each draws for itself (Raft §5.2)', () => {
    const ledBy = (rules: Partial<RaftRules>): (string | undefined)[] =>
      [1, 2, 3, 4, 5].map((seed) => {
        const cluster = new RaftCluster({ servers: 3, seed, rules }).start();
        cluster.run(seconds(60));
        return cluster.leader?.name;
      });
    expect(ledBy({ electionWait: (_, spread) => Math.floor(spread / 2) as never })).toEqual(Array(5).fill(undefined));
    expect(ledBy({})).not.toContain(undefined);
  });

  /** The share of elections in which nobody wins: c of s timeouts fall within one latency of each other (thesis §9.2). */
  function splits(servers: number, failed: number, latency: number): number {
    const s = servers - failed;
    const c = s - Math.floor(servers / 2) + 1;
    let total = 0;
    for (let k = c - 1; k <= s; k++) total += choose(s, k) * power(latency, k) * power(1 - latency, s - k);
    return total;
  }
  test.each`
    servers | failed | latency
    ${3}    | ${1}   | ${0.05}
    ${5}    | ${1}   | ${0.1}
    ${5}    | ${2}   | ${0.05}
  `(
    'of $servers servers, $failed of them down, with messages that take $latency of the random range',
    ({ servers, failed, latency }) => {
      const elections = 300;
      const share = splitShare({ servers, failed, latency, elections });
      const expected = splits(servers, failed, latency);
      const error = Math.sqrt((expected * (1 - expected)) / elections);
      expect(Math.abs(share - expected)).toBeLessThan(4 * error);
    },
  );

  test.each`
    servers | failed | latency | percent
    ${3}    | ${1}   | ${0.01} | ${1.99}
    ${3}    | ${1}   | ${0.1}  | ${19}
    ${5}    | ${1}   | ${0.1}  | ${5.23}
    ${5}    | ${2}   | ${0.1}  | ${27.1}
    ${7}    | ${3}   | ${0.05} | ${18.6}
    ${9}    | ${4}   | ${0.1}  | ${41}
  `('the formula gives $percent % for ($servers, $failed) at $latency', ({ servers, failed, latency, percent }) => {
    expect(100 * splits(servers, failed, latency)).toBeCloseTo(percent, percent > 10 ? 0 : 1);
  });
});

describe('how long things may take', () => {
  test.each`
    loss    | three    | five
    ${0.05} | ${0.902} | ${0.973}
    ${0.1}  | ${0.81}  | ${0.905}
    ${0.2}  | ${0.64}  | ${0.705}
    ${0.3}  | ${0.49}  | ${0.485}
  `(
    'a round reaches a majority of three with $three and of five with $five when $loss of the messages is lost',
    ({ loss, three, five }) => {
      // One of three, and one of five, is down.
      expect(attemptSucceeds(PROFILES.paper, 2, 3, loss)).toBeCloseTo(three, 2);
      expect(attemptSucceeds(PROFILES.paper, 4, 5, loss)).toBeCloseTo(five, 2);
      expect(attemptSucceeds(PROFILES.partita, 4, 5, loss)).toBeCloseTo(five * five, 2);
    },
  );

  test.each(['partita', 'paper', 'etcd', 'hashicorp'] as const)(
    'as %s a leader is there within its bound, whatever was lost',
    (profile) => {
      const config = { ...PROFILES[profile], transport: 'message' } as const;
      for (const loss of [0, 0.2]) {
        const bound = leaderBound(config, { servers: 5, loss, latency: milliseconds(2), write: milliseconds(1) });
        const times = failovers({ config, servers: 5, crashes: 100, loss });
        expect(Math.max(...times)).toBeLessThan(bound / 1e9);
      }
    },
  );

  test.each(['partita', 'etcd', 'hashicorp'] as const)(
    'as %s a leader that nobody answers steps down within its bound',
    (profile) => {
      const config = { ...PROFILES[profile], transport: 'message' } as const;
      for (const seed of [1, 2, 3, 4, 5]) {
        const cluster = new RaftCluster({ servers: 3, seed, config }).start();
        const leader = cluster.elect();
        cluster.run(seconds(1));
        for (const { name } of cluster.servers) if (name !== leader.name) cluster.cutLink(name, leader.name);
        const start = cluster.now;
        const end = cluster.when(() => !leadersOf(cluster).includes(leader.name), seconds(10));
        expect(end - start).toBeLessThanOrEqual((stepDownBound(config) ?? 0) + milliseconds(2));
      }
      expect(stepDownBound(PROFILES.paper)).toBeUndefined();
    },
  );

  test('a server that is back is heard from within a heartbeat', () => {
    expect(returnBound(PROFILES.partita, { latency: milliseconds(2), write: milliseconds(1) })).toBe(milliseconds(102));
    expect(returnBound(PROFILES.hashicorp, { latency: milliseconds(2), write: milliseconds(1) })).toBe(milliseconds(202));
  });
});
