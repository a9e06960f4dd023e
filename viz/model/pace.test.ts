import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Instant } from '../../core/time.ts';
import { cursorAt, START_CURSOR } from './cursor.ts';
import { advance, SPEEDS, speedName, wallTimeOf } from './pace.ts';
import { sketchRun } from './sketch.ts';

const run = sketchRun({
  records: [
    { at: 0, kind: 'boot' },
    { at: 1, kind: 'send' },
    { at: 1.1, kind: 'deliver' },
    { at: 60_000, kind: 'timer' },
  ],
  end: 61_000,
});
const { records, end } = run;

test('at real time a second of playing is a second of the run; at a tenth, 100 ms', () => {
  expect(advance(records, end, START_CURSOR, 1000, 1).instant).toBe(1e9);
  expect(advance(records, end, START_CURSOR, 1000, 0.1).instant).toBe(1e8);
});

describe('paced', () => {
  test('gives a crossing of 100 µs more time than a 10 000th of a minute would', () => {
    expect(wallTimeOf(100_000)).toBeGreaterThan(100);
    expect(wallTimeOf(60e9)).toBeLessThan(2000);
  });
  test('takes exactly the time of a gap to cross it', () => {
    const gap = 59_998.9e6;
    const before = cursorAt(records, end, 1.1e6);
    expect(advance(records, end, before, wallTimeOf(gap) - 1, 'paced').position).toBe(3);
    expect(advance(records, end, before, wallTimeOf(gap) + 0.001, 'paced').position).toBe(4);
  });
});

test('playing in any pieces never goes back and comes to the end', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...SPEEDS),
      fc.array(fc.double({ min: 0.1, max: 500, noNaN: true }), { maxLength: 30 }),
      (speed, pieces) => {
        let cursor = START_CURSOR;
        for (const piece of pieces) {
          const next = advance(records, end, cursor, piece, speed);
          expect(next.instant).toBeGreaterThanOrEqual(cursor.instant);
          expect(next.position).toBeGreaterThanOrEqual(cursor.position);
          expect(Number.isInteger(next.instant)).toBe(true);
          cursor = next;
        }
        expect(advance(records, end, cursor, 1e12, speed)).toEqual({ instant: end, position: records.count });
      },
    ),
  );
});

test('an empty run is over at once', () => {
  const empty = sketchRun({ records: [] });
  expect(advance(empty.records, 0 as Instant, START_CURSOR, 16, 'paced')).toEqual({ instant: 0, position: 0 });
});

test('speeds are called by what they do', () => {
  expect(SPEEDS.map(speedName)).toContain('1/1000 real time');
  expect(speedName(10)).toBe('10× real time');
});
