import type { Rng } from '../../core/random.ts';
import { add, type Duration, type Instant, milliseconds } from '../../core/time.ts';

const MILLISECOND = milliseconds(1);

/** Draws what a run of a campaign is made of. Times are whole milliseconds, so that a failure reads well. */
export class Dice {
  private readonly random: Rng;

  constructor(random: Rng) {
    this.random = random;
  }

  /** A whole number from 0, below this one. */
  below(bound: number): number {
    return this.random.integer(Math.max(1, bound));
  }

  chance(probability: number): boolean {
    return this.random.fraction() < probability;
  }

  pick<T>(list: readonly T[]): T {
    return list[this.below(list.length)] as T;
  }

  /** Each of a list with this probability. */
  some<T>(list: readonly T[], probability: number): T[] {
    return list.filter(() => this.chance(probability));
  }

  /** One of a list, in proportion to weights of which one at least is above 0. */
  weighted<T>(list: readonly T[], weights: readonly number[]): T {
    let left = this.random.fraction() * weights.reduce((sum, weight) => sum + weight, 0);
    for (const [place, weight] of weights.entries()) {
      left -= weight;
      if (left < 0) return list[place] as T;
    }
    return list.at(-1) as T;
  }

  /** A number from one to the other: now and then from a part of the way only, so that there are runs with few. */
  few(least: number, most: number): number {
    let span = most - least;
    while (span > 1 && this.chance(0.3)) span = Math.floor(span / 2);
    return least + this.below(span + 1);
  }

  shuffled<T>(list: readonly T[]): T[] {
    const all = [...list];
    for (let place = all.length - 1; place > 0; place--) {
      const other = this.below(place + 1);
      [all[place], all[other]] = [all[other] as T, all[place] as T];
    }
    return all;
  }

  /** From the first to the second, this one not included. */
  instant(from: Instant, until: Instant): Instant {
    return add(from, milliseconds(this.below(Math.floor((until - from) / MILLISECOND))));
  }

  /** About this long, between a half and one and a half. */
  about(duration: Duration): Duration {
    return milliseconds(Math.max(1, Math.floor((duration * (0.5 + this.random.fraction())) / MILLISECOND)));
  }

  between({ min, max }: { readonly min: Duration; readonly max: Duration }): Duration {
    return milliseconds(Math.ceil(min / MILLISECOND) + this.below(Math.floor((max - min) / MILLISECOND) + 1));
  }

  later(at: Instant, by: { readonly min: Duration; readonly max: Duration }): Instant {
    return add(at, this.between(by));
  }

  /** A range of times that begins at nothing or at one drawn time and goes up to about this one. */
  range(most: Duration): { readonly min: Duration; readonly max: Duration } {
    const max = this.about(most);
    return { min: this.chance(0.5) ? milliseconds(0) : ((Math.floor(max / 2 / MILLISECOND) * MILLISECOND) as Duration), max };
  }

  /** A share in whole percents; small ones are as likely as large ones. */
  rate(): number {
    return this.pick([1 + this.below(10), 10 + this.below(40), 50 + this.below(51)]) / 100;
  }
}
