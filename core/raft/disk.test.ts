import { describe, expect, test } from 'vitest';
import { milliseconds, START, seconds } from '../time.ts';
import { load } from './boot.ts';
import { type ClusterServer, RaftCluster } from './cluster.ts';
import { PROFILES } from './profiles.ts';
import { brokenOf, campaigns, clusterWith, leadersOf, PLAIN, termsOf } from './scene.ts';

/** A cluster with a leader and some entries, and one of its followers. */
function running(config = PROFILES.partita): { cluster: RaftCluster; leader: ClusterServer; follower: ClusterServer } {
  const cluster = new RaftCluster({ servers: 3, config }).start();
  const leader = cluster.elect();
  for (let i = 0; i < 5; i++) {
    leader.propose(i);
    cluster.run(milliseconds(50));
  }
  const follower = cluster.servers.find((server) => server !== leader) as ClusterServer;
  return { cluster, leader, follower };
}

const found = (server: ClusterServer, change: (files: Map<string, unknown[]>) => void) => {
  const files = new Map([...server.disk.files()].map(([name, records]) => [name, [...records]]));
  change(files);
  return load(files, server.cluster.names, () => true);
};

describe('what a server makes of its disk', () => {
  test('a torn record at the end is cut off, and the rest counts', () => {
    const { follower } = running();
    const whole = found(follower, () => {});
    const torn = found(follower, (files) => files.get('wal')?.push({ type: 'batch', sequence: 99 }));
    expect(torn).toMatchObject({ keep: follower.disk.files().get('wal')?.length });
    expect({ ...torn, keep: undefined, warnings: [] }).toEqual(whole);
  });

  test('what a process wrote and did not sync is promised by the next one only when it has synced it', () => {
    const { cluster, leader, follower } = running();
    cluster.isolate(leader.name);
    cluster.sync = seconds(10);
    const vote = {
      type: 'vote',
      cluster: 0,
      from: leader.id,
      to: follower.id,
      term: 9,
      lastIndex: 99,
      lastTerm: 8,
      force: true,
    } as const;
    const votes: string[] = [];
    cluster.passed = ({ message }) => {
      if (message.type === 'vote-response' && message.granted) votes.push(message.type);
    };
    follower.deliver(leader.endpoint, vote);
    follower.restart('none');
    expect([follower.state.currentTerm, follower.state.votedFor]).toEqual([9, leader.id]);
    follower.deliver(leader.endpoint, vote);
    cluster.run(seconds(5));
    expect(votes).toEqual([]);
    follower.restart('tear');
    cluster.run(seconds(30));
    expect(brokenOf(cluster)).toEqual([]);
  });

  test('what is added after a torn record was cut off is found again', () => {
    const { cluster, leader, follower } = running();
    cluster.sync = milliseconds(20);
    for (let i = 0; i < 20; i++) {
      leader.propose();
      cluster.run(milliseconds(15));
      follower.restart('tear');
      cluster.run(milliseconds(100));
    }
    cluster.run(seconds(3));
    expect(follower.state.role.role).toBe('follower');
    expect(termsOf(follower)).toEqual(termsOf(leader));
    expect(brokenOf(cluster)).toEqual([]);
  });

  test('a damaged record in the middle, or a missing one, is no reason to guess: it does not start, and says why', () => {
    const { follower } = running();
    const damaged = found(follower, (files) => files.get('wal')?.splice(2, 1, 'rubbish'));
    const missing = found(follower, (files) => files.get('wal')?.splice(2, 1));
    expect(damaged).toEqual({ refusal: 'record 2 of the log is damaged, and others follow it: the disk is not to be trusted' });
    expect(missing).toEqual({ refusal: 'record 2 of the log has number 3 where 2 was expected: something before it was lost' });
  });

  test('a server that must not start is silent, answers why, and the others go on', () => {
    const { cluster, leader, follower } = running();
    follower.restart('corrupt');
    expect(follower.state.role).toMatchObject({ role: 'stopped' });
    expect(follower.log.at(-1)).toMatch(/^\[ERR\] raft: stops: record 0 of the log is damaged/);
    expect(follower.notices.at(-1)).toMatchObject({ type: 'raft-stopped' });
    expect(follower.replies.get(follower.propose())).toEqual({ outcome: 'fail', problem: 'stopped' });
    const id = leader.propose();
    cluster.run(seconds(5));
    expect([leader.replies.get(id)?.outcome, leadersOf(cluster)]).toEqual(['ok', [leader.name]]);
  });

  test('of two snapshots the newest good one counts; without the log between, the older one does not do', () => {
    const config = { ...PROFILES.partita, snapshotThreshold: 2, snapshotTrailing: 0 };
    const { follower } = running(config);
    const newest = follower.state.snapshot?.index;
    expect(found(follower, () => {})).toMatchObject({ snapshot: { index: newest } });
    const other = found(follower, (files) => {
      for (const name of ['snapshot-0', 'snapshot-1']) {
        if ((files.get(name)?.[0] as { index: number })?.index === newest) files.set(name, ['rubbish']);
      }
    });
    expect(other).toEqual({ refusal: `the log begins after entry ${newest} and there is no good snapshot of what was before` });
  });

  test('a log that does not continue the snapshot is replaced by it', () => {
    const { cluster, follower } = running();
    const { state, name } = follower;
    const snapshot = {
      index: 50,
      term: state.currentTerm,
      config: follower.raft.status().config,
      configIndex: 1,
      at: START,
      data: { count: 9, hash: 9 },
      sessions: new Map(),
      bytes: 10,
    };
    expect(found(follower, (files) => files.set('snapshot-0', [snapshot]))).toMatchObject({
      isDropped: true,
      log: { cut: 50, entries: [] },
      commit: 50,
    });
    expect(cluster.server(name)).toBe(follower);
  });
});

