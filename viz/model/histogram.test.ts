import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Density } from './histogram.ts';
import { sketchRun } from './sketch.ts';

test('each part counts what happened in it, and what of that was lost', () => {
  const run = sketchRun({
    records: [
      { at: 0, kind: 'boot' },
      { at: 4, kind: 'send' },
      { at: 5, kind: 'drop' },
      { at: 10, kind: 'drop' },
    ],
    end: 10,
  });
  const { records, drops } = new Density(run).over({ from: 0, to: 10e6 }, 2);
  expect(records).toEqual([2, 2]);
  expect(drops).toEqual([0, 2]);
});

test('however a span is divided, nothing is counted twice or left out', () => {
  const instants = fc.array(fc.integer({ min: 0, max: 1000 }), { maxLength: 60 });
  fc.assert(
    fc.property(instants, fc.integer({ min: 1, max: 50 }), (list, parts) => {
      const run = sketchRun({ records: list.toSorted((a, b) => a - b).map((at) => ({ at, kind: 'timer' as const })), end: 1000 });
      const { records } = new Density(run).over({ from: 0, to: run.end }, parts);
      expect(records).toHaveLength(parts);
      expect(records.reduce((sum, each) => sum + each, 0)).toBe(list.length);
    }),
  );
});
