import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { NameId } from '../names.ts';
import { enqueue, fetch, newQueue, prune, type QueueState, transmitLimit } from './queue.ts';

const about = (n: number): NameId => n as NameId;
const take = (queue: QueueState<string>, limit: number, overhead: number, budget: number, ranksRestart = false): string[] => {
  const into: string[] = [];
  const used = fetch(queue, { limit, overhead, budget, ranksRestart }, into);
  expect(used).toBeLessThanOrEqual(budget);
  return into;
};
const filled = (...entries: [message: string, bytes: number, name?: number][]): QueueState<string> => {
  const queue = newQueue<string>();
  for (const [message, bytes, name] of entries) {
    enqueue(queue, { message, bytes, name: name === undefined ? undefined : about(name) });
  }
  return queue;
};

describe('in how many packets a rumour goes out', () => {
  test.each([
    [3, 0, 0],
    [3, 1, 3],
    [3, 99, 6],
    [4, 2, 4],
    [4, 9, 4],
    [4, 10, 8],
    [4, 99, 8],
    [4, 100, 12],
    [4, 999, 12],
    [4, 1000, 16],
    [4, 10_000, 20],
    [2, 9, 2],
    [2, 10, 4],
  ])('multiplier %i and %i members: %i', (mult, members, limit) => {
    expect(transmitLimit(mult, members)).toBe(limit);
  });
});

describe('what upstream tests of the queue expect', () => {
  const four = () =>
    filled(['1. this is a test.', 18], ['2. this is a test.', 18], ['3. this is a test.', 18], ['4. this is a test.', 18]);

  test('of four entries of 18 bytes, 80 bytes hold four with an overhead of 2 and three with one of 3', () => {
    expect(take(four(), 8, 2, 80)).toHaveLength(4);
    expect(take(four(), 8, 3, 80)).toHaveLength(3);
  });

  test('with a limit of two packets each, fetches yield 3, 3, 2 and 0', () => {
    const queue = four();
    expect([1, 2, 3, 4].map(() => take(queue, transmitLimit(1, 10), 3, 80).length)).toEqual([3, 3, 2, 0]);
  });

  test('pruning keeps the newest', () => {
    const queue = filled(['1', 18, 1], ['2', 18, 2], ['3', 18, 3], ['4', 18, 4]);
    prune(queue, 2);
    expect(take(queue, 8, 2, 80)).toEqual(['4', '3']);
  });
});

describe('the order of the queue', () => {
  test('those sent least come first, then the longest, then the newest', () => {
    const queue = filled(['old and short', 10], ['new and short', 10], ['long', 20]);
    expect(take(queue, 8, 2, 12)).toEqual(['new and short']);
    enqueue(queue, { message: 'newest', bytes: 5 });
    expect(take(queue, 8, 2, 100)).toEqual(['long', 'old and short', 'newest', 'new and short']);
  });

  test('what does not fit is passed over for what does', () => {
    const queue = filled(['long', 60], ['short', 20]);
    expect(take(queue, 8, 2, 40)).toEqual(['short']);
    expect(take(queue, 8, 2, 90)).toEqual(['long', 'short']);
  });

  test('what fits no packet stays and hinders nobody', () => {
    const queue = filled(['too long', 2000], ['short', 20]);
    expect([1, 2, 3].map(() => take(queue, 2, 2, 1398))).toEqual([['short'], ['short'], []]);
    expect(queue.count).toBe(1);
  });

  test('a rumour about a member takes the place of an older one about it', () => {
    const queue = filled(['n1 is suspect', 30, 1], ['n2 is suspect', 30, 2]);
    enqueue(queue, { message: 'n1 is alive', bytes: 40, name: about(1) });
    expect(take(queue, 8, 2, 1000)).toEqual(['n1 is alive', 'n2 is suspect']);
  });
});

