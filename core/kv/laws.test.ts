import { describe, expect, test } from 'vitest';
import { laws } from '../laws.ts';
import { Names } from '../names.ts';
import type { Part } from '../protocol.ts';
import type { RaftCommand } from '../raft/raft.ts';
import { milliseconds } from '../time.ts';
import { KvClient } from './client.ts';
import { isOperation, type Operation } from './operation.ts';
import { type Consensus, KvServer } from './server.ts';
import { execute } from './table.ts';
import { MIX } from './workload.ts';

const PARTS = { part: 0 as Part, consensusPart: 0 as Part };

/** A cluster of one that agrees with itself at once, and has no state of its own. */
const alone = (store: KvServer): Consensus => ({
  ask(now, id, command: RaftCommand, out) {
    if (command.command === 'propose')
      store.answered(id, { outcome: 'ok', index: id, result: store.apply(id, now, command.payload, now, out) }, now, out);
    else if (command.command === 'read')
      store.answered(id, { outcome: 'ok', index: id, result: store.query(command.query) }, now, out);
    else if (command.command === 'register') store.answered(id, { outcome: 'ok', index: id, result: id }, now, out);
    else store.answered(id, { outcome: 'fail', problem: 'not leader', leader: 0 as never }, now, out);
  },
});

const sockets = [{ transport: 'message', port: 8301 }] as const;

describe.each([
  ...laws({
    name: 'a server of a store',
    sockets,
    make({ index, names, neighbours }) {
      const self = neighbours[index]?.name;
      if (self === undefined) throw new RangeError('a place has a name');
      const store = new KvServer({ self, names, directory: new Map(), ...PARTS });
      store.consensus = alone(store);
      return store;
    },
    message: (random) => ({
      type: 'kv-request',
      call: random.integer(100),
      mode: 'index',
      operation: { type: 'append', key: 'x', value: random.integer(2) },
    }),
  }),
  ...laws({
    name: 'clients of a store',
    sockets,
    make({ names, neighbours, random }) {
      const workload = { type: 'random', keys: 2, operations: 50, think: milliseconds(100), mix: MIX } as const;
      return new KvClient(
        {
          servers: neighbours.map(({ endpoints }) => endpoints[0] as never),
          clients: neighbours.map(({ name }) => name),
          retries: 'safe',
          reads: 'index',
          patience: milliseconds(200),
          deadline: milliseconds(900),
          workload,
        },
        names,
        random,
      );
    },
    message: (random) => ({ type: 'kv-done', call: random.integer(100), result: random.integer(50) }),
  }),
])('$name', ({ check }) => {
  test.each([1, 2, 3])('with seed %i', (seed) => check(seed));
});

describe('the operations of a store', () => {
  test.each<[Operation, string | boolean | null, string | undefined]>([
    [{ type: 'get', key: 'x' }, 'a', 'a'],
    [{ type: 'get', key: 'y' }, null, 'a'],
    [{ type: 'put', key: 'x', value: 'b' }, true, 'b'],
    [{ type: 'cas', key: 'x', expected: 'a', value: 'b' }, true, 'b'],
    [{ type: 'cas', key: 'x', expected: null, value: 'b' }, false, 'a'],
    [{ type: 'append', key: 'x', value: 'b' }, true, 'ab'],
    [{ type: 'delete', key: 'x' }, true, undefined],
    [{ type: 'delete', key: 'y' }, false, 'a'],
  ])('%j answers %j where x is a', (operation, outcome, after) => {
    const table = new Map([['x', 'a']]);
    expect(isOperation(operation)).toBe(true);
    expect(execute(table, operation)).toBe(outcome);
    expect(table.get('x')).toBe(after);
  });

  test('an append to a key without a value begins one, and a cas that expects none sets it', () => {
    const table = new Map<string, string>();
    execute(table, { type: 'append', key: 'x', value: 'a' });
    expect(execute(table, { type: 'cas', key: 'y', expected: null, value: 'b' })).toBe(true);
    expect([...table]).toEqual([
      ['x', 'a'],
      ['y', 'b'],
    ]);
  });
});

test('a snapshot of a store makes another one the same, and what is none is not taken', () => {
  const make = () => new KvServer({ self: new Names().id('n1'), names: new Names(), directory: new Map(), ...PARTS });
  const out = { of: () => ({ cell: () => undefined }) } as never;
  const [one, other] = [make(), make()];
  one.apply(1, 0 as never, { type: 'put', key: 'x', value: 'a' }, 0 as never, out);
  one.apply(2, 0 as never, { type: 'append', key: 'y', value: 'b' }, 0 as never, out);
  const { data, bytes } = one.snapshot();
  expect(bytes).toBe(8 + 2 * (8 + 2));
  other.apply(1, 0 as never, { type: 'put', key: 'z', value: 'c' }, 0 as never, out);
  other.restore(data, 0 as never, out);
  expect(other.state.table).toEqual(one.state.table);
  expect(one.isSnapshot(data)).toBe(true);
  for (const garbage of [undefined, [['x']], [['x', 1]], { x: 'a' }, 'x']) expect(one.isSnapshot(garbage)).toBe(false);
});
