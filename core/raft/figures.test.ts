import { describe, expect, test } from 'vitest';
import { milliseconds, seconds } from '../time.ts';
import type { ClusterServer, RaftCluster } from './cluster.ts';
import type { RaftMessage } from './message.ts';
import type { RaftRules } from './rules.ts';
import { brokenOf, campaigns, clusterWith, leadersOf, PAPER, PLAIN, termsOf, timesOut } from './scene.ts';

describe('Figure 7: logs that a new leader may meet', () => {
  const leader = [1, 1, 1, 4, 4, 5, 5, 6, 6, 6];
  const followers = {
    a: [1, 1, 1, 4, 4, 5, 5, 6, 6],
    b: [1, 1, 1, 4],
    c: [1, 1, 1, 4, 4, 5, 5, 6, 6, 6, 6],
    d: [1, 1, 1, 4, 4, 5, 5, 6, 6, 6, 7, 7],
    e: [1, 1, 1, 4, 4, 4, 4],
    f: [1, 1, 1, 2, 2, 2, 3, 3, 3, 3, 3],
  };
  const start = (config = PLAIN): RaftCluster =>
    clusterWith([leader, ...Object.values(followers)], { config, currentTerms: [7, 7, 7, 7, 7, 7, 7] });
  const place = (name: string): number => Object.keys(followers).indexOf(name) + 1;

  test('a, b, e and f vote for it in term 8, c with the longer and d with the newer log do not', () => {
    const cluster = start();
    const votes = new Map<string, boolean>();
    cluster.passed = ({ from, message }) => {
      if (message.type === 'vote-response') votes.set(from, message.granted);
    };
    campaigns(cluster.server('n1'));
    expect(leadersOf(cluster)).toEqual(['n1']);
    expect(Object.keys(followers).map((name) => votes.get(`n${place(name) + 1}`))).toEqual([
      true,
      true,
      false,
      false,
      true,
      true,
    ]);
  });

  test.each([PLAIN, PAPER])('in the end all have its log and its first entry of term 8', (config) => {
    const cluster = start(config);
    campaigns(cluster.server('n1'), seconds(2));
    for (const server of cluster.servers) expect(termsOf(server)).toEqual([...leader, 8]);
    expect(brokenOf(cluster)).toEqual([]);
  });

  test.each`
    follower | prev       | reason
    ${'a'}   | ${[10, 9]} | ${'its last entry is the leader’s'}
    ${'b'}   | ${[10, 4]} | ${'so is its last entry'}
    ${'c'}   | ${[10]}    | ${'the entry before fits, and the longer tail is cut'}
    ${'d'}   | ${[10]}    | ${'so it is with the newer tail'}
    ${'e'}   | ${[10, 5]} | ${'two of its entries of term 4 are not the leader’s'}
    ${'f'}   | ${[10, 3]} | ${'terms 2 and 3 are skipped at once'}
  `('$follower is probed at $prev: $reason', ({ follower, prev }) => {
    const cluster = start();
    const probes: number[] = [];
    const name = `n${place(follower) + 1}`;
    cluster.passed = ({ to, message }) => {
      if (to === name && message.type === 'append' && message.prevIndex <= 10 && message.prevIndex !== probes.at(-1))
        probes.push(message.prevIndex);
    };
    campaigns(cluster.server('n1'), milliseconds(40));
    expect(probes).toEqual(prev);
  });

  test.each`
    follower | rounds
    ${'a'}   | ${1}
    ${'b'}   | ${6}
    ${'e'}   | ${5}
    ${'f'}   | ${7}
  `('without hints $follower needs $rounds more rounds', ({ follower, rounds }) => {
    const cluster = start(PAPER);
    const rejections = new Set<number>();
    cluster.passed = ({ from, message }) => {
      if (from === `n${place(follower) + 1}` && message.type === 'append-response' && !message.ok) rejections.add(message.index);
    };
    campaigns(cluster.server('n1'), seconds(1));
    expect(rejections.size).toBe(rounds);
  });
});

