import { describe, expect, test } from 'vitest';
import { type Duration, milliseconds, seconds } from '../time.ts';
import { type ClusterServer, RaftCluster } from './cluster.ts';
import type { RaftConfig } from './config.ts';
import { lastIndexOf } from './log.ts';
import { PROFILES } from './profiles.ts';
import { brokenOf } from './scene.ts';

/** So many servers, of which the last is in no configuration yet; the leader's log has so many entries. */
function grown(servers: number, entries: number, change: Partial<RaftConfig> = {}) {
  const config = { ...PROFILES.partita, snapshotThreshold: 0, maxInflight: 1, maxEntries: 1, ...change };
  const cluster = new RaftCluster({ servers, voters: servers - 1, config }).start();
  const leader = cluster.elect();
  for (let i = 0; i < entries; i++) leader.propose();
  cluster.when(
    () => cluster.servers.slice(0, -1).every(({ state }) => state.lastApplied === lastIndexOf(leader.state.log)),
    seconds(30),
  );
  const fresh = cluster.servers.at(-1) as ClusterServer;
  const admit = () => leader.command({ command: 'admit', server: { name: fresh.id, endpoint: fresh.endpoint } });
  return { cluster, leader, fresh, admit };
}

const votersOf = ({ raft }: ClusterServer): number => raft.status().config.voters.length;
const learnersOf = ({ raft }: ClusterServer): number => raft.status().config.learners.length;

describe('a new server that is admitted (thesis §4.2.1)', () => {
  test('learns first, and votes when a round took less than an election timeout', () => {
    const { cluster, leader, fresh, admit } = grown(4, 100);
    const id = admit();
    cluster.run(milliseconds(100));
    expect([votersOf(leader), learnersOf(leader)]).toEqual([3, 1]);
    cluster.run(milliseconds(900));
    expect(leader.replies.get(id)).toMatchObject({ outcome: 'ok' });
    expect([votersOf(leader), learnersOf(leader)]).toEqual([4, 0]);
    expect(fresh.state.lastApplied).toBe(leader.state.lastApplied);
    expect(brokenOf(cluster)).toEqual([]);
  });

  test('needs another round when the first was long: what came meanwhile is less, and so on', () => {
    // 3 ms an entry: 900 entries take 2.7 s, in which 270 come, which take 0.8 s.
    const { cluster, leader, admit } = grown(4, 900);
    const id = admit();
    const rounds = new Set<number>();
    for (let i = 0; i < 400; i++) {
      leader.propose();
      cluster.run(milliseconds(10));
      const { role } = leader.state;
      if (role.role === 'leader' && role.admission !== undefined) rounds.add(role.admission.round);
    }
    expect([...rounds]).toEqual([1, 2]);
    expect(leader.replies.get(id)).toMatchObject({ outcome: 'ok' });
    expect(brokenOf(cluster)).toEqual([]);
  });

  test('that falls behind as fast as it catches up is given up after the tenth round, and stays a learner', () => {
    const { cluster, leader, admit } = grown(4, 100, {
      electionTimeout: milliseconds(100),
      electionSpread: milliseconds(100),
      heartbeatInterval: milliseconds(10),
    });
    const id = admit();
    for (let i = 0; i < 2000 && !leader.replies.has(id); i++) {
      leader.propose();
      cluster.run(milliseconds(3));
    }
    expect(leader.replies.get(id)).toMatchObject({ outcome: 'fail', problem: 'too slow' });
    expect([votersOf(leader), learnersOf(leader)]).toEqual([3, 1]);
    expect(brokenOf(cluster)).toEqual([]);
    // The caller may try again, and it has less to catch up with.
    cluster.run(seconds(20));
    const again = admit();
    cluster.run(milliseconds(300));
    expect(leader.replies.get(again)).toMatchObject({ outcome: 'ok' });
  });

  test('that does not answer is given up after two election timeouts', () => {
    const { cluster, leader, fresh, admit } = grown(4, 10);
    fresh.crash();
    const id = admit();
    cluster.run(milliseconds(1900));
    expect(leader.replies.has(id)).toBe(false);
    cluster.run(milliseconds(300));
    expect(leader.replies.get(id)).toMatchObject({ outcome: 'fail', problem: 'too slow' });
  });

  test('does not cost a cluster its majority while it is empty, as one that is added at once does (thesis, Figure 4.4)', () => {
    const waits = (how: 'admit' | 'add'): Duration => {
      const { cluster, leader, fresh, admit } = grown(4, 900);
      (cluster.servers.find((server) => server !== leader && server !== fresh) as ClusterServer).crash();
      if (how === 'admit') admit();
      else
        leader.command({ command: 'change', steps: [{ type: 'voter', server: { name: fresh.id, endpoint: fresh.endpoint } }] });
      cluster.run(milliseconds(50));
      const id = leader.propose();
      const since = cluster.now;
      return (cluster.when(() => leader.replies.has(id), seconds(20)) - since) as Duration;
    };
    expect(waits('admit')).toBeLessThan(milliseconds(20));
    expect(waits('add')).toBeGreaterThan(seconds(2));
  });

  test('is answered `unknown` when its leader is none any more, and refused while another is admitted or by a follower', () => {
    const { cluster, leader, admit } = grown(4, 900);
    const id = admit();
    cluster.run(milliseconds(50));
    const second = admit();
    expect(leader.replies.get(second)).toMatchObject({ problem: 'change in progress' });
    leader.command({ command: 'transfer' });
    cluster.run(milliseconds(100));
    expect(leader.state.role.role).toBe('follower');
    expect(leader.replies.get(id)).toMatchObject({ outcome: 'unknown' });
    const third = admit();
    expect(leader.replies.get(third)).toMatchObject({ outcome: 'fail', problem: 'not leader' });
  });

  test('is let in where configurations act when applied, too', () => {
    const { cluster, leader, admit } = grown(4, 100, { activation: 'apply', leavingMayCampaign: false });
    const id = admit();
    cluster.run(seconds(2));
    expect(leader.replies.get(id)).toMatchObject({ outcome: 'ok' });
    expect(votersOf(leader)).toBe(4);
    expect(brokenOf(cluster)).toEqual([]);
  });
});

describe('a learner that is promoted', () => {
  test('needs nine tenths of the leader’s log with etcd’s server, and nothing with the others', () => {
    expect(Object.values(PROFILES).map(({ promotionShare }) => promotionShare)).toEqual([0, 0, 0.9, 0, 0]);
  });

  test('is refused before, and taken after', () => {
    const { cluster, leader, fresh } = grown(4, 900, { promotionShare: 0.9 });
    const server = { name: fresh.id, endpoint: fresh.endpoint };
    leader.command({ command: 'change', steps: [{ type: 'learner', server }] });
    cluster.run(milliseconds(50));
    const early = leader.command({ command: 'change', steps: [{ type: 'voter', server }] });
    expect(leader.replies.get(early)).toMatchObject({ outcome: 'fail', problem: 'not caught up' });
    cluster.run(seconds(5));
    const late = leader.command({ command: 'change', steps: [{ type: 'voter', server }] });
    cluster.run(milliseconds(50));
    expect(leader.replies.get(late)).toMatchObject({ outcome: 'ok' });
  });
});
