import { describe, expect, test } from 'vitest';
import { compare, type Distribution, isPlausible } from './compare.ts';

const distribution = (real: readonly number[], simulated: readonly number[]): Distribution => ({
  size: 3,
  name: 'kill -9 → first failed',
  unit: 'ms',
  real,
  simulated,
});

const upTo = (last: number, step = 1): number[] => Array.from({ length: last }, (_, i) => (i + 1) * step);

describe('a simulated median beside a real one', () => {
  // Of 30 observations the 10th and the 21st hold the median with 95 % (Conover, table of order statistics).
  test.each`
    what                                   | real         | simulated         | says
    ${'it may be off by a tenth'}          | ${upTo(30)}  | ${upTo(30, 1.09)} | ${'≤ 10 %'}
    ${'it may lie where the real one may'} | ${upTo(30)}  | ${upTo(30, 1.4)}  | ${'sampling error'}
    ${'it may not lie outside'}            | ${upTo(30)}  | ${upTo(30, 1.5)}  | ${'outside'}
    ${'below neither'}                     | ${upTo(30)}  | ${upTo(30, 0.6)}  | ${'outside'}
    ${'more is known of a larger sample'}  | ${upTo(300)} | ${upTo(300, 1.4)} | ${'outside'}
    ${'nothing of a small one'}            | ${upTo(3)}   | ${upTo(30)}       | ${'sampling error'}
  `('$what', ({ real, simulated, says }) => {
    expect(compare(distribution(real, simulated), 0.5).says).toBe(says);
  });

  test('what never happens in either is no deviation', () => {
    const never = [1, Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
    expect(compare(distribution(never, never), 0.5)).toMatchObject({ deviation: 0, says: '≤ 10 %' });
  });
});

describe('a few real samples tell a simulator that is grossly wrong', () => {
  test.each`
    real                                     | plausible
    ${[5_400, 6_100, 6_300]}                 | ${true}
    ${[11_000, 14_000, 16_000]}              | ${true}
    ${[31_000, 31_000, 31_000]}              | ${false}
    ${[700, 700, 6_000]}                     | ${false}
    ${[6_000, Number.POSITIVE_INFINITY]}     | ${true}
    ${[Number.POSITIVE_INFINITY, 1e9, 1e10]} | ${false}
  `('$real against 5 to 8 s: $plausible', ({ real, plausible }) => {
    expect(isPlausible(distribution(real, [5_000, 6_000, 8_000]))).toBe(plausible);
  });
});
