import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Rng, shuffle } from './random.ts';

/** Draws these numbers, and keeps the bounds that it was asked for. */
class Drawn implements Rng {
  readonly bounds: number[] = [];
  private readonly numbers: readonly number[];

  constructor(numbers: readonly number[]) {
    this.numbers = numbers;
  }

  fraction(): number {
    throw new Error('no fraction is needed');
  }

  integer(below: number): number {
    return (this.numbers[this.bounds.push(below) - 1] ?? 0) % below;
  }
}

describe('shuffle', () => {
  test('follows Fisher and Yates, from the last item to the second', () => {
    const items = ['a', 'b', 'c', 'd'];
    const random = new Drawn([0, 1, 0]);
    shuffle(items, random);
    expect(random.bounds).toEqual([4, 3, 2]);
    expect(items).toEqual(['c', 'd', 'b', 'a']);
  });

  test('keeps all items and adds none', () => {
    fc.assert(
      fc.property(fc.array(fc.integer()), fc.array(fc.nat()), (items, numbers) => {
        const shuffled = [...items];
        shuffle(shuffled, new Drawn(numbers));
        expect(shuffled.toSorted((a, b) => a - b)).toEqual(items.toSorted((a, b) => a - b));
      }),
    );
  });

  test('reaches each order by exactly one sequence of draws, so that all are equally likely', () => {
    const orders = new Set<string>();
    for (let first = 0; first < 4; first++) {
      for (let second = 0; second < 3; second++) {
        for (let third = 0; third < 2; third++) {
          const items = [1, 2, 3, 4];
          shuffle(items, new Drawn([first, second, third]));
          orders.add(String(items));
        }
      }
    }
    expect(orders.size).toBe(24);
  });

  test('draws nothing when there is nothing to choose', () => {
    for (const items of [[], [1]]) {
      const random = new Drawn([]);
      shuffle(items, random);
      expect(random.bounds).toEqual([]);
    }
  });
});
