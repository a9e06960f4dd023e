import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Instant } from '../../core/time.ts';
import { CellHistory } from './cells.ts';
import { sketchRun } from './sketch.ts';

const changes = fc
  .array(
    fc.record({ position: fc.integer({ min: 1, max: 20 }), field: fc.constantFrom('x', 'y', 'z'), value: fc.nat({ max: 5 }) }),
    { maxLength: 30 },
  )
  .map((list) =>
    list
      .toSorted((a, b) => a.position - b.position)
      .map((each) => ({ ...each, at: each.position as Instant, node: 0, subject: 'a' })),
  );

test('a cell shows what was last written to it, and since then', () => {
  fc.assert(
    fc.property(changes, fc.nat({ max: 21 }), (cells, position) => {
      const run = sketchRun({ records: [], cells });
      const history = new CellHistory(run);
      for (let cell = 0; cell < run.table.count; cell++) {
        const own = cells.filter(({ field }) => field === run.table.field(cell));
        const last = own.findLast((change) => change.position <= position);
        expect(history.value(cell, position)).toBe(last?.value);
        expect(history.since(cell, position)).toBe(last?.position);
        expect(history.series(cell)).toEqual({
          positions: own.map((change) => change.position),
          values: own.map(({ value }) => value),
        });
      }
      expect(history.value(-1, position)).toBeUndefined();
    }),
  );
});
