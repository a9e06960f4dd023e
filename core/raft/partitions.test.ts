import { describe, expect, test } from 'vitest';
import { milliseconds, seconds } from '../time.ts';
import { type ClusterServer, RaftCluster } from './cluster.ts';
import type { RaftConfig } from './config.ts';
import { PROFILES } from './profiles.ts';
import { brokenOf, campaigns, clusterWith, DIRECTED, leadersOf, PLAIN } from './scene.ts';

const FULL = PROFILES.partita;
/** As FULL, and the paper's ways of being disturbed. */
const DISTURBED: RaftConfig = { ...FULL, preVote: false, stickiness: 'off', checkQuorum: 'off', leaseReads: false };
/** Pre-votes that look at the log alone. */
const BY_LOG: RaftConfig = { ...DISTURBED, preVote: true };
const DEAF: RaftConfig = { ...FULL, checkQuorum: 'off', leaseReads: false };

/** A cluster with a leader chosen by the test, whose timers run. */
function ledBy(name: string, servers: number, config: RaftConfig, seed = 1): RaftCluster {
  for (let each = seed; ; each += 1000) {
    const cluster = new RaftCluster({ servers, config, seed: each }).start();
    if (cluster.elect().name === name) {
      cluster.run(seconds(1));
      return cluster;
    }
  }
}

const termOf = (cluster: RaftCluster): number => Math.max(...cluster.servers.map(({ state }) => state.currentTerm));

/** How many of 20 proposals, one each 200 ms, were committed. */
function served(cluster: RaftCluster): number {
  let count = 0;
  for (let i = 0; i < 20; i++) {
    for (const server of cluster.servers) {
      if (!server.up || server.state.role.role !== 'leader') continue;
      const id = server.propose();
      cluster.run(milliseconds(100));
      if (server.replies.get(id)?.outcome === 'ok') count++;
    }
    cluster.run(milliseconds(100));
  }
  return count;
}

const SEEDS = [1, 2, 3, 4, 5];

