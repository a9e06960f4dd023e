import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Duration, type Instant, LAST_INSTANT } from '../time.ts';
import { phase } from './phase.ts';

test('the phase is the remainder, up to the end of time', () => {
  const intervals = fc.oneof(fc.constantFrom(1e8, 2e8, 5e8, 1e9, 5e9), fc.integer({ min: 1, max: 2 ** 40 }));
  const counts = fc.double({ min: 0, max: 1, noNaN: true });
  fc.assert(
    fc.property(intervals, counts, fc.integer({ min: -2, max: 2 }), (interval, part, off) => {
      // Near a tick, where rounding would show.
      const now = Math.max(0, Math.floor((part * LAST_INSTANT) / interval) * interval + off);
      expect(phase(now as Instant, 0 as Instant, interval as Duration)).toBe(now % interval);
    }),
  );
});
