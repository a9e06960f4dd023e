import { describe, expect, test } from 'vitest';
import { milliseconds, seconds } from '../time.ts';
import { type ClusterServer, RaftCluster } from './cluster.ts';
import type { RaftMessage } from './message.ts';
import { PROFILES } from './profiles.ts';
import { isSticky, type RaftRules } from './rules.ts';
import { brokenOf, campaigns, clusterWith, leadersOf, PLAIN, termsOf, timesOut } from './scene.ts';

type Three = [ClusterServer, ClusterServer, ClusterServer];

const FULL = PROFILES.partita;

/** A message that a server once sent, brought to another again, or late. */
function bring(cluster: RaftCluster, to: string, from: string, message: RaftMessage): void {
  cluster.server(to).deliver(cluster.server(from).endpoint, message);
}

/** All messages that are sent from now on. */
function overhear(cluster: RaftCluster): { from: string; to: string; message: RaftMessage; at: number }[] {
  const heard: { from: string; to: string; message: RaftMessage; at: number }[] = [];
  cluster.passed = (passing) => heard.push({ ...passing, at: cluster.now });
  return heard;
}

describe('what must be on disk before it is said (Raft §5.1)', () => {
  /** Three servers whose disks take 50 ms. */
  function slow(): RaftCluster {
    const cluster = clusterWith([[1], [1], [1]]);
    cluster.run(milliseconds(5));
    cluster.sync = milliseconds(50);
    return cluster;
  }

  test('votes are asked for when the term is on disk, and given when the vote is', () => {
    const cluster = slow();
    const heard = overhear(cluster);
    const start = cluster.now;
    campaigns(cluster.server('n1'), milliseconds(200));
    const tookTo = (type: string): number => ((heard.find(({ message }) => message.type === type)?.at ?? 0) - start) / 1e6;
    expect([tookTo('vote'), tookTo('vote-response'), leadersOf(cluster)]).toEqual([50, 101, ['n1']]);
    expect(brokenOf(cluster)).toEqual([]);
  });

  test('a single server leads when its own vote is on disk, and commits when its entry is', () => {
    const cluster = clusterWith([[1]]);
    cluster.run(milliseconds(5));
    cluster.sync = milliseconds(50);
    const start = cluster.now;
    timesOut(cluster.server('n1'));
    const led = cluster.when(() => leadersOf(cluster).length === 1, seconds(1));
    const committed = cluster.when(() => cluster.server('n1').state.commitIndex === 2, seconds(1));
    expect([(led - start) / 1e6, (committed - start) / 1e6]).toEqual([50, 100]);
  });

  test('a vote that was given before a crash does not count for a later candidacy in the same term: there is none', () => {
    const cluster = slow();
    const [n1] = cluster.servers as Three;
    const heard = overhear(cluster);
    timesOut(n1);
    cluster.run(milliseconds(49));
    n1.crash();
    expect(heard.filter(({ message }) => message.type === 'vote')).toEqual([]);
  });

  test('an append is confirmed when its entries are on disk, and also when only the term is new', () => {
    const cluster = clusterWith([
      [1, 1],
      [1, 1],
      [1, 1],
    ]);
    cluster.run(milliseconds(5));
    cluster.sync = milliseconds(50);
    const heard = overhear(cluster);
    const { id } = cluster.server('n1');
    const start = cluster.now;
    bring(cluster, 'n2', 'n1', {
      type: 'append',
      cluster: 0,
      from: id,
      to: cluster.server('n2').id,
      term: 5,
      prevIndex: 2,
      prevTerm: 1,
      entries: [],
      commit: 0,
    });
    cluster.run(milliseconds(100));
    expect(heard.map(({ message, at }) => [message.type, (at - start) / 1e6])).toEqual([['append-response', 50]]);
  });

  test('term and vote are one record: a crash in between leaves the pair before', () => {
    for (const fault of ['tear', undefined] as const) {
      const cluster = slow();
      const [n1, n2, n3] = cluster.servers as Three;
      campaigns(n1, milliseconds(300));
      expect([n2.state.currentTerm, n2.state.votedFor]).toEqual([2, n1.id]);
      bring(cluster, 'n2', 'n3', {
        type: 'vote',
        cluster: 0,
        from: n3.id,
        to: n2.id,
        term: 3,
        lastIndex: 9,
        lastTerm: 2,
        force: false,
      });
      expect([n2.state.currentTerm, n2.state.votedFor]).toEqual([3, n3.id]);
      cluster.random.state.words.fill(0); // the crash keeps none of what was not synced
      n2.restart(fault);
      expect([n2.state.currentTerm, n2.state.votedFor]).toEqual([2, n1.id]);
      expect(brokenOf(cluster)).toEqual([]);
    }
  });
});

