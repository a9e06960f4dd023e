import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Duration, milliseconds } from '../../core/time.ts';
import { type Distribution, numbersFor, sample } from './distribution.ts';

const ms = milliseconds;

describe('a sample at a given quantile', () => {
  // Quantiles: uniform and exponential by their definition; the normal numbers are Box–Muller at (u, v): √(−2 ln(1−u)) cos 2πv,
  // where √(−2 ln ½) = 1.17741 and √(−2 ln ¼) = 1.66511; e^(0.5·1.17741) = 1.8016538.
  test.each`
    distribution                                                       | u       | v       | nanoseconds
    ${{ type: 'constant', value: ms(3) }}                              | ${0.9}  | ${0.9}  | ${3_000_000}
    ${{ type: 'uniform', min: ms(1), max: ms(3) }}                     | ${0}    | ${0}    | ${1_000_000}
    ${{ type: 'uniform', min: ms(1), max: ms(3) }}                     | ${0.5}  | ${0}    | ${2_000_000}
    ${{ type: 'exponential', min: ms(0), mean: ms(1) }}                | ${0.5}  | ${0}    | ${693_147}
    ${{ type: 'exponential', min: ms(2), mean: ms(3) }}                | ${0.5}  | ${0}    | ${2_693_147}
    ${{ type: 'normal', mean: ms(10), deviation: ms(1), min: ms(0) }}  | ${0.5}  | ${0}    | ${11_177_410}
    ${{ type: 'normal', mean: ms(10), deviation: ms(1), min: ms(0) }}  | ${0.75} | ${0.5}  | ${8_334_891}
    ${{ type: 'normal', mean: ms(10), deviation: ms(20), min: ms(1) }} | ${0.75} | ${0.5}  | ${1_000_000}
    ${{ type: 'lognormal', median: ms(10), sigma: 0.5 }}               | ${0.5}  | ${0}    | ${18_016_538}
    ${{ type: 'lognormal', median: ms(10), sigma: 0.5 }}               | ${0}    | ${0.25} | ${10_000_000}
  `('$distribution.type at $u, $v: $nanoseconds ns', ({ distribution, u, v, nanoseconds }) => {
    expect(sample(distribution, u, v)).toBe(nanoseconds);
  });
});

const duration = fc.integer({ min: 0, max: 10_000_000_000 }).map((n) => n as Duration);
const distributions: fc.Arbitrary<Distribution> = fc.oneof(
  duration.map((value) => ({ type: 'constant', value }) as const),
  fc
    .tuple(duration, duration)
    .map(([a, b]) => ({ type: 'uniform', min: Math.min(a, b) as Duration, max: Math.max(a, b) as Duration }) as const),
  fc.tuple(duration, duration, duration).map(([mean, deviation, min]) => ({ type: 'normal', mean, deviation, min }) as const),
  fc
    .tuple(duration, duration)
    .map(([a, b]) => ({ type: 'exponential', min: Math.min(a, b) as Duration, mean: Math.max(a, b) as Duration }) as const),
  fc
    .tuple(duration, fc.double({ min: 0, max: 3, noNaN: true }))
    .map(([median, sigma]) => ({ type: 'lognormal', median, sigma }) as const),
);
const fraction = fc.integer({ min: 0, max: 0xff_ff_ff_ff }).map((n) => n / 0x1_0000_0000);

test('every sample is a whole number from the minimum to an hour, and depends on nothing but the numbers it takes', () => {
  fc.assert(
    fc.property(distributions, fraction, fraction, fraction, (distribution, u, v, other) => {
      const result = sample(distribution, u, v);
      const least = 'min' in distribution ? distribution.min : 0;
      expect(Number.isInteger(result) && result >= least && result <= 3_600_000_000_000).toBe(true);
      if (numbersFor(distribution) < 2) expect(sample(distribution, u, other)).toBe(result);
      if (numbersFor(distribution) < 1) expect(sample(distribution, other, v)).toBe(result);
    }),
  );
});

test('a uniform sample reaches both ends of its range', () => {
  const die: Distribution = { type: 'uniform', min: 1 as Duration, max: 6 as Duration };
  expect([0, 0.17, 0.4, 0.5, 0.7, 0.9999].map((u) => sample(die, u, 0))).toEqual([1, 2, 3, 4, 5, 6]);
});
