import { describe, expect, test } from 'vitest';
import type { Endpoint } from '../names.ts';
import { milliseconds, seconds } from '../time.ts';
import { type ClusterServer, RaftCluster } from './cluster.ts';
import { configuration } from './configuration.ts';
import { PROFILES } from './profiles.ts';
import { brokenOf, leadersOf, termsOf } from './scene.ts';

describe('going on after a majority was lost (HashiCorp’s RecoverCluster)', () => {
  test('the survivor leads with what it has, uncommitted entries included, in a cluster of its own', () => {
    const cluster = new RaftCluster({ servers: 3 }).start();
    const leader = cluster.elect();
    for (let i = 0; i < 5; i++) leader.propose(i);
    cluster.run(seconds(1));
    for (const server of cluster.servers) if (server !== leader) server.crash('wipe');
    leader.propose('uncommitted');
    cluster.run(milliseconds(50));
    leader.crash('none');
    leader.recover = configuration({ voters: [{ name: leader.id, endpoint: leader.endpoint }] });
    leader.start();
    leader.recover = undefined;
    cluster.run(seconds(5));
    expect(leadersOf(cluster)).toEqual([leader.name]);
    expect(leader.machine.state.count).toBe(6);
    expect(leader.raft.status().config.voters).toHaveLength(1);
    const id = leader.propose();
    cluster.run(milliseconds(100));
    expect(leader.replies.get(id)?.outcome).toBe('ok');
    leader.restart();
    cluster.run(seconds(5));
    expect([leadersOf(cluster), leader.raft.status().config.voters.length, leader.machine.state.count]).toEqual([
      [leader.name],
      1,
      7,
    ]);
  });
});

test('nobody who joins after a recovery ever hears of the servers that were lost', () => {
  const config = { ...PROFILES.partita, snapshotTrailing: 1000 };
  const cluster = new RaftCluster({ servers: 4, voters: 3, config }).start();
  const leader = cluster.elect();
  for (let i = 0; i < 5; i++) leader.propose(i);
  cluster.run(seconds(1));
  for (const server of cluster.servers) server.crash('none');
  leader.recover = configuration({ voters: [{ name: leader.id, endpoint: leader.endpoint }] });
  leader.start();
  leader.recover = undefined;
  cluster.run(seconds(5));
  const joins = cluster.server('n4');
  joins.disk.crash(cluster.random, 'wipe');
  joins.boots = 0;
  joins.start();
  leader.command({ command: 'change', steps: [{ type: 'learner', server: { name: joins.id, endpoint: joins.endpoint } }] });
  cluster.run(seconds(2));
  leader.command({ command: 'change', steps: [{ type: 'voter', server: { name: joins.id, endpoint: joins.endpoint } }] });
  cluster.run(seconds(2));
  expect(joins.raft.status()).toMatchObject({ config: { voters: [{ name: leader.id }, { name: joins.id }] } });
  expect(joins.state.log.entries.filter(({ type }) => type === 'config').map(({ index }) => index)).toEqual(
    joins.state.configs.filter((index) => index > joins.state.log.cut),
  );
  expect(brokenOf(cluster)).toEqual([]);
});

describe('in the long run', () => {
  test('log, snapshots and everything else stay as large as they were when compaction had settled', () => {
    const cluster = new RaftCluster({
      servers: 3,
      config: { ...PROFILES.partita, snapshotThreshold: 100, snapshotTrailing: 20 },
    }).start();
    const leader = cluster.elect();
    const sizes: number[] = [];
    for (let round = 0; round < 6; round++) {
      for (let i = 0; i < 200; i++) {
        leader.command({ command: 'propose', payload: i, bytes: 8 });
        leader.command({ command: 'read', query: undefined, mode: 'index' });
        cluster.run(milliseconds(20));
      }
      sizes.push(Math.max(...cluster.servers.map((server) => JSON.stringify(server.state, mapsToo).length)));
      expect(Math.max(...cluster.servers.map((server) => server.disk.files().get('wal')?.length ?? 0))).toBeLessThan(250);
    }
    expect(Math.max(...sizes.slice(2))).toBeLessThan(1.5 * (sizes[1] as number));
    expect(leader.state.commitIndex).toBeGreaterThan(1200);
  });
});

const mapsToo = (_: string, value: unknown): unknown => (value instanceof Map ? [...value] : value);

describe('a server that moves', () => {
  test('is told everything at its new address when that was changed in the configuration', () => {
    const cluster = new RaftCluster({ servers: 3 }).start();
    const leader = cluster.elect();
    const moved = cluster.servers.find((server) => server !== leader) as ClusterServer;
    moved.crash('none');
    moved.endpoint = cluster.names.endpoint(0x0a_00_00_63 as never, 8300) as Endpoint;
    moved.start();
    cluster.run(seconds(1));
    const before = termsOf(moved).length;
    leader.command({ command: 'change', steps: [{ type: 'voter', server: { name: moved.id, endpoint: moved.endpoint } }] });
    leader.propose();
    cluster.run(seconds(2));
    expect(termsOf(moved).length).toBeGreaterThan(before);
    expect([leader.raft.status().config.voters.length, leadersOf(cluster)]).toEqual([3, [leader.name]]);
    expect(brokenOf(cluster)).toEqual([]);
  });
});

describe('reads on a follower', () => {
  test('are as fresh as on the leader, also when requests or answers are lost', () => {
    const cluster = new RaftCluster({ servers: 3 }).start();
    const leader = cluster.elect();
    const follower = cluster.servers.find((server) => server !== leader) as ClusterServer;
    cluster.loss = 0.3;
    for (let i = 0; i < 20; i++) {
      const written = leader.propose();
      cluster.when(() => leader.replies.has(written), seconds(5));
      const id = follower.command({ command: 'read', query: undefined, mode: 'index' });
      cluster.when(() => follower.replies.has(id), seconds(5));
      expect(follower.replies.get(id)).toMatchObject({ outcome: 'ok', result: { count: i + 1 } });
    }
  });

  test('are answered by one that was so far behind that it is sent a snapshot', () => {
    const config = { ...PROFILES.partita, snapshotThreshold: 20, snapshotTrailing: 0 };
    const cluster = new RaftCluster({ servers: 3, config }).start();
    const leader = cluster.elect();
    const follower = cluster.servers.find((server) => server !== leader) as ClusterServer;
    cluster.loses = ({ to, message }) => to === follower.name && (message.type === 'append' || message.type === 'snapshot');
    for (let i = 0; i < 60; i++) leader.propose();
    cluster.run(seconds(1));
    const id = follower.command({ command: 'read', query: undefined, mode: 'index' });
    cluster.run(milliseconds(200));
    expect(follower.replies.has(id)).toBe(false);
    cluster.loses = () => false;
    cluster.run(seconds(2));
    expect(follower.replies.get(id)).toMatchObject({ outcome: 'ok', result: { count: 60 } });
  });

  test('fail when there is no leader to ask', () => {
    const cluster = new RaftCluster({ servers: 3 }).start();
    const leader = cluster.elect();
    const follower = cluster.servers.find((server) => server !== leader) as ClusterServer;
    cluster.isolate(follower.name);
    const id = follower.command({ command: 'read', query: undefined, mode: 'index' });
    cluster.run(seconds(5));
    expect(follower.replies.get(id)).toMatchObject({ outcome: 'fail', problem: 'leadership lost' });
    expect(follower.replies.get(follower.command({ command: 'read', query: undefined, mode: 'stale' }))?.outcome).toBe('ok');
  });
});
