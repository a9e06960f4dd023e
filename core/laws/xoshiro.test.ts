import { describe, expect, test } from 'vitest';
import { Xoshiro } from './xoshiro.ts';

describe('the random numbers of the laws', () => {
  test('are those of xoshiro128**', () => {
    const random = new Xoshiro(1, 'x');
    random.state.words.set([1, 2, 3, 4]);
    // Computed with the authors' C program.
    expect(Array.from({ length: 5 }, () => random.fraction() * 2 ** 32)).toEqual([11520, 0, 5927040, 70819200, 2031721883]);
  });

  test('differ by seed and by name, and go on from a saved state', () => {
    const draw = (random: Xoshiro): number[] => Array.from({ length: 4 }, () => random.integer(1_000_000));
    const random = new Xoshiro(1, 'a');
    const first = draw(random);
    const rest = new Xoshiro(5, 'b');
    rest.state.words = random.state.words.slice();
    expect(draw(rest)).toEqual(draw(random));
    expect(new Set([first, draw(new Xoshiro(2, 'a')), draw(new Xoshiro(1, 'b'))].map(String)).size).toBe(3);
    expect(draw(new Xoshiro(1, 'a'))).toEqual(first);
  });
});