describe('an empty disk', () => {
  test('a server that ran before and finds nothing takes no part in elections', () => {
    const { cluster, leader, follower } = running();
    const third = cluster.servers.find((server) => server !== leader && server !== follower) as ClusterServer;
    follower.restart('wipe');
    expect(follower.state.amnesiac).toBe(true);
    cluster.run(seconds(3));
    leader.crash();
    cluster.run(seconds(20));
    expect(leadersOf(cluster)).toEqual([]);
    expect(third.state.currentTerm).toBe(leader.state.currentTerm);
    follower.restart();
    expect(follower.state.amnesiac).toBe(true);
  });

  test('it does again when it has been removed and added', () => {
    const { cluster, leader, follower } = running();
    follower.restart('wipe');
    cluster.run(seconds(2));
    leader.command({ command: 'change', steps: [{ type: 'remove', name: follower.id }] });
    cluster.run(seconds(1));
    leader.command({
      command: 'change',
      steps: [{ type: 'learner', server: { name: follower.id, endpoint: follower.endpoint } }],
    });
    cluster.run(seconds(1));
    leader.command({ command: 'change', steps: [{ type: 'voter', server: { name: follower.id, endpoint: follower.endpoint } }] });
    cluster.run(seconds(1));
    leader.crash();
    cluster.run(seconds(10));
    expect(leadersOf(cluster)).toHaveLength(1);
    follower.restart();
    expect(follower.state.amnesiac).toBe(false);
    expect(brokenOf(cluster)).toEqual([]);
  });

  test('one that votes as if it had promised nothing makes two leaders of one term', () => {
    const cluster = clusterWith([[1], [1], [1]], { rules: { hasForgotten: () => false }, config: PLAIN });
    const [n1, n2, n3] = cluster.servers as [ClusterServer, ClusterServer, ClusterServer];
    cluster.isolate('n3');
    campaigns(n1);
    n2.restart('wipe');
    cluster.heal();
    cluster.isolate('n1');
    campaigns(n3);
    expect([n1.state.currentTerm, n3.state.currentTerm, leadersOf(cluster)]).toEqual([2, 2, ['n1', 'n3']]);
    expect(brokenOf(cluster)).toEqual(expect.arrayContaining(['ElectionSafety', 'VoteOnce']));
  });
});

