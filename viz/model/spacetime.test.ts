import { beforeAll, describe, expect, test } from 'vitest';
import { Kind } from '../../sim/engine/journal.ts';
import { simulated } from '../testing/simulated.ts';
import { AXES, Axis } from './axis.ts';
import { firstChoice, lanesOf } from './lanes.ts';
import { Nodes } from './nodes.ts';
import { Packets } from './packets.ts';
import type { Run } from './run.ts';
import { host, on, segment, sketchRun } from './sketch.ts';
import { gapsOf, sceneOf } from './spacetime.ts';

/** What one frame may draw. */
const MOST_STROKES = 5000;
const COLUMNS = 600;

describe('a leader in a minority', () => {
  let run: Run;
  let packets: Packets;
  beforeAll(async () => {
    run = await simulated('raft-partition');
    packets = new Packets(run);
  });
  const scene = (from: number, to: number, type: (typeof AXES)[number] = 'linear', hidden: readonly number[] = []) => {
    const lanes = lanesOf(run.topology, { ...firstChoice(run.topology), hidden: new Set(hidden) });
    return sceneOf(run, packets, new Axis(run.records, { from, to }, type), lanes, COLUMNS);
  };

  test.each(AXES)('however much is in sight, a frame has at most 5000 strokes (%s)', (type) => {
    for (let length = 1e6; length < 60e9; length *= 4) {
      for (const from of [0, 10e9, 19e9]) {
        const { lines, marks } = scene(from, Math.min(run.end, from + length), type);
        // A lost message has a line and a cross.
        expect(lines.reduce((sum, { lost }) => sum + (lost ? 2 : 1), 0) + marks.length).toBeLessThanOrEqual(MOST_STROKES);
      }
    }
  });

  test('from near each message is a line of its own; from afar bundles stand for all of them', () => {
    expect(scene(10e9, 10.2e9).detail).toBe('messages');
    const far = scene(0, run.end);
    expect(far.detail).not.toBe('messages');
    expect(far.density.reduce((sum, row) => sum + row.reduce((a, b) => a + b, 0), 0)).toBe(
      [...run.records.node].filter((node) => node >= 0).length,
    );
    const middle = scene(9e9, 12e9);
    expect(middle.detail).toBe('bundles');
    expect(middle.lines.reduce((sum, { count }) => sum + count, 0)).toBe(middle.messages);
  });

  test('while the partition lasts no message between its sides arrives', () => {
    const near = new Set([0, 1, 5]);
    expect(scene(10e9, 11e9).lines.filter(({ lost }) => lost).length).toBeGreaterThan(10);
    // A tenth of a second after the cut nothing that was sent before it is on its way; what still waits for an address may arrive after it.
    for (let from = 10.1e9; from < 20e9; from += 1e9) {
      const ended = scene(from, from + 0.2e9).lines.filter(({ end }) => (run.records.at[end] as number) < 20e9);
      for (const { from: a, to: b, lost } of ended) expect(near.has(a) !== near.has(b)).toBe(lost);
    }
  });

  test('a message that is on its way when the lens begins, and one that still is when it ends, are lines too', () => {
    const { kind, at, cause } = run.records;
    const end = [...kind.keys()].find((i) => kind[i] === Kind.deliver && (at[i] as number) > 5e9) as number;
    const [sent, arrived] = [at[(cause[end] as number) - 1] as number, at[end] as number];
    const middle = (sent + arrived) / 2;
    for (const [from, to] of [
      [middle, arrived + 1],
      [sent - 1, middle],
      [middle, middle + 1],
    ] as const) {
      expect(scene(from, to).lines.map((line) => line.end)).toContain(end);
    }
  });

  test('a hidden node has no lines', () => {
    const { lines } = scene(5e9, 5.2e9, 'linear', [1, 2]);
    expect(lines.length).toBeGreaterThan(10);
    expect(Math.max(...lines.flatMap(({ from, to }) => [from, to]))).toBeLessThanOrEqual(run.topology.nodes.length - 3);
  });
});

test('a lane is broken off while its node is down, also when it fell before the lens', () => {
  const run = sketchRun({
    topology: { segments: [segment('lan', '10.0.0.0/24')], nodes: [host('a', on(0, '10.0.0.1')), host('b', on(0, '10.0.0.2'))] },
    end: 10_000,
    records: [
      { at: 1000, kind: 'crash', node: 1 },
      { at: 4000, kind: 'boot', node: 1 },
      { at: 6000, kind: 'crash', node: 0 },
    ],
  });
  const nodes = new Nodes(run);
  const lanes = lanesOf(run.topology, firstChoice(run.topology));
  const axis = new Axis(run.records, { from: 2e9, to: 10e9 }, 'linear');
  expect(gapsOf(run, axis, lanes, (position, node) => nodes.at(position, node).condition)).toEqual([
    { lane: 0, x1: 0.5, x2: 1, condition: 'down' },
    { lane: 1, x1: 0, x2: 0.25, condition: 'down' },
  ]);
});