describe('partial partitions', () => {
  test.each(SEEDS)(
    'of three, the leader and one other do not hear each other: with everything on nothing changes (2020-11-02), seed %i',
    (seed) => {
      const cluster = ledBy('n3', 3, FULL, seed);
      const term = termOf(cluster);
      cluster.cut(['n1'], ['n3']);
      expect(served(cluster)).toBe(20);
      cluster.run(seconds(30));
      expect([termOf(cluster), leadersOf(cluster), cluster.server('n1').state.role.role]).toEqual([
        term,
        ['n3'],
        'pre-candidate',
      ]);
    },
  );

  test.each(SEEDS)(
    'without pre-votes and loyalty the leader is deposed within three timeouts, until the one in the middle leads, seed %i',
    (seed) => {
      const cluster = ledBy('n3', 3, DISTURBED, seed);
      const term = termOf(cluster);
      cluster.cut(['n1'], ['n3']);
      cluster.run(seconds(3));
      expect(termOf(cluster)).toBeGreaterThan(term);
      cluster.run(seconds(600));
      expect(leadersOf(cluster)).toContain('n2');
      expect(brokenOf(cluster)).toEqual([]);
    },
  );

  test.each(SEEDS)('pre-votes by the log alone do not help while all logs are equal, seed %i', (seed) => {
    const cluster = ledBy('n3', 3, BY_LOG, seed);
    const term = termOf(cluster);
    cluster.cut(['n1'], ['n3']);
    cluster.run(seconds(3));
    expect(termOf(cluster)).toBeGreaterThan(term);
  });

  test.each([
    [DISTURBED, true],
    [BY_LOG, false],
    [FULL, false],
  ])('of five, two that hear one follower each disturb for ever, unless asked before (%#)', (config, disturbs) => {
    const cluster = ledBy('n3', 5, config);
    const term = termOf(cluster);
    cluster.cut(['n4'], ['n1', 'n3', 'n5']);
    cluster.cut(['n5'], ['n1', 'n2', 'n4']);
    cluster.run(seconds(60));
    expect(termOf(cluster) > term + 5).toBe(disturbs);
  });

  test.each(SEEDS)(
    'a leader heard by too few must step down: with loyalty and without a quorum check nothing is ever committed again, seed %i',
    (seed) => {
      for (const [config, recovers] of [
        [DEAF, false],
        [FULL, true],
      ] as const) {
        const cluster = ledBy('n1', 4, config, seed);
        cluster.cut(['n1'], ['n3', 'n4']);
        cluster.run(seconds(30));
        expect(leadersOf(cluster).some((name) => name !== 'n1')).toBe(recovers);
        expect(served(cluster) > 0).toBe(recovers);
      }
    },
  );

  test('a majority that cannot win keeps electing nobody, and recovers when a link heals', () => {
    const cluster = clusterWith([[1, 2], [1, 2], [1, 2], [1], [1]], { config: FULL, currentTerms: [2, 2, 2, 2, 2] });
    // n1 crashes; only n5 hears n2, n3 and n4, and it lacks what they have.
    cluster.server('n1').crash();
    cluster.cut(['n2'], ['n3', 'n4']);
    cluster.cut(['n3'], ['n4']);
    cluster.run(seconds(60));
    expect(leadersOf(cluster)).toEqual([]);
    cluster.heal();
    cluster.run(seconds(5));
    expect(leadersOf(cluster)).toHaveLength(1);
    expect(brokenOf(cluster)).toEqual([]);
  });

  test.each([
    [DISTURBED, true],
    [FULL, false],
  ])('one who is heard and hears nobody deposes the leader, unless asked before (%#)', (config, disturbs) => {
    const cluster = ledBy('n1', 3, config);
    const term = termOf(cluster);
    cluster.cutLink('n1', 'n3').cutLink('n2', 'n3');
    cluster.run(seconds(30));
    expect(termOf(cluster) > term).toBe(disturbs);
  });

  test.each(SEEDS)(
    'a leader that is not answered steps down at T after the last answer, give or take a heartbeat, seed %i',
    (seed) => {
      const cluster = ledBy('n1', 3, FULL, seed);
      cluster.cutLink('n2', 'n1').cutLink('n3', 'n1');
      const from = cluster.now;
      const at = cluster.when(() => !leadersOf(cluster).includes('n1'), seconds(5));
      expect(at - from).toBeGreaterThan(FULL.electionTimeout - FULL.heartbeatInterval);
      expect(at - from).toBeLessThanOrEqual(FULL.electionTimeout + FULL.heartbeatInterval + milliseconds(1));
    },
  );
});

