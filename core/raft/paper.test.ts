import { describe, expect, test } from 'vitest';
import { milliseconds, START, seconds } from '../time.ts';
import { type ClusterServer, RaftCluster } from './cluster.ts';
import type { RaftMessage } from './message.ts';
import { PROFILES } from './profiles.ts';
import { isUpToDate } from './rules.ts';
import { brokenOf, campaigns, clusterWith, leadersOf, PAPER, PLAIN, termsOf, timesOut } from './scene.ts';

type Five = [ClusterServer, ClusterServer, ClusterServer, ClusterServer, ClusterServer];

const three = (config = PLAIN): RaftCluster => clusterWith([[1], [1], [1]], { config });

/** n1 leads three servers and has committed its first entry. */
function led(config = PLAIN): RaftCluster {
  const cluster = three(config);
  campaigns(cluster.server('n1'), milliseconds(100));
  expect(leadersOf(cluster)).toEqual(['n1']);
  return cluster;
}

const serverOf = (cluster: RaftCluster, name: string) => {
  const { id, endpoint } = cluster.server(name);
  return { name: id, endpoint };
};

/** A message to n1 of a server that does not run here. */
function brings(
  cluster: RaftCluster,
  to: string,
  from: string,
  message: Partial<RaftMessage> & { type: RaftMessage['type'] },
): void {
  const { id, endpoint } = cluster.server(from);
  const receiver = cluster.server(to);
  receiver.deliver(endpoint, { cluster: 0, from: id, to: receiver.id, ...message } as RaftMessage);
}

describe('terms (§5.1)', () => {
  test('a server that sees a higher term takes it over, and forgets its vote', () => {
    const cluster = three();
    const [n1] = cluster.servers as Five;
    timesOut(n1);
    expect(n1.state.votedFor).toBe(n1.id);
    brings(cluster, 'n1', 'n2', { type: 'append-response', term: 7, ok: false, index: 0, hintIndex: 0, hintTerm: 0 });
    expect([n1.state.currentTerm, n1.state.votedFor, n1.state.role.role]).toEqual([7, undefined, 'follower']);
  });

  test('a leader that sees a higher term steps down', () => {
    const cluster = led();
    const n1 = cluster.server('n1');
    brings(cluster, 'n1', 'n2', { type: 'vote-response', term: 9, granted: false });
    expect([n1.state.currentTerm, n1.state.role.role]).toEqual([9, 'follower']);
  });

  test('what comes of an older term is refused, with the newer one', () => {
    const cluster = led();
    const answers: RaftMessage[] = [];
    cluster.passed = ({ message }) => answers.push(message);
    brings(cluster, 'n2', 'n3', { type: 'append', term: 1, prevIndex: 0, prevTerm: 0, entries: [], commit: 0 });
    brings(cluster, 'n2', 'n3', { type: 'vote', term: 1, lastIndex: 99, lastTerm: 1, force: false });
    expect(answers).toMatchObject([
      { type: 'append-response', ok: false, term: 2 },
      { type: 'vote-response', granted: false, term: 2 },
    ]);
    expect(cluster.server('n2').state.commitIndex).toBe(2);
  });
});

