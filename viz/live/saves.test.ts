import { expect, test } from 'vitest';
import type { Instant } from '../../core/time.ts';
import { bytesOf, type Save, Saves } from './saves.ts';

const save = (at: number, idle = true): Save =>
  ({
    at: at as Instant,
    run: { at, world: { part: new Uint8Array(1000) }, listeners: [] },
    trace: { codes: new Uint32Array(0) },
    list: [],
    idle: [idle],
  }) as unknown as Save;

test('too many saves are thinned so that they stay about equally far apart, and the last one stays', () => {
  const saves = new Saves({ saves: 4, bytes: 1e9 });
  for (let at = 10; at <= 160; at += 10) saves.add(save(at));
  const { instants } = saves;
  expect(instants).toHaveLength(4);
  expect(instants.at(-1)).toBe(160);
  const gaps = instants.map((at, i) => at - (instants[i - 1] ?? 0));
  expect(Math.max(...gaps)).toBeLessThanOrEqual(80);
});

test('saves keep within their memory', () => {
  const saves = new Saves({ saves: 100, bytes: 5000 });
  for (let at = 10; at <= 160; at += 10) saves.add(save(at));
  expect(saves.instants.length).toBeLessThanOrEqual(4);
  expect(saves.instants.at(-1)).toBe(160);
});

test('the nearest save is the last one that is not later and suits; later ones can be dropped', () => {
  const saves = new Saves();
  for (const [at, idle] of [
    [10, true],
    [20, false],
    [30, true],
  ] as const)
    saves.add(save(at, idle));
  expect(saves.nearest(30)?.at).toBe(30);
  expect(saves.nearest(29)?.at).toBe(20);
  expect(saves.nearest(29, ({ idle }) => idle[0] === true)?.at).toBe(10);
  expect(saves.nearest(9)).toBeUndefined();
  expect(saves.upTo(20).instants).toEqual([10, 20]);
});

test('data weighs more the more of it there is', () => {
  expect(bytesOf(new Map([[1, new Float64Array(100)]]))).toBeGreaterThan(800);
  expect(bytesOf({ a: 'x'.repeat(500), b: [1, 2, 3] })).toBeGreaterThan(500);
});
