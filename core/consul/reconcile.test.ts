import { describe, expect, test } from 'vitest';
import type { Endpoint, NameId } from '../names.ts';
import { configuration } from '../raft/configuration.ts';
import { admissionOf, departureOf } from './reconcile.ts';
import type { ServerMember } from './servers.ts';

/** Server n at address n, unless said otherwise. */
const at = (name: number, endpoint = name) => ({ name: name as NameId, endpoint: endpoint as Endpoint });

const member = (name: number, more: Partial<ServerMember> = {}): ServerMember => ({
  ...at(name),
  rpc: (name + 100) as Endpoint,
  status: 'alive',
  datacenter: 'dc1',
  expect: 0,
  bootstrap: false,
  readReplica: false,
  ...more,
});

const three = configuration({ voters: [at(1), at(2), at(3)] });

describe('what a leader does about a living server (joinConsulServer)', () => {
  test('one that is there already changes nothing', () => {
    expect(admissionOf(member(2), [], three, false)).toEqual({ type: 'nothing' });
  });

  test('a new one becomes a learner, and before autopilot a voter', () => {
    const step = (type: 'learner' | 'voter') => ({ type: 'change', steps: [{ type, server: at(4) }] });
    expect(admissionOf(member(4), [], three, false)).toEqual(step('learner'));
    expect(admissionOf(member(4), [], three, true)).toEqual(step('voter'));
    expect(admissionOf(member(4, { readReplica: true }), [], three, true)).toEqual(step('learner'));
  });

  test('a voter that moved keeps its vote, a learner that moved does not get one', () => {
    expect(admissionOf(member(3, { endpoint: 9 as Endpoint }), [], three, false)).toEqual({
      type: 'change',
      steps: [{ type: 'voter', server: at(3, 9) }],
    });
    const learning = configuration({ voters: [at(1)], learners: [at(2)] });
    expect(admissionOf(member(2, { endpoint: 9 as Endpoint }), [], learning, false)).toEqual({
      type: 'change',
      steps: [{ type: 'learner', server: at(2, 9) }],
    });
  });

  test('whoever has its address is removed before, if the others keep a quorum', () => {
    const newcomer = member(4, { endpoint: 3 as Endpoint });
    expect(admissionOf(newcomer, [], three, false)).toEqual({
      type: 'change',
      steps: [
        { type: 'remove', name: 3 },
        { type: 'learner', server: at(4, 3) },
      ],
    });
    const two = configuration({ voters: [at(1), at(3)] });
    expect(admissionOf(newcomer, [], two, false)).toEqual({ type: 'unsafe' });
  });

  test('of two that bootstrap the second is refused while the first lives', () => {
    const [first, second] = [member(1, { bootstrap: true }), member(4, { bootstrap: true })];
    expect(admissionOf(second, [first, second], three, false)).toEqual({ type: 'two bootstraps', other: first });
    const dead = { ...first, status: 'failed' } as const;
    expect(admissionOf(second, [dead, second], three, false).type).toBe('change');
  });
});

test('who left is removed, but nobody removes itself, or one that is not there', () => {
  const self = 1 as NameId;
  expect(departureOf(2 as NameId, self, three)).toEqual([{ type: 'remove', name: 2 }]);
  expect(departureOf(self, self, three)).toEqual([]);
  expect(departureOf(7 as NameId, self, three)).toEqual([]);
});