describe('a disk that fails', () => {
  test.each([
    ['full', 'no space left on device'],
    ['error', 'input/output error'],
  ] as const)(
    'a leader whose writes end as %s stops and says so; what it had not committed is unknown, and another one follows',
    (outcome, reason) => {
      const { cluster, leader } = running();
      leader.disk.outcome = outcome;
      cluster.isolate(leader.name);
      const id = leader.propose();
      cluster.run(milliseconds(10));
      expect(leader.state.role).toEqual({ role: 'stopped', reason });
      expect(leader.replies.get(id)).toEqual({ outcome: 'unknown', problem: 'leadership lost' });
      expect(leader.log).toEqual([`[ERR] raft: stops: ${reason}`]);
      cluster.run(seconds(5));
      expect(leadersOf(cluster)).toHaveLength(1);
    },
  );

  test('it goes on after a restart, when there is room again', () => {
    const { cluster, leader } = running();
    leader.disk.outcome = 'full';
    leader.propose();
    cluster.run(seconds(5));
    leader.disk.outcome = 'ok';
    leader.restart('none');
    cluster.leader?.propose();
    cluster.run(seconds(3));
    expect(termsOf(leader)).toEqual(termsOf(cluster.leader as ClusterServer));
    expect(brokenOf(cluster)).toEqual([]);
  });

  test('no room for a snapshot stops nobody', () => {
    const { cluster, leader } = running();
    const { disk } = leader;
    const replace = disk.replace.bind(disk);
    disk.replace = (file, records) => (file === 'wal' ? replace(file, records) : 'full');
    leader.command({ command: 'snapshot' });
    cluster.run(milliseconds(100));
    expect([leader.state.role.role, leader.state.snapshot]).toEqual(['leader', undefined]);
    expect(leader.log).toEqual(['[ERR] raft: failed to write snapshot: no space left on device']);
  });

  test('no room for a second log stops nobody: it is not compacted', () => {
    const { cluster, leader } = running({ ...PROFILES.partita, snapshotTrailing: 0 });
    const { disk } = leader;
    const replace = disk.replace.bind(disk);
    disk.replace = (file, records) => (file === 'wal' ? 'full' : replace(file, records));
    leader.command({ command: 'snapshot' });
    cluster.run(milliseconds(100));
    const id = leader.propose();
    cluster.run(milliseconds(100));
    expect(leader.replies.get(id)?.outcome).toBe('ok');
    leader.restart();
    cluster.run(seconds(5));
    expect(termsOf(leader).slice(-1)).toEqual(termsOf(cluster.leader as ClusterServer).slice(-1));
    expect(brokenOf(cluster)).toEqual([]);
  });

  test('a leader whose disk stalls keeps its heartbeats: it must step down where its own disk decides (HashiCorp 666)', () => {
    for (const [diskPatience, recovers] of [
      [milliseconds(0), false],
      [seconds(1), true],
    ] as const) {
      const config = { ...PROFILES.hashicorp, transport: 'message', diskPatience } as const;
      const { cluster, leader } = running(config);
      leader.disk.busy(cluster.now, seconds(600));
      const id = leader.propose();
      cluster.run(seconds(30));
      expect(leader.replies.get(id)?.outcome).toBe(recovers ? 'unknown' : undefined);
      expect(leadersOf(cluster).filter((name) => name !== leader.name)).toHaveLength(recovers ? 1 : 0);
    }
  });

  test('a stalled disk of a leader that need not wait for it holds nothing up (thesis §10.2.1)', () => {
    const { cluster, leader } = running();
    leader.disk.busy(cluster.now, seconds(600));
    const id = leader.propose();
    cluster.run(milliseconds(50));
    expect(leader.replies.get(id)?.outcome).toBe('ok');
    expect(brokenOf(cluster)).toEqual([]);
  });
});

describe('the commit hint (etcd)', () => {
  test('lets a restarted server execute at once what it knew to be committed, and never more', () => {
    const config = { ...PLAIN, commitHint: true, heartbeatInterval: milliseconds(10) };
    const cluster = clusterWith([[1], [1], [1]], { config });
    campaigns(cluster.server('n1'), milliseconds(100));
    for (let i = 0; i < 5; i++) {
      cluster.server('n1').propose();
      cluster.run(milliseconds(50));
    }
    const n2 = cluster.server('n2');
    const { commitIndex } = n2.state;
    n2.restart();
    expect(n2.state.commitIndex).toBeGreaterThan(1);
    expect(n2.state.commitIndex).toBeLessThanOrEqual(commitIndex);
    expect(n2.state.lastApplied).toBe(n2.state.commitIndex);
    expect(brokenOf(cluster)).toEqual([]);
  });
});
