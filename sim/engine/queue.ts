import { assert } from '../../core/assert.ts';
import { type Instant, START } from '../../core/time.ts';
import { grown } from './grown.ts';
import * as wheels from './wheel.ts';

/** A bucket with more entries than this is spread over the level below it, unless all are due at one instant. */
const SHORT = 64;
/** A run that grew longer than this is spread over the level below it. */
const LONG = 128;
/** How many tickets of cancelled events may lie around beyond the number of pending ones, and slots be retired beyond half of all. */
const SPARE = 1024;

/** A ticket stands for an event that waits: its slot, and above it how many events in that slot were cancelled before it came. */
const SLOT_BITS = 24;
const SLOT = 2 ** SLOT_BITS - 1;
const RETIRED = 255;

/** All that the queue is made of; plain data, columns of numbers. */
export interface QueueState {
  /** When the event that was taken last was due, or the instant until which the caller let time pass. */
  now: Instant;
  /** Events that wait. */
  pending: number;
  /** Tickets of cancelled events, which lie around until they are met. */
  dead: number;

  /** Slots ever used. */
  slots: number;
  /** How many events in each slot were cancelled. A slot that reached `RETIRED` is not used until no ticket for it is left. */
  generation: Uint8Array;
  /** Slots that may be used again: a stack. */
  free: Int32Array;
  frees: number;
  retired: number;

  /** The run: the earliest events, in order, from `head` up to `tail`. */
  runAt: Float64Array;
  runTicket: Int32Array;
  head: number;
  tail: number;
  /** Every event before this instant is in the run, all others are in the wheels. */
  horizon: number;

  /** All other events. The lowest level that may have entries is this one. */
  level: number;
  /** For each level from that one up the end of the block of time that it is spread over at present. */
  readonly end: Float64Array;
  readonly wheel: wheels.WheelState;
}

export const emptyQueue = (): QueueState => ({
  now: START,
  pending: 0,
  dead: 0,
  slots: 0,
  generation: new Uint8Array(64),
  free: new Int32Array(64),
  frees: 0,
  retired: 0,
  runAt: new Float64Array(2 * LONG),
  runTicket: new Int32Array(2 * LONG),
  head: 0,
  tail: 0,
  horizon: 0,
  level: wheels.TOP,
  end: new Float64Array(wheels.TOP + 1).fill(2 ** 53),
  wheel: wheels.emptyWheel(),
});

/**
 * Pending events, earliest first; those due at the same instant leave in the order in which they came.
 *
 * A heap would spend its time on events that are far away or, as most timers, cancelled before they are due. So the far
 * ones lie unsorted in buckets, and only the earliest bucket is sorted, once it is short: a long one is spread over finer
 * buckets first. That a bucket keeps its entries in the order in which they came is what orders those of one instant.
 * Cancelled events are dropped when their bucket is opened. Numbers: `npm run bench -- queue timers`.
 */
export class EventQueue {
  private readonly owner: { readonly queue: QueueState };

  /** @param owner whose `queue` this is; asked for it each time, because a restore replaces it */
  constructor(owner: { readonly queue: QueueState }) {
    this.owner = owner;
  }

  /** @returns the slot of the event: a small integer, which the next push may be given after this event was taken or cancelled */
  push(at: Instant): number {
    const queue = this.owner.queue;
    const slot = queue.frees > 0 ? (queue.free[--queue.frees] as number) : newSlot(queue);
    const ticket = slot | ((queue.generation[slot] as number) << SLOT_BITS);
    queue.pending++;
    if (at < queue.horizon) insert(queue, at, ticket);
    else put(queue, at, ticket);
    return slot;
  }

  /** Takes back an event that is pending. */
  cancel(slot: number): void {
    const queue = this.owner.queue;
    const generation = (queue.generation[slot] as number) + 1;
    queue.generation[slot] = generation;
    if (generation === RETIRED) queue.retired++;
    else queue.free[queue.frees++] = slot;
    queue.pending--;
    queue.dead++;
    if (queue.dead > queue.pending + SPARE) sweep(queue);
    if (queue.retired > queue.slots / 2 + SPARE) recall(queue);
  }

