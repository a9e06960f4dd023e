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
  readonly entries: Broadcast<M>[];
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
  queue.entries.splice(placeOf(queue.entries, entry), 0, entry);
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
function takeSome<M>(queue: QueueState<M>, room: Room, into: M[]): number {
  const { entries } = queue;
  const { overhead, budget, uncounted } = room;
  const most = uncounted === true ? Number.POSITIVE_INFINITY : MOST_PARTS - into.length;
  const taken: Broadcast<M>[] = [];
  let used = 0;
  for (let place = 0; place < entries.length && used + overhead < budget && taken.length < most; ) {
    let end = endOfTier(entries, place);
    while (place < end && taken.length < most) {
      place = firstFitting(entries, place, end, budget - used - overhead);
      let run = place;
      for (; run < end && taken.length < most; run++) {
        const entry = entries[run] as Broadcast<M>;
        if (entry.bytes > budget - used - overhead) break;
        used += overhead + entry.bytes;
        taken.push(entry);
      }
      entries.splice(place, run - place);
      end -= run - place;
    }
    place = end;
  }
  for (const { message } of taken) into.push(message);
  // Put back only now: nothing goes into one packet twice.
  putBack(queue, taken, room);
  return used;
}

/** The first place after those that were sent as often as the one at `start`, by halving. */
function endOfTier<M>(entries: readonly Broadcast<M>[], start: number): number {
  const { transmits } = entries[start] as Broadcast<M>;
  let low = start + 1;
  let high = entries.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((entries[middle] as Broadcast<M>).transmits === transmits) low = middle + 1;
    else high = middle;
  }
  return low;
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

/** Where an entry belongs, by halving. */
function placeOf<M>(entries: readonly Broadcast<M>[], entry: Broadcast<M>): number {
  let low = 0;
  let high = entries.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (precedes(entries[middle] as Broadcast<M>, entry)) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** What was taken was sent once more, and is done with or goes to those that were as often. */
function putBack<M>(queue: QueueState<M>, taken: readonly Broadcast<M>[], { limit, ranksRestart }: Room): void {
  const { entries } = queue;
  if (ranksRestart && entries.length === 0) queue.nextRank = 0;
  for (const entry of taken) {
    if (++entry.transmits >= limit) finish(queue, entry);
    else {
      const place = placeOf(entries, entry);
      if (ranksRestart) loseTwin(queue, place, entry);
      entries.splice(place, 0, entry);
    }
  }
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
function loseTwin<M>(queue: QueueState<M>, place: number, entry: Broadcast<M>): void {
  const other = queue.entries[place];
  if (other === undefined || precedes(entry, other)) return;
  queue.entries.splice(place, 1);
  queue.count--;
  if (other.name !== undefined) queue.named.delete(other.name);
}
