import { describe, expect, test } from 'vitest';
import { milliseconds, seconds } from '../time.ts';
import { type ClusterServer, RaftCluster } from './cluster.ts';
import type { RaftConfig } from './config.ts';
import { consul, PROFILES, problems, type RaftProfile, warnings } from './profiles.ts';
import { brokenOf, campaigns, clusterWith, DIRECTED, leadersOf, PLAIN } from './scene.ts';

const LAN = { latency: milliseconds(2), write: milliseconds(1) };

describe('timers that cannot work', () => {
  test.each(Object.keys(PROFILES) as RaftProfile[])('none of them is in the profile %s', (profile) => {
    expect(problems(PROFILES[profile])).toEqual([]);
  });

  test.each([
    [{ heartbeatInterval: seconds(2) }, /come too late for an election timeout of 1s/],
    [
      { checkQuorum: 'lease', leaseReads: false, leaderLease: seconds(2) },
      /a leader lease of 2s outlasts the election timeout of 1s/,
    ],
    [{ stickiness: 'known' }, /lease reads need voters that stay loyal/],
    [{ checkQuorum: 'off' }, /lease reads need a leader that checks its quorum/],
    [{ clockRatio: 0.5 }, /at least 1, and not 0.5/],
    [{ heartbeatInterval: milliseconds(0) }, /must be longer than nothing/],
  ] as [Partial<RaftConfig>, RegExp][])('%j are refused, with the reason', (change, reason) => {
    expect(problems({ ...PROFILES.partita, ...change })).toEqual([expect.stringMatching(reason)]);
  });

  test.each([
    [{ heartbeatInterval: milliseconds(300) }, LAN, /less than five heartbeats of 300ms/],
    [{}, { ...LAN, latency: milliseconds(600) }, /a round trip and a write take 1.201s/],
    [{ electionSpread: milliseconds(1) }, LAN, /differ by less than a message takes/],
    [{ checkQuorum: 'off' }, LAN, /a leader that is heard by too few is never replaced/],
  ] as [Partial<RaftConfig>, typeof LAN, RegExp][])('%j are warned of', (change, surroundings, warning) => {
    expect(warnings({ ...PROFILES.partita, ...change }, surroundings)).toEqual([expect.stringMatching(warning)]);
  });

  test('the paper’s heartbeats are half its timeout: it is warned of that alone', () => {
    expect(warnings(PROFILES.paper, LAN)).toHaveLength(1);
    for (const profile of ['partita', 'etcd', 'hashicorp', 'consul'] as const)
      expect(warnings(PROFILES[profile], LAN)).toEqual([]);
  });
});

describe('Consul', () => {
  test('multiplies the timers by raft_multiplier, 5 unless told otherwise, and not the commit timeout', () => {
    const { electionTimeout, leaderLease, heartbeatInterval, commitTimeout, snapshotThreshold } = PROFILES.consul;
    expect([electionTimeout, leaderLease, heartbeatInterval, commitTimeout, snapshotThreshold]).toEqual([
      seconds(5),
      milliseconds(2500),
      milliseconds(500),
      milliseconds(50),
      16_384,
    ]);
    expect(consul(1).electionTimeout).toBe(seconds(1));
  });
});

/** A cluster of three led by n1, with one switch set. */
function led(change: Partial<RaftConfig>): { cluster: RaftCluster; n1: ClusterServer; n2: ClusterServer; n3: ClusterServer } {
  const cluster = clusterWith([[1], [1], [1]], { config: { ...PLAIN, ...change } });
  campaigns(cluster.server('n1'), milliseconds(200));
  const [n1, n2, n3] = cluster.servers as [ClusterServer, ClusterServer, ClusterServer];
  return { cluster, n1, n2, n3 };
}

