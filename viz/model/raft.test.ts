import { beforeAll, describe, expect, test } from 'vitest';
import { simulated } from '../testing/simulated.ts';
import { mismatchOf, type RaftServer, RaftServers } from './raft.ts';
import { positionAt, type Run } from './run.ts';

describe('a leader in a minority', () => {
  let run: Run;
  let raft: RaftServers;
  beforeAll(async () => {
    run = await simulated('raft-partition');
    raft = new RaftServers(run);
  });
  const at = (seconds: number): RaftServer[] => raft.at(positionAt(run.records, seconds * 1e9));
  const leaders = (seconds: number): string[] => at(seconds).flatMap(({ name, role }) => (role === 'leader' ? [name] : []));

  test('five hosts of seven run a server', () => {
    expect(raft.nodes.map((node) => run.topology.nodes[node]?.name)).toEqual(['n1', 'n2', 'n3', 'n4', 'n5']);
  });

  test('n1 leads when the partition comes; later only one of the larger side does', () => {
    expect(leaders(9.9)).toEqual(['n1']);
    const [later, ...others] = leaders(15);
    expect(others).toEqual([]);
    expect(['n3', 'n4', 'n5']).toContain(later);
  });

  test('a leader was elected by a majority that voted in its term', () => {
    for (const seconds of [2, 5, 15, 30]) {
      const servers = at(seconds);
      const leader = servers.find(({ role }) => role === 'leader') as RaftServer;
      expect(raft.votes(servers, leader).length).toBeGreaterThanOrEqual(3);
    }
  });

  test('two entries with one index and one term are never of different logs: below a common entry logs are equal', () => {
    for (let seconds = 2; seconds < 30; seconds += 1) {
      const position = positionAt(run.records, seconds * 1e9);
      const servers = raft.at(position);
      for (const a of servers) {
        for (const b of servers) {
          const shared = Math.min(a.commit, b.commit);
          for (let index = Math.max(1, shared - 40); index <= shared; index++) {
            const [x, y] = [raft.log.term(a.node, index, position), raft.log.term(b.node, index, position)];
            // 0 came in a snapshot.
            if (x !== 0 && y !== 0) expect([index, x]).toEqual([index, y]);
          }
        }
      }
    }
  });

  test('a log ends where its cells say, in the term that they say', () => {
    for (const seconds of [1, 5, 9, 11, 14, 21, 40]) {
      const position = positionAt(run.records, seconds * 1e9);
      for (const { node, last, lastTerm } of raft.at(position)) {
        expect(raft.log.term(node, last + 1, position)).toBeUndefined();
        if (last > 0) expect(raft.log.term(node, last, position)).toBe(lastTerm);
      }
    }
  });

  test('the leader knows of no follower more than that has', () => {
    for (const seconds of [6, 9, 14, 18, 22, 40]) {
      for (const { match, last } of at(seconds)) if (match !== undefined) expect(match).toBeLessThanOrEqual(last);
    }
    expect(at(9).filter(({ match }) => match !== undefined)).toHaveLength(4);
  });

  test('an entry is appended before it is acknowledged, and by a majority before anybody commits it', () => {
    const index = 100;
    const term = raft.log.term(raft.nodes[0] as number, index, positionAt(run.records, 9e9)) as number;
    const story = raft.story(index, term);
    const committed = story.findIndex(({ what }) => what === 'committed');
    expect(story[0]?.what).toBe('appended');
    expect(story.slice(0, committed).filter(({ what }) => what === 'appended').length).toBeGreaterThanOrEqual(3);
    expect(story.filter(({ what }) => what === 'committed')).toHaveLength(5);
    for (const { node, place, what } of story) {
      if (what === 'acknowledged')
        expect(story.some((other) => other.node === node && other.what === 'appended' && other.place <= place)).toBe(true);
    }
  });

  test('reigns follow each other without gaps, and say who led in which term', () => {
    const ruled = raft.nodes.map((node) => raft.reigns(node));
    for (const reigns of ruled) {
      reigns.slice(1).forEach((reign, i) => {
        expect(reign.from).toBe(reigns[i]?.to);
        expect(reign.term).toBeGreaterThanOrEqual(reigns[i]?.term as number);
      });
      expect(reigns.at(-1)?.to).toBe(run.end);
    }
    const terms = ruled.flatMap((reigns) => reigns.filter(({ role }) => role === 'leader').map(({ term }) => term));
    expect(new Set(terms).size).toBe(terms.length);
  });
});

describe('a follower whose log had to be overwritten', () => {
  test('has the leader’s entries where its own were', async () => {
    const run = await simulated('raft-membership-bug');
    const raft = new RaftServers(run);
    const position = run.records.count;
    for (const { node, last, lastTerm } of raft.at(position))
      expect(raft.log.term(node, last, position)).toBe(last === 0 ? undefined : lastTerm);
  });
});

test('servers that lost power read their logs back as they were', async () => {
  const run = await simulated('consul-kill');
  const raft = new RaftServers(run);
  const logs = (seconds: number) => {
    const position = positionAt(run.records, seconds * 1e9);
    return raft
      .at(position)
      .map(({ node, last }) => Array.from({ length: last }, (_, i) => raft.log.term(node, i + 1, position)));
  };
  const [before] = logs(19) as [number[]];
  expect(before.length).toBeGreaterThan(2);
  // After all are up again each has at least what it had, and what it had is the same.
  for (const log of logs(33)) expect(log.slice(0, before.length)).toEqual(before.slice(0, log.length));
});

describe('members and peers', () => {
  const server = (name: string, voters: readonly string[]): RaftServer => ({
    node: 0,
    name,
    role: 'follower',
    term: 1,
    vote: '',
    leader: '',
    last: 0,
    lastTerm: 0,
    commit: 0,
    snapshot: 0,
    voters,
    outgoing: [],
    learners: [],
    match: undefined,
    next: undefined,
  });
  const servers = ['a', 'b', 'c'].map((name) => server(name, ['a', 'b']));
  test('agree, or the difference is named from both sides', () => {
    const [a] = servers as [RaftServer, ...RaftServer[]];
    expect(mismatchOf(a, servers, new Set(['a', 'b']))).toEqual({ gone: [], extra: [] });
    expect(mismatchOf(a, servers, new Set(['a', 'c', 'client']))).toEqual({ gone: ['b'], extra: ['c'] });
    expect(mismatchOf(a, servers, undefined)).toBeUndefined();
  });
});