describe('late messages', () => {
  /** n1 is given a vote in term 2 that arrives when it stands in term 3; n3 is elected in term 3 by n2. */
  function lateVote(rules: Partial<RaftRules>): RaftCluster {
    const cluster = clusterWith([[1], [1], [1]], { rules });
    const [n1, n2, n3] = cluster.servers as Three;
    const late: RaftMessage[] = [];
    cluster.loses = ({ message }) => message.type === 'vote-response' && late.push(message) > 0;
    cluster.cut(['n1'], ['n3']);
    campaigns(n1);
    cluster.cut(['n1'], ['n2']);
    timesOut(n1);
    cluster.loses = () => false;
    campaigns(n3);
    campaigns(n3);
    for (const message of late) n1.deliver(n2.endpoint, message);
    return cluster;
  }

  test('a vote of an earlier term elects nobody', () => {
    expect(leadersOf(lateVote({}))).toEqual(['n3']);
    expect(brokenOf(lateVote({ countsVote: () => true }))).toContain('ElectionSafety');
  });

  test('a follower commits no further than an append has checked, whatever its log holds', () => {
    for (const [rules, commit] of [
      [{}, 3],
      [
        { followerCommit: (commit: number, leader: number, _: number, last: number) => Math.max(commit, Math.min(leader, last)) },
        4,
      ],
    ] as const) {
      // n2 has a stale tail of term 2; the leader of term 3 checks index 3 and has committed 4.
      const cluster = clusterWith(
        [
          [1, 1, 2, 3],
          [1, 1, 2, 2, 2],
          [1, 1, 2, 3],
        ],
        { rules },
      );
      const [n1, n2] = cluster.servers as Three;
      const entries = n1.state.log.entries.slice(2, 3);
      bring(cluster, 'n2', 'n1', {
        type: 'append',
        cluster: 0,
        from: n1.id,
        to: n2.id,
        term: 3,
        prevIndex: 2,
        prevTerm: 1,
        entries,
        commit: 4,
      });
      expect(n2.state.commitIndex).toBe(commit);
    }
  });

  test('an answer to an earlier round of heartbeats confirms no later read', () => {
    const cluster = clusterWith([[1], [1], [1]]);
    campaigns(cluster.server('n1'), milliseconds(100));
    const n1 = cluster.server('n1');
    const heard = overhear(cluster);
    cluster.run(milliseconds(60));
    const old = heard.filter(({ to, message }) => to === 'n1' && message.type === 'heartbeat-response');
    cluster.isolate('n1');
    const id = n1.command({ command: 'read', query: undefined, mode: 'index' });
    for (const { from, message } of old) bring(cluster, 'n1', from, message);
    expect(n1.replies.has(id)).toBe(false);
  });

  test('no two broadcasts of a leader have the same number', () => {
    const cluster = new RaftCluster({ servers: 3 }).start();
    const leader = cluster.elect();
    const sent: string[] = [];
    cluster.passed = ({ to, message }) => message.type === 'heartbeat' && sent.push(`${to} ${message.term} ${message.round}`);
    for (let i = 0; i < 50; i++) {
      leader.command({ command: 'read', query: undefined, mode: 'index' });
      cluster.run(milliseconds(30));
    }
    expect(new Set(sent).size).toBe(sent.length);
  });

  test('a server that comes back in an old term with the longest log is told of the new one (etcd 8243)', () => {
    for (const [rules, elected] of [
      [{}, true],
      [{ answersOutdatedVote: () => false }, false],
    ] as const) {
      // n2 is in a later term and has less; n3 is gone. Only n1 can win, and only when it learns the term.
      const cluster = clusterWith([[1, 2, 2], [1], [1]], { currentTerms: [2, 5, 5], rules, config: FULL });
      cluster.server('n3').crash();
      cluster.run(seconds(20));
      expect(leadersOf(cluster).length === 1).toBe(elected);
    }
  });
});

