import { assert } from '../assert.ts';
import type { NameId } from '../names.ts';

/**
 * A rumour on its way out.
 *
 * @typeParam M what is carried; shared with packets in flight, so it must not change
 */
export interface Broadcast<M> {
  readonly key: number;
  /** Its age among the others: larger is newer. */
  readonly rank: number;
  readonly message: M;
  readonly bytes: number;
  /** Whom it is about: it takes the place of an older one about the same. Undefined for one that is never replaced. */
  readonly name: NameId | undefined;
  /** Who is told when it is done with; see `QueueState.completed`. */
  readonly waiter: number | undefined;
  /** Packets it went out in so far. */
  transmits: number;
}

/** The transmit-limited broadcast queue: every rumour goes out in a limited number of packets, new ones first. */
export interface QueueState<M> {
  nextKey: number;
  nextRank: number;
  readonly broadcasts: Map<number, Broadcast<M>>;
  /**
   * `tiers[t]` are the keys of those that went out `t` times: the longest first, so that packets are filled well, and of equally long
   * ones the newest.
   */
  readonly tiers: number[][];
  /** Keys by name. */
  readonly named: Map<NameId, number>;
  /** Waiters whose broadcast is done with: sent often enough, replaced or dropped. Whoever owns the queue empties this. */
  readonly completed: number[];
}

export function newQueue<M>(): QueueState<M> {
  return { nextKey: 0, nextRank: 0, broadcasts: new Map(), tiers: [], named: new Map(), completed: [] };
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
  if (name !== undefined) {
    const older = queue.named.get(name);
    if (older !== undefined) finish(queue, older);
  }
  const key = queue.nextKey++;
  queue.broadcasts.set(key, { key, rank: queue.nextRank++, message, bytes, name, waiter, transmits: 0 });
  if (name !== undefined) queue.named.set(name, key);
  place(queue, key, 0);
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
}

/**
 * Takes the next messages for one packet: those sent least first; among these the longest that still fit. One that is longer
 * than an empty packet stays for ever and hinders nobody.
 *
 * @param into where the messages are added
 * @returns the bytes used
 */
export function fetch<M>(queue: QueueState<M>, { limit, overhead, budget, ranksRestart }: Room, into: M[]): number {
  let used = 0;
  const again: Broadcast<M>[] = [];
  for (let tier = 0; tier < queue.tiers.length && used + overhead < budget; tier++) {
    const keys = queue.tiers[tier] as number[];
    let kept = 0;
    for (const key of keys) {
      const broadcast = queue.broadcasts.get(key) as Broadcast<M>;
      if (broadcast.bytes > budget - used - overhead) {
        keys[kept++] = key;
        continue;
      }
      used += overhead + broadcast.bytes;
      into.push(broadcast.message);
      if (tier + 1 >= limit) forget(queue, broadcast);
      else again.push(broadcast);
    }
    keys.length = kept;
  }
  if (ranksRestart && again.length === queue.broadcasts.size) queue.nextRank = 0;
  // Put back only now: nothing goes into one packet twice.
  for (const broadcast of again) {
    broadcast.transmits++;
    if (ranksRestart) loseTwin(queue, broadcast);
    place(queue, broadcast.key, broadcast.transmits);
  }
  trim(queue);
  return used;
}

/** Drops the last in order, most transmitted, shortest, oldest, until at most so many are left. */
export function prune<M>(queue: QueueState<M>, most: number): void {
  while (queue.broadcasts.size > most) {
    const last = queue.tiers.at(-1)?.at(-1);
    assert(last !== undefined, 'a queue that is not empty has a last tier with an entry');
    finish(queue, last);
  }
}

/** Inserts a key into its tier by halving. */
function place<M>(queue: QueueState<M>, key: number, transmits: number): void {
  while (queue.tiers.length <= transmits) queue.tiers.push([]);
  const tier = queue.tiers[transmits] as number[];
  const { bytes, rank } = queue.broadcasts.get(key) as Broadcast<M>;
  let low = 0;
  let high = tier.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const other = queue.broadcasts.get(tier[middle] as number) as Broadcast<M>;
    if (other.bytes > bytes || (other.bytes === bytes && other.rank > rank)) low = middle + 1;
    else high = middle;
  }
  tier.splice(low, 0, key);
}

/** Takes an entry out of its tier and ends it. */
function finish<M>(queue: QueueState<M>, key: number): void {
  const broadcast = queue.broadcasts.get(key) as Broadcast<M>;
  const tier = queue.tiers[broadcast.transmits] as number[];
  tier.splice(tier.indexOf(key), 1);
  forget(queue, broadcast);
  trim(queue);
}

function forget<M>(queue: QueueState<M>, { key, name, waiter }: Broadcast<M>): void {
  queue.broadcasts.delete(key);
  if (name !== undefined && queue.named.get(name) === key) queue.named.delete(name);
  if (waiter !== undefined) queue.completed.push(waiter);
}

/** The defect of `Room.ranksRestart`: an ordered set takes two entries that compare as equal for one. */
function loseTwin<M>(queue: QueueState<M>, { key, bytes, rank, transmits }: Broadcast<M>): void {
  const tier = queue.tiers[transmits] ?? [];
  const twin = tier.find((other) => {
    const { bytes: length, rank: age } = queue.broadcasts.get(other) as Broadcast<M>;
    return other !== key && length === bytes && age === rank;
  });
  if (twin === undefined) return;
  tier.splice(tier.indexOf(twin), 1);
  const { name } = queue.broadcasts.get(twin) as Broadcast<M>;
  queue.broadcasts.delete(twin);
  if (name !== undefined && queue.named.get(name) === twin) queue.named.delete(name);
}

/** Empty tiers at the end are no state worth keeping. */
function trim<M>(queue: QueueState<M>): void {
  while (queue.tiers.length > 0 && (queue.tiers.at(-1) as number[]).length === 0) queue.tiers.pop();
}
