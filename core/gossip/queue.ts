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
}

/** The transmit-limited broadcast queue: every rumour goes out in a limited number of packets, new ones first. */
export interface QueueState<M> {
  nextRank: number;
  count: number;
  /**
   * `tiers[t]` are those that went out `t` times: the longest first, so that packets are filled well, and of equally long ones the
   * newest.
   */
  readonly tiers: Broadcast<M>[][];
  /** Whom the queued ones are about. */
  readonly named: Set<NameId>;
  /** Waiters whose broadcast is done with: sent often enough, replaced or dropped. Whoever owns the queue empties this. */
  readonly completed: number[];
}

export function newQueue<M>(): QueueState<M> {
  return { nextRank: 0, count: 0, tiers: [], named: new Set(), completed: [] };
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
  place(queue, { rank: queue.nextRank++, message, bytes, name, waiter }, 0);
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
  const { limit, overhead, budget } = room;
  const all = takeAll(queue, room, into);
  if (all >= 0) return all;
  const most = room.uncounted === true ? Number.POSITIVE_INFINITY : MOST_PARTS - into.length;
  const taken: Broadcast<M>[] = [];
  /** Where those of each tier end in `taken`. */
  const ends: number[] = [];
  let used = 0;
  for (let tier = 0; tier < queue.tiers.length && used + overhead < budget; tier++) {
    used += takeFrom(queue.tiers[tier] as Broadcast<M>[], budget - used, overhead, most, taken);
    ends.push(taken.length);
  }
  for (const { message } of taken) into.push(message);
  // Put back only now: nothing goes into one packet twice.
  putBack(queue, taken, ends, limit, room.ranksRestart);
  return used;
}

/** Drops the last in order, most transmitted, shortest, oldest, until at most so many are left. */
export function prune<M>(queue: QueueState<M>, most: number): void {
  while (queue.count > most) {
    trim(queue);
    const last = queue.tiers.at(-1)?.pop();
    assert(last !== undefined, 'a queue that is not empty has a last tier with an entry');
    finish(queue, last);
  }
  trim(queue);
}

/**
 * The usual case, without moving single entries: everything fits, so that every tier becomes the next one as it is.
 *
 * With a rumour or two in the queue this takes a third of the time of the general way.
 *
 * @returns the bytes used; -1 when not everything fits, and nothing was done
 */
function takeAll<M>(queue: QueueState<M>, { limit, overhead, budget, ranksRestart, uncounted }: Room, into: M[]): number {
  const { tiers } = queue;
  if (tiers.length > limit || (uncounted !== true && into.length + queue.count > MOST_PARTS)) return -1;
  let used = 0;
  for (const tier of tiers) {
    for (const { bytes } of tier) {
      // As in the general way: a tier is looked at only while a message of some length fits.
      if (used + overhead >= budget || used + overhead + bytes > budget) return -1;
      used += overhead + bytes;
    }
  }
  for (const tier of tiers) for (const { message } of tier) into.push(message);
  if (ranksRestart) queue.nextRank = 0;
  const last = tiers.length === limit ? tiers.pop() : undefined;
  if (last !== undefined) for (const entry of last) finish(queue, entry);
  tiers.unshift([]);
  trim(queue);
  return used;
}

/** Takes from one tier what fits. @returns the bytes used */
function takeFrom<M>(entries: Broadcast<M>[], room: number, overhead: number, most: number, taken: Broadcast<M>[]): number {
  let used = 0;
  let first = firstFitting(entries, 0, room - overhead);
  let next = first;
  for (let entry = entries[next]; entry !== undefined && taken.length < most; entry = entries[next]) {
    if (entry.bytes <= room - used - overhead) {
      used += overhead + entry.bytes;
      taken.push(entry);
      next++;
    } else {
      entries.splice(first, next - first);
      first = firstFitting(entries, first, room - used - overhead);
      next = first;
    }
  }
  entries.splice(first, next - first);
  return used;
}

/** The first place from `low` on whose entry is no longer than `room`, by halving: the longest come first. */
function firstFitting<M>(entries: readonly Broadcast<M>[], low: number, room: number): number {
  let high = entries.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((entries[middle] as Broadcast<M>).bytes > room) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** What was taken goes into the next tier, or is done with. */
function putBack<M>(
  queue: QueueState<M>,
  taken: readonly Broadcast<M>[],
  ends: readonly number[],
  limit: number,
  ranksRestart: boolean,
): void {
  if (ranksRestart && taken.length === queue.count) queue.nextRank = 0;
  let i = 0;
  for (const [tier, end] of ends.entries()) {
    for (; i < end; i++) {
      const entry = taken[i] as Broadcast<M>;
      if (tier + 1 >= limit) finish(queue, entry);
      else {
        if (ranksRestart) loseTwin(queue, entry, tier + 1);
        place(queue, entry, tier + 1);
      }
    }
  }
  trim(queue);
}

/** Inserts an entry into a tier, by halving. */
function place<M>(queue: QueueState<M>, entry: Broadcast<M>, transmits: number): void {
  while (queue.tiers.length <= transmits) queue.tiers.push([]);
  const tier = queue.tiers[transmits] as Broadcast<M>[];
  let low = 0;
  let high = tier.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const other = tier[middle] as Broadcast<M>;
    if (other.bytes > entry.bytes || (other.bytes === entry.bytes && other.rank > entry.rank)) low = middle + 1;
    else high = middle;
  }
  if (low === tier.length) tier.push(entry);
  else tier.splice(low, 0, entry);
}

/** Ends the entry about a member, which a newer one replaces. */
function replace<M>(queue: QueueState<M>, name: NameId): void {
  for (const tier of queue.tiers) {
    const at = tier.findIndex((entry) => entry.name === name);
    if (at < 0) continue;
    for (const entry of tier.splice(at, 1)) finish(queue, entry);
    break;
  }
  trim(queue);
}

/** An entry that was taken out for good. */
function finish<M>(queue: QueueState<M>, { name, waiter }: Broadcast<M>): void {
  queue.count--;
  if (name !== undefined) queue.named.delete(name);
  if (waiter !== undefined) queue.completed.push(waiter);
}

/** The defect of `Room.ranksRestart`: an ordered set takes two entries that compare as equal for one. */
function loseTwin<M>(queue: QueueState<M>, { bytes, rank }: Broadcast<M>, transmits: number): void {
  const tier = queue.tiers[transmits] ?? [];
  const at = tier.findIndex((other) => other.bytes === bytes && other.rank === rank);
  for (const { name } of at < 0 ? [] : tier.splice(at, 1)) {
    queue.count--;
    if (name !== undefined) queue.named.delete(name);
  }
}

/** Empty tiers at the end are no state worth keeping. */
function trim<M>(queue: QueueState<M>): void {
  while (queue.tiers.length > 0 && (queue.tiers.at(-1) as Broadcast<M>[]).length === 0) queue.tiers.pop();
}
