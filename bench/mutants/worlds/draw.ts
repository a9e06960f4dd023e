import type { Rng } from '../../../core/random.ts';
import { Randomness } from '../../../sim/rng.ts';

/** Draws what a generated world is made of. */
export class Draw {
  private readonly random: Rng;

  constructor(seed: string) {
    this.random = new Randomness(seed).stream('world');
  }

  /** Below, a whole number. */
  below(most: number): number {
    return this.random.integer(most);
  }

  /** From one whole number to another, both included. */
  from(least: number, most: number): number {
    return least + this.random.integer(most - least + 1);
  }

  chance(probability: number): boolean {
    return this.random.fraction() < probability;
  }

  of<T>(list: readonly T[]): T {
    return list[this.random.integer(list.length)] as T;
  }
}

/** Something that happens in a world, in milliseconds. */
export interface Deed {
  readonly at: number;
  readonly on: string;
  readonly run: string;
}

/** A timeline of deeds, as a scenario writes it. */
export const timelineOf = (deeds: readonly Deed[]): { at: string; on: string; run: string }[] =>
  [...deeds].sort((a, b) => a.at - b.at).map(({ at, on, run }) => ({ at: `${at}ms`, on, run }));

/** Some time after the last of them. */
export const untilOf = (deeds: readonly Deed[]): string => `${Math.max(...deeds.map(({ at }) => at)) + 2_000}ms`;
