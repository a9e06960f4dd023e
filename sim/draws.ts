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
    return this.rest(this.sender(sender, boot), ordinal, receiver, hop, purpose);
  }

  /** What is the same for all packets of a sender in one of its lives, to be handed to `rest`. */
  sender(sender: number, boot: number): number {
    return step(step(this.first, sender), boot);
  }

  /** The same number as `fraction` gives, with the first two arguments taken in by `sender`. */
  rest(sender: number, ordinal: number, receiver: number, hop: number, purpose: number): number {
    let hash = step(sender, ordinal);
    hash = step(hash, receiver);
    hash = step(hash, hop);
    hash = step(hash, purpose);
    hash = Math.imul(hash ^ this.second, 0x85eb_ca77);
    hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2_ae3d);
    return ((hash ^ (hash >>> 16)) >>> 0) / 2 ** 32;
  }
}

/**
 * Takes one word into a hash. A bijection of the hash for each word, and of the word for each hash: coordinates that differ in
 * one place never collide. The word is multiplied too, since coordinates are small numbers, which would else meet in few bits.
 */
function step(hash: number, word: number): number {
  const mixed = Math.imul(hash ^ Math.imul(word, 0xcc9e_2d51), 0xc2b2_ae3d);
  return mixed ^ (mixed >>> 15);
}
