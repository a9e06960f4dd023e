import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { coneOf } from './cone.ts';
import { sketchRun } from './sketch.ts';

/** a asks b, b answers; c minds its own business; then b tells c. */
const talk = sketchRun({
  records: [
    { at: 1, kind: 'timer', node: 0 },
    { at: 2, kind: 'send', node: 0, peer: 1, cause: 1 },
    { at: 2, kind: 'timer', node: 2 },
    { at: 3, kind: 'deliver', node: 1, peer: 0, cause: 2 },
    { at: 3, kind: 'send', node: 1, peer: 0, cause: 4 },
    { at: 4, kind: 'deliver', node: 0, peer: 1, cause: 5 },
    { at: 5, kind: 'timer', node: 1 },
    { at: 5, kind: 'send', node: 1, peer: 2, cause: 7 },
    { at: 6, kind: 'deliver', node: 2, peer: 1, cause: 8 },
  ],
}).records;
const numbers = (places: ReadonlySet<number>): number[] => [...places].map((place) => place + 1).toSorted((a, b) => a - b);

describe('causes and effects', () => {
  test('are only what led to an event, and what it led to', () => {
    const { past, future, more } = coneOf(talk, 3, 'cause');
    expect([numbers(past), numbers(future), more]).toEqual([[1, 2], [5, 6], false]);
  });
  test('of an event that nothing led to are none', () => {
    const { past, future } = coneOf(talk, 2, 'cause');
    expect([numbers(past), numbers(future)]).toEqual([[], []]);
  });
});

describe('what happened before (Lamport 1978)', () => {
  test('holds on a node from event to event, and along messages', () => {
    const { past, future } = coneOf(talk, 3, 'before');
    expect([numbers(past), numbers(future)]).toEqual([
      [1, 2],
      [5, 6, 7, 8, 9],
    ]);
    expect(numbers(coneOf(talk, 8, 'before').past)).toEqual([1, 2, 3, 4, 5, 7, 8]);
  });

  const runs = fc.array(fc.record({ node: fc.nat({ max: 4 }), cause: fc.nat() }), { minLength: 1, maxLength: 40 }).map(
    (list) =>
      sketchRun({
        records: list.map(({ node, cause }, i) => ({ at: i, kind: 'timer', node, cause: i === 0 ? 0 : cause % (i + 1) })),
      }).records,
  );
  test('one is in another’s past exactly when that is in its future', () => {
    fc.assert(
      fc.property(runs, (records) => {
        const cones = [...records.at.keys()].map((place) => coneOf(records, place, 'before'));
        cones.forEach(({ past }, later) => {
          cones.forEach(({ future }, earlier) => {
            expect(past.has(earlier)).toBe(future.has(later));
          });
        });
      }),
    );
  });
  test('contains all causes and effects', () => {
    fc.assert(
      fc.property(runs, fc.nat(), (records, n) => {
        const place = n % records.count;
        const [narrow, wide] = [coneOf(records, place, 'cause'), coneOf(records, place, 'before')];
        for (const each of narrow.past) expect(wide.past.has(each)).toBe(true);
        for (const each of narrow.future) expect(wide.future.has(each)).toBe(true);
      }),
    );
  });
});
