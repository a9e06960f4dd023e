import { describe, expect, test } from 'vitest';
import type { Instant } from '../../core/time.ts';
import { clockText, countText, lengthText } from './clock.ts';

test.each`
  nanoseconds          | whole        | milli    | micro    | nano
  ${0}                 | ${'0'}       | ${'000'} | ${'000'} | ${'000'}
  ${1_482_331_007}     | ${'1'}       | ${'482'} | ${'331'} | ${'007'}
  ${61_000_000_000}    | ${'1:01'}    | ${'000'} | ${'000'} | ${'000'}
  ${3_600_000_000_001} | ${'1:00:00'} | ${'000'} | ${'000'} | ${'001'}
`('$nanoseconds ns on the clock', ({ nanoseconds, ...parts }) => {
  expect(clockText(nanoseconds)).toEqual(parts);
});

describe('lengths in words', () => {
  test.each([
    [0, '0 ms'],
    [250e6, '250 ms'],
    [1.5e9, '1.5 s'],
    [60e9, '1 min'],
    [252e9, '4 min 12 s'],
    [3600e9, '1 h'],
    [90_061e9, '25 h 1 min 1 s'],
  ])('%d ns', (nanoseconds, text) => {
    expect(lengthText(nanoseconds as Instant)).toBe(text);
  });
});

test.each([
  [0, '0'],
  [999, '999'],
  [1000, '1\u2009000'],
  [48_213, '48\u2009213'],
  [1_234_567, '1\u2009234\u2009567'],
])('%d with its thousands apart', (count, text) => {
  expect(countText(count)).toBe(text);
});
