import { lowerWord, upperWord } from './bits.ts';

/** What a `Hash` has taken in so far: two 32-bit words, signed. Plain data, so that a fingerprint is saved with its world. */
export interface HashState {
  high: number;
  low: number;
}

const rotate = (word: number, by: number): number => (word << by) | (word >>> (32 - by));

/** The end of MurmurHash3: every bit of the word moves every other with a probability near one half. */
function avalanche(word: number): number {
  let mixed = Math.imul(word ^ (word >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return mixed ^ (mixed >>> 16);
}

/**
 * An incremental 64-bit hash of words, numbers and texts, for fingerprints and digests: the same on every engine, a few
 * nanoseconds per word, nothing allocated. It finds accidents, not forgeries.
 *
 * Two lanes of MurmurHash3's 32-bit step (A. Appleby, 2011, public domain), each fed with every word and crossed with
 * the other as in its 128-bit form. The order of what is taken in matters.
 */
export class Hash {
  readonly state: HashState;

  /** @param state the words to continue from, changed by each call; a new hash starts from zeros */
  constructor(state: HashState = { high: 0, low: 0 }) {
    this.state = state;
  }

  /** Takes in the low 32 bits of a whole number. */
  word(n: number): void {
    this.pair(n, n);
  }

  /**
   * Takes in the low 32 bits of two whole numbers at the cost of one: a word for each lane. Not the same as one after the other.
   * For a given state each pair gives another one.
   */
  pair(a: number, b: number): void {
    const { state } = this;
    const high = rotate(state.high ^ Math.imul(rotate(Math.imul(a, 0x239b961b), 15), 0xab0e9789), 19) + state.low;
    state.high = (Math.imul(high, 5) + 0x561ccd1b) | 0;
    const low = rotate(state.low ^ Math.imul(rotate(Math.imul(b, 0x38b34ae5), 16), 0xa1e38b93), 17) + state.high;
    state.low = (Math.imul(low, 5) + 0x0bcaa747) | 0;
  }

  /** Takes in all 64 bits of a number: 0 and −0 differ, each NaN is the same. */
  float(n: number): void {
    const odd = Number.isNaN(n);
    this.word(odd ? 0x7ff80000 : upperWord(n));
    this.word(odd ? 0 : lowerWord(n));
  }

  /** Takes in a text: its length and its UTF-16 code units, two in a word. */
  text(s: string): void {
    const { length } = s;
    this.word(length);
    for (let i = 0; i + 1 < length; i += 2) this.word((s.charCodeAt(i) << 16) | s.charCodeAt(i + 1));
    if (length % 2 === 1) this.word(s.charCodeAt(length - 1));
  }

  /** The hash of all that was taken in so far, as 16 hex digits. More can be taken in afterwards. */
  hex(): string {
    // Both lanes enter each half of the result, as in the end of MurmurHash3_x86_128.
    const high = avalanche((this.state.high + this.state.low) | 0);
    const low = avalanche((this.state.low + high) | 0);
    return digits(high) + digits(low);
  }
}

const digits = (word: number): string => (word >>> 0).toString(16).padStart(8, '0');
