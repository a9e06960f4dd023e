import { assert } from '../../core/assert.ts';
import type { Brand } from '../../core/brand.ts';
import { type Instant, LAST_INSTANT, START } from '../../core/time.ts';
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

/** The words of one event: kind, a, b, c, and its cause in two halves. */
const WORDS = 8;

interface SimulationState extends QueueState {
  now: Instant;
  /** Words of each slot. */
  words: Int32Array;
  payloads: unknown[];
}

/**
 * The virtual clock and what is going to happen.
 *
 * Events run in exact (instant, order of scheduling). What they do is known by kind, in handlers that are registered while
 * the world is built; so everything that is pending is plain data.
 */
export class Simulation {
  readonly state: SimulationState = {
    ...emptyQueue(),
    now: START,
    words: new Int32Array(16 * WORDS),
    payloads: [],
  };

  /** Journal record that what happens now follows from. A handler sets it after it has recorded something itself. */
  cause: EventId = NO_CAUSE;

  private readonly queue = new EventQueue(this.state);
  private readonly handlers: Handler[] = [];
  private readonly names: string[] = [];

  get now(): Instant {
    return this.state.now;
  }

  /** How many events wait. */
  get pending(): number {
    return this.queue.pending;
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
   * @param payload plain data that belongs to the event until it runs
   * @returns its slot, to cancel it with while it is pending
   */
  schedule(at: Instant, kind: EventKind, cause: EventId, a: number, b: number, c: number, payload?: unknown): Slot {
    const state = this.state;
    assert(at >= state.now && at <= LAST_INSTANT, () => `an event at ${at}, scheduled at ${state.now}`);
    const slot = this.queue.push(at);
    const place = slot * WORDS;
    if (place >= state.words.length) {
      const grown = new Int32Array(state.words.length * 2);
      grown.set(state.words);
      state.words = grown;
    }
    const words = state.words;
    words[place] = kind;
    words[place + 1] = a;
    words[place + 2] = b;
    words[place + 3] = c;
    words[place + 4] = cause;
    words[place + 5] = Math.floor(cause / 0x1_0000_0000);
    while (state.payloads.length <= slot) state.payloads.push(undefined);
    state.payloads[slot] = payload;
    return slot as Slot;
  }

  /** Takes back an event that is still pending. */
  cancel(slot: Slot): void {
    this.state.payloads[slot] = undefined;
    this.queue.cancel(slot);
  }

  /** Runs the earliest event; false when none is left. */
  step(): boolean {
    const state = this.state;
    const at = this.queue.next();
    const slot = this.queue.pop();
    if (slot < 0) return false;
    state.now = at;
    const words = state.words;
    const place = slot * WORDS;
    const payload = state.payloads[slot];
    state.payloads[slot] = undefined;
    this.cause = ((words[place + 5] as number) * 0x1_0000_0000 + ((words[place + 4] as number) >>> 0)) as number as EventId;
    const handle = this.handlers[words[place] as number] as Handler;
    handle(words[place + 1] as number, words[place + 2] as number, words[place + 3] as number, payload);
    this.cause = NO_CAUSE;
    return true;
  }

  /** Runs all events up to and at `end`; then it is `end`. */
  runUntil(end: Instant): void {
    while (this.queue.next() <= end) this.step();
    if (end > this.state.now) this.state.now = end;
  }

  /** Runs events while the condition holds before each, none after `limit`. */
  runWhile(condition: () => boolean, limit: Instant): void {
    while (this.queue.next() <= limit && condition()) this.step();
  }
}