describe('leader election (§5.2)', () => {
  test('a server is a follower when it starts', () => {
    for (const { state } of three().servers) expect(state.role.role).toBe('follower');
  });

  test('a candidate raises its term, votes for itself and asks all others at once', () => {
    const cluster = three();
    const asked: string[] = [];
    cluster.passed = ({ to, message }) => message.type === 'vote' && asked.push(to);
    const n1 = cluster.server('n1');
    cluster.run(milliseconds(10));
    campaigns(n1, milliseconds(1));
    expect([n1.state.currentTerm, n1.state.votedFor, asked]).toEqual([2, n1.id, ['n2', 'n3']]);
  });

  test('it wins with the votes of a majority, itself counted', () => {
    const cluster = three();
    cluster.isolate('n3');
    campaigns(cluster.server('n1'));
    expect(leadersOf(cluster)).toEqual(['n1']);
  });

  test('it does not win with less', () => {
    const cluster = three();
    cluster.isolate('n1');
    campaigns(cluster.server('n1'));
    expect([leadersOf(cluster), cluster.server('n1').state.role.role]).toEqual([[], 'candidate']);
  });

  test('a server votes once in a term, for who comes first', () => {
    const cluster = clusterWith([[1], [1], [1]], { config: PLAIN });
    const votes: unknown[] = [];
    cluster.passed = ({ from, to, message }) =>
      message.type === 'vote-response' && from === 'n3' && votes.push([to, message.granted]);
    timesOut(cluster.server('n1'));
    cluster.cutLink('n1', 'n2').cutLink('n2', 'n1');
    cluster.run(milliseconds(0));
    timesOut(cluster.server('n2'));
    cluster.run(milliseconds(50));
    expect(votes).toHaveLength(2);
    expect(votes.filter((vote) => (vote as [string, boolean])[1])).toHaveLength(1);
    expect(leadersOf(cluster)).toHaveLength(1);
  });

  test('a new leader says so at once, and candidates of its term give way', () => {
    const cluster = three();
    timesOut(cluster.server('n2'));
    cluster.isolate('n2');
    cluster.run(milliseconds(5));
    cluster.heal();
    brings(cluster, 'n2', 'n1', { type: 'append', term: 2, prevIndex: 0, prevTerm: 0, entries: [], commit: 0 });
    expect(cluster.server('n2').state.role).toEqual({ role: 'follower', leader: cluster.server('n1').id });
  });

  test('a candidate does not give way to a leader of an older term', () => {
    const cluster = three();
    timesOut(cluster.server('n2'));
    brings(cluster, 'n2', 'n1', { type: 'append', term: 1, prevIndex: 0, prevTerm: 0, entries: [], commit: 0 });
    expect(cluster.server('n2').state.role.role).toBe('candidate');
  });

  test('when votes are split nobody wins, and the next term decides', () => {
    const cluster = clusterWith([[1], [1], [1], [1]], { config: PLAIN });
    const [n1, n2, n3, n4] = cluster.servers as Five;
    cluster.cut(['n1', 'n3'], ['n2', 'n4']);
    for (const server of [n1, n2]) timesOut(server);
    cluster.run(milliseconds(20));
    expect(leadersOf(cluster)).toEqual([]);
    expect([n3.state.votedFor, n4.state.votedFor]).toEqual([n1.id, n2.id]);
    cluster.heal();
    campaigns(n1);
    expect(leadersOf(cluster)).toEqual(['n1']);
    expect(n1.state.currentTerm).toBe(3);
  });

  test('election timeouts are random, so that splits are rare and soon over (§5.2, §9.3)', () => {
    for (let seed = 1; seed <= 20; seed++) {
      const cluster = new RaftCluster({ servers: 5, seed, config: PROFILES.paper }).start();
      cluster.elect(seconds(3));
      expect(brokenOf(cluster)).toEqual([]);
    }
  });

  test('a vote outlives a crash', () => {
    const cluster = three();
    campaigns(cluster.server('n1'));
    const n2 = cluster.server('n2');
    n2.restart();
    expect(n2.state.votedFor).toBe(cluster.server('n1').id);
    const answers: RaftMessage[] = [];
    cluster.passed = ({ from, message }) => from === 'n2' && answers.push(message);
    brings(cluster, 'n2', 'n3', { type: 'vote', term: 2, lastIndex: 99, lastTerm: 2, force: false });
    cluster.run(milliseconds(10));
    expect(answers).toMatchObject([{ type: 'vote-response', granted: false }]);
  });
});

