import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { goDuration, readGoDuration } from './serf-duration.ts';

describe('durations are read as Go reads them', () => {
  test.each`
    text       | nanoseconds
    ${'30s'}   | ${30e9}
    ${'1h15m'} | ${4500e9}
    ${'1.5s'}  | ${1.5e9}
    ${'.5ms'}  | ${5e5}
    ${'0'}     | ${0}
    ${'+4s'}   | ${4e9}
    ${'-4s'}   | ${-4e9}
    ${'1.1ns'} | ${1}
  `('$text', ({ text, nanoseconds }) => {
    expect(readGoDuration(text)).toBe(nanoseconds);
  });

  test.each`
    text              | says
    ${'30'}           | ${'time: missing unit in duration "30"'}
    ${'4x'}           | ${'time: unknown unit "x" in duration "4x"'}
    ${'foo'}          | ${'time: invalid duration "foo"'}
    ${'1.5.s'}        | ${'time: missing unit in duration "1.5.s"'}
    ${'4 s'}          | ${'time: unknown unit " s" in duration "4 s"'}
    ${'4S'}           | ${'time: unknown unit "S" in duration "4S"'}
    ${'s'}            | ${'time: invalid duration "s"'}
    ${'99999999999h'} | ${'time: invalid duration "99999999999h"'}
  `('$text is refused as Serf 0.9.4 refuses it', ({ text, says }) => {
    expect(readGoDuration(text)).toBe(says);
  });
});

test.each([
  [30e9, '30s'],
  [1.5e9, '1.5s'],
  [90e9, '1m30s'],
  [3600e9, '1h0m0s'],
])('%d ns are written %s', (nanoseconds, text) => {
  expect(goDuration(nanoseconds)).toBe(text);
});

test('what is written is read as what it was', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 1e9 }), (milliseconds) => {
      expect(readGoDuration(goDuration(milliseconds * 1e6))).toBe(milliseconds * 1e6);
    }),
  );
});
