import { assert } from '../assert.ts';
import type { NameId } from '../names.ts';
import { MOST_PARTS } from './size.ts';

/**
 * A rumour on its way out.
 *
 * @typeParam M what is carried; shared with packets in flight, so it must not change
 */
export interface Broadcast<M> {
  /** Its age among the others: larger is newer. */
  readonly rank: number;
  readonly message: M;
  readonly bytes: number;
  /** Whom it is about: it takes the place of an older one about the same. Undefined for one that is never replaced. */
  readonly name: NameId | undefined;
  /** Who is told when it is done with; see `QueueState.completed`. */
  readonly waiter: number | undefined;
  /** In how many packets it went out. */
  transmits: number;
}

/** The transmit-limited broadcast queue: every rumour goes out in a limited number of packets, new ones first. */
export interface QueueState<M> {
  nextRank: number;
  count: number;
  /** Those sent least come first; of these the longest, so that packets are filled well; and of equally long ones the newest. */
  entries: Broadcast<M>[];
  /** Whom the queued ones are about. */
  readonly named: Set<NameId>;
  /** Waiters whose broadcast is done with: sent often enough, replaced or dropped. Whoever owns the queue empties this. */
  readonly completed: number[];
}

export function newQueue<M>(): QueueState<M> {
  return { nextRank: 0, count: 0, entries: [], named: new Set(), completed: [] };
}

/** In how many packets a rumour goes out: `mult` times the decimal digits of the number of members, which is ⌈log₁₀(n + 1)⌉. */
export function transmitLimit(mult: number, members: number): number {
  let digits = 0;
  for (let rest = members; rest >= 1; rest /= 10) digits++;
  return mult * digits;
}

/** What is queued. */
export interface NewBroadcast<M> {
  readonly message: M;
  readonly bytes: number;
  readonly name?: NameId | undefined;
  readonly waiter?: number | undefined;
}

export function enqueue<M>(queue: QueueState<M>, { message, bytes, name, waiter }: NewBroadcast<M>): void {
  if (name !== undefined && queue.named.has(name)) replace(queue, name);
  if (name !== undefined) queue.named.add(name);
  queue.count++;
  const entry = { rank: queue.nextRank++, message, bytes, name, waiter, transmits: 0 };
  const { entries } = queue;
  let low = 0;
  let high = entries.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (precedes(entries[middle] as Broadcast<M>, entry)) low = middle + 1;
    else high = middle;
  }
  if (low === entries.length) entries.push(entry);
  else entries.splice(low, 0, entry);
}

/** The order in which entries go out. */
function precedes<M>(a: Broadcast<M>, b: Broadcast<M>): boolean {
  if (a.transmits !== b.transmits) return a.transmits < b.transmits;
  return a.bytes > b.bytes || (a.bytes === b.bytes && a.rank > b.rank);
}

/** How a packet is filled. */
export interface Room {
  /** In how many packets each may go out. */
  readonly limit: number;
  /** Bytes that each message costs beside its own. */
  readonly overhead: number;
  /** Bytes there are. */
  readonly budget: number;
  /**
   * The ranks begin anew as soon as the queue looks empty, even in the middle of a fetch, as in memberlist. Of two entries that
   * then agree in length, packets and rank the older is lost without a word.
   */
  readonly ranksRestart: boolean;
  /** More messages may come together than the count of a packet can say. Absent: the rest waits for the next packet. */
  readonly uncounted?: boolean;
}

/**
 * Takes the next messages for one packet: those sent least first; among these the longest that still fit. One that is longer
 * than an empty packet stays for ever and hinders nobody.
 *
 * @param into where the messages are added
 * @returns the bytes used
 */
export function fetch<M>(queue: QueueState<M>, room: Room, into: M[]): number {
  const used = takeAll(queue, room, into);
  return used >= 0 ? used : takeSome(queue, room, into);
}

/** Drops the last in order, most transmitted, shortest, oldest, until at most so many are left. */
export function prune<M>(queue: QueueState<M>, most: number): void {
  while (queue.count > most) {
    const last = queue.entries.pop();
    assert(last !== undefined, 'a queue that is not empty has a last entry');
    finish(queue, last);
  }
}

/**
 * The usual case: everything fits, so that everything was sent once more and the order stays. With a rumour or two in the queue this
 * takes a tenth of the time of the other way, and makes nothing.
 *
 * @returns the bytes used; -1 when not everything fits, and nothing was done
 */