describe('removed and returning servers', () => {
  const remove = (cluster: RaftCluster, name: string): number => {
    const leader = cluster.leader as ClusterServer;
    return leader.command({ command: 'change', steps: [{ type: 'remove', name: cluster.server(name).id }] });
  };

  test.each([
    [DISTURBED, true],
    [FULL, false],
  ])('one that was removed while it was away disturbs when it is back, unless asked before (%#)', (config, disturbs) => {
    const cluster = ledBy('n1', 5, config);
    cluster.isolate('n5');
    remove(cluster, 'n5');
    cluster.run(seconds(10));
    cluster.heal();
    cluster.run(milliseconds(100));
    const term = Math.max(...cluster.servers.slice(0, 4).map(({ state }) => state.currentTerm));
    cluster.run(seconds(20));
    expect(cluster.servers.slice(0, 4).some(({ state }) => state.currentTerm > term + 2)).toBe(disturbs);
  });

  test('a leader whose removal nobody has yet got must campaign after a crash, without counting itself (thesis §4.2.2)', () => {
    for (const leavingMayCampaign of [true, false]) {
      const cluster = clusterWith([[1], [1]], { config: { ...PLAIN, leavingMayCampaign } });
      campaigns(cluster.server('n1'));
      cluster.run(milliseconds(100));
      cluster.isolate('n1');
      remove(cluster, 'n1');
      cluster.run(milliseconds(50));
      cluster.server('n1').restart();
      cluster.heal();
      for (let i = 0; i < 3; i++) {
        campaigns(cluster.server('n2'));
        campaigns(cluster.server('n1'), milliseconds(500));
      }
      campaigns(cluster.server('n2'), milliseconds(500));
      expect(leadersOf(cluster)).toEqual(leavingMayCampaign ? ['n2'] : []);
      expect(brokenOf(cluster)).toEqual([]);
    }
  });

  test('one that was away for long comes back in the same term, under the same leader, within a heartbeat', () => {
    const cluster = ledBy('n1', 3, FULL);
    const term = termOf(cluster);
    cluster.isolate('n3');
    for (let i = 0; i < 30; i++) cluster.server('n1').propose();
    cluster.run(seconds(100));
    cluster.heal();
    const back = cluster.now;
    const heard = cluster.when(() => cluster.server('n3').state.role.role === 'follower', seconds(1));
    expect(heard - back).toBeLessThanOrEqual(FULL.heartbeatInterval + milliseconds(2));
    cluster.run(seconds(3));
    expect([termOf(cluster), leadersOf(cluster), cluster.server('n3').state.commitIndex]).toEqual([term, ['n1'], 32]);
  });

  test('without pre-votes it comes back with a high term, and the leader is deposed once', () => {
    const cluster = ledBy('n1', 3, { ...FULL, preVote: false });
    cluster.isolate('n3');
    cluster.run(seconds(20));
    const high = cluster.server('n3').state.currentTerm;
    cluster.heal();
    cluster.run(seconds(10));
    expect(termOf(cluster)).toBeGreaterThanOrEqual(high);
    const after = termOf(cluster);
    cluster.run(seconds(20));
    expect(termOf(cluster)).toBe(after);
    expect(leadersOf(cluster)).toHaveLength(1);
  });

  test('a learner votes when it is asked, as it may have been promoted without knowing', () => {
    const cluster = clusterWith([[1], [1], []], { voters: 2 });
    const [n1, n2, n3] = cluster.servers as [ClusterServer, ClusterServer, ClusterServer];
    campaigns(n1, milliseconds(100));
    const server = { name: n3.id, endpoint: n3.endpoint };
    n1.command({ command: 'change', steps: [{ type: 'learner', server }] });
    cluster.run(milliseconds(200));
    cluster.loses = ({ to, message }) => to === 'n3' && message.type === 'append' && message.entries.length > 0;
    n1.command({ command: 'change', steps: [{ type: 'voter', server }] });
    cluster.run(milliseconds(100));
    n1.crash();
    campaigns(n2, milliseconds(10));
    expect(n3.raft.status().config.learners).toHaveLength(1);
    expect(leadersOf(cluster)).toEqual(['n2']);
  });

  test('the dead half of a pair can be removed where configurations act at once, and never where they act when applied (etcd)', () => {
    for (const activation of ['append', 'apply'] as const) {
      const cluster = new RaftCluster({ servers: 2, config: { ...PLAIN, activation } }).start();
      campaigns(cluster.server('n1'), milliseconds(200));
      cluster.server('n2').crash();
      const id = remove(cluster, 'n2');
      cluster.run(seconds(5));
      expect(cluster.server('n1').replies.get(id)?.outcome).toBe(activation === 'append' ? 'ok' : undefined);
    }
  });

  test('of one server a pair is made, and then either crash stops both', () => {
    const cluster = clusterWith([[1], []], { voters: 1, config: { ...FULL, ...DIRECTED } });
    const [n1, n2] = cluster.servers as [ClusterServer, ClusterServer];
    campaigns(n1, milliseconds(100));
    const id = n1.command({ command: 'change', steps: [{ type: 'voter', server: { name: n2.id, endpoint: n2.endpoint } }] });
    cluster.run(milliseconds(500));
    expect(n1.replies.get(id)?.outcome).toBe('ok');
    n2.crash();
    const lost = n1.propose();
    cluster.run(seconds(10));
    expect(n1.replies.has(lost)).toBe(false);
  });
});
