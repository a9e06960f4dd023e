import { Hash } from '../hash.ts';
import type { Rng } from '../random.ts';

/**
 * The random numbers of the laws: xoshiro128** (D. Blackman and S. Vigna, "Scrambled linear pseudorandom number
 * generators", ACM TOMS 47, 2021). Its state is plain data, to be saved with the protocol that draws from it.
 */
export class Xoshiro implements Rng {
  readonly state: { words: Int32Array };

  /** @param name tells apart the streams of one seed */
  constructor(seed: number, name: string) {
    const words = Int32Array.from({ length: 4 }, (_, i) => {
      const hash = new Hash();
      hash.float(seed);
      hash.text(name);
      hash.word(i + 1);
      return hash.state.low;
    });
    this.state = { words };
  }

  fraction(): number {
    return this.next() / 0x1_0000_0000;
  }

  integer(below: number): number {
    return Math.floor(this.fraction() * below);
  }

  /** Whether something of this probability happens. */
  chance(probability: number): boolean {
    return this.fraction() < probability;
  }

  /** One of the items, of which there is at least one. */
  pick<T>(items: readonly T[]): T {
    return items[this.integer(items.length)] as T;
  }

  private next(): number {
    const { words } = this.state;
    const a = words[0] as number;
    const b = words[1] as number;
    const c = words[2] as number;
    const d = words[3] as number;
    const result = Math.imul(rotate(Math.imul(b, 5), 7), 9) >>> 0;
    words[0] = a ^ d ^ b;
    words[1] = b ^ c ^ a;
    words[2] = c ^ a ^ (b << 9);
    words[3] = rotate(d ^ b, 11);
    return result;
  }
}

const rotate = (word: number, by: number): number => (word << by) | (word >>> (32 - by));
