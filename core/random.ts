/**
 * Where a protocol's randomness comes from: one named stream per use, so that a new draw in one place reshuffles no other.
 * The world makes it and saves its state; a protocol only draws.
 */
export interface Rng {
  /** Uniform in [0, 1), with 32 bits. */
  fraction(): number;
  /** Uniform whole number in [0, below); `below` from 1 to 2³². */
  integer(below: number): number;
}

/** Puts the items into a random order in place: Fisher–Yates, from the last to the second. */
export function shuffle<T>(items: T[], random: Rng): void {
  for (let last = items.length - 1; last > 0; last--) {
    const chosen = random.integer(last + 1);
    const kept = items[last] as T;
    items[last] = items[chosen] as T;
    items[chosen] = kept;
  }
}
