import { beforeAll, describe, expect, test } from 'vitest';
import type { Instant } from '../../core/time.ts';
import { simulated } from '../testing/simulated.ts';
import { CellHistory } from './cells.ts';
import type { Run } from './run.ts';
import { positionAt } from './run.ts';
import { type SketchCell, sketchRun } from './sketch.ts';
import { partsOf, stateTables } from './state-tables.ts';

describe('a protocol that nobody has drawn before', () => {
  const cell = (position: number, node: number, subject: string, field: string, value: string | number): SketchCell => ({
    at: position as Instant,
    position,
    node,
    subject,
    field,
    value,
  });
  const run = sketchRun({
    records: [
      { at: 1, kind: 'timer' },
      { at: 2, kind: 'timer' },
      { at: 3, kind: 'timer' },
    ],
    cells: [
      cell(1, 0, 'a', 'bgp.state', 'idle'),
      cell(1, 0, 'peer', 'bgp.routes', 0),
      cell(2, 1, 'b', 'bgp.state', 'established'),
      cell(3, 0, 'peer', 'bgp.routes', 12),
      cell(3, 0, 'a', 'vrrp.priority', 100),
    ],
  });
  const cells = new CellHistory(run);

  test('has tables by the names that it gives its cells', () => {
    expect(partsOf(run)).toEqual(['bgp', 'vrrp']);
    const [own, others, ...more] = stateTables(run, cells, 'bgp', 0, 3);
    expect(more).toEqual([]);
    expect([own?.fields, own?.rows.map(({ name, values }) => [name, values[0]?.text])]).toEqual([
      ['state'],
      [
        ['a', 'idle'],
        ['b', 'established'],
      ],
    ]);
    expect(others).toMatchObject({
      observer: 0,
      fields: ['routes'],
      rows: [{ name: 'peer', values: [{ text: '12', since: 3 }] }],
    });
  });
  test('shows what was known at the time, and since when', () => {
    const [own, others] = stateTables(run, cells, 'bgp', 0, 1);
    expect(own?.rows.map(({ values }) => values[0])).toEqual([
      { text: 'idle', since: 1 },
      { text: '', since: undefined },
    ]);
    expect(others?.rows[0]?.values[0]).toEqual({ text: '0', since: 1 });
  });
  test('who observes nobody has no second table', () => {
    expect(stateTables(run, cells, 'bgp', 1, 3)).toHaveLength(1);
    expect(stateTables(run, cells, 'ospf', 1, 3)).toEqual([]);
  });
});

describe('three Consul servers', () => {
  let run: Run;
  beforeAll(async () => {
    run = await simulated('consul-kill');
  });
  test('show the parts that they are made of, each with its own fields', () => {
    expect(partsOf(run)).toEqual(expect.arrayContaining(['gossip', 'serf', 'raft', 'consul']));
    const [own] = stateTables(run, new CellHistory(run), 'raft', 0, positionAt(run.records, 10e9));
    const roles = own?.rows.map(({ values }) => values[own.fields.indexOf('role')]?.text).toSorted();
    expect(roles).toEqual(['follower', 'follower', 'leader']);
  });
});
