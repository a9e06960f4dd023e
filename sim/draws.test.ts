import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Draws } from './draws.ts';

type Coordinate = [sender: number, boot: number, ordinal: number, receiver: number, hop: number, purpose: number];

const PLACES = ['sender', 'boot', 'ordinal', 'receiver', 'hop', 'purpose'].map((name, place) => ({ name, place }));
const word = fc.oneof(fc.integer(), fc.integer({ min: 0, max: 1_000 }));
const coordinate = fc.tuple(word, word, word, word, word, word);

/** Pearson's statistic of counts that should all be equal. */
function chiSquare(counts: ArrayLike<number>): number {
  const all = Array.from(counts);
  const expected = all.reduce((sum, count) => sum + count, 0) / all.length;
  return all.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
}
// The quantile of the chi-square distribution for a probability of 0.9999, by Wilson and Hilferty (1931), which is good to
// 0.1 % at so many degrees of freedom.
const limit = (degrees: number): number => degrees * (1 - 2 / (9 * degrees) + 3.719 * Math.sqrt(2 / (9 * degrees))) ** 3;

describe('a draw', () => {
  test('is the same whenever and in whatever order it is asked for', () => {
    fc.assert(
      fc.property(fc.nat(), fc.array(coordinate), (seed, coordinates) => {
        const draw = (draws: Draws) => (each: Coordinate) => draws.fraction(...each);
        const once = new Draws(seed);
        const forwards = coordinates.map(draw(once));
        expect(
          coordinates
            .toReversed()
            .map(draw(new Draws(seed)))
            .toReversed(),
        ).toEqual(forwards);
        expect(coordinates.map(draw(once))).toEqual(forwards);
      }),
    );
  });

  test('is at least 0 and below 1', () => {
    fc.assert(
      fc.property(fc.nat(), coordinate, (seed, each) => {
        const fraction = new Draws(seed).fraction(...each);
        expect(fraction >= 0 && fraction < 1).toBe(true);
      }),
    );
  });

  test.each(PLACES)('is another one for another $name', ({ place }) => {
    fc.assert(
      fc.property(fc.nat(), coordinate, word, (seed, each, other) => {
        fc.pre(each[place] !== other);
        const draws = new Draws(seed);
        const changed: Coordinate = [...each];
        changed[place] = other;
        expect(draws.fraction(...changed)).not.toBe(draws.fraction(...each));
      }),
    );
  });

  test.each([
    ['7', '77'],
    [7, 8],
    ['', ' '],
  ])('is another one for the seeds %j and %j', (one, other) => {
    const first = (seed: number | string) => Array.from({ length: 4 }, (_, i) => new Draws(seed).fraction(1, 0, i, 2, 0, 0));
    expect(first(one)).not.toEqual(first(other));
  });
});

describe('draws', () => {
  const COUNT = 2 ** 18;
  /** A coordinate as a network has them, which moves in one place. */
  const moving = (place: number, i: number): Coordinate => {
    const each: Coordinate = [3, 0, 4_711, 9, 1, 2];
    each[place] = (each[place] as number) + i;
    return each;
  };

  test.each(PLACES)('are uniform along the $name', ({ place }) => {
    const draws = new Draws(2603);
    const counts = new Float64Array(256);
    for (let i = 0; i < COUNT; i++) {
      const bin = Math.floor(draws.fraction(...moving(place, i)) * 256);
      counts[bin] = (counts[bin] as number) + 1;
    }
    expect(chiSquare(counts)).toBeLessThan(limit(255));
  });

  test.each(PLACES)('of neighbours along the $name have nothing to do with each other', ({ place }) => {
    const draws = new Draws(2603);
    const counts = new Float64Array(32 * 32);
    let last = Math.floor(draws.fraction(...moving(place, 0)) * 32);
    for (let i = 1; i <= COUNT; i++) {
      const next = Math.floor(draws.fraction(...moving(place, i)) * 32);
      counts[last * 32 + next] = (counts[last * 32 + next] as number) + 1;
      last = next;
    }
    expect(chiSquare(counts)).toBeLessThan(limit(1_023));
  });

  test('for two purposes are independent of each other', () => {
    const draws = new Draws(2603);
    const counts = new Float64Array(32 * 32);
    for (let i = 0; i < COUNT; i++) {
      const [one, other] = [draws.fraction(3, 0, i, 9, 1, 0), draws.fraction(3, 0, i, 9, 1, 1)];
      const bin = Math.floor(one * 32) * 32 + Math.floor(other * 32);
      counts[bin] = (counts[bin] as number) + 1;
    }
    expect(chiSquare(counts)).toBeLessThan(limit(1_023));
  });

  // What differs in several places may collide. Of 2¹⁸ draws of 32 bits 8 pairs are expected to; by Poisson's law none at all
  // has a probability of 0.0003, more than 24 one of 0.000001.
  test.each`
    within                                  | at
    ${'senders, ordinals and receivers'}    | ${(i: number) => [i & 63, 0, (i >> 6) & 63, i >> 12, 0, 0]}
    ${'long-lived senders and ordinals'}    | ${(i: number) => [i & 511, 0, 1_000_000 + (i >> 9), 5, 0, 0]}
    ${'ordinals, hops and purposes'}        | ${(i: number) => [3, 0, i >> 6, 7, (i >> 3) & 7, i & 7]}
    ${'senders, boots, hops and receivers'} | ${(i: number) => [i & 15, (i >> 4) & 15, (i >> 8) & 255, 9, (i >> 16) & 1, i >> 17]}
  `('of many $within collide as often as chance has it', ({ at }: { at: (i: number) => Coordinate }) => {
    const draws = new Draws(2603);
    const seen = new Set<number>();
    for (let i = 0; i < COUNT; i++) seen.add(draws.fraction(...at(i)));
    expect(COUNT - seen.size).toBeGreaterThan(0);
    expect(COUNT - seen.size).toBeLessThanOrEqual(24);
  });
});