describe('log replication (§5.3)', () => {
  test('an entry is committed when a majority has it, executed, and answered with its result', () => {
    const cluster = led();
    cluster.isolate('n3');
    const n1 = cluster.server('n1');
    const id = n1.propose('x');
    cluster.run(milliseconds(20));
    expect(n1.replies.get(id)).toMatchObject({ outcome: 'ok', index: 3, result: { count: 1 } });
    expect(n1.machine.applied).toEqual([{ index: 3, command: 'x' }]);
  });

  test('it is not committed by less', () => {
    const cluster = led();
    cluster.isolate('n1');
    const id = cluster.server('n1').propose('x');
    cluster.run(seconds(5));
    expect(cluster.server('n1').replies.get(id)).toBeUndefined();
    expect(cluster.server('n1').machine.applied).toEqual([]);
  });

  test('followers hear what is committed with the next message, and execute it in order', () => {
    const cluster = led();
    for (const command of ['a', 'b', 'c']) cluster.server('n1').propose(command);
    cluster.run(milliseconds(100));
    for (const { machine } of cluster.servers) expect(machine.applied.map(({ command }) => command)).toEqual(['a', 'b', 'c']);
  });

  test('a leader sends again for ever what a follower did not confirm, also after it has answered the client', () => {
    const cluster = led();
    cluster.server('n3').crash();
    cluster.server('n1').propose('x');
    cluster.run(seconds(60));
    cluster.server('n3').start();
    cluster.run(seconds(1));
    expect(termsOf(cluster.server('n3'))).toEqual([1, 2, 2]);
  });

  test('an append that does not follow the same entry is refused', () => {
    const cluster = led();
    const answers: RaftMessage[] = [];
    cluster.passed = ({ from, message }) => from === 'n2' && answers.push(message);
    brings(cluster, 'n2', 'n1', { type: 'append', term: 2, prevIndex: 5, prevTerm: 2, entries: [], commit: 9 });
    brings(cluster, 'n2', 'n1', { type: 'append', term: 2, prevIndex: 2, prevTerm: 1, entries: [], commit: 9 });
    expect(answers).toMatchObject([
      { ok: false, index: 5 },
      { ok: false, index: 2 },
    ]);
    expect(cluster.server('n2').state.commitIndex).toBe(2);
  });

  test('entries that conflict are cut off, with all that follow', () => {
    const cluster = clusterWith([
      [1, 2, 3],
      [1, 2, 2, 2, 2],
      [1, 2, 3],
    ]);
    campaigns(cluster.server('n1'), milliseconds(100));
    expect(termsOf(cluster.server('n2'))).toEqual([1, 2, 3, 4]);
  });

  test('a late append that is shorter than the log cuts nothing', () => {
    const cluster = led();
    cluster.server('n1').propose('x');
    cluster.run(milliseconds(5));
    brings(cluster, 'n2', 'n1', {
      type: 'append',
      term: 2,
      prevIndex: 1,
      prevTerm: 1,
      entries: cluster.server('n1').state.log.entries.slice(1, 2),
      commit: 1,
    });
    expect(termsOf(cluster.server('n2'))).toEqual([1, 2, 2]);
  });

  test('a slow follower does not slow the others down', () => {
    const cluster = led();
    cluster.loses = ({ to }) => to === 'n3';
    const ids = Array.from({ length: 500 }, () => cluster.server('n1').propose());
    cluster.run(milliseconds(100));
    expect(ids.every((id) => cluster.server('n1').replies.has(id))).toBe(true);
  });
});

