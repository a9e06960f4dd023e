import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  add,
  between,
  type Duration,
  formatDuration,
  formatInstant,
  hours,
  type Instant,
  inSeconds,
  LAST_INSTANT,
  microseconds,
  milliseconds,
  minutes,
  nanoseconds,
  parseDuration,
  seconds,
} from './time.ts';

const durations = fc
  .oneof(
    fc.maxSafeNat(),
    fc.nat(),
    fc.nat(10_000).map((n) => n * 1_000_000),
  )
  .map((n) => n as Duration);

describe('a duration', () => {
  test.each`
    text                    | duration
    ${'0'}                  | ${0}
    ${'0s'}                 | ${0}
    ${'1ns'}                | ${1}
    ${'100us'}              | ${100_000}
    ${'100µs'}              | ${100_000}
    ${'100μs'}              | ${100_000}
    ${'200ms'}              | ${200_000_000}
    ${'1.5s'}               | ${1_500_000_000}
    ${'.5s'}                | ${500_000_000}
    ${'10m'}                | ${600_000_000_000}
    ${'1h30m'}              | ${5_400_000_000_000}
    ${'1m30.5s'}            | ${90_500_000_000}
    ${'2d'}                 | ${172_800_000_000_000}
    ${'1.0000000014s'}      | ${1_000_000_001}
    ${'9007199254740991ns'} | ${Number.MAX_SAFE_INTEGER}
    ${'9007199.254740991s'} | ${Number.MAX_SAFE_INTEGER}
  `('"$text" is $duration ns', ({ text, duration }) => {
    expect(parseDuration(text)).toBe(duration);
  });

  test.each([
    '',
    ' ',
    '1',
    '1.5',
    's',
    '.s',
    '1.s',
    '-1s',
    '+1s',
    '1 s',
    ' 1s',
    '1s ',
    '1s2',
    '1S',
    '1sec',
    '1e3s',
    '1,5s',
    '٣s',
    '105d',
    '9007199254740992ns',
  ])('"%s" is none', (text) => {
    expect(parseDuration(text)).toBeUndefined();
  });

  test.each`
    duration                   | text
    ${0}                       | ${'0s'}
    ${1}                       | ${'1ns'}
    ${999}                     | ${'999ns'}
    ${1_500}                   | ${'1.5us'}
    ${250_000}                 | ${'250us'}
    ${200_000_000}             | ${'200ms'}
    ${200_000_001}             | ${'200.000001ms'}
    ${1_500_000_000}           | ${'1.5s'}
    ${59_000_000_000}          | ${'59s'}
    ${60_000_000_000}          | ${'1m'}
    ${90_000_000_000}          | ${'90s'}
    ${5_400_000_000_000}       | ${'90m'}
    ${86_400_000_000_000}      | ${'24h'}
    ${1_000_000_000_000}       | ${'1000s'}
    ${Number.MAX_SAFE_INTEGER} | ${'9007199.254740991s'}
  `('of $duration ns is written "$text"', ({ duration, text }) => {
    expect(formatDuration(duration)).toBe(text);
  });

  test('is read as it was written', () => {
    fc.assert(fc.property(durations, (duration) => parseDuration(formatDuration(duration)) === duration));
  });

  test('is made of whole nanoseconds', () => {
    expect([nanoseconds(1.4), microseconds(1.5), milliseconds(0.1), seconds(0.3), minutes(1.5), hours(2)]).toEqual([
      1, 1_500, 100_000, 300_000_000, 90_000_000_000, 7_200_000_000_000,
    ]);
  });
});

describe('an instant', () => {
  test.each`
    instant                    | decimals     | text
    ${0}                       | ${undefined} | ${'0.000000000'}
    ${1}                       | ${undefined} | ${'0.000000001'}
    ${12_408_900_000}          | ${3}         | ${'12.408'}
    ${12_999_999_999}          | ${0}         | ${'12'}
    ${Number.MAX_SAFE_INTEGER} | ${9}         | ${'9007199.254740991'}
  `('$instant ns with $decimals decimals is written "$text"', ({ instant, decimals, text }) => {
    expect(formatInstant(instant, decimals)).toBe(text);
  });

  test('is as far from another as what was added', () => {
    const instants = fc.nat().map((n) => n as Instant);
    fc.assert(
      fc.property(
        instants,
        fc.nat().map((n) => n as Duration),
        (instant, duration) => between(instant, add(instant, duration)) === duration,
      ),
    );
  });

  test('has seconds, and an end after 104 days', () => {
    expect(inSeconds(seconds(12.5))).toBe(12.5);
    expect(Math.floor(inSeconds(LAST_INSTANT) / 86_400)).toBe(104);
  });
});
