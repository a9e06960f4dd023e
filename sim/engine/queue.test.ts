import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { copyState } from '../../core/state.ts';
import { type Instant, LAST_INSTANT, START } from '../../core/time.ts';
import { EventQueue, emptyQueue } from './queue.ts';

/** What the queue must do, in the plainest form: a sorted list. */
class Model {
  readonly events: { at: number; slot: number }[] = [];
  now = 0;
  /** Slots are a stack, whatever becomes of the events: so their numbers follow from what was pushed, cancelled and taken alone. */
  private readonly free: number[] = [];
  private slots = 0;

  push(at: number): number {
    const slot = this.free.pop() ?? this.slots++;
    const later = this.events.findIndex((event) => event.at > at);
    this.events.splice(later < 0 ? this.events.length : later, 0, { at, slot });
    return slot;
  }

  cancel(place: number): number {
    const [event] = this.events.splice(place, 1) as [{ at: number; slot: number }];
    this.free.push(event.slot);
    return event.slot;
  }

  take(limit: number): number {
    const first = this.events[0];
    if (first === undefined || first.at > limit) {
      this.now = limit;
      return -1;
    }
    this.events.shift();
    this.free.push(first.slot);
    this.now = first.at;
    return first.slot;
  }
}

/** Spans that meet every level of the wheels and every way through the run. */
const delay = fc.oneof(
  fc.constant(0),
  fc.integer({ min: 0, max: 3 }),
  fc.integer({ min: 0, max: 5_000 }),
  fc.integer({ min: 0, max: 2_000_000 }),
  fc.integer({ min: 0, max: 6_000_000_000 }),
  fc.integer({ min: 0, max: 30_000_000_000_000 }),
  fc.integer({ min: 0, max: LAST_INSTANT }),
);