describe('leases', () => {
  /** The stale answers of a leader that was cut off, to lease reads asked every 10 ms while the others go on. */
  function staleReads(
    seed: number,
    options: { rules?: Partial<RaftRules>; checkQuorum?: 'windows' | 'sliding'; rate?: number },
  ): number {
    const { rules = {}, checkQuorum = 'sliding', rate = 1 } = options;
    const cluster = new RaftCluster({ servers: 3, seed, rules, config: { ...FULL, checkQuorum } });
    for (const server of cluster.servers) server.rate = rate;
    cluster.start();
    const old = cluster.elect();
    cluster.run(seconds(1));
    old.rate = 1;
    cluster.isolate(old.name);
    let stale = 0;
    let newest = 0;
    for (const server of cluster.servers) {
      server.answered = (_, reply) => {
        if (reply.outcome === 'ok' && server !== old) newest = Math.max(newest, reply.index);
      };
    }
    for (let i = 0; i < 300; i++) {
      const { leader } = cluster;
      if (leader !== undefined && leader !== old) leader.propose();
      const floor = newest;
      const reply = old.replies.get(old.command({ command: 'read', query: undefined, mode: 'lease' }));
      if (reply?.outcome === 'ok' && reply.index < floor) stale++;
      cluster.run(milliseconds(10));
    }
    return stale;
  }
  const total = (options: Parameters<typeof staleReads>[1]): number =>
    [1, 2, 3, 4, 5, 6, 7, 8].reduce((sum, seed) => sum + staleReads(seed, options), 0);

  test('a leader that was cut off serves no stale read within its lease', () => {
    expect(total({})).toBe(0);
    expect(total({ checkQuorum: 'windows' })).toBe(0);
  });

  test('one that serves until it steps down does (a lease of twice the timeout, etcd’s check in windows)', () => {
    const rules: Partial<RaftRules> = { leaseEnd: (sentAt, _now, electionTimeout) => (sentAt + 2 * electionTimeout) as never };
    expect(total({ rules, checkQuorum: 'windows' })).toBeGreaterThan(0);
  });

  test('so does one that counts its lease from when it looks', () => {
    const rules: Partial<RaftRules> = { leaseEnd: (_sentAt, now, electionTimeout) => (now + electionTimeout) as never };
    expect(total({ rules, checkQuorum: 'windows' })).toBeGreaterThan(0);
  });

  test('after it told somebody to campaign, a leader has no lease for the rest of its term', () => {
    const cluster = new RaftCluster({ servers: 3 }).start();
    const leader = cluster.elect();
    cluster.run(seconds(1));
    const lease = (): boolean => leader.replies.has(leader.command({ command: 'read', query: undefined, mode: 'lease' }));
    expect(lease()).toBe(true);
    cluster.loses = ({ message }) => message.type === 'timeout-now';
    leader.command({ command: 'transfer' });
    cluster.run(seconds(3));
    expect(leadersOf(cluster)).toEqual([leader.name]);
    expect(lease()).toBe(false);
  });

  test('a voter that restarts stays out of elections for T, as it has forgotten whom it heard', () => {
    const cluster = new RaftCluster({ servers: 3 }).start();
    const leader = cluster.elect();
    cluster.run(seconds(1));
    const [one, other] = cluster.servers.filter((server) => server !== leader) as [ClusterServer, ClusterServer];
    cluster.isolate(leader.name);
    one.restart();
    const heard = overhear(cluster);
    for (let i = 0; i < 9; i++) {
      timesOut(other);
      cluster.run(milliseconds(100));
    }
    expect(heard.filter(({ from, message }) => from === one.name && message.type.endsWith('vote-response'))).toEqual([]);
    cluster.when(() => cluster.leader !== leader && cluster.leader !== undefined, seconds(5));
    expect(brokenOf(cluster)).toEqual([]);
  });

  test('loyalty survives a higher term, where a voter must know its leader it does not (etcd)', () => {
    const now = milliseconds(900) as never;
    const heardAt = 0 as never;
    expect(isSticky('window', undefined, heardAt, now, seconds(1))).toBe(true);
    expect(isSticky('known', undefined, heardAt, now, seconds(1))).toBe(false);
    expect(isSticky('named', 1 as never, undefined, now, seconds(1))).toBe(true);
    expect(isSticky('off', 1 as never, heardAt, now, seconds(1))).toBe(false);
    expect(isSticky('window', 1 as never, heardAt, seconds(1) as never, seconds(1))).toBe(false);
  });
});

