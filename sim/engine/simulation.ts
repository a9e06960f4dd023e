import { AssertionError, assert } from '../../core/assert.ts';
import type { Brand } from '../../core/brand.ts';
import type { Hash } from '../../core/hash.ts';
import { digestState } from '../../core/state.ts';
import { type Instant, LAST_INSTANT } from '../../core/time.ts';
import { grown } from './grown.ts';
import { EventQueue, emptyQueue, type QueueState } from './queue.ts';

/** What the queue dispatches on: the place of a handler in the order of registration. */
export type EventKind = Brand<number, 'EventKind'>;
/** A pending event. Given again to another one after it ran or was cancelled. */
export type Slot = Brand<number, 'Slot'>;
/** Ordinal of a journal record, from 1. */
export type EventId = Brand<number, 'EventId'>;

/** The cause of what follows from nothing that was recorded. */
export const NO_CAUSE = 0 as EventId;

/** Carries an event out: `a`, `b` and `c` are 32-bit integers, the payload plain data. */
export type Handler = (a: number, b: number, c: number, payload: unknown) => void;

/** Apart from `schedule`, which an assertion with its lazy message would make a tenth slower. */
function refuse(now: Instant, at: Instant): never {
  throw new AssertionError(`an event scheduled at ${now} for ${at}, which is no whole instant from now to ${LAST_INSTANT}`);
}

/** Words of an event: kind, a, b, c, the lower and the upper half of its cause; two are spare, so that none straddles cache lines. */
const WORD_BITS = 3;

/** Something that comes from outside of the world: what it is, is known to who scheduled it. */
interface Intrusion {
  readonly at: Instant;
  readonly what: number;
  readonly part: number;
  readonly cause: EventId;
}

interface SimulationState {
  readonly queue: QueueState;
  /** The words of each slot. The kind of an event that has a payload is inverted. */
  words: Int32Array;
  /** The payload of each slot. */
  readonly payloads: unknown[];
  /** What comes from outside, earliest first, and when the first of it is due; LATE when there is none. */
  readonly intrusions: Intrusion[];
  intrusion: number;
}

/** After every instant. */
const LATE = LAST_INSTANT + 1;

/**
 * The virtual clock and what is going to happen.
 *
 * Events run in exact (instant, order of scheduling). What each does is said by its kind, whose handler is registered while
 * the world is built; so all that is pending is plain data.
 */
export class Simulation {
  readonly state: SimulationState = {
    queue: emptyQueue(),
    words: new Int32Array(64 << WORD_BITS),
    payloads: Array.from({ length: 64 }, () => undefined),
    intrusions: [],
    intrusion: LATE,
  };

  /** Journal record that what happens now follows from. A handler sets it after it has recorded something itself. */
  cause: EventId = NO_CAUSE;

  /** Carries out what comes from outside; to be set before any of it is due. */
  intruded: (what: number, part: number) => void = () => undefined;

  private readonly queue = new EventQueue(this.state);
  private readonly handlers: Handler[] = [];
  private readonly names: string[] = [];

  get now(): Instant {
    return this.state.queue.now;
  }

  /** How many events wait. */
  get pending(): number {
    return this.state.queue.pending;
  }

  /** Registers a handler for one kind of event; called once per kind while the world is built, in a fixed order. */
  register(name: string, handle: Handler): EventKind {
    assert(!this.names.includes(name), () => `two kinds of event are called ${name}`);
    this.names.push(name);
    return (this.handlers.push(handle) - 1) as EventKind;
  }

  /**
   * Lets something happen at an instant, now or later.
   *
   * @param cause journal record that it follows from
   * @param payload plain data, not changed any more until the event has run
   * @returns its slot, to cancel it by while it is pending
   */
  schedule(at: Instant, kind: EventKind, cause: EventId, a: number, b: number, c: number, payload?: unknown): Slot {
    if (!(at >= this.state.queue.now && at <= LAST_INSTANT && Math.floor(at) === at)) refuse(this.now, at);
    const slot = this.queue.push(at);
    const place = slot << WORD_BITS;
    if (place >= this.state.words.length) this.grow();
    const { words } = this.state;
    words[place] = payload === undefined ? kind : ~kind;
    words[place + 1] = a;
    words[place + 2] = b;
    words[place + 3] = c;
    words[place + 4] = cause;
    words[place + 5] = cause * 2 ** -32;
    if (payload !== undefined) this.state.payloads[slot] = payload;
    return slot as Slot;
  }

  /** Takes back an event that is still pending. */
  cancel(slot: Slot): void {
    this.queue.cancel(slot);
    if ((this.state.words[slot << WORD_BITS] as number) < 0) this.state.payloads[slot] = undefined;
  }