describe('Figure 8: why only entries of the own term are counted', () => {
  /** Up to (c): the leader of term 4 has copied an entry of term 2 to a majority. */
  function upToC(rules?: Partial<RaftRules>, reached = ['n3']): RaftCluster {
    const cluster = clusterWith([[1], [1], [1], [1], [1]], {
      config: { ...PLAIN, maxEntries: 1 },
      currentTerms: [1, 1, 1, 1, 1],
      ...(rules === undefined ? {} : { rules }),
    });
    const [s1, s2, , , s5] = cluster.servers as [ClusterServer, ClusterServer, ClusterServer, ClusterServer, ClusterServer];
    // (a) S1 leads term 2 and copies index 2 to S2 alone.
    cluster.loses = ({ to, message }) => message.type === 'append' && message.entries.length > 0 && to !== s2.name;
    campaigns(s1);
    // (b) S1 crashes; S5 leads term 3 by S3 and S4, with another entry at 2.
    s1.crash();
    cluster.loses = ({ message }) => message.type === 'append' && message.entries.length > 0;
    campaigns(s5);
    // (c) S5 crashes; S1 leads term 4 and copies index 2 to S3, but not its own entry.
    s5.crash();
    s1.start();
    timesOut(s1); // term 3 it is told of
    cluster.loses = ({ to, message }) =>
      message.type === 'append' &&
      message.entries.length > 0 &&
      !(reached.includes(to) && termsOf(cluster.server(to)).length === 1);
    cluster.run(milliseconds(20));
    campaigns(s1, milliseconds(400));
    return cluster;
  }

  test('(c) an entry of term 2 on three of five servers is not committed by the leader of term 4', () => {
    const cluster = upToC();
    const live = cluster.servers.slice(0, 4).map((server) => termsOf(server));
    expect(live).toEqual([[1, 2, 4], [1, 2], [1, 2], [1]]);
    expect(cluster.server('n1').state.currentTerm).toBe(4);
    expect(cluster.server('n1').state.commitIndex).toBeLessThan(2);
  });

  test('(d) S5 may still win term 5 and overwrite it, and nothing that was committed is lost', () => {
    const cluster = upToC();
    cluster.server('n1').crash();
    cluster.loses = () => false;
    cluster.server('n5').start();
    timesOut(cluster.server('n5'));
    cluster.run(milliseconds(20));
    campaigns(cluster.server('n5'));
    campaigns(cluster.server('n5'), seconds(1));
    expect(leadersOf(cluster)).toEqual(['n5']);
    for (const name of ['n2', 'n3', 'n4', 'n5']) expect(termsOf(cluster.server(name)).slice(0, 2)).toEqual([1, 3]);
    expect(brokenOf(cluster)).toEqual([]);
  });

  test('(e) once an entry of term 4 is on a majority, S5 cannot win', () => {
    const cluster = upToC();
    cluster.loses = ({ to }) => to === 'n4';
    cluster.run(seconds(1));
    expect(cluster.server('n1').state.commitIndex).toBe(3);
    cluster.server('n1').crash();
    cluster.loses = () => false;
    cluster.server('n5').start();
    for (let i = 0; i < 5; i++) campaigns(cluster.server('n5'));
    expect(leadersOf(cluster)).toEqual([]);
    expect(brokenOf(cluster)).toEqual([]);
  });

  test('a leader that counts copies of older entries loses what it committed', () => {
    const cluster = upToC({ leaderCommit: (commit, onMajority) => Math.max(commit, onMajority) }, ['n3', 'n4']);
    cluster.run(seconds(1));
    cluster.server('n1').crash();
    cluster.loses = () => false;
    cluster.server('n5').start();
    for (let i = 0; i < 3; i++) campaigns(cluster.server('n5'));
    expect(brokenOf(cluster)).toEqual(expect.arrayContaining(['CommitCurrentTerm', 'LeaderCompleteness']));
  });
});

describe('the bug of single-server changes found in 2015', () => {
  const isUnready = { mayChangeConfiguration: () => true };

  /** Two leaders of four servers, each with a change that only it and its side know. */
  function twoChanges(first: Change, second: Change, rules: Partial<RaftRules>): RaftCluster {
    const cluster = clusterWith([[1], [1], [1], [1], [], []], { voters: 4, rules, currentTerms: [1, 1, 1, 1, 0, 0] });
    const [s1, s2] = cluster.servers as [ClusterServer, ClusterServer];
    cluster.run(milliseconds(5));
    const isNews = (message: RaftMessage): boolean => message.type === 'append' && message.entries.length > 0;
    // S1 leads and appends its change, which reaches nobody else but whom it adds.
    cluster.loses = ({ to, message }) => isNews(message) && !first.reaches.includes(to);
    campaigns(s1);
    change(s1, first);
    cluster.run(milliseconds(200));
    // S2 leads without having heard of it, and appends another.
    cluster.isolate('n1');
    cluster.loses = ({ to, message }) => isNews(message) && !second.reaches.includes(to);
    campaigns(s2);
    change(s2, second);
    cluster.run(milliseconds(300));
    // S1 comes back, and is elected by those who know its change or nothing.
    s2.crash();
    cluster.heal();
    for (let i = 0; i < 4; i++) campaigns(s1);
    cluster.run(milliseconds(500));
    return cluster;
  }

  interface Change {
    readonly add?: string;
    readonly remove?: string;
    readonly reaches: readonly string[];
  }

  function change(server: ClusterServer, { add, remove }: Change): void {
    const { cluster } = server;
    const added = add === undefined ? undefined : cluster.server(add);
    if (added !== undefined)
      server.command({ command: 'change', steps: [{ type: 'voter', server: { name: added.id, endpoint: added.endpoint } }] });
    if (remove !== undefined) server.command({ command: 'change', steps: [{ type: 'remove', name: cluster.server(remove).id }] });
  }

  test.each`
    kind                   | first                             | second
    ${'add and remove'}    | ${{ add: 'n5', reaches: ['n5'] }} | ${{ remove: 'n4', reaches: ['n3'] }}
    ${'add and add'}       | ${{ add: 'n5', reaches: ['n5'] }} | ${{ add: 'n6', reaches: ['n3', 'n6'] }}
    ${'remove and remove'} | ${{ remove: 'n2', reaches: [] }}  | ${{ remove: 'n1', reaches: ['n3'] }}
    ${'remove and add'}    | ${{ remove: 'n2', reaches: [] }}  | ${{ add: 'n6', reaches: ['n3', 'n6'] }}
  `('$kind: two majorities need not meet, unless a leader first commits an entry of its own', ({ first, second }) => {
    expect(brokenOf(twoChanges(first, second, isUnready))).toEqual(
      expect.arrayContaining(['OwnTermBeforeConfig', 'QuorumIntersection']),
    );
    expect(brokenOf(twoChanges(first, second, {}))).toEqual([]);
  });
});
