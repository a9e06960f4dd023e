import { pow } from '../../core/math.ts';
import { grown } from './grown.ts';

/*
 * Wheels within wheels: each level divides time into buckets of one width, and one bucket of a level is as wide as all
 * buckets of the level below it together. A bucket is 1 ns, 4 µs, 1 ms, 4.3 s or 2.4 h wide; the last level covers 2⁵³ ns.
 * Entries stay in the order in which they came, in chunks.
 */

/** Binary logarithms of the width of a bucket in nanoseconds, by level, and of the whole. */
const SHIFTS = [0, 12, 20, 32, 43, 53];
const LEVELS = SHIFTS.slice(0, -1);
export const TOP = LEVELS.length - 1;

export const WIDTH = Float64Array.from(LEVELS, (shift) => pow(2, shift));
/** Powers of two, so that multiplying with them divides exactly. */
export const PER_WIDTH = Float64Array.from(LEVELS, (shift) => pow(2, -shift));
const SIZE = Int32Array.from(LEVELS, (shift, level) => pow(2, (SHIFTS[level + 1] as number) - shift));
/** The first bucket of each level, and at the end the number of all. */
const FIRST = Int32Array.from(SHIFTS, (_, level) => SIZE.subarray(0, level).reduce((sum, size) => sum + size, 0));
const BUCKETS = FIRST[TOP + 1] as number;
const MASK = SIZE.map((size) => size - 1);

/** A chunk holds 2 to this power entries: eight instants fill one line of the processor's cache. */
export const CHUNK_BITS = 3;
export const CHUNK = 2 ** CHUNK_BITS;

export interface WheelState {
  /** Entries in each bucket. */
  readonly count: Int32Array;
  /** The last chunk of each bucket that has entries. Its chunks form a circle, so the first one follows the last. */
  readonly last: Int32Array;
  /** A bit for each bucket: whether it has entries. */
  readonly occupied: Int32Array;
  /** For each level the word of `occupied` before which its bits are zero. */
  readonly cursor: Int32Array;
  /** Columns of the entries of all chunks: instant and ticket. */
  at: Float64Array;
  ticket: Int32Array;
  /** The chunk that follows each chunk. */
  next: Int32Array;
  /** How many chunks were ever used. */
  chunks: number;
  /** A chunk that is free again, followed by the others; −1 for none. */
  free: number;
}

export const emptyWheel = (): WheelState => ({
  count: new Int32Array(BUCKETS),
  last: new Int32Array(BUCKETS),
  occupied: new Int32Array(BUCKETS >> 5),
  cursor: Int32Array.from(LEVELS, (_, level) => (FIRST[level] as number) >> 5),
  at: new Float64Array(16 * CHUNK),
  ticket: new Int32Array(16 * CHUNK),
  next: new Int32Array(16),
  chunks: 0,
  free: -1,
});

/** The bucket of a level in which an instant lies; the caller knows that it is in the block of that level which is current. */
export const bucketOf = (level: number, at: number): number =>
  (FIRST[level] as number) + ((at * (PER_WIDTH[level] as number)) & (MASK[level] as number));

/** Puts an entry behind those that a bucket has. */
export function append(wheel: WheelState, bucket: number, at: number, ticket: number): void {
  const count = wheel.count[bucket] as number;
  wheel.count[bucket] = count + 1;
  const place = count & (CHUNK - 1);
  const chunk = place === 0 ? addChunk(wheel, bucket, count) : (wheel.last[bucket] as number);
  const entry = (chunk << CHUNK_BITS) + place;
  wheel.at[entry] = at;
  wheel.ticket[entry] = ticket;
}

function addChunk(wheel: WheelState, bucket: number, count: number): number {
  let chunk = wheel.free;
  if (chunk >= 0) wheel.free = wheel.next[chunk] as number;
  else {
    chunk = wheel.chunks++;
    if (chunk === wheel.next.length) growWheel(wheel);
  }
  if (count === 0) {
    wheel.next[chunk] = chunk;
    wheel.occupied[bucket >> 5] = (wheel.occupied[bucket >> 5] as number) | (1 << bucket);
  } else {
    const last = wheel.last[bucket] as number;
    wheel.next[chunk] = wheel.next[last] as number;
    wheel.next[last] = chunk;
  }
  wheel.last[bucket] = chunk;
  return chunk;
}

function growWheel(wheel: WheelState): void {
  const chunks = 2 * wheel.next.length;
  wheel.at = grown(wheel.at, chunks * CHUNK);
  wheel.ticket = grown(wheel.ticket, chunks * CHUNK);
  wheel.next = grown(wheel.next, chunks);
}

/** Frees a chunk whose entries were read; @returns the one that followed it, which is still to be read if there is one. */
export function release(wheel: WheelState, chunk: number): number {
  const next = wheel.next[chunk] as number;
  wheel.next[chunk] = wheel.free;
  wheel.free = chunk;
  return next;
}

/** The first bucket of a level that has entries; −1 for none. */
export function firstBucket(wheel: WheelState, level: number): number {
  const { occupied } = wheel;
  const end = (FIRST[level + 1] as number) >> 5;
  for (let word = wheel.cursor[level] as number; word < end; word++) {
    const bits = occupied[word] as number;
    if (bits !== 0) return (word << 5) + 31 - Math.clz32(bits & -bits);
  }
  return -1;
}

/** The first chunk of a bucket that has entries. */
export const firstChunk = (wheel: WheelState, bucket: number): number => wheel.next[wheel.last[bucket] as number] as number;

/** Empties a bucket, whose chunks the caller reads and releases; @returns how many entries it had. */
export function empty(wheel: WheelState, bucket: number): number {
  const count = wheel.count[bucket] as number;
  wheel.count[bucket] = 0;
  wheel.occupied[bucket >> 5] = (wheel.occupied[bucket >> 5] as number) & ~(1 << bucket);
  return count;
}

/** Says that nothing will come into the buckets of the level before this one, from which the search then starts. */
export function advance(wheel: WheelState, level: number, bucket: number): void {
  wheel.cursor[level] = bucket >> 5;
}

/** Says that the level begins again, for another block of time: any of its buckets may be filled next. */
export function rewind(wheel: WheelState, level: number): void {
  wheel.cursor[level] = (FIRST[level] as number) >> 5;
}

/** The entries of all buckets that have any, from the lowest level up, in the order in which they came. */
export function entries(wheel: WheelState): { at: number; ticket: number }[][] {
  const buckets: { at: number; ticket: number }[][] = [];
  for (let bucket = 0; bucket < BUCKETS; bucket++) {
    const count = wheel.count[bucket] as number;
    if (count === 0) continue;
    const found: { at: number; ticket: number }[] = [];
    for (let chunk = wheel.last[bucket] as number; found.length < count; ) {
      chunk = wheel.next[chunk] as number;
      for (let entry = chunk * CHUNK; entry < (chunk + 1) * CHUNK && found.length < count; entry++)
        found.push({ at: wheel.at[entry] as number, ticket: wheel.ticket[entry] as number });
    }
    buckets.push(found);
  }
  return buckets;
}