describe('safety (§5.4)', () => {
  test.each`
    voter     | candidate | grants
    ${[2, 2]} | ${[2, 2]} | ${true}
    ${[2, 2]} | ${[2, 1]} | ${false}
    ${[2, 2]} | ${[2, 3]} | ${true}
    ${[2, 2]} | ${[1, 9]} | ${false}
    ${[2, 2]} | ${[3, 1]} | ${true}
    ${[1, 2]} | ${[1, 1]} | ${false}
    ${[1, 2]} | ${[2, 1]} | ${true}
    ${[0, 0]} | ${[0, 0]} | ${true}
    ${[2, 2]} | ${[3, 0]} | ${true}
  `(
    'a voter whose log ends at $voter (term, index) votes for one that ends at $candidate: $grants',
    ({ voter, candidate, grants }) => {
      const end = ([term, index]: [number, number]) => ({ term, index });
      expect(isUpToDate(end(candidate), end(voter))).toBe(grants);
    },
  );

  test('a candidate that lacks a committed entry cannot win (§5.4.1)', () => {
    const cluster = led();
    cluster.isolate('n3');
    cluster.server('n1').propose('x');
    cluster.run(milliseconds(20));
    cluster.heal();
    cluster.server('n1').crash();
    for (let i = 0; i < 3; i++) campaigns(cluster.server('n3'));
    expect(leadersOf(cluster)).toEqual([]);
    campaigns(cluster.server('n2'));
    campaigns(cluster.server('n2'));
    expect(leadersOf(cluster)).toEqual(['n2']);
  });
});

describe('crashes of followers and candidates (§5.5)', () => {
  test('a request that is repeated changes nothing', () => {
    const cluster = led();
    const { state } = cluster.server('n2');
    const entries = cluster.server('n1').state.log.entries.slice(1);
    for (let i = 0; i < 3; i++)
      brings(cluster, 'n2', 'n1', { type: 'append', term: 2, prevIndex: 1, prevTerm: 1, entries, commit: 2 });
    expect([termsOf(cluster.server('n2')), state.commitIndex, state.log.truncations]).toEqual([[1, 2], 2, 0]);
  });
});