  /**
   * Takes the earliest event, if it is due by `limit`, and moves `now` to it; else moves `now` to `limit`. What is pushed
   * later must not be due before `now`: so nothing comes before a bucket that was opened.
   *
   * @returns its slot, which the next push may be given; −1 when there is none
   */
  take(limit: Instant): number {
    const queue = this.owner.queue;
    if (queue.head === queue.tail || !isValid(queue, queue.runTicket[queue.head] as number)) prepare(queue, limit);
    const at = queue.head < queue.tail ? (queue.runAt[queue.head] as Instant) : Number.POSITIVE_INFINITY;
    if (at > limit) {
      queue.now = limit;
      return -1;
    }
    queue.now = at as Instant;
    queue.pending--;
    const slot = (queue.runTicket[queue.head++] as number) & SLOT;
    queue.free[queue.frees++] = slot;
    return slot;
  }

  /** All events that wait, in the order in which they will be taken: the same whatever the buckets look like. */
  waiting(): { at: Instant; slot: number }[] {
    const queue = this.owner.queue;
    const run = Array.from(queue.runTicket.subarray(queue.head, queue.tail), (ticket, i) => ({
      at: queue.runAt[queue.head + i] as Instant,
      ticket,
    }));
    // Each bucket is later than those before it, and sorting keeps the order of what is equal.
    const rest = wheels.entries(queue.wheel).flatMap((bucket) => bucket.sort((a, b) => a.at - b.at));
    const events: { at: Instant; slot: number }[] = [];
    for (const { at, ticket } of [...run, ...rest]) {
      if (isValid(queue, ticket)) events.push({ at: at as Instant, slot: ticket & SLOT });
    }
    return events;
  }
}

/** Whether the event of a ticket still waits: it was not cancelled. */
const isValid = (queue: QueueState, ticket: number): boolean => queue.generation[ticket & SLOT] === ticket >>> SLOT_BITS;

function newSlot(queue: QueueState): number {
  assert(queue.slots <= SLOT, 'more than 16 million events wait');
  if (queue.slots === queue.free.length) {
    queue.generation = grown(queue.generation, 2 * queue.slots);
    queue.free = grown(queue.free, 2 * queue.slots);
  }
  return queue.slots++;
}

/** Puts an event behind the horizon into its bucket. */
function put(queue: QueueState, at: number, ticket: number): void {
  let level = queue.level;
  while (at >= (queue.end[level] as number)) level++;
  wheels.append(queue.wheel, wheels.bucketOf(level, at), at, ticket);
}

/** Puts an event before the horizon into the run, behind those due at the same instant. */
function insert(queue: QueueState, at: number, ticket: number): void {
  if (queue.tail - queue.head >= LONG && queue.level > 0) {
    spreadRun(queue);
    return put(queue, at, ticket);
  }
  if (queue.tail === queue.runAt.length) makeRoom(queue);
  const { runAt, runTicket, head } = queue;
  let place = queue.tail++;
  while (place > head && (runAt[place - 1] as number) > at) {
    runAt[place] = runAt[place - 1] as number;
    runTicket[place] = runTicket[place - 1] as number;
    place--;
  }
  runAt[place] = at;
  runTicket[place] = ticket;
}

/** Moves the run to the start of its columns, or makes them longer when they are more than half full. */
function makeRoom(queue: QueueState): void {
  const { head, tail } = queue;
  if (2 * (tail - head) > tail) {
    queue.runAt = grown(queue.runAt, 2 * tail);
    queue.runTicket = grown(queue.runTicket, 2 * tail);
  }
  queue.runAt.copyWithin(0, head, tail);
  queue.runTicket.copyWithin(0, head, tail);
  queue.head = 0;
  queue.tail = tail - head;
}

/** Makes the level below that of the run the lowest one, for a bucket that starts at `start`. */
function descend(queue: QueueState, level: number, start: number, end: number): void {
  queue.level = level;
  queue.end[level] = end;
  queue.horizon = start;
  wheels.rewind(queue.wheel, level);
}

/** Spreads a run that has become long over the level below that of its bucket. */
function spreadRun(queue: QueueState): void {
  const { head, tail, runAt, runTicket } = queue;
  const level = queue.level - 1;
  const width = wheels.WIDTH[level] as number;
  const start = Math.floor(queue.now * (wheels.PER_WIDTH[level] as number)) * width;
  descend(queue, level, start, queue.horizon);
  queue.head = 0;
  queue.tail = 0;
  for (let i = head; i < tail; i++) put(queue, runAt[i] as number, runTicket[i] as number);
}

/** Sees to it that the run starts with an event that was not cancelled; leaves it empty when there is none due by `limit`. */
function prepare(queue: QueueState, limit: number): void {
  do {
    while (queue.head < queue.tail) {
      if (isValid(queue, queue.runTicket[queue.head] as number)) return;
      queue.head++;
      queue.dead--;
    }
  } while (queue.pending > 0 && open(queue, limit));
}

