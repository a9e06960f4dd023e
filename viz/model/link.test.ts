import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Instant, LAST_INSTANT } from '../../core/time.ts';
import { formatPlace, parsePlace } from './link.ts';

describe('the address after #', () => {
  test('is short and says the instant', () => {
    expect(formatPlace({ instant: 1_482_331_000 as Instant, position: 88_213, host: 'n 4', filter: 'kind:drop' })).toBe(
      '#v=1&t=1.482331s&e=88213&host=n%204&f=kind%3Adrop',
    );
  });
  test('reads instants as people write them', () => {
    expect(parsePlace('#v=1&t=1482.331ms')).toEqual({ instant: 1_482_331_000 });
    expect(parsePlace('#v=1&t=2m')).toEqual({ instant: 120e9 });
    expect(parsePlace('#v=1&t=0s&focus=1.5s..2m')).toEqual({ instant: 0, focus: { from: 1.5e9, to: 120e9 } });
  });
  test('gives back any place exactly, to the nanosecond', () => {
    const places = fc.record(
      {
        instant: fc.maxSafeNat().map((n) => n as Instant),
        position: fc.nat(),
        host: fc.string({ minLength: 1, unit: 'grapheme' }),
        filter: fc.string({ minLength: 1, unit: 'grapheme' }),
        view: fc.string({ minLength: 1, unit: 'grapheme' }),
        focus: fc.tuple(fc.nat(), fc.integer({ min: 1, max: 1e12 })).map(([from, length]) => ({ from, to: from + length })),
      },
      { requiredKeys: ['instant'] },
    );
    fc.assert(
      fc.property(places, (place) => {
        expect(parsePlace(formatPlace(place))).toEqual(place);
      }),
    );
    expect(parsePlace(formatPlace({ instant: LAST_INSTANT }))).toEqual({ instant: LAST_INSTANT });
  });
  test('an address that says nothing about a place is none', () => {
    expect(parsePlace('')).toBeUndefined();
    expect(parsePlace('#somewhere')).toBeUndefined();
  });
  test.each([
    ['#v=2&t=1s', 'version 2'],
    ['#t=1s', 'version ?'],
    ['#v=1&t=soon', '“soon”'],
    ['#v=1&t=900d', '“900d”'],
    ['#v=1&t=1s&e=-1', '“-1”'],
    ['#v=1&t=1s&focus=1s', '“1s”'],
    ['#v=1&t=1s&focus=1s..soon', '“1s..soon”'],
  ])('%s is refused with a sentence that names %s', (hash, named) => {
    expect(parsePlace(hash)).toEqual({ problem: expect.stringContaining(named) });
  });
});