const operation = fc.oneof(
  { weight: 6, arbitrary: fc.record({ type: fc.constant('push' as const), delay }) },
  { weight: 3, arbitrary: fc.record({ type: fc.constant('cancel' as const), which: fc.nat() }) },
  { weight: 4, arbitrary: fc.record({ type: fc.constant('take' as const), count: fc.integer({ min: 1, max: 5 }) }) },
  // Time may pass without an event; what is pushed next comes before those that were not due yet.
  { weight: 2, arbitrary: fc.record({ type: fc.constant('wait' as const), delay }) },
  // More than a bucket holds, in one instant or close together.
  {
    weight: 1,
    arbitrary: fc.record({
      type: fc.constant('burst' as const),
      delay,
      step: fc.nat({ max: 40_000 }),
      count: fc.integer({ min: 0, max: 150 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('flush' as const), count: fc.integer({ min: 0, max: 200 }) }) },
);

/** Does the same to the queue and to the model. */
class Pair {
  readonly model = new Model();
  readonly owner = { queue: emptyQueue() };
  readonly queue = new EventQueue(this.owner);

  do(operation: typeof operationType): void {
    const { model } = this;
    switch (operation.type) {
      case 'push':
        return this.push(model.now + operation.delay);
      case 'burst':
        for (let i = 0; i < operation.count; i++) this.push(model.now + operation.delay + ((i * operation.step) % 1_000_003));
        return;
      case 'cancel':
        if (model.events.length > 0) this.queue.cancel(model.cancel(operation.which % model.events.length));
        return;
      case 'take':
      case 'flush':
        for (let i = 0; i < operation.count && model.events.length > 0; i++) this.take(LAST_INSTANT);
        return;
      case 'wait':
        this.take(Math.min(model.now + operation.delay, LAST_INSTANT) as Instant);
        return;
    }
  }

  push(at: number): void {
    const instant = Math.min(at, LAST_INSTANT) as Instant;
    const [slot, expected] = [this.queue.push(instant), this.model.push(instant)];
    if (slot !== expected) expect.fail(`slot ${slot} was given instead of ${expected}`);
  }

  take(limit: Instant): boolean {
    const slot = this.model.take(limit);
    const taken = this.queue.take(limit);
    const { now } = this.owner.queue;
    if (taken !== slot || now !== this.model.now) expect.fail(`took ${taken} at ${now} instead of ${slot} at ${this.model.now}`);
    return slot >= 0;
  }

  drain(): void {
    expect(this.queue.waiting()).toEqual(this.model.events);
    expect(this.owner.queue.pending).toBe(this.model.events.length);
    while (this.take(LAST_INSTANT));
    expect(this.owner.queue.pending).toBe(0);
  }
}
declare const operationType: typeof operation extends fc.Arbitrary<infer T> ? T : never;

describe('the order of events', () => {
  test('is that of a sorted list, which puts what is due at one instant in the order of scheduling', () => {
    fc.assert(
      fc.property(fc.array(operation, { maxLength: 200, size: 'max' }), (operations) => {
        const pair = new Pair();
        for (const each of operations) pair.do(each);
        pair.drain();
      }),
      { numRuns: 1_000 },
    );
  });

  test('goes on as it was in a copy of the state', () => {
    fc.assert(
      fc.property(fc.array(operation, { minLength: 1, maxLength: 100, size: 'max' }), fc.nat(), (operations, when) => {
        const pair = new Pair();
        for (const [index, each] of operations.entries()) {
          if (index === when % operations.length) pair.owner.queue = copyState(pair.owner.queue);
          pair.do(each);
        }
        pair.drain();
      }),
    );
  });

  test('holds for a hundred thousand events at one instant', () => {
    const queue = new EventQueue({ queue: emptyQueue() });
    const at = 123_456_789 as Instant;
    for (let i = 0; i < 50_000; i++) queue.push(at);
    const taken = [queue.take(at)];
    // While they run, as many more come at the same instant.
    for (let i = 0; i < 50_000; i++) {
      queue.push(at);
      taken.push(queue.take(at));
    }
    expect(taken.slice(0, 50_000)).toEqual(Array.from({ length: 50_000 }, (_, i) => i));
  });

  test('holds up to the last instant', () => {
    const queue = new EventQueue({ queue: emptyQueue() });
    const late = queue.push(LAST_INSTANT);
    const later = queue.push(LAST_INSTANT);
    const before = queue.push((LAST_INSTANT - 1) as Instant);
    expect([before, late, later, -1]).toEqual(Array.from({ length: 4 }, () => queue.take(LAST_INSTANT)));
  });
});

describe('cancelled events', () => {
  test('are not taken, and their slots serve again at once', () => {
    const queue = new EventQueue({ queue: emptyQueue() });
    const first = queue.push(5 as Instant);
    queue.cancel(first);
    const second = queue.push(7 as Instant);
    expect(second).toBe(first);
    expect(queue.take(LAST_INSTANT)).toBe(second);
    expect(queue.take(LAST_INSTANT)).toBe(-1);
  });

  test('take no room for long: a far timer that is set anew a million times', () => {
    const owner = { queue: emptyQueue() };
    const queue = new EventQueue(owner);
    const order: number[] = [];
    let timer = queue.push(3_600_000_000_000 as Instant);
    const still = queue.push(3_600_000_500_000 as Instant);
    for (let i = 1; i <= 1_000_000; i++) {
      queue.cancel(timer);
      timer = queue.push((3_600_000_000_000 + i) as Instant);
    }
    // A slot serves 255 times, then it rests until its old tickets are gone.
    expect(owner.queue.slots).toBeLessThan(2_100);
    expect(owner.queue.wheel.chunks).toBeLessThan(2_100);
    const last = 3_600_001_000_000 as Instant;
    for (let slot = queue.take(last); slot >= 0; slot = queue.take(last)) order.push(slot);
    expect(order).toEqual([still, timer]);
    expect(owner.queue.dead).toBe(0);
  });
});

test('a new queue is empty and at the start of time', () => {
  const owner = { queue: emptyQueue() };
  expect(new EventQueue(owner).waiting()).toEqual([]);
  expect(owner.queue.now).toBe(START);
});