describe('joint consensus (§6)', () => {
  /** n1 leads n1, n2, n3; n4 and n5 are there. */
  function five(config = PLAIN): RaftCluster {
    const cluster = clusterWith([[1], [1], [1], [], []], { voters: 3, config });
    campaigns(cluster.server('n1'), milliseconds(100));
    return cluster;
  }

  const replaceTwo = (cluster: RaftCluster): number =>
    cluster.server('n1').command({
      command: 'change',
      steps: [
        { type: 'voter', server: serverOf(cluster, 'n4') },
        { type: 'voter', server: serverOf(cluster, 'n5') },
        { type: 'remove', name: cluster.server('n2').id },
        { type: 'remove', name: cluster.server('n3').id },
      ],
    });

  test('several voters are changed through a configuration in which both halves decide', () => {
    const cluster = five();
    const id = replaceTwo(cluster);
    const { config } = cluster.server('n1').raft.status();
    expect([config.voters.map(({ name }) => name), config.outgoing.map(({ name }) => name)]).toEqual([
      ['n1', 'n4', 'n5'].map((name) => cluster.server(name).id),
      ['n1', 'n2', 'n3'].map((name) => cluster.server(name).id),
    ]);
    cluster.run(seconds(1));
    expect(cluster.server('n1').replies.get(id)).toMatchObject({ outcome: 'ok' });
    expect(cluster.server('n4').raft.status().config.outgoing).toEqual([]);
    expect(brokenOf(cluster)).toEqual([]);
  });

  test.each([[['n2', 'n3']], [['n4', 'n5']]])('it is not committed without a majority of either half: %s are away', (away) => {
    const cluster = five();
    for (const name of away) cluster.isolate(name);
    replaceTwo(cluster);
    cluster.run(seconds(2));
    expect(cluster.server('n1').raft.status().config.outgoing).toHaveLength(3);
    expect(cluster.server('n1').state.commitIndex).toBe(2);
  });

  test('a leader elected meanwhile ends it', () => {
    const cluster = five({ ...PLAIN, maxEntries: 1 });
    cluster.loses = ({ message }) =>
      message.type === 'append' &&
      message.entries.some((entry) => entry.type === 'config' && entry.index > 1 && entry.config.outgoing.length === 0);
    replaceTwo(cluster);
    cluster.run(milliseconds(300));
    cluster.server('n1').crash();
    cluster.loses = () => false;
    campaigns(cluster.server('n4'));
    campaigns(cluster.server('n4'), seconds(1));
    expect(leadersOf(cluster)).toEqual(['n4']);
    expect(cluster.server('n5').raft.status().config.outgoing).toEqual([]);
  });

  test('a leader that is not in the new configuration leads until that is committed, and does not count itself', () => {
    const cluster = five();
    const { id } = cluster.server('n1');
    cluster.isolate('n2');
    cluster.server('n1').command({ command: 'change', steps: [{ type: 'remove', name: id }] });
    cluster.run(milliseconds(300));
    expect([leadersOf(cluster), cluster.server('n1').state.commitIndex]).toEqual([['n1'], 2]);
    cluster.heal();
    cluster.run(milliseconds(300));
    expect(leadersOf(cluster)).toEqual([]);
    expect(brokenOf(cluster)).toEqual([]);
  });

  test('a configuration acts as soon as it is in the log, and no longer when it is cut off again', () => {
    const cluster = five();
    cluster.isolate('n1');
    cluster.server('n1').command({ command: 'change', steps: [{ type: 'voter', server: serverOf(cluster, 'n4') }] });
    expect(cluster.server('n1').raft.status().config.voters).toHaveLength(4);
    cluster.server('n1').restart('none');
    expect(cluster.server('n1').raft.status().config.voters).toHaveLength(4);
    campaigns(cluster.server('n2'));
    cluster.heal();
    cluster.run(seconds(1));
    expect(cluster.server('n1').raft.status().config.voters).toHaveLength(3);
  });

  test('no other change begins while one is under way, and the last voter stays', () => {
    const cluster = five();
    const n1 = cluster.server('n1');
    cluster.isolate('n1');
    n1.command({ command: 'change', steps: [{ type: 'voter', server: serverOf(cluster, 'n4') }] });
    const second = n1.command({ command: 'change', steps: [{ type: 'voter', server: serverOf(cluster, 'n5') }] });
    expect(n1.replies.get(second)).toMatchObject({ outcome: 'fail', problem: 'change in progress' });
    const alone = clusterWith([[1]]);
    campaigns(alone.server('n1'));
    const last = alone.server('n1').command({ command: 'change', steps: [{ type: 'remove', name: alone.server('n1').id }] });
    expect(alone.server('n1').replies.get(last)).toMatchObject({ outcome: 'fail', problem: 'no voter left' });
  });
});