function takeAll<M>(queue: QueueState<M>, { limit, overhead, budget, ranksRestart, uncounted }: Room, into: M[]): number {
  const { entries } = queue;
  const { length } = entries;
  if (uncounted !== true && into.length + length > MOST_PARTS) return -1;
  let used = 0;
  for (let i = 0; i < length; i++) {
    used += overhead + (entries[i] as Broadcast<M>).bytes;
    if (used > budget) return -1;
  }
  let kept = 0;
  for (let i = 0; i < length; i++) {
    const entry = entries[i] as Broadcast<M>;
    into.push(entry.message);
    if (++entry.transmits < limit) kept++;
    else finish(queue, entry);
  }
  // Those that are done with were sent most, and so come last.
  while (entries.length > kept) entries.pop();
  if (ranksRestart) queue.nextRank = 0;
  return used;
}

/** What fits, in order: of each that was sent equally often first the longest that fits, then the next that does. */
function takeSome<M>(queue: QueueState<M>, { limit, overhead, budget, ranksRestart, uncounted }: Room, into: M[]): number {
  const { entries } = queue;
  const most = uncounted === true ? Number.POSITIVE_INFINITY : MOST_PARTS - into.length;
  const taken: Broadcast<M>[] = [];
  const kept: Broadcast<M>[] = [];
  let used = 0;
  let next = 0;
  while (next < entries.length && used + overhead < budget && taken.length < most) {
    const end = endOfTier(entries, next);
    while (next < end && taken.length < most) {
      const fitting = firstFitting(entries, next, end, budget - used - overhead);
      while (next < fitting) kept.push(entries[next++] as Broadcast<M>);
      if (next === end) break;
      const entry = entries[next++] as Broadcast<M>;
      taken.push(entry);
      into.push(entry.message);
      used += overhead + entry.bytes;
    }
  }
  while (next < entries.length) kept.push(entries[next++] as Broadcast<M>);
  // Put back only now: nothing goes into one packet twice.
  queue.entries = merged(kept, sentAgain(queue, taken, kept, limit, ranksRestart));
  return used;
}

/** The first place after those that were sent as often as the one at `start`. */
function endOfTier<M>(entries: readonly Broadcast<M>[], start: number): number {
  const { transmits } = entries[start] as Broadcast<M>;
  let end = start + 1;
  while (end < entries.length && (entries[end] as Broadcast<M>).transmits === transmits) end++;
  return end;
}

/** The first place from `low` to `end` whose entry is no longer than `room`, by halving: the longest come first. */
function firstFitting<M>(entries: readonly Broadcast<M>[], low: number, end: number, room: number): number {
  let first = low;
  let high = end;
  while (first < high) {
    const middle = (first + high) >>> 1;
    if ((entries[middle] as Broadcast<M>).bytes > room) first = middle + 1;
    else high = middle;
  }
  return first;
}

/** Counts what was taken as sent. @returns those that are not done with */
function sentAgain<M>(
  queue: QueueState<M>,
  taken: readonly Broadcast<M>[],
  kept: Broadcast<M>[],
  limit: number,
  ranksRestart: boolean,
): Broadcast<M>[] {
  const again: Broadcast<M>[] = [];
  if (ranksRestart && kept.length === 0) queue.nextRank = 0;
  for (const entry of taken) {
    if (++entry.transmits >= limit) finish(queue, entry);
    else {
      if (ranksRestart) loseTwin(queue, kept, entry);
      again.push(entry);
    }
  }
  return again;
}

/** Two sorted lists as one. */
function merged<M>(a: readonly Broadcast<M>[], b: readonly Broadcast<M>[]): Broadcast<M>[] {
  const all: Broadcast<M>[] = [];
  let i = 0;
  for (const entry of b) {
    while (i < a.length && precedes(a[i] as Broadcast<M>, entry)) all.push(a[i++] as Broadcast<M>);
    all.push(entry);
  }
  while (i < a.length) all.push(a[i++] as Broadcast<M>);
  return all;
}

/** Ends the entry about a member, which a newer one replaces. */
function replace<M>(queue: QueueState<M>, name: NameId): void {
  const at = queue.entries.findIndex((entry) => entry.name === name);
  for (const entry of queue.entries.splice(at, 1)) finish(queue, entry);
}

/** An entry that was taken out for good. */
function finish<M>(queue: QueueState<M>, { name, waiter }: Broadcast<M>): void {
  queue.count--;
  if (name !== undefined) queue.named.delete(name);
  if (waiter !== undefined) queue.completed.push(waiter);
}

/** The defect of `Room.ranksRestart`: an ordered set takes two entries that compare as equal for one. */
function loseTwin<M>(queue: QueueState<M>, kept: Broadcast<M>[], { transmits, bytes, rank }: Broadcast<M>): void {
  const at = kept.findIndex((other) => other.transmits === transmits && other.bytes === bytes && other.rank === rank);
  for (const { name } of at < 0 ? [] : kept.splice(at, 1)) {
    queue.count--;
    if (name !== undefined) queue.named.delete(name);
  }
}
