import { describe, expect, test } from 'vitest';
import { hours, milliseconds, minutes, seconds } from '../time.ts';
import { type ClusterServer, RaftCluster } from './cluster.ts';
import type { RaftConfig } from './config.ts';
import { PROFILES, problems } from './profiles.ts';
import { brokenOf } from './scene.ts';

const CONFIG: RaftConfig = { ...PROFILES.partita, quiescence: true };

/** Three servers whose leader has fallen silent. */
function silent(config = CONFIG) {
  const cluster = new RaftCluster({ servers: 3, config }).start();
  const leader = cluster.elect();
  const { role } = leader.state;
  cluster.when(() => role.role === 'leader' && role.isSilent === true, seconds(5));
  cluster.run(milliseconds(50));
  const others = cluster.servers.filter((server) => server !== leader) as [ClusterServer, ClusterServer];
  let sent = 0;
  cluster.passed = () => {
    sent++;
  };
  return { cluster, leader, others, sent: () => sent };
}

const isSilent = ({ state: { role } }: ClusterServer): boolean => role.role === 'leader' && role.isSilent === true;

describe('a cluster with nothing to do', () => {
  test('sends nothing for an hour, and nobody campaigns', () => {
    const { cluster, leader, others, sent } = silent();
    const term = leader.state.currentTerm;
    cluster.run(hours(1));
    expect(sent()).toBe(0);
    expect(others.map(({ state }) => state.isAsleep)).toEqual([true, true]);
    expect(leader.state.currentTerm).toBe(term);
    expect(brokenOf(cluster)).toEqual([]);
  });

  test('commits what it is asked for as fast as ever, and falls silent again', () => {
    const { cluster, leader, others } = silent();
    cluster.run(minutes(10));
    const id = leader.propose();
    cluster.run(milliseconds(10));
    expect(leader.replies.get(id)).toMatchObject({ outcome: 'ok' });
    cluster.run(milliseconds(500));
    expect(isSilent(leader)).toBe(true);
    expect(others.map(({ state }) => [state.isAsleep, state.lastApplied])).toEqual([
      [true, leader.state.lastApplied],
      [true, leader.state.lastApplied],
    ]);
    expect(brokenOf(cluster)).toEqual([]);
  });

  test('wakes when a follower is asked: its leader is still there, and nobody campaigns', () => {
    const { cluster, leader, others } = silent();
    cluster.run(minutes(10));
    const term = leader.state.currentTerm;
    const id = others[0].command({ command: 'read', query: undefined, mode: 'index' });
    cluster.run(milliseconds(10));
    expect(others[0].replies.get(id)).toMatchObject({ outcome: 'ok' });
    cluster.run(seconds(5));
    expect([leader.state.currentTerm, isSilent(leader)]).toEqual([term, true]);
  });

  test('has no lease when it wakes: the first read asks a majority', () => {
    const { cluster, leader } = silent();
    cluster.run(minutes(10));
    const id = leader.command({ command: 'read', query: undefined, mode: 'lease' });
    expect(leader.replies.has(id)).toBe(false);
    cluster.run(milliseconds(10));
    expect(leader.replies.get(id)).toMatchObject({ outcome: 'ok' });
    expect(brokenOf(cluster)).toEqual([]);
  });

  test('does not notice that its leader died, until somebody asks: then in the time that an election takes', () => {
    const { cluster, leader, others } = silent();
    leader.crash();
    cluster.run(hours(1));
    expect(cluster.leader).toBeUndefined();
    others[0].propose();
    cluster.run(seconds(5));
    expect(cluster.leader).toBeDefined();
    expect(brokenOf(cluster)).toEqual([]);
  });

  test('is told of the death by another detector, such as gossip', () => {
    const { cluster, leader, others } = silent({ ...CONFIG, leaseReads: false });
    leader.crash();
    for (const server of others) server.command({ command: 'forget-leader' });
    cluster.run(seconds(3));
    expect(cluster.leader).toBeDefined();
  });

  test('a follower that was cut off in time wakes the others, and keeps no leader from leading', () => {
    const { cluster, leader, others } = silent();
    cluster.isolate(others[0].name);
    leader.propose();
    cluster.run(seconds(10));
    expect(isSilent(leader)).toBe(false);
    cluster.heal();
    cluster.run(seconds(5));
    expect(isSilent(leader)).toBe(true);
    expect(others[0].state.lastApplied).toBe(leader.state.lastApplied);
    expect(brokenOf(cluster)).toEqual([]);
  });

  test('a follower that lacks something does not sleep, whatever it is told', () => {
    const { cluster, others, leader } = silent();
    const [follower] = others;
    leader.propose();
    cluster.run(milliseconds(20));
    expect(follower.state.isAsleep).toBe(false);
    const { currentTerm: term, commitIndex } = follower.state;
    const old = {
      type: 'heartbeat',
      cluster: 0,
      from: leader.id,
      to: follower.id,
      term,
      commit: commitIndex - 1,
      round: 1,
      silent: true,
    } as const;
    follower.deliver(leader.endpoint, old);
    expect(follower.state.isAsleep).toBe(false);
  });

  test('is not offered where followers look by themselves, or are sent heartbeats each at its own time', () => {
    expect(problems({ ...PROFILES.hashicorp, quiescence: true })).toEqual([
      expect.stringMatching(/falls silent with one heartbeat for all/),
    ]);
    expect(problems({ ...PROFILES.etcd, quiescence: true })).toEqual([]);
    expect(Object.values(PROFILES).some(({ quiescence }) => quiescence)).toBe(false);
  });
});
