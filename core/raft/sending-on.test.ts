import { describe, expect, test } from 'vitest';
import { milliseconds, seconds } from '../time.ts';
import type { ClusterServer, RaftCluster } from './cluster.ts';
import type { RaftConfig } from './config.ts';
import type { RaftCommand } from './interface.ts';
import { PROFILES } from './profiles.ts';
import { brokenOf, campaigns, clusterWith, PLAIN } from './scene.ts';

/** Three servers, of which n1 leads. */
function led(forwarding: RaftConfig['forwarding']): { cluster: RaftCluster; n1: ClusterServer; n2: ClusterServer } {
  const cluster = clusterWith([[1], [1], [1]], {
    config: { ...PLAIN, electionTimeout: seconds(1), electionSpread: seconds(10_000), forwarding },
  });
  campaigns(cluster.server('n1'), milliseconds(200));
  return { cluster, n1: cluster.server('n1'), n2: cluster.server('n2') };
}

const write = (payload: number, sequence?: number): RaftCommand => ({
  command: 'propose',
  payload,
  bytes: 8,
  ...(sequence === undefined ? {} : { session: { client: 3, sequence, acknowledged: 0 } }),
});

const commandsOf = ({ state: { log } }: ClusterServer): unknown[] =>
  log.entries.flatMap((entry) => (entry.type === 'command' ? [entry.payload] : []));

describe('a follower that is asked to propose (thesis §6.2)', () => {
  test('is etcd’s alone to send everything on, unless it is told to', () => {
    const kinds = Object.entries(PROFILES).map(([profile, { forwarding }]) => [profile, forwarding]);
    expect(Object.fromEntries(kinds)).toEqual({ partita: 'none', paper: 'none', etcd: 'all', hashicorp: 'none', consul: 'none' });
  });

  test('refuses, and says who leads, where nothing is sent on', () => {
    const { cluster, n2 } = led('none');
    const id = n2.command(write(7));
    expect(n2.replies.get(id)).toEqual({ outcome: 'fail', problem: 'not leader', leader: cluster.server('n1').id });
  });

  test('sends it on, and answers with what it came to when it has executed it itself', () => {
    const { cluster, n1, n2 } = led('all');
    const id = n2.command(write(7));
    cluster.run(milliseconds(20));
    const reply = n2.replies.get(id);
    expect(reply).toMatchObject({ outcome: 'ok', index: 3 });
    expect(n2.state.lastApplied).toBe(3);
    expect(commandsOf(n1)).toEqual([7]);
    expect(n2.state.sentOn).toEqual([]);
    expect(brokenOf(cluster)).toEqual([]);
  });

  test('and a network that doubles it has it executed twice, unless it is of a session: therefore only such are sent on by `repeatable`', () => {
    const { cluster, n1, n2 } = led('all');
    const session = n1.command({ command: 'register' });
    cluster.run(milliseconds(20));
    expect(n1.replies.get(session)).toMatchObject({ outcome: 'ok', index: 3 });
    cluster.duplication = 1;
    n2.command(write(7));
    const once = n2.command(write(8, 1));
    cluster.run(milliseconds(50));
    expect(commandsOf(n1).sort()).toEqual([7, 7, 8, 8]);
    expect(n2.replies.get(once)).toMatchObject({ outcome: 'ok' });
    expect(n1.machine.snapshot()).toMatchObject({ data: { count: 3 } });
    expect(brokenOf(cluster)).toEqual([]);
  });

  test.each<[string, RaftCommand, boolean]>([
    ['a command of a session', write(1, 1), true],
    ['a command without one', write(1), false],
    ['the request for a session', { command: 'register' }, true],
    ['a sign of life', { command: 'keep-alive', client: 3 }, true],
    ['a barrier', { command: 'barrier' }, true],
    ['a read through the log', { command: 'read', query: undefined, mode: 'log' }, true],
  ])('with `repeatable`: %s', (_, command, isSentOn) => {
    const { n2 } = led('repeatable');
    const id = n2.command(command);
    expect(n2.replies.has(id)).toBe(!isSentOn);
  });

  test('does not know what became of it when it was lost, after an election timeout', () => {
    const { cluster, n2 } = led('all');
    cluster.loses = ({ message }) => message.type === 'propose';
    const id = n2.command(write(7));
    cluster.run(milliseconds(999));
    expect(n2.replies.has(id)).toBe(false);
    cluster.run(milliseconds(2));
    expect(n2.replies.get(id)).toMatchObject({ outcome: 'unknown', problem: 'no answer' });
  });

  test('does not know it either when the leader refused one copy of it, as another may have been taken', () => {
    const { cluster, n1, n2 } = led('all');
    cluster.loses = ({ message }) => message.type === 'timeout-now';
    n1.command({ command: 'transfer', target: n2.id });
    const id = n2.command(write(7));
    cluster.run(milliseconds(20));
    expect(n2.replies.get(id)).toMatchObject({ outcome: 'unknown', problem: 'no answer' });
    expect(commandsOf(n1)).toEqual([]);
  });

  test('does not know it when another leads before it was executed', () => {
    const { cluster, n2 } = led('all');
    cluster.loses = ({ message }) => message.type === 'propose';
    const id = n2.command(write(7));
    campaigns(cluster.server('n3'), milliseconds(50));
    expect(n2.replies.get(id)).toMatchObject({ outcome: 'unknown', problem: 'leadership lost' });
  });

  test('refuses what is too large for any leader, and what nobody leads', () => {
    const { cluster, n2 } = led('all');
    const large = n2.command({ command: 'propose', payload: 1, bytes: PLAIN.maxProposalBytes + 1 });
    expect(n2.replies.get(large)).toMatchObject({ outcome: 'fail', problem: 'not leader' });
    n2.command({ command: 'forget-leader' });
    const id = n2.command(write(7));
    expect(n2.replies.get(id)).toEqual({ outcome: 'fail', problem: 'not leader' });
    expect(brokenOf(cluster)).toEqual([]);
  });
});
