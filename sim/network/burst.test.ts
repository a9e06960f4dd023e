import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Instant } from '../../core/time.ts';
import { Draws } from '../draws.ts';
import { inBadTime } from './burst.ts';
import { Purpose } from './purpose.ts';

const SLOT = 10_000_000;

test('is the state of the two-state chain that steps once per slot', () => {
  const probability = fc.integer({ min: 1, max: 1_000 }).map((n) => n / 1_000);
  fc.assert(
    fc.property(probability, probability, fc.integer(), (enter, leave, seed) => {
      const draws = new Draws(seed);
      const burst = { enter, leave, lossGood: 0, lossBad: 1 };
      let bad = false; // before the run
      for (let slot = 0; slot < 60; slot++) {
        const u = draws.fraction(1, 0, slot, 2, 0, Purpose.burstSlot);
        bad = bad ? u < 1 - leave : u < enter;
        expect(inBadTime(burst, (slot * SLOT + SLOT - 1) as Instant, 1, 2, draws)).toBe(bad);
      }
    }),
  );
});

test('bad times come and last as often and as long as the probabilities say', () => {
  const draws = new Draws(1);
  const burst = { enter: 0.02, leave: 0.2, lossGood: 0, lossBad: 1, slot: 1_000_000 };
  let [bad, starts, before] = [0, 0, false];
  for (let slot = 0; slot < 100_000; slot++) {
    const now = inBadTime(burst, (slot * 1_000_000) as Instant, 7, 8, draws);
    if (now) bad++;
    if (now && !before) starts++;
    before = now;
  }
  // Stationary share enter / (enter + leave) = 9.09 %; mean length 1 / leave = 5 slots. Bounds: five standard deviations.
  expect(Math.abs(bad - 9_091)).toBeLessThan(1_400);
  expect(Math.abs(bad / starts - 5)).toBeLessThan(0.6);
});

test('both directions of a link have bad times of their own', () => {
  const draws = new Draws(1);
  const burst = { enter: 0.3, leave: 0.3, lossGood: 0, lossBad: 1 };
  const way = (from: number, to: number): string =>
    Array.from({ length: 50 }, (_, slot) => Number(inBadTime(burst, (slot * SLOT) as Instant, from, to, draws))).join('');
  expect(way(1, 2)).not.toBe(way(2, 1));
});
