import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Instant, LAST_INSTANT, seconds } from '../../core/time.ts';
import {
  formatWallClock,
  jump,
  LARGEST_DRIFT,
  localTime,
  newClock,
  parseWallClock,
  setDrift,
  virtualTime,
  wallSeconds,
} from './clock.ts';

const at = (n: number): Instant => n as Instant;
const instants = fc.integer({ min: 0, max: Math.floor(LAST_INSTANT / 2) }).map(at);
const drifts = fc.oneof(fc.integer({ min: -200, max: 200 }), fc.integer({ min: -LARGEST_DRIFT, max: LARGEST_DRIFT }));

describe('a clock that drifts', () => {
  test.each`
    drift       | virtual                  | local
    ${0}        | ${seconds(12)}           | ${seconds(12)}
    ${100}      | ${seconds(10_000)}       | ${seconds(10_001)}
    ${-100}     | ${seconds(10_000)}       | ${seconds(9_999)}
    ${1}        | ${999_999}               | ${999_999}
    ${1}        | ${1_000_000}             | ${1_000_001}
    ${-1}       | ${1}                     | ${0}
    ${500_000}  | ${seconds(2)}            | ${seconds(3)}
    ${-500_000} | ${seconds(2)}            | ${seconds(1)}
    ${200}      | ${8_000_000_000_000_000} | ${8_001_600_000_000_000}
  `('of $drift ppm shows $local at $virtual', ({ drift, virtual, local }) => {
    expect(localTime(newClock(drift), at(virtual))).toBe(local);
  });

  test('shows what exact arithmetic says, at every instant', () => {
    fc.assert(
      fc.property(drifts, instants, (drift, virtual) => {
        const exact = BigInt(virtual) * (1_000_000n + BigInt(drift));
        expect(localTime(newClock(drift), virtual)).toBe(Number(exact / 1_000_000n));
      }),
    );
  });

  test('never runs backwards', () => {
    fc.assert(
      fc.property(drifts, instants, fc.nat(3_000_000), (drift, virtual, later) => {
        const clock = newClock(drift);
        expect(localTime(clock, at(virtual + later))).toBeGreaterThanOrEqual(localTime(clock, virtual));
      }),
    );
  });

  test('goes on from what it shows when its speed changes, and is found there too', () => {
    fc.assert(
      fc.property(drifts, drifts, instants, fc.nat(3_000_000), (before, after, change, later) => {
        const clock = newClock(before);
        const shown = localTime(clock, change);
        setDrift(clock, change, after);
        expect(localTime(clock, change)).toBe(shown);
        expect(localTime(clock, at(change + later)) - shown).toBe(localTime(newClock(after), at(later)));
        const found = virtualTime(clock, at(shown + later));
        expect(localTime(clock, found)).toBeGreaterThanOrEqual(shown + later);
        if (later > 0) expect(localTime(clock, at(found - 1))).toBeLessThan(shown + later);
      }),
    );
  });

  test('is found at the first instant that shows what was asked for', () => {
    fc.assert(
      fc.property(drifts, instants, (drift, local) => {
        const clock = newClock(drift);
        fc.pre(local / (1 + drift / 1e6) < LAST_INSTANT / 2);
        const virtual = virtualTime(clock, local);
        expect(localTime(clock, virtual)).toBeGreaterThanOrEqual(local);
        if (virtual > 0) expect(localTime(clock, at(virtual - 1))).toBeLessThan(local);
      }),
    );
  });

  test('is refused when it is no whole number of ppm, or beyond half speed', () => {
    expect(() => newClock(0.5)).toThrow('0.5 ppm');
    expect(() => newClock(-500_001)).toThrow('-500001 ppm');
  });
});

describe('the wall clock', () => {
  // `date -u -d @N '+%Y/%m/%d %H:%M:%S'` of GNU coreutils.
  test.each`
    seconds          | text
    ${0}             | ${'1970/01/01 00:00:00'}
    ${951_782_399}   | ${'2000/02/28 23:59:59'}
    ${951_782_400}   | ${'2000/02/29 00:00:00'}
    ${951_868_800}   | ${'2000/03/01 00:00:00'}
    ${1_382_363_611} | ${'2013/10/21 13:53:31'}
    ${1_388_534_399} | ${'2013/12/31 23:59:59'}
    ${4_107_542_400} | ${'2100/03/01 00:00:00'}
    ${-1}            | ${'1969/12/31 23:59:59'}
  `('shows $text at $seconds', ({ seconds, text }) => {
    expect(formatWallClock(seconds)).toBe(text);
    expect(parseWallClock(text)).toBe(seconds);
  });

  test('knows no 29 February 2100, no 25 o’clock and no mixed separators', () => {
    expect(parseWallClock('2100/02/29 00:00:00')).toBeUndefined();
    expect(parseWallClock('2013/10/21 25:00:00')).toBeUndefined();
    expect(parseWallClock('2013/10-21 13:53:31')).toBeUndefined();
    expect(parseWallClock('2013-10-21T13:53:31Z')).toBe(1_382_363_611);
  });

  test('agrees with the calendar on every day from 1601 to 2399', () => {
    for (let day = -134_774; day < 157_000; day += 1) {
      const date = new Date(day * 86_400_000).toISOString().slice(0, 10).replaceAll('-', '/');
      const text = formatWallClock(day * 86_400);
      if (text !== `${date} 00:00:00`) expect(text).toBe(`${date} 00:00:00`);
      if (parseWallClock(text) !== day * 86_400) expect(parseWallClock(text)).toBe(day * 86_400);
    }
  });

  test('steps when it is set, and the monotonic clock does not', () => {
    const clock = newClock(0, 0);
    jump(clock, -seconds(3600));
    expect(formatWallClock(wallSeconds(clock, 1_382_363_611, at(seconds(1.5))))).toBe('2013/10/21 12:53:32');
    expect(localTime(clock, at(seconds(1.5)))).toBe(seconds(1.5));
  });
});
