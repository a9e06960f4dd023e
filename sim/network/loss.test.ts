import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { anyLost, countLost, FRAMES_AT_ONCE } from './loss.ts';

test('of ten frames with 10 % loss at least one is lost with probability 1 − 0.9¹⁰', () => {
  expect(anyLost(0.1, 10)).toBeCloseTo(0.6513215599, 10);
  expect([anyLost(0, 10), anyLost(1, 1), anyLost(0.25, 1)]).toEqual([0, 1, 0.25]);
});

describe('how many of several frames are lost', () => {
  // Cumulated binomial distribution for four frames, p = ½: 1/16, 5/16, 11/16, 15/16, 1.
  test.each`
    fraction   | lost
    ${0}       | ${0}
    ${0.0624}  | ${0}
    ${0.0625}  | ${1}
    ${0.3124}  | ${1}
    ${0.3125}  | ${2}
    ${0.6875}  | ${3}
    ${0.9375}  | ${4}
    ${0.99999} | ${4}
  `('at $fraction: $lost of 4', ({ fraction, lost }) => {
    expect(countLost(0.5, 4, fraction)).toBe(lost);
  });

  test('is none without loss, all with certain loss, and never fewer for a larger number', () => {
    const fraction = fc.integer({ min: 0, max: 0xff_ff_ff_ff }).map((n) => n / 0x1_0000_0000);
    const frames = fc.integer({ min: 1, max: FRAMES_AT_ONCE });
    const loss = fc.double({ min: 0, max: 1, noNaN: true });
    fc.assert(
      fc.property(loss, frames, fraction, fraction, (p, n, u, v) => {
        const [low, high] = [countLost(p, n, Math.min(u, v)), countLost(p, n, Math.max(u, v))];
        expect(low >= 0 && low <= high && high <= n).toBe(true);
        expect(countLost(0, n, u)).toBe(0);
        expect(countLost(1, n, u)).toBe(n);
      }),
    );
  });
});
