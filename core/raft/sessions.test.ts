import { describe, expect, test } from 'vitest';
import { type Instant, milliseconds, seconds } from '../time.ts';
import { RaftCluster } from './cluster.ts';
import { PROFILES } from './profiles.ts';
import { expireSessions, openSession, recall, remember, type Sessions } from './sessions.ts';

const at = (n: number): Instant => seconds(n) as number as Instant;
const stamp = (sequence: number, acknowledged = 0) => ({ client: 1, sequence, acknowledged });

describe('a session (Raft thesis §6.3)', () => {
  test('answers a call again that it has executed, and refuses one whose answer the client has confirmed', () => {
    const session = openSession(at(0));
    expect(recall(session, stamp(1))).toEqual({ type: 'execute' });
    remember(session, stamp(1), 'one');
    remember(session, stamp(2), 'two');
    expect(recall(session, stamp(1))).toEqual({ type: 'answered', answer: 'one' });
    remember(session, stamp(3, 2), 'three');
    expect(recall(session, stamp(1))).toEqual({ type: 'refused', problem: 'stale' });
    expect(recall(session, stamp(2))).toEqual({ type: 'answered', answer: 'two' });
    expect([...session.answers.keys()]).toEqual([2, 3]);
  });

  test('a client whose session is gone is told so, and nothing is executed', () => {
    expect(recall(undefined, stamp(1))).toEqual({ type: 'refused', problem: 'session expired' });
  });

  test('ends when its client was silent for too long; of too many the most silent ones go', () => {
    const sessions: Sessions = new Map([1, 2, 3, 4].map((client) => [client, openSession(at(client))]));
    expireSessions(sessions, at(12), seconds(10), 2);
    expect([...sessions.keys()]).toEqual([3, 4]);
  });
});

describe('sessions in a cluster', () => {
  const config = { ...PROFILES.partita, sessionTimeToLive: seconds(5), snapshotThreshold: 10, snapshotTrailing: 0 };

  test('outlive their leader, snapshots and restarts: a command sent again is executed once', () => {
    const cluster = new RaftCluster({ servers: 3, config }).start();
    const first = cluster.elect();
    const registered = first.command({ command: 'register' });
    cluster.run(milliseconds(100));
    const client = (first.replies.get(registered) as { result: number }).result;
    const call = { command: 'propose', payload: 'once', bytes: 4, session: { client, sequence: 1, acknowledged: 0 } } as const;
    const id = first.command(call);
    cluster.run(milliseconds(100));
    for (let i = 0; i < 20; i++) first.propose();
    cluster.run(milliseconds(500));
    for (const server of cluster.servers) server.restart();
    const second = cluster.elect();
    const again = second.command(call);
    cluster.run(milliseconds(500));
    expect(second.replies.get(again)).toMatchObject({
      outcome: 'ok',
      result: (first.replies.get(id) as { result: unknown }).result,
    });
    expect(second.machine.applied.filter(({ command }) => command === 'once')).toEqual([]);
    for (const { state } of cluster.servers) expect(state.sessions).toEqual(second.state.sessions);
  });

  test('expire at the same entry on every server, unless they are kept alive', () => {
    const cluster = new RaftCluster({ servers: 3, config }).start();
    const leader = cluster.elect();
    const [kept, dropped] = [leader.command({ command: 'register' }), leader.command({ command: 'register' })];
    cluster.run(milliseconds(100));
    const clientOf = (id: number): number => (leader.replies.get(id) as { result: number }).result;
    for (let i = 0; i < 3; i++) {
      leader.command({ command: 'keep-alive', client: clientOf(kept) });
      cluster.run(seconds(3));
    }
    const call = (client: number): number =>
      leader.command({ command: 'propose', payload: 'x', bytes: 1, session: { client, sequence: 1, acknowledged: 0 } });
    const ids = [call(clientOf(kept)), call(clientOf(dropped)), leader.command({ command: 'register' })];
    cluster.run(milliseconds(300));
    expect(ids.map((id) => leader.replies.get(id))).toMatchObject([
      { outcome: 'ok' },
      { outcome: 'fail', problem: 'session expired' },
      { outcome: 'ok' },
    ]);
    for (const { state } of cluster.servers)
      expect([...state.sessions.keys()]).toEqual([clientOf(kept), clientOf(ids[2] as number)]);
  });

  test('its clock goes on where the log is all in a snapshot, whoever leads next', () => {
    const config = { ...PROFILES.partita, snapshotThreshold: 5, snapshotTrailing: 0 };
    const cluster = new RaftCluster({ servers: 3, config });
    for (const [i, server] of cluster.servers.entries()) server.ahead = seconds(i === 0 ? 3600 : 0);
    cluster.start();
    cluster.run(milliseconds(100));
    const [ahead] = cluster.servers;
    if (cluster.elect() !== ahead) {
      cluster.elect().command({ command: 'transfer', target: ahead?.id as never });
      cluster.run(seconds(1));
    }
    for (let i = 0; i < 25; i++) {
      ahead?.propose();
      cluster.run(milliseconds(20));
    }
    const reached = Math.max(...cluster.servers.map(({ state }) => state.snapshot?.at ?? 0));
    expect(reached).toBeGreaterThan(seconds(3600));
    ahead?.crash();
    const next = cluster.elect();
    expect(next.state.log.entries.at(-1)?.at).toBeGreaterThanOrEqual(reached);
  });
});
