import alea from 'seedrandom/lib/alea.js';
import { assert } from '../core/assert.ts';
import type { Rng } from '../core/random.ts';

/** Where a stream is: `drawn` numbers after the state that its generator had when it was last written down. */
interface Place {
  generator: ReturnType<ReturnType<typeof alea>['state']>;
  drawn: number;
}

interface RandomnessState {
  readonly streams: Map<string, Place>;
}

/** How many numbers a draw may be. */
const SPAN = 2 ** 32;
/** The largest bound whose product with a draw of 32 bits is exact. */
const EXACT = 2 ** 21;

/** How many numbers are drawn before the generator's state is written down again. */
const BLOCK = 64;

/**
 * The named random streams of one run.
 *
 * Each is derived from the seed and its own name alone, so that a new stream, or one more draw from one, reshuffles no other.
 * `7` and `'7'` are the same seed.
 */
export class Randomness {
  readonly state: RandomnessState = { streams: new Map() };
  private readonly seed: string;
  private readonly streams = new Map<string, Stream>();

  constructor(seed: number | string) {
    this.seed = String(seed);
  }

  /** The stream of that name: the same object each time. */
  stream(name: string): Rng {
    let stream = this.streams.get(name);
    if (stream === undefined) {
      stream = new Stream(this.state, name, keyed(this.seed, name));
      this.streams.set(name, stream);
    }
    stream.open();
    return stream;
  }

  /** To be called after `state` was restored. */
  restored(): void {
    for (const stream of this.streams.values()) stream.restored();
  }
}

/** What a stream is seeded with: no two pairs of seed and name give the same text. */
const keyed = (seed: string, name: string): string => `${seed.length} ${seed} ${name}`;

/** A key of four words for hashes that stand in for a stream. */
export function key(seed: number | string, name: string): Int32Array {
  const generator = alea(keyed(String(seed), name), { state: true });
  return Int32Array.from({ length: 4 }, () => generator.int32());
}

class Stream implements Rng {
  private readonly world: RandomnessState;
  private readonly name: string;
  private readonly seed: string;
  /** Derived from the world's state; absent until the first use after a restore. */
  private place: Place | undefined;
  private generator: ReturnType<typeof alea> | undefined;

  constructor(world: RandomnessState, name: string, seed: string) {
    this.world = world;
    this.name = name;
    this.seed = seed;
  }

  open(): Place {
    let place = this.world.streams.get(this.name);
    if (place === undefined) {
      place = { generator: alea(this.seed, { state: true }).state(), drawn: 0 };
      this.world.streams.set(this.name, place);
    }
    if (this.generator === undefined) {
      this.generator = alea('', { state: place.generator });
      for (let i = 0; i < place.drawn; i++) this.generator();
    }
    this.place = place;
    return place;
  }

  restored(): void {
    this.place = undefined;
    this.generator = undefined;
  }

  fraction(): number {
    const place = this.place ?? this.open();
    const generator = this.generator as ReturnType<typeof alea>;
    if (place.drawn === BLOCK) {
      place.generator = generator.state();
      place.drawn = 0;
    }
    place.drawn++;
    return generator();
  }

  integer(below: number): number {
    assert(below >= 1 && below <= SPAN, () => `a random number below ${below}`);
    return below <= EXACT ? this.scaled(below) : this.remainder(below);
  }

  /**
   * Scales a draw to the bound. Some results would come from one draw more than others; those draws are put back, and which
   * they are is seen at the part that is cut off (D. Lemire, Fast random integer generation in an interval, 2019, algorithm 5).
   */
  private scaled(below: number): number {
    for (;;) {
      const product = this.fraction() * below;
      const whole = Math.floor(product);
      const cut = (product - whole) * SPAN;
      if (cut >= below || cut >= SPAN % below) return whole;
    }
  }

  /** For bounds whose product with a draw has more bits than a number: draws beyond their last whole multiple are put back. */
  private remainder(below: number): number {
    for (;;) {
      const drawn = this.fraction() * SPAN;
      if (drawn < SPAN - (SPAN % below)) return drawn % below;
    }
  }
}
