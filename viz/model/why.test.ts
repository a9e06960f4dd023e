import { expect, test } from 'vitest';
import { sketchRun } from './sketch.ts';
import { causesOf, type Link } from './why.ts';

const once = (record: number): Link => ({ record, times: 1 });

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
  expect(causesOf(run, 3)).toEqual({ chain: [once(1), once(0)], more: false, effects: [], open: false });
  expect(causesOf(run, 1)).toEqual({ chain: [once(0)], more: false, effects: [3, 4], open: false });
  expect(causesOf(run, 2)).toEqual({ chain: [], more: false, effects: [], open: false });
});

test('a timer that sets itself again and again is one link', () => {
  const run = sketchRun({
    records: [
      { at: 0, kind: 'command', node: 0 },
      ...Array.from({ length: 40 }, (_, i) => ({ at: i, kind: 'timer' as const, node: 0, word: 'probe', cause: i + 1 })),
      { at: 41, kind: 'timer', node: 0, word: 'gossip', cause: 41 },
    ],
  });
  expect(causesOf(run, 41).chain).toEqual([{ record: 40, times: 40 }, once(0)]);
});

test('a long chain is cut and says so', () => {
  const run = sketchRun({
    records: Array.from({ length: 40 }, (_, i) => ({ at: i, kind: 'timer' as const, node: i, cause: i })),
  });
  const { chain, more } = causesOf(run, 39);
  expect(chain).toHaveLength(12);
  expect(chain[0]).toEqual(once(38));
  expect(more).toBe(true);
});

test('causes that lead in a circle, as in a damaged file, end', () => {
  const run = sketchRun({
    records: [
      { at: 0, kind: 'timer', cause: 2 },
      { at: 1, kind: 'timer', cause: 1 },
    ],
  });
  expect(causesOf(run, 1).chain).toEqual([once(0)]);
  expect(causesOf(run, 0).chain).toEqual([]);
});