describe('leadership transfer (thesis §3.10)', () => {
  test('takes one and a half round trips and two writes, and another round trip and write to commit', () => {
    const cluster = new RaftCluster({ servers: 3 }).start();
    const leader = cluster.elect();
    cluster.run(seconds(1));
    cluster.delay = milliseconds(10);
    cluster.sync = milliseconds(5);
    const start = cluster.now;
    leader.command({ command: 'transfer' });
    const led = cluster.when(() => cluster.leader !== leader && cluster.leader !== undefined, seconds(1));
    const next = cluster.leader as ClusterServer;
    const committed = cluster.when(
      () => next.state.role.role === 'leader' && next.state.commitIndex >= next.state.role.termStart,
      seconds(1),
    );
    expect([(led - start) / 1e6, (committed - start) / 1e6]).toEqual([3 * 10 + 2 * 5, 5 * 10 + 3 * 5]);
  });

  test('brings the target up to date first, and takes no proposals meanwhile', () => {
    const cluster = new RaftCluster({ servers: 3 }).start();
    const leader = cluster.elect();
    const target = cluster.servers.find((server) => server !== leader) as ClusterServer;
    cluster.loses = ({ to, message }) => to === target.name && message.type === 'append';
    for (let i = 0; i < 5; i++) leader.propose();
    cluster.run(milliseconds(300));
    const id = leader.command({ command: 'transfer', target: target.id });
    expect(leader.replies.get(leader.propose())).toMatchObject({ outcome: 'fail', problem: 'transfer in progress' });
    cluster.loses = () => false;
    cluster.run(milliseconds(500));
    expect([leader.replies.get(id)?.outcome, cluster.leader?.name]).toEqual(['ok', target.name]);
  });

  test('is given up after an election timeout, and proposals are taken again', () => {
    const cluster = new RaftCluster({ servers: 3 }).start();
    const leader = cluster.elect();
    const target = cluster.servers.find((server) => server !== leader) as ClusterServer;
    cluster.isolate(target.name);
    leader.propose();
    const start = cluster.now;
    const id = leader.command({ command: 'transfer', target: target.id });
    const over = cluster.when(() => leader.replies.has(id), seconds(5));
    expect([(over - start) / 1e6, leader.replies.get(id)]).toEqual([
      1000,
      { outcome: 'fail', problem: 'transfer failed', leader: leader.id },
    ]);
    const proposal = leader.propose();
    cluster.run(milliseconds(100));
    expect(leader.replies.get(proposal)?.outcome).toBe('ok');
  });

  test('to a learner, to itself or to a stranger is refused', () => {
    const cluster = new RaftCluster({ servers: 4, voters: 3 }).start();
    const leader = cluster.elect();
    const fourth = cluster.server('n4');
    const problem = (target: ClusterServer): unknown =>
      leader.replies.get(leader.command({ command: 'transfer', target: target.id }));
    expect(problem(leader)).toMatchObject({ problem: 'transfer to itself' });
    expect(problem(fourth)).toMatchObject({ problem: 'unknown server' });
    leader.command({ command: 'change', steps: [{ type: 'learner', server: { name: fourth.id, endpoint: fourth.endpoint } }] });
    cluster.run(milliseconds(200));
    expect(problem(fourth)).toMatchObject({ problem: 'transfer to a learner' });
  });

  test('somebody who is not the leader makes nobody campaign', () => {
    const cluster = clusterWith([[1], [1], [1]], { config: PLAIN });
    campaigns(cluster.server('n1'), milliseconds(100));
    const [n1, n2, n3] = cluster.servers as Three;
    const told = { type: 'timeout-now', cluster: 0, to: n2.id } as const;
    bring(cluster, 'n2', 'n3', { ...told, from: n3.id, term: 2 });
    bring(cluster, 'n2', 'n1', { ...told, from: n1.id, term: 1 });
    expect(n2.state.role.role).toBe('follower');
    bring(cluster, 'n2', 'n1', { ...told, from: n1.id, term: 2 });
    expect(n2.state.role.role).toBe('candidate');
    expect(termsOf(n2)).toEqual([1, 2]);
  });
});
