import { key } from './rng.ts';

/**
 * The network's draws: stateless, so that nothing is stored per link and a new host, fault or probe reshuffles no other packet.
 *
 * Each is a hash of a key, which is derived from the run's seed, and of the packet's coordinate.
 */
export class Draws {
  private readonly first: number;
  private readonly second: number;

  constructor(seed: number | string) {
    const words = key(seed, 'draws');
    this.first = words[0] as number;
    this.second = words[1] as number;
  }

  /**
   * Uniform in [0, 1), with 32 bits. All arguments are 32-bit integers.
   *
   * @param hop crossings of links before this one
   * @param purpose what the number is drawn for, so that loss and delay of one packet are independent
   */
  fraction(sender: number, boot: number, ordinal: number, receiver: number, hop: number, purpose: number): number {
    // Each step is a bijection of the hash for a given word, and of the word for a given hash: coordinates that differ in one
    // place never collide.
    let hash = this.first;
    hash = step(hash, sender);
    hash = step(hash, boot);
    hash = step(hash, ordinal);
    hash = step(hash, receiver);
    hash = step(hash, hop);
    hash = step(hash, purpose);
    hash ^= hash >>> 15;
    hash = Math.imul(hash, 0x85eb_ca77);
    hash = (hash ^ (hash >>> 13)) + this.second;
    hash = Math.imul(hash, 0xc2b2_ae3d);
    return ((hash ^ (hash >>> 16)) >>> 0) / 0x1_0000_0000;
  }
}

/** Takes one word into a hash, as a round of xxHash32 does (its specification, section 3.4). */
function step(hash: number, word: number): number {
  const sum = (hash + Math.imul(word, 0xc2b2_ae3d)) | 0;
  return Math.imul((sum << 17) | (sum >>> 15), 0x27d4_eb2f);
}