describe('where systems differ', () => {
  test.each([
    ['immediate', 1],
    ['piggyback', 50],
    ['timeout', 100],
  ] as const)('followers hear what is committed %s: within %i ms', (commitNews, within) => {
    const { cluster, n1, n2 } = led({ commitNews });
    cluster.run(milliseconds(500));
    n1.propose();
    cluster.when(() => n1.state.commitIndex === 3, seconds(1));
    const start = cluster.now;
    const end = cluster.when(() => n2.state.commitIndex === 3, seconds(1));
    expect((end - start) / 1e6).toBeLessThanOrEqual(within + 1);
  });

  test.each([
    [false, 4],
    [true, 5],
  ])('a leader that writes before it sends (%s) commits after %i ms', (writesBeforeSending, after) => {
    const { cluster, n1 } = led({ writesBeforeSending });
    cluster.sync = milliseconds(2);
    cluster.run(milliseconds(75));
    const start = cluster.now;
    const id = n1.propose();
    const end = cluster.when(() => n1.replies.has(id), seconds(1));
    expect((end - start) / 1e6).toBe(writesBeforeSending ? after + 1 : after);
  });

  test.each([
    [true, 'follower'],
    [false, 'candidate'],
  ] as const)('a candidate that too many refused gives up at once: %s', (yieldsWhenRefused, role) => {
    const cluster = clusterWith([[1], [1, 2], [1, 2]], { config: { ...PLAIN, yieldsWhenRefused }, currentTerms: [1, 2, 2] });
    campaigns(cluster.server('n1'));
    campaigns(cluster.server('n1'));
    expect(cluster.server('n1').state.role.role).toBe(role);
  });

  test('votes only for voters it knows: one who was promoted meanwhile is not elected (HashiCorp)', () => {
    for (const votesForVotersOnly of [true, false]) {
      const cluster = clusterWith([[1], [1], [1]], { voters: 2, config: { ...PLAIN, votesForVotersOnly } });
      const [n1, n2, n3] = cluster.servers as [ClusterServer, ClusterServer, ClusterServer];
      campaigns(n1, milliseconds(100));
      n1.command({ command: 'change', steps: [{ type: 'learner', server: { name: n3.id, endpoint: n3.endpoint } }] });
      cluster.run(milliseconds(200));
      cluster.loses = ({ to, message }) => to === 'n2' && message.type === 'append';
      n1.command({ command: 'change', steps: [{ type: 'voter', server: { name: n3.id, endpoint: n3.endpoint } }] });
      cluster.run(milliseconds(200));
      n1.crash();
      campaigns(n3);
      expect(leadersOf(cluster)).toEqual(votesForVotersOnly ? [] : ['n3']);
      expect(n2.state.currentTerm).toBe(3);
    }
  });

  test.each([
    ['single', 'more than one voter'],
    ['joint', undefined],
    ['both', undefined],
  ] as const)('two voters at once where changes are %s', (changes, problem) => {
    const cluster = clusterWith([[1], [1], [1], [], []], { voters: 3, config: { ...PLAIN, changes } });
    const [n1, , , n4, n5] = cluster.servers as ClusterServer[] as [
      ClusterServer,
      ClusterServer,
      ClusterServer,
      ClusterServer,
      ClusterServer,
    ];
    campaigns(n1, milliseconds(100));
    const steps = [n4, n5].map(({ id, endpoint }) => ({ type: 'voter', server: { name: id, endpoint } }) as const);
    const id = n1.command({ command: 'change', steps });
    cluster.run(milliseconds(500));
    expect(n1.replies.get(id)).toMatchObject(problem === undefined ? { outcome: 'ok' } : { outcome: 'fail', problem });
  });

  test('a leader that is removed steps down, or goes on leading (etcd’s default was so)', () => {
    for (const stepsDownWhenRemoved of [true, false]) {
      const { cluster, n1 } = led({ stepsDownWhenRemoved });
      n1.command({ command: 'change', steps: [{ type: 'remove', name: n1.id }] });
      cluster.run(milliseconds(500));
      expect(leadersOf(cluster)).toEqual(stepsDownWhenRemoved ? [] : ['n1']);
    }
  });

  test('one append under way, or many', () => {
    for (const maxInflight of [1, 64]) {
      const { cluster, n1 } = led({ maxInflight, maxEntries: 1 });
      let most = 0;
      let open = 0;
      cluster.passed = ({ from, to, message }) => {
        if (to === 'n2' && message.type === 'append' && message.entries.length > 0) most = Math.max(most, ++open);
        if (from === 'n2' && message.type === 'append-response') open--;
      };
      for (let i = 0; i < 20; i++) n1.propose();
      cluster.run(milliseconds(200));
      expect(most).toBe(maxInflight === 1 ? 1 : 20);
    }
  });

  test('too large and too much is refused, one is always taken', () => {
    const { cluster, n1 } = led({ maxProposalBytes: 100, maxUncommittedBytes: 150 });
    const propose = (bytes: number): unknown => n1.replies.get(n1.command({ command: 'propose', payload: 'x', bytes }));
    expect([propose(101), propose(100), propose(60), propose(0)]).toEqual([
      expect.objectContaining({ outcome: 'fail', problem: 'too large' }),
      undefined,
      expect.objectContaining({ outcome: 'fail', problem: 'too many uncommitted' }),
      undefined,
    ]);
    cluster.run(milliseconds(100));
    expect(propose(100)).toBeUndefined();
  });

  test('who serves no lease reads refuses them', () => {
    const { n1 } = led({});
    const id = n1.command({ command: 'read', query: undefined, mode: 'lease' });
    expect(n1.replies.get(id)).toMatchObject({ outcome: 'fail', problem: 'lease reads' });
  });

  test('somebody else may say that the leader is dead, except where leases are read', () => {
    for (const leaseReads of [false, true]) {
      const { n2 } = led({ leaseReads, ...(leaseReads ? { stickiness: 'window', checkQuorum: 'sliding' } : {}) });
      const id = n2.command({ command: 'forget-leader' });
      expect(n2.replies.get(id)?.outcome).toBe(leaseReads ? 'fail' : 'ok');
      expect(n2.state.role).toMatchObject({ leader: leaseReads ? 0 : undefined });
    }
  });
});

