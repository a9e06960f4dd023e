import fc from 'fast-check';
import seedrandom from 'seedrandom';
import { describe, expect, test } from 'vitest';
import { copyState, restoreState } from '../core/state.ts';
import { Randomness } from './rng.ts';

const numbers = (seed: number | string, name: string, count: number): number[] => {
  const stream = new Randomness(seed).stream(name);
  return Array.from({ length: count }, () => stream.fraction());
};

describe('a named stream', () => {
  test('is what seedrandom gives for the length of the seed, the seed and the name', () => {
    const alea = seedrandom.alea('4 2603 host/serf-test01');
    expect(numbers(2603, 'host/serf-test01', 1_000)).toEqual(Array.from({ length: 1_000 }, () => alea()));
  });

  test('is the same object for the same name', () => {
    const randomness = new Randomness(1);
    expect(randomness.stream('a')).toBe(randomness.stream('a'));
    expect(randomness.stream('a')).not.toBe(randomness.stream('b'));
  });

  test('does not depend on which other streams there are, when they began, and what was drawn from them', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom('a', 'b', 'c', 'd'), { maxLength: 300 }), (draws) => {
        const randomness = new Randomness(7);
        const drawn = new Map<string, number[]>();
        for (const name of draws) {
          const list = drawn.get(name) ?? [];
          list.push(randomness.stream(name).fraction());
          drawn.set(name, list);
        }
        for (const [name, list] of drawn) expect(list).toEqual(numbers(7, name, list.length));
      }),
    );
  });

  test.each`
    one             | other
    ${['7', 'a']}   | ${['77', 'a']}
    ${['7', 'a']}   | ${['8', 'a']}
    ${['7', 'a']}   | ${['7', 'b']}
    ${['a', 'b c']} | ${['a b', 'c']}
    ${['1', '1 a']} | ${['1 1', 'a']}
    ${['', 'a']}    | ${['a', '']}
  `('of $one is another one than that of $other', ({ one, other }) => {
    expect(numbers(one[0], one[1], 4)).not.toEqual(numbers(other[0], other[1], 4));
  });

  test('is the same for a seed written as a number and as a text', () => {
    expect(numbers(7, 'a', 10)).toEqual(numbers('7', 'a', 10));
  });
});

describe('the numbers', () => {
  /** Pearson's statistic of counts that should all be equal. */
  function chiSquare(counts: readonly number[]): number {
    const expected = counts.reduce((sum, count) => sum + count, 0) / counts.length;
    return counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
  }
  function count(counts: number[], bin: number): void {
    counts[bin] = (counts[bin] as number) + 1;
  }
  // Quantiles of the chi-square distribution for a probability of 0.999, from tables (NIST/SEMATECH e-Handbook, 1.3.6.7.4).
  const LIMIT = { 2: 13.816, 9: 27.877, 99: 148.23 };

  test('are uniform within a stream', () => {
    const counts = new Array<number>(100).fill(0);
    for (const fraction of numbers(2603, 'a', 100_000)) count(counts, Math.floor(fraction * 100));
    expect(chiSquare(counts)).toBeLessThan(LIMIT[99]);
  });

  test('are uniform over the first draws of streams whose names differ in their last digits', () => {
    const randomness = new Randomness(2603);
    const counts = new Array<number>(100).fill(0);
    for (let i = 0; i < 20_000; i++) count(counts, randomness.stream(`host/n${i}`).integer(100));
    expect(chiSquare(counts)).toBeLessThan(LIMIT[99]);
  });

  test.each([3, 10, 100] as const)('below %i are uniform', (below) => {
    const stream = new Randomness(11).stream('a');
    const counts = new Array<number>(below).fill(0);
    for (let i = 0; i < 100_000; i++) count(counts, stream.integer(below));
    expect(chiSquare(counts)).toBeLessThan(LIMIT[(below - 1) as keyof typeof LIMIT]);
  });

  test('are whole and below the bound, for any bound', () => {
    fc.assert(
      fc.property(fc.nat(), fc.integer({ min: 1, max: 2 ** 32 }), (seed, below) => {
        const stream = new Randomness(seed).stream('a');
        for (let i = 0; i < 20; i++) {
          const n = stream.integer(below);
          expect(Number.isInteger(n) && n >= 0 && n < below).toBe(true);
        }
      }),
    );
  });

  test('below three quarters of 2³² are as often in the first third as in the others', () => {
    // Scaling 32 bits to this bound would give the numbers of one residue twice as often.
    const stream = new Randomness(5).stream('a');
    const counts = [0, 0, 0];
    for (let i = 0; i < 30_000; i++) count(counts, stream.integer(3 * 2 ** 30) % 3);
    expect(chiSquare(counts)).toBeLessThan(LIMIT[2]);
  });
});

describe('a restored stream', () => {
  test('goes on where it was, after any number of draws', () => {
    fc.assert(
      fc.property(fc.nat(300), fc.nat(300), (before, after) => {
        const randomness = new Randomness(3);
        const stream = randomness.stream('a');
        for (let i = 0; i < before; i++) stream.fraction();
        const saved = copyState(randomness.state);
        const expected = Array.from({ length: after }, () => stream.fraction());
        restoreState(randomness.state, saved);
        randomness.restored();
        expect(Array.from({ length: after }, () => stream.fraction())).toEqual(expected);
        const other = new Randomness(3);
        restoreState(other.state, saved);
        other.restored();
        expect(Array.from({ length: after }, () => other.stream('a').fraction())).toEqual(expected);
      }),
    );
  });

  test('that had not begun when the world was saved begins anew', () => {
    const randomness = new Randomness(3);
    const saved = copyState(randomness.state);
    const first = randomness.stream('a').fraction();
    restoreState(randomness.state, saved);
    randomness.restored();
    expect(randomness.state.streams.size).toBe(0);
    expect(randomness.stream('a').fraction()).toBe(first);
  });
});
