import { expect, test } from 'vitest';
import { sketchRun } from './sketch.ts';
import { causesOf } from './why.ts';

test('a record leads back to what began it and on to what it caused', () => {
  const run = sketchRun({
    records: [
      { at: 0, kind: 'command' },
      { at: 1, kind: 'send', cause: 1 },
      { at: 2, kind: 'timer' },
      { at: 3, kind: 'deliver', cause: 2 },
      { at: 4, kind: 'drop', cause: 2 },
    ],
  });
  expect(causesOf(run, 3)).toEqual({ chain: [1, 0], more: false, effects: [] });
  expect(causesOf(run, 1)).toEqual({ chain: [0], more: false, effects: [3, 4] });
  expect(causesOf(run, 2)).toEqual({ chain: [], more: false, effects: [] });
});

test('a long chain is cut and says so', () => {
  const run = sketchRun({ records: Array.from({ length: 40 }, (_, i) => ({ at: i, kind: 'timer' as const, cause: i })) });
  const { chain, more } = causesOf(run, 39);
  expect(chain).toHaveLength(12);
  expect(chain[0]).toBe(38);
  expect(more).toBe(true);
});

test('causes that lead in a circle, as in a damaged file, end', () => {
  const run = sketchRun({
    records: [
      { at: 0, kind: 'timer', cause: 2 },
      { at: 1, kind: 'timer', cause: 1 },
    ],
  });
  expect(causesOf(run, 1).chain).toEqual([0]);
  expect(causesOf(run, 0).chain).toEqual([]);
});
