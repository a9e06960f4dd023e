import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { quantile } from './quantile.ts';

const oneTo = (n: number) => Array.from({ length: n }, (_, i) => i + 1);

describe('a quantile with its confidence interval', () => {
  // Tables of order statistics for the median at 95 % (Conover, table A3; Nair 1940): ranks of the bounds.
  test.each`
    n      | low          | high
    ${5}   | ${undefined} | ${undefined}
    ${6}   | ${1}         | ${6}
    ${10}  | ${2}         | ${9}
    ${20}  | ${6}         | ${15}
    ${50}  | ${18}        | ${33}
    ${100} | ${40}        | ${61}
  `('the median of $n lies between the $low-th and the $high-th smallest', ({ n, low, high }) => {
    expect(quantile(oneTo(n), 0.5)).toMatchObject({ low, high });
  });

  test.each`
    p       | value
    ${0.01} | ${1}
    ${0.5}  | ${50}
    ${0.9}  | ${90}
    ${0.99} | ${99}
  `('the $p quantile of 1 … 100 is $value', ({ p, value }) => {
    expect(quantile(oneTo(100), p).value).toBe(value);
  });

  test('the bounds enclose the value, and more observations never widen them in rank terms beyond the sample', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer(), { minLength: 1, maxLength: 300 }),
        fc.double({ min: 0.01, max: 0.99, noNaN: true }),
        (sample, p) => {
          const sorted = sample.toSorted((a, b) => a - b);
          const { value, low, high } = quantile(sorted, p);
          expect(low ?? value).toBeLessThanOrEqual(value);
          expect(high ?? value).toBeGreaterThanOrEqual(value);
        },
      ),
    );
  });

  test('an extreme quantile of a small sample has no upper bound', () => {
    expect(quantile(oneTo(20), 0.99).high).toBeUndefined();
  });
});
