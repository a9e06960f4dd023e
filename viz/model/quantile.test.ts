import { expect, test } from 'vitest';
import { quantile, quantilesOf } from './quantile.ts';

test('quantiles are those of R, whose default is type 7', () => {
  // quantile(1:10, c(.05, .25, .5, .75, .95)) and quantile(c(1, 2, 3, 4), .25).
  const found = quantilesOf([[10, 9, 8, 7, 6, 5, 4, 3, 2, 1]]).map(([value]) => Number(value?.toFixed(12)));
  expect(found).toEqual([1.45, 3.25, 5.5, 7.75, 9.55]);
  expect(quantile([1, 2, 3, 4], 0.25)).toBe(1.75);
});

test('one number is all of its quantiles, and none has none', () => {
  expect(quantilesOf([[7], []]).map((each) => [...each])).toEqual(Array(5).fill([7, Number.NaN]));
});
