import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Instant } from '../../core/time.ts';
import { currentRecord, cursorAfter, cursorAt, START_CURSOR, stepBack, stepForward, stepOnNode } from './cursor.ts';
import { sketchRun } from './sketch.ts';

const run = sketchRun({
  records: [
    { at: 0, kind: 'boot', node: 0 },
    { at: 0, kind: 'boot', node: 1 },
    { at: 5, kind: 'send', node: 0, peer: 1 },
    { at: 6, kind: 'deliver', node: 1, peer: 0 },
    { at: 9, kind: 'timer', node: 2 },
  ],
  end: 20,
});
const { records, end } = run;
const ms = (n: number): Instant => (n * 1e6) as Instant;

describe('looking at an instant', () => {
  test.each`
    instant | position
    ${-1}   | ${2}
    ${0}    | ${2}
    ${4.9}  | ${2}
    ${5}    | ${3}
    ${6}    | ${4}
    ${8}    | ${4}
    ${9}    | ${5}
    ${99}   | ${5}
  `('at $instant ms, $position records have happened', ({ instant, position }) => {
    expect(cursorAt(records, end, ms(instant)).position).toBe(position);
  });
  test('an instant outside the run is brought into it', () => {
    expect(cursorAt(records, end, ms(99)).instant).toBe(end);
    expect(cursorAt(records, end, ms(-1)).instant).toBe(0);
    expect(cursorAt(records, end, Number.NaN).instant).toBe(0);
  });
});

describe('stepping', () => {
  test('visits records of one instant one by one', () => {
    const first = stepForward(records, START_CURSOR);
    expect(first).toEqual({ instant: 0, position: 1 });
    expect(stepForward(records, first)).toEqual({ instant: 0, position: 2 });
  });
  test('back from between two records returns to the last one, then undoes it', () => {
    const between = cursorAt(records, end, ms(8));
    const last = stepBack(records, between);
    expect(last).toEqual({ instant: ms(6), position: 4 });
    expect(stepBack(records, last)).toEqual({ instant: ms(5), position: 3 });
  });
  test('stops at both ends', () => {
    expect(stepBack(records, START_CURSOR)).toEqual(START_CURSOR);
    expect(stepForward(records, cursorAfter(records, 5))).toEqual({ instant: ms(9), position: 5 });
  });
  test('forth and back is where we were, from any record but the last', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: records.count - 1 }), (position) => {
        const here = cursorAfter(records, position);
        expect(stepBack(records, stepForward(records, here))).toEqual(here);
      }),
    );
  });
  test('on a node finds what it did and what others did to it', () => {
    const start = cursorAfter(records, 2);
    const sent = stepOnNode(records, start, 1, 1);
    expect(sent.position).toBe(3);
    expect(stepOnNode(records, sent, 1, 1).position).toBe(4);
    expect(stepOnNode(records, sent, 1, -1).position).toBe(2);
    expect(stepOnNode(records, sent, 3, 1)).toBe(sent);
  });
});

test('a cursor rests on a record only at that record’s own instant', () => {
  expect(currentRecord(records, cursorAt(records, end, ms(6)))).toBe(3);
  expect(currentRecord(records, cursorAt(records, end, ms(7)))).toBeUndefined();
  expect(currentRecord(records, START_CURSOR)).toBeUndefined();
});