  /**
   * Lets something happen from outside, before all events of its instant; of two at one instant in the order of these calls.
   *
   * It takes no slot and is in no digest, so that a world to which nothing is done in the end is the same as one to which nothing was
   * going to be done.
   *
   * @param at now or later
   */
  intrude(at: Instant, what: number, part: number, cause: EventId): void {
    if (!(at >= this.state.queue.now && at <= LAST_INSTANT && Math.floor(at) === at)) refuse(this.now, at);
    const { intrusions } = this.state;
    let place = intrusions.length;
    while (place > 0 && (intrusions[place - 1] as Intrusion).at > at) place--;
    intrusions.splice(place, 0, { at, what, part, cause });
    this.state.intrusion = (intrusions[0] as Intrusion).at;
  }

  /** Moves a pending event to another instant, behind those that are due then. @returns its slot from now on */
  move(slot: Slot, at: Instant): Slot {
    const [kind, a, b, c, lower, upper] = this.state.words.subarray(slot << WORD_BITS) as unknown as [
      number,
      number,
      number,
      number,
      number,
      number,
    ];
    const cause = (upper * 2 ** 32 + (lower >>> 0)) as EventId;
    const payload = this.state.payloads[slot];
    this.cancel(slot);
    return this.schedule(at, (kind < 0 ? ~kind : kind) as EventKind, cause, a, b, c, payload);
  }

  /** The slots of all events that wait, in the order in which they will run; costly. */
  waiting(): { at: Instant; slot: number }[] {
    return this.queue.waiting();
  }

  /** Runs the earliest event; false when none is left. */
  step(): boolean {
    return (this.pending > 0 || this.state.intrusion < LATE) && this.runNext(LAST_INSTANT);
  }

  /** Runs all events up to and at `end`; then it is `end`. */
  runUntil(end: Instant): void {
    assert(end >= this.now, () => `run until ${end} at ${this.now}`);
    while (this.runNext(end));
  }

  /** Runs events while the condition holds, which is asked before each; when it holds up to `limit`, then it is `limit`. */
  runWhile(condition: () => boolean, limit: Instant): void {
    assert(limit >= this.now, () => `run until ${limit} at ${this.now}`);
    while (condition() && this.runNext(limit));
  }

  /**
   * Takes in the clock and all that is pending, in the order in which it will run; but not the causes, because an intervention
   * may be another record in a replay. How the events are stored has no influence.
   */
  digest(hash: Hash): void {
    const { queue, words, payloads } = this.state;
    hash.float(queue.now);
    hash.word(queue.pending);
    for (const { at, slot } of this.queue.waiting()) {
      hash.float(at);
      hash.word(slot); // a state that keeps the slot of its timer means this event
      const place = slot << WORD_BITS;
      for (let i = 0; i < 4; i++) hash.word(words[place + i] as number);
      if ((words[place] as number) < 0) digestState(payloads[slot], hash);
    }
  }

  private runNext(limit: Instant): boolean {
    let slot: number;
    const { intrusion } = this.state;
    if (intrusion <= limit) {
      slot = intrusion > this.now ? this.queue.take((intrusion - 1) as Instant) : -1;
      if (slot < 0) return this.runIntrusion();
    } else {
      slot = this.queue.take(limit);
      if (slot < 0) return false;
    }
    const { words } = this.state;
    const place = slot << WORD_BITS;
    let kind = words[place] as number;
    let payload: unknown;
    if (kind < 0) {
      kind = ~kind;
      payload = this.state.payloads[slot];
      this.state.payloads[slot] = undefined;
    }
    this.cause = ((words[place + 5] as number) * 2 ** 32 + ((words[place + 4] as number) >>> 0)) as EventId;
    const handle = this.handlers[kind] as Handler;
    handle(words[place + 1] as number, words[place + 2] as number, words[place + 3] as number, payload);
    this.cause = NO_CAUSE;
    return true;
  }

  private runIntrusion(): true {
    const { intrusions, queue } = this.state;
    const { at, what, part, cause } = intrusions.shift() as Intrusion;
    this.state.intrusion = intrusions[0]?.at ?? LATE;
    queue.now = at;
    this.cause = cause;
    this.intruded(what, part);
    this.cause = NO_CAUSE;
    return true;
  }

  private grow(): void {
    const slots = this.state.payloads.length;
    this.state.words = grown(this.state.words, (2 * slots) << WORD_BITS);
    for (let i = 0; i < slots; i++) this.state.payloads.push(undefined);
  }
}