describe('who waits for a broadcast', () => {
  test('is told once it was sent often enough', () => {
    const queue = newQueue<string>();
    enqueue(queue, { message: 'goodbye', bytes: 10, waiter: 7 });
    take(queue, 2, 2, 100);
    expect(queue.completed).toEqual([]);
    take(queue, 2, 2, 100);
    expect(queue.completed).toEqual([7]);
  });

  test('is told when it is replaced or dropped', () => {
    const queue = newQueue<string>();
    enqueue(queue, { message: 'one', bytes: 10, name: about(1), waiter: 1 });
    enqueue(queue, { message: 'two', bytes: 10, name: about(1), waiter: 2 });
    prune(queue, 0);
    expect(queue.completed).toEqual([1, 2]);
  });
});

test('with ranks that restart, one of two equal rumours is lost and its waiter never told', () => {
  for (const ranksRestart of [true, false]) {
    const queue = newQueue<string>();
    enqueue(queue, { message: 'first', bytes: 10, waiter: 1 });
    take(queue, 3, 2, 100, ranksRestart); // the queue looks empty in the middle of this
    enqueue(queue, { message: 'second', bytes: 10, waiter: 2 });
    const rest = [1, 2, 3, 4, 5].map(() => take(queue, 3, 2, 12, ranksRestart).join());
    expect(rest).toEqual(
      ranksRestart ? ['second', 'second', 'second', '', ''] : ['second', 'second', 'first', 'second', 'first'],
    );
    expect(queue.completed).toEqual(ranksRestart ? [2] : [2, 1]);
  }
});

describe('laws of the queue', () => {
  const entries = fc.array(
    fc.record({ bytes: fc.integer({ min: 1, max: 60 }), name: fc.option(fc.integer({ min: 0, max: 3 }), { nil: undefined }) }),
    { maxLength: 20 },
  );
  const rooms = fc.array(fc.record({ limit: fc.integer({ min: 1, max: 4 }), budget: fc.integer({ min: 0, max: 150 }) }), {
    maxLength: 40,
  });

  test('a rumour goes out at most as often as the largest limit, once per packet, and each waiter is told exactly once', () => {
    fc.assert(
      fc.property(entries, rooms, (added, fetches) => {
        const queue = newQueue<string>();
        for (const [i, { bytes, name }] of added.entries()) {
          enqueue(queue, { message: String(i), bytes, name: name === undefined ? undefined : about(name), waiter: i });
        }
        const sent = new Map<string, number>();
        for (const { limit, budget } of fetches) {
          const messages = take(queue, limit, 2, budget);
          expect(new Set(messages).size).toBe(messages.length);
          for (const message of messages) sent.set(message, (sent.get(message) ?? 0) + 1);
        }
        const largest = Math.max(0, ...fetches.map(({ limit }) => limit));
        for (const times of sent.values()) expect(times).toBeLessThanOrEqual(largest);
        prune(queue, 0);
        expect(queue.completed.toSorted((a, b) => a - b)).toEqual(added.map((_, i) => i));
        expect(queue.entries).toEqual([]);
        expect(queue.named.size).toBe(0);
      }),
    );
  });

  test('a packet takes what a plain reading of the order takes', () => {
    fc.assert(
      fc.property(entries, rooms, (added, fetches) => {
        const queue = newQueue<string>();
        let model: { message: string; bytes: number; transmits: number; rank: number }[] = [];
        for (const [rank, { bytes }] of added.entries()) {
          enqueue(queue, { message: String(rank), bytes });
          model.push({ message: String(rank), bytes, transmits: 0, rank });
        }
        for (const { limit, budget } of fetches) {
          const taken = new Set<string>();
          for (let used = 0; ; ) {
            const [next] = model
              .filter(({ message, bytes }) => !taken.has(message) && bytes <= budget - used - 2)
              .toSorted((a, b) => a.transmits - b.transmits || b.bytes - a.bytes || b.rank - a.rank);
            if (next === undefined) break;
            taken.add(next.message);
            used += 2 + next.bytes;
          }
          expect(take(queue, limit, 2, budget)).toEqual([...taken]);
          for (const entry of model) if (taken.has(entry.message)) entry.transmits++;
          model = model.filter(({ message, transmits }) => !taken.has(message) || transmits < limit);
        }
      }),
    );
  });
});
