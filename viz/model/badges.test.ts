import { beforeAll, describe, expect, test } from 'vitest';
import { simulated } from '../testing/simulated.ts';
import { badgesOf, faultText, sideName } from './badges.ts';
import { activeFaults, faultsOf } from './faults.ts';
import { Members } from './members.ts';
import { RaftServers } from './raft.ts';
import { positionAt, type Run } from './run.ts';

const badgesAt = (run: Run, seconds: number, selected: number) => {
  const position = positionAt(run.records, seconds * 1e9);
  const members = new Members(run);
  const faults = activeFaults(run, faultsOf(run), position, seconds * 1e9);
  return badgesOf({ run, members, raft: new RaftServers(run), faults }, position, selected);
};

describe('a leader in a minority', () => {
  let run: Run;
  beforeAll(async () => {
    run = await simulated('raft-partition');
  });
  test('the leader has its letter and its term, followers none', () => {
    const badges = badgesAt(run, 9, 0);
    expect(badges.map(({ role }) => role?.letter)).toEqual(['L3', '', '', '', '', undefined, undefined]);
    expect(badges[1]?.role?.words).toBe('follower in term 3');
  });
  test('the sides of the partition are those of the scenario, and nobody is on one before or after', () => {
    expect(badgesAt(run, 15, 0).map(({ side }) => side)).toEqual([0, 0, 1, 1, 1, 0, 1]);
    for (const seconds of [9, 21])
      expect(badgesAt(run, seconds, 0).every(({ side, to }) => side === undefined && to.length === 0)).toBe(true);
    expect(badgesAt(run, 15, 0)[0]?.to.toSorted()).toEqual(['n3', 'n4', 'n5', 'there']);
  });
  test('the partition is named by its sides', () => {
    expect(faultsOf(run).map((fault) => faultText(run, fault))).toEqual(['cut: n1 n2 here ‖ n3 n4 n5 there']);
    expect([0, 1].map(sideName)).toEqual(['A', 'B']);
  });
});

test('a trunk that is cut parts the hosts behind its two switches; the beliefs are those of who is selected', async () => {
  const run = await simulated('partition-and-heal');
  const names = run.topology.nodes.map(({ name }) => name);
  const b1 = names.indexOf('b1');
  const badges = badgesAt(run, 170, b1);
  expect(names.map((name, node) => [name, badges[node]?.side, badges[node]?.belief])).toEqual([
    ['a1', 0, 'failed'],
    ['a2', 0, 'failed'],
    ['a3', 0, 'failed'],
    ['b1', 1, 'alive'],
    ['b2', 1, 'alive'],
  ]);
  expect(faultsOf(run).map((fault) => faultText(run, fault))).toEqual(['cut: a1 a2 a3 ‖ b1 b2']);
});