describe('log compaction (§7)', () => {
  const config = { ...PLAIN, snapshotThreshold: 10, snapshotTrailing: 0 };

  test('a follower that needs what was compacted is sent a snapshot, in pieces and in order', () => {
    const cluster = led(config);
    cluster.isolate('n3');
    for (let i = 0; i < 30; i++) cluster.server('n1').propose(i);
    cluster.run(milliseconds(500));
    expect(cluster.server('n1').state.log.cut).toBeGreaterThan(20);
    const offsets: number[] = [];
    cluster.passed = ({ message }) => message.type === 'snapshot' && offsets.push(message.offset);
    cluster.heal();
    cluster.run(seconds(1));
    expect(offsets).toEqual([0, 65_536, 131_072, 196_608]);
    expect(cluster.server('n3').machine.state).toEqual(cluster.server('n1').machine.state);
    expect(brokenOf(cluster)).toEqual([]);
  });

  test('pieces may be lost, doubled and late', () => {
    const cluster = led(config);
    cluster.isolate('n3');
    for (let i = 0; i < 30; i++) cluster.server('n1').propose(i);
    cluster.run(milliseconds(500));
    cluster.heal();
    cluster.loss = 0.3;
    cluster.duplication = 0.3;
    cluster.jitter = milliseconds(100);
    cluster.when(() => cluster.server('n3').machine.state.count === 30, seconds(60));
    expect(cluster.server('n3').machine.state).toEqual(cluster.server('n1').machine.state);
    expect(brokenOf(cluster)).toEqual([]);
  });

  test('a restarted server goes on from its snapshot', () => {
    const cluster = led(config);
    for (let i = 0; i < 30; i++) cluster.server('n1').propose(i);
    cluster.run(milliseconds(500));
    const before = cluster.server('n2').machine.state;
    cluster.server('n2').restart();
    expect(cluster.server('n2').state.lastApplied).toBeGreaterThan(20);
    cluster.run(seconds(1));
    expect(cluster.server('n2').machine.state).toEqual(before);
  });

  test('a snapshot that covers less than the log leaves what follows, one that conflicts replaces all', () => {
    for (const [tail, kept] of [
      [
        [1, 2, 2, 2],
        [2, 2, 2],
      ],
      [[1, 1, 1, 1], []],
    ] as const) {
      const cluster = clusterWith([tail, [1], [1]], { currentTerms: [2, 1, 1] });
      const n1 = cluster.server('n1');
      const chunk = {
        id: 1,
        config: n1.raft.status().config,
        configIndex: 1,
        at: START,
        offset: 0,
        length: 5,
        total: 5,
        done: true,
        data: { count: 1, hash: 1 },
        sessions: new Map(),
      };
      brings(cluster, 'n1', 'n2', { type: 'snapshot', term: 2, lastIndex: 2, lastTerm: 2, ...chunk });
      cluster.run(milliseconds(20));
      expect(n1.state.commitIndex).toBe(2);
      expect(termsOf(n1).slice(1)).toEqual(kept.length === 0 ? [2] : kept);
      expect(n1.machine.state.count).toBe(kept.length === 0 ? 1 : n1.machine.applied.length);
    }
  });
});

describe('clients (§8)', () => {
  test('a new leader commits an empty entry of its own term first', () => {
    const cluster = led();
    expect(cluster.server('n1').state.log.entries.map(({ type }) => type)).toEqual(['config', 'noop']);
  });

  test('who is no leader names the leader', () => {
    const cluster = led();
    const n2 = cluster.server('n2');
    expect(n2.replies.get(n2.propose())).toEqual({ outcome: 'fail', problem: 'not leader', leader: cluster.server('n1').id });
  });

  test('a leader that lost its majority without knowing answers no read', () => {
    const cluster = led();
    const n1 = cluster.server('n1');
    cluster.isolate('n1');
    campaigns(cluster.server('n2'));
    const id = n1.command({ command: 'read', query: undefined, mode: 'index' });
    cluster.run(seconds(2));
    expect(n1.replies.has(id)).toBe(false);
    cluster.heal();
    cluster.run(seconds(1));
    expect(n1.replies.get(id)).toMatchObject({ outcome: 'fail', problem: 'leadership lost' });
  });

  test('a command that a client sends again is executed once, and answered alike (thesis §6.3)', () => {
    const cluster = led();
    const n1 = cluster.server('n1');
    const registered = n1.command({ command: 'register' });
    cluster.run(milliseconds(20));
    const client = (n1.replies.get(registered) as { result: number }).result;
    const session = { client, sequence: 1, acknowledged: 0 };
    const ids = [1, 2, 3].map(() => n1.command({ command: 'propose', payload: 'x', bytes: 1, session }));
    cluster.run(milliseconds(50));
    expect(n1.machine.applied).toHaveLength(1);
    expect(new Set(ids.map((id) => JSON.stringify((n1.replies.get(id) as { result: unknown }).result))).size).toBe(1);
  });
});

describe('the paper as a profile', () => {
  test('has no pre-votes, no loyalty and no quorum check: an isolated leader leads for ever, and who comes back deposes the leader', () => {
    const cluster = led(PAPER);
    cluster.isolate('n1');
    cluster.run(seconds(30));
    expect(leadersOf(cluster)).toEqual(['n1']);
    cluster.heal();
    campaigns(cluster.server('n3'));
    expect(leadersOf(cluster)).toEqual(['n3']);
  });
});
