import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ddmin } from './ddmin.ts';

/** Carries it out on a question that is answered at once. @returns what is left, and how many selections were judged */
function reduce<T>(
  items: readonly T[],
  isEnough: (kept: readonly T[]) => boolean,
  most?: number,
): readonly [readonly T[], number] {
  const removal = ddmin(items, most);
  let judged = 0;
  for (let step = removal.next(); ; ) {
    if (step.done) return [step.value, judged];
    const place = step.value.findIndex(isEnough);
    judged += place < 0 ? step.value.length : place + 1;
    step = removal.next(place < 0 ? undefined : place);
  }
}

const items = fc.integer({ min: 0, max: 200 }).map((length) => Array.from({ length }, (_, place) => place));
const cases = items.chain((all) => fc.tuple(fc.constant(all), fc.subarray(all, { maxLength: Math.min(6, all.length) })));

test('what is left is exactly what is needed, in its order, when the same is always needed', () => {
  fc.assert(
    fc.property(cases, ([all, needed]) => {
      const [left] = reduce(all, (kept) => needed.every((each) => kept.includes(each)));
      expect(left).toEqual(needed);
    }),
  );
});

test('none of what is left can be taken away, whatever is enough', () => {
  const sums = fc.tuple(fc.array(fc.nat(9), { minLength: 1, maxLength: 40 }), fc.nat(50));
  fc.assert(
    fc.property(sums, ([all, least]) => {
      const isEnough = (kept: readonly number[]) => kept.reduce((sum, each) => sum + each, 0) >= least;
      fc.pre(isEnough(all));
      const [left] = reduce(all, isEnough);
      for (const place of left.keys()) expect(isEnough(left.filter((_, each) => each !== place))).toBe(false);
    }),
  );
});

test('one of a thousand is found by halving', () => {
  const all = Array.from({ length: 1_000 }, (_, place) => place);
  const [left, judged] = reduce(all, (kept) => kept.includes(617));
  expect(left).toEqual([617]);
  expect(judged).toBeLessThan(40);
});

test('it gives up soon when more is needed than is of use, and never when it is not', () => {
  fc.assert(
    fc.property(cases, fc.integer({ min: 1, max: 6 }), ([all, needed], most) => {
      const [left] = reduce(all, (kept) => needed.every((each) => kept.includes(each)), most);
      if (needed.length <= most) expect(left).toEqual(needed);
      else expect(left.length).toBeGreaterThan(most);
    }),
  );
  const all = Array.from({ length: 1_000 }, (_, place) => place);
  expect(reduce(all, (kept) => kept.length > 500, 1)[1]).toBeLessThan(10);
});
