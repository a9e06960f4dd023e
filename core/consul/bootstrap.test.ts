import { describe, expect, test } from 'vitest';
import { Names } from '../names.ts';
import { firstConfiguration, MOST_ATTEMPTS, readinessOf, waitAfter } from './bootstrap.ts';
import { CONSUL_DEFAULTS, type ConsulConfig } from './config.ts';
import { readServer, type ServerMember, serverTags } from './servers.ts';

const names = new Names();

/** A member as gossip has it, whose tags are those of a server with this configuration. */
const member = (name: string, config: Partial<ConsulConfig> = {}, status: ServerMember['status'] = 'alive') => ({
  name,
  address: `10.0.0.${name.slice(1)}`,
  port: 8301,
  status,
  tags: serverTags(name, 8300, { ...CONSUL_DEFAULTS, ...config }),
  protocol: { min: 2, max: 5, version: 4 },
});

const server = (...of: Parameters<typeof member>): ServerMember => {
  const read = readServer(member(...of), names);
  if (read === undefined) throw new RangeError('these tags are those of a server');
  return read;
};

const expecting = (...all: string[]) => all.map((name) => server(name, { expect: 3 }));

describe('who counts for bootstrap-expect (maybeBootstrap)', () => {
  test('two of three wait, three are enough, and a fourth is taken too', () => {
    expect(readinessOf(expecting('c1', 'c2'), 3, 'dc1')).toEqual({ type: 'wait' });
    expect(readinessOf(expecting('c1', 'c2', 'c3'), 3, 'dc1').type).toBe('ask');
    const { voters } = firstConfiguration(expecting('c1', 'c2', 'c3', 'c4'));
    expect(voters.map(({ name }) => names.text(name))).toEqual(['c1', 'c2', 'c3', 'c4']);
  });

  test('one that failed or left counts like one that lives', () => {
    const known = [...expecting('c1'), server('c2', { expect: 3 }, 'failed'), server('c3', { expect: 3 }, 'left')];
    expect(readinessOf(known, 3, 'dc1').type).toBe('ask');
  });

  test('servers of other data centres do not count, read replicas neither, but these are taken without a vote', () => {
    const known = [...expecting('c1', 'c2'), server('c3', { expect: 3, datacenter: 'dc2' })];
    expect(readinessOf(known, 3, 'dc1')).toEqual({ type: 'wait' });
    const replica = server('c4', { expect: 3, readReplica: true });
    expect(readinessOf([...expecting('c1', 'c2'), replica], 3, 'dc1')).toEqual({ type: 'wait' });
    const { voters, learners } = firstConfiguration([...expecting('c1', 'c2', 'c3'), replica]);
    expect([voters.length, learners.map(({ name }) => names.text(name))]).toEqual([3, ['c4']]);
  });

  test('nobody starts beside one that expects another number, or that bootstraps', () => {
    const other = server('c3', { expect: 2 });
    expect(readinessOf([...expecting('c1', 'c2'), other], 3, 'dc1')).toEqual({ type: 'conflict', with: other, over: 'expect' });
    const lone = server('c3', { bootstrap: true });
    expect(readinessOf([...expecting('c1', 'c2'), lone], 3, 'dc1')).toEqual({ type: 'conflict', with: lone, over: 'bootstrap' });
  });

  test('one that does not answer is asked six times, and waited for 63 s in all', () => {
    const waits = Array.from({ length: MOST_ATTEMPTS }, (_, attempt) => waitAfter(attempt));
    expect(waits).toEqual([1, 2, 4, 8, 16, 32]);
  });
});

describe('the tags of a server', () => {
  test('say where its Raft is and how it was started', () => {
    expect(server('c7', { expect: 5 })).toMatchObject({ expect: 5, bootstrap: false, readReplica: false, datacenter: 'dc1' });
    expect(names.port(server('c7').endpoint)).toBe(8300);
    expect(server('c7', { bootstrap: true }).bootstrap).toBe(true);
  });

  test.each([
    ['no role', [['port', '8300']]],
    [
      'another role',
      [
        ['role', 'node'],
        ['id', 'c1'],
        ['port', '8300'],
      ],
    ],
    [
      'no port',
      [
        ['role', 'consul'],
        ['id', 'c1'],
      ],
    ],
    [
      'a port that is none',
      [
        ['role', 'consul'],
        ['id', 'c1'],
        ['port', '99999'],
      ],
    ],
    [
      'an expectation that is no number',
      [
        ['role', 'consul'],
        ['id', 'c1'],
        ['port', '8300'],
        ['expect', 'all'],
      ],
    ],
    [
      'no id',
      [
        ['role', 'consul'],
        ['port', '8300'],
      ],
    ],
  ] as const)('with %s a member is no server', (_, tags) => {
    expect(readServer({ ...member('c1'), tags }, names)).toBeUndefined();
  });
});
