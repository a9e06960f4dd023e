import FlatQueue from 'flatqueue';
import { Heap } from 'heap-js';
import TinyQueue from 'tinyqueue';
import type { Instant } from '../core/time.ts';
import { EventQueue, emptyQueue } from '../sim/engine/queue.ts';
import type { Bench, Contest, Contestant, Reach } from './contest.ts';
import { Lottery } from './lottery.ts';

const OPERATIONS = 300_000;
const DELAYS = 2 ** 18;
const LIMIT = Number.MAX_SAFE_INTEGER as Instant;

/** From now on up to two seconds later, in nanoseconds. */
const delays = () => new Lottery().table(DELAYS, (fraction) => Math.round(fraction * 2e9));

/** The instants that came out, in their order. */
const mix = (sum: number, at: number): number => (Math.imul(sum, 31) + (at | 0)) | 0;

// The loops are alike and not shared, so that each is compiled for its own queue.

function ours(pending: number): Contestant {
  const after = delays();
  const owner = { queue: emptyQueue() };
  const queue = new EventQueue(owner);
  for (let i = 0; i < pending; i++) queue.push(after[i % DELAYS] as Instant);
  let draw = 0;
  let sum = 0;
  const round = () => {
    for (let i = 0; i < OPERATIONS; i++) {
      queue.take(LIMIT);
      const at = owner.queue.now;
      sum = mix(sum, at);
      queue.push((at + (after[draw++ % DELAYS] as number)) as Instant);
    }
    return OPERATIONS;
  };
  return { round, finish: () => sum };
}

/** Has no order among equal instants: it does less than the others. */
function flatqueue(pending: number): Contestant {
  const after = delays();
  const queue = new FlatQueue<number>();
  for (let i = 0; i < pending; i++) queue.push(i, after[i % DELAYS] as number);
  let draw = 0;
  let sum = 0;
  const round = () => {
    for (let i = 0; i < OPERATIONS; i++) {
      const at = queue.peekValue() as number;
      const id = queue.pop() as number;
      sum = mix(sum, at);
      queue.push(id, at + (after[draw++ % DELAYS] as number));
    }
    return OPERATIONS;
  };
  return { round, finish: () => sum };
}

/** What queues of objects are given; the one that was taken is used again, so nothing is allocated. */
interface Item {
  at: number;
  order: number;
}
const earlier = (a: Item, b: Item): number => a.at - b.at || a.order - b.order;

function tinyqueue(pending: number): Contestant {
  const after = delays();
  const queue = new TinyQueue<Item>([], earlier);
  let order = 0;
  for (; order < pending; order++) queue.push({ at: after[order % DELAYS] as number, order });
  let draw = 0;
  let sum = 0;
  const round = () => {
    for (let i = 0; i < OPERATIONS; i++) {
      const item = queue.pop() as Item;
      sum = mix(sum, item.at);
      item.at += after[draw++ % DELAYS] as number;
      item.order = order++;
      queue.push(item);
    }
    return OPERATIONS;
  };
  return { round, finish: () => sum };
}

function heapJs(pending: number): Contestant {
  const after = delays();
  const queue = new Heap<Item>(earlier);
  let order = 0;
  for (; order < pending; order++) queue.push({ at: after[order % DELAYS] as number, order });
  let draw = 0;
  let sum = 0;
  const round = () => {
    for (let i = 0; i < OPERATIONS; i++) {
      const item = queue.pop() as Item;
      sum = mix(sum, item.at);
      item.at += after[draw++ % DELAYS] as number;
      item.order = order++;
      queue.push(item);
    }
    return OPERATIONS;
  };
  return { round, finish: () => sum };
}

const contest = (name: string, pending: number, reach: Reach[]): Contest => ({
  name,
  contestants: {
    partita: () => ours(pending),
    flatqueue: () => flatqueue(pending),
    tinyqueue: () => tinyqueue(pending),
    'heap-js': () => heapJs(pending),
  },
  rounds: 11,
  warmUp: Math.ceil(pending / OPERATIONS) + 3,
  reach,
});

/** Hold model: as many events wait all the time. */
export const queue: Bench = {
  description:
    'The earliest of the pending events is taken and a new one scheduled 0–2 s later. All but flatqueue keep the order of scheduling among equal instants.',
  operations: 'event',
  contests: [
    contest('10² pending', 100, []),
    contest('10⁴ pending', 10_000, [{ contestant: 'partita', against: 'flatqueue', atMost: 1 }]),
    contest('10⁶ pending', 1_000_000, [{ contestant: 'partita', against: 'flatqueue', atMost: 0.6 }]),
  ],
};
