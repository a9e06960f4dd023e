import type { CellChange, Trace, TraceRecord } from './reader.ts';
import { encodeValue } from './value.ts';

/** A record, or a change of a cell. */
export type Entry = TraceRecord | CellChange;

/** Where two traces part. */
export interface Difference {
  /** The last entries that both have, in order; few. */
  readonly common: readonly Entry[];
  /** What comes then in each; undefined where a trace has no more. */
  readonly a: Entry | undefined;
  readonly b: Entry | undefined;
}

/** Entries of `common`, at most. */
const MOST_COMMON = 3;

/**
 * The first entry in which two traces differ; undefined when there is none.
 *
 * Rolling hashes lead to the first chunk that is not the same, in as many steps as it takes to halve their number down to one. From the chunk before it on, so
 * that there is something common to show, entries are compared one by one: also where chunks end elsewhere in the other trace.
 */
export async function firstDifference(a: Trace, b: Trace): Promise<Difference | undefined> {
  const same = commonChunks(a, b);
  if (same === a.chunks.length && same === b.chunks.length) return undefined;
  const from = a.chunks[Math.max(0, same - 1)]?.from;
  const [left, right] = [a.entries({ from }), b.entries({ from })];
  const common: Entry[] = [];
  for (;;) {
    const [one, other] = await Promise.all([next(left), next(right)]);
    if (one === undefined && other === undefined) return undefined;
    if (one === undefined || other === undefined || !isSame(one, other, a, b)) return { common, a: one, b: other };
    common.push(one);
    if (common.length > MOST_COMMON) common.shift();
  }
}

/** How many chunks at the beginning are the same. */
function commonChunks(a: Trace, b: Trace): number {
  let low = 0;
  let high = Math.min(a.chunks.length, b.chunks.length);
  while (low < high) {
    const middle = (low + high) >>> 1;
    // A hash is over its chunk and all before it.
    if (a.chunks[middle]?.hash === b.chunks[middle]?.hash) low = middle + 1;
    else high = middle;
  }
  return low;
}

async function next(entries: AsyncGenerator<Entry>): Promise<Entry | undefined> {
  const { done, value } = await entries.next();
  return done ? undefined : value;
}

function isSame(one: Entry, other: Entry, a: Trace, b: Trace): boolean {
  if (one.at !== other.at || one.cause !== other.cause || a.nodeName(one.node) !== b.nodeName(other.node)) return false;
  if (!('id' in one) || !('id' in other)) {
    if ('id' in one || 'id' in other) return false;
    return one.subject === other.subject && one.field === other.field && Object.is(one.value, other.value);
  }
  return (
    one.id === other.id &&
    one.kind === other.kind &&
    a.nodeName(one.peer) === b.nodeName(other.peer) &&
    one.word === other.word &&
    Object.is(one.size, other.size) &&
    isEqualData(one.payload, other.payload)
  );
}

/** Whether plain data is the same; by the bytes that it has in a file, as these tell apart whatever may be told apart. */
function isEqualData(one: unknown, other: unknown): boolean {
  if (one === other) return true;
  const [left, right] = [encodeValue(one), encodeValue(other)];
  return left.length === right.length && left.every((byte, i) => byte === right[i]);
}