describe('starting a cluster', () => {
  test('without a configuration nobody ever campaigns, until somebody is told', () => {
    const cluster = new RaftCluster({ servers: 3, bootstrap: false }).start();
    cluster.run(seconds(60));
    expect(cluster.servers.map(({ state }) => state.currentTerm)).toEqual([0, 0, 0]);
    const voters = cluster.servers.map(({ id, endpoint }) => ({ name: id, endpoint }));
    const n1 = cluster.server('n1');
    const told = n1.command({ command: 'bootstrap', voters });
    cluster.run(seconds(5));
    expect(n1.replies.get(told)?.outcome).toBe('ok');
    expect(leadersOf(cluster)).toEqual(['n1']);
    expect(cluster.server('n3').raft.status().config.voters).toHaveLength(3);
    expect(brokenOf(cluster)).toEqual([]);
  });

  test('a server that knows a cluster, is not in the list, or has an empty list refuses', () => {
    const cluster = clusterWith([[1], []], { voters: 1, config: { ...PROFILES.partita, ...DIRECTED }, bootstrap: true });
    const [n1, n2] = cluster.servers as [ClusterServer, ClusterServer];
    const one = { name: n1.id, endpoint: n1.endpoint };
    const answer = (server: ClusterServer, voters: (typeof one)[]): unknown =>
      server.replies.get(server.command({ command: 'bootstrap', voters }));
    expect(answer(n1, [one])).toMatchObject({ outcome: 'fail', problem: 'not empty' });
    expect(answer(n2, [one])).toMatchObject({ outcome: 'fail', problem: 'unknown server' });
    expect(answer(n2, [])).toMatchObject({ outcome: 'fail', problem: 'no voter left' });
  });
});