/**
 * Sorts the earliest bucket into the run, after it was spread over finer ones if it is long.
 *
 * @returns false when it begins after `limit`; it is left alone then
 */
function open(queue: QueueState, limit: number): boolean {
  const { wheel } = queue;
  let level = queue.level;
  for (;;) {
    const bucket = wheels.firstBucket(wheel, level);
    if (bucket < 0) {
      level++;
      continue;
    }
    const first = wheels.firstChunk(wheel, bucket);
    const width = wheels.WIDTH[level] as number;
    const start = Math.floor((wheel.at[first << wheels.CHUNK_BITS] as number) * (wheels.PER_WIDTH[level] as number)) * width;
    if (start > limit) return false;
    wheels.advance(wheel, level, bucket);
    const count = wheels.empty(wheel, bucket);
    if (count <= SHORT || level === 0) {
      queue.level = level;
      queue.horizon = start + width;
      sort(queue, first, count);
      return true;
    }
    level--;
    descend(queue, level, start, start + width);
    spread(queue, first, count);
  }
}

/** Makes the entries of a bucket the run. */
function sort(queue: QueueState, first: number, count: number): void {
  if (count > queue.runAt.length) {
    queue.runAt = new Float64Array(2 * count);
    queue.runTicket = new Int32Array(2 * count);
  }
  const { wheel, runAt, runTicket } = queue;
  let chunk = first;
  let tail = 0;
  for (let left = count; left > 0; left -= wheels.CHUNK) {
    const start = chunk << wheels.CHUNK_BITS;
    const end = start + Math.min(left, wheels.CHUNK);
    for (let entry = start; entry < end; entry++) {
      const ticket = wheel.ticket[entry] as number;
      if (!isValid(queue, ticket)) {
        queue.dead--;
        continue;
      }
      const at = wheel.at[entry] as number;
      let place = tail++;
      while (place > 0 && (runAt[place - 1] as number) > at) {
        runAt[place] = runAt[place - 1] as number;
        runTicket[place] = runTicket[place - 1] as number;
        place--;
      }
      runAt[place] = at;
      runTicket[place] = ticket;
    }
    chunk = wheels.release(wheel, chunk);
  }
  queue.head = 0;
  queue.tail = tail;
}

/** Puts the entries of a bucket into the buckets of the level that was made the lowest for it. */
function spread(queue: QueueState, first: number, count: number): void {
  const { wheel, level } = queue;
  let chunk = first;
  for (let left = count; left > 0; left -= wheels.CHUNK) {
    const start = chunk << wheels.CHUNK_BITS;
    const end = start + Math.min(left, wheels.CHUNK);
    for (let entry = start; entry < end; entry++) {
      const ticket = wheel.ticket[entry] as number;
      if (!isValid(queue, ticket)) queue.dead--;
      else {
        const at = wheel.at[entry] as number;
        wheels.append(wheel, wheels.bucketOf(level, at), at, ticket);
      }
    }
    chunk = wheels.release(wheel, chunk);
  }
}

/** Drops all cancelled events, which would else be kept until they had been due. */
function sweep(queue: QueueState): void {
  const { wheel, runAt, runTicket, tail } = queue;
  queue.tail = queue.head;
  for (let i = queue.head; i < tail; i++) {
    const ticket = runTicket[i] as number;
    if (!isValid(queue, ticket)) queue.dead--;
    else {
      runAt[queue.tail] = runAt[i] as number;
      runTicket[queue.tail++] = ticket;
    }
  }
  for (let bucket = 0; bucket < wheel.count.length; bucket++) {
    const count = wheel.count[bucket] as number;
    if (count === 0) continue;
    let chunk = wheels.firstChunk(wheel, bucket);
    wheels.empty(wheel, bucket);
    for (let left = count; left > 0; left -= wheels.CHUNK) {
      const start = chunk << wheels.CHUNK_BITS;
      const end = start + Math.min(left, wheels.CHUNK);
      for (let entry = start; entry < end; entry++) {
        const ticket = wheel.ticket[entry] as number;
        if (!isValid(queue, ticket)) queue.dead--;
        else wheels.append(wheel, bucket, wheel.at[entry] as number, ticket);
      }
      chunk = wheels.release(wheel, chunk);
    }
  }
}

/** Lets retired slots be used again. */
function recall(queue: QueueState): void {
  sweep(queue);
  queue.retired = 0;
  for (let slot = 0; slot < queue.slots; slot++) {
    if (queue.generation[slot] !== RETIRED) continue;
    queue.generation[slot] = 0;
    queue.free[queue.frees++] = slot;
  }
}
