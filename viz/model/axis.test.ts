import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { AXES, Axis, lensAround, withinSpan, zoomedLens } from './axis.ts';
import { sketchRun } from './sketch.ts';

/** Records at these milliseconds. */
const recordsAt = (instants: readonly number[]) =>
  sketchRun({ records: instants.toSorted((a, b) => a - b).map((at) => ({ at, kind: 'timer' })) }).records;

const runs = fc.array(fc.nat({ max: 10_000 }), { minLength: 1, maxLength: 60 }).map(recordsAt);
const types = fc.constantFrom(...AXES);
const WHOLE = { from: 0, to: 10_000_000_000 };

describe('on every axis', () => {
  test('later records never lie before earlier ones, and all in sight lie between 0 and 1', () => {
    fc.assert(
      fc.property(runs, types, (records, type) => {
        const axis = new Axis(records, WHOLE, type);
        const places = [...records.at.keys()].map((place) => axis.place(place));
        expect(places).toEqual(places.toSorted((a, b) => a - b));
        expect(places.every((x) => x >= 0 && x <= 1)).toBe(true);
      }),
    );
  });

  test('an instant leads to a place that leads back to the instant', () => {
    fc.assert(
      fc.property(runs, types, fc.nat({ max: 10_000_000_000 }), (records, type, instant) => {
        const axis = new Axis(records, WHOLE, type);
        const back = axis.invert(axis.x(instant));
        // Where several records share an instant the way back may end at any of its neighbours’ bounds, but never beyond another instant.
        const between = (a: number, b: number): boolean =>
          !records.at.some((at) => at > Math.min(a, b) + 1 && at < Math.max(a, b) - 1);
        expect(between(instant, back)).toBe(true);
      }),
    );
  });

  test('zooming keeps what lies under the pointer', () => {
    fc.assert(
      fc.property(runs, types, fc.double({ min: 0.1, max: 0.9, noNaN: true }), (records, type, around) => {
        const axis = new Axis(records, WHOLE, type);
        const lens = zoomedLens(axis, 0.5, around, WHOLE);
        const meant = axis.invert(around);
        expect(lens.from).toBeLessThanOrEqual(meant + 1);
        expect(lens.to).toBeGreaterThanOrEqual(meant - 1);
      }),
    );
  });
});

test('in the order of events each has the same room', () => {
  const axis = new Axis(recordsAt([1, 1, 2, 9000]), WHOLE, 'order');
  expect([0, 1, 2, 3].map((place) => axis.place(place))).toEqual([0.125, 0.375, 0.625, 0.875]);
});

test('with gaps evened out a gap a thousand times as long has less than a hundred times the room', () => {
  const axis = new Axis(recordsAt([1000, 1001, 2001]), WHOLE, 'spread');
  const [a, b, c] = [0, 1, 2].map((place) => axis.place(place)) as [number, number, number];
  expect((c - b) / (b - a)).toBeGreaterThan(1);
  expect((c - b) / (b - a)).toBeLessThan(100);
});

test('a lens around a position shows the record there', () => {
  const records = recordsAt(Array.from({ length: 100 }, (_, i) => i * 10));
  for (const position of [0, 1, 50, 99, 100]) {
    const { from, to } = lensAround(records, position, 10, WHOLE);
    const at = records.at[Math.max(0, position - 1)] as number;
    expect(from <= at && at <= to).toBe(true);
  }
});

test('a span is moved into a whole, not cut, while it fits', () => {
  expect(withinSpan({ from: -5, to: 5 }, { from: 0, to: 100 })).toEqual({ from: 0, to: 10 });
  expect(withinSpan({ from: 95, to: 105 }, { from: 0, to: 100 })).toEqual({ from: 90, to: 100 });
  expect(withinSpan({ from: -50, to: 500 }, { from: 0, to: 100 })).toEqual({ from: 0, to: 100 });
});
