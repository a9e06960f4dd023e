import type { Instant } from '../core/time.ts';
import { EventQueue, emptyQueue } from '../sim/engine/queue.ts';
import { NO_CAUSE, Simulation, type Slot } from '../sim/engine/simulation.ts';
import type { Bench, Contest, Contestant } from './contest.ts';
import { LazyHeap } from './lazy-heap.ts';
import { Lottery } from './lottery.ts';

const OPERATIONS = 400_000;
const ANSWERS = 2 ** 16;
const LIMIT = Number.MAX_SAFE_INTEGER as Instant;
const SECOND = 1e9;
const TIMEOUT = 5e8;
const [TICK, EXPIRY, ANSWER] = [0, 1, 2];

/** When each actor ticks first, and how long each answer takes; 0 for the one in twenty that never comes. */
function lots(actors: number): { starts: Float64Array; answers: Float64Array } {
  const lottery = new Lottery();
  const starts = lottery.table(actors, (fraction) => Math.round(fraction * SECOND));
  const answers = lottery.table(ANSWERS, (fraction) =>
    fraction < 0.05 ? 0 : Math.round(1e7 + ((fraction - 0.05) / 0.95) * 5e7),
  );
  return { starts, answers };
}

const mix = (sum: number, kind: number, actor: number): number => (Math.imul(sum, 31) + actor * 4 + kind) | 0;

function ours(actors: number): Contestant {
  const { starts, answers } = lots(actors);
  const owner = { queue: emptyQueue() };
  const queue = new EventQueue(owner);
  const kinds = new Uint8Array(4 * actors);
  const who = new Int32Array(4 * actors);
  const timers = new Int32Array(actors);
  const schedule = (at: number, kind: number, actor: number): number => {
    const slot = queue.push(at as Instant);
    kinds[slot] = kind;
    who[slot] = actor;
    return slot;
  };
  for (let actor = 0; actor < actors; actor++) schedule(starts[actor] as number, TICK, actor);
  let draw = 0;
  let sum = 0;
  const round = () => {
    for (let i = 0; i < OPERATIONS; i++) {
      const slot = queue.take(LIMIT);
      const now = owner.queue.now;
      const actor = who[slot] as number;
      const kind = kinds[slot] as number;
      sum = mix(sum, kind, actor);
      if (kind === TICK) {
        schedule(now + SECOND, TICK, actor);
        timers[actor] = schedule(now + TIMEOUT, EXPIRY, actor);
        const after = answers[draw++ % ANSWERS] as number;
        if (after > 0) schedule(now + after, ANSWER, actor);
      } else if (kind === ANSWER) queue.cancel(timers[actor] as number);
    }
    return OPERATIONS;
  };
  return { round, finish: () => sum };
}

function lazyHeap(actors: number): Contestant {
  const { starts, answers } = lots(actors);
  const queue = new LazyHeap();
  const kinds = new Uint8Array(4 * actors);
  const who = new Int32Array(4 * actors);
  const timers = new Int32Array(actors);
  const schedule = (at: number, kind: number, actor: number): number => {
    const slot = queue.push(at);
    kinds[slot] = kind;
    who[slot] = actor;
    return slot;
  };
  for (let actor = 0; actor < actors; actor++) schedule(starts[actor] as number, TICK, actor);
  let draw = 0;
  let sum = 0;
  const round = () => {
    for (let i = 0; i < OPERATIONS; i++) {
      const now = queue.next();
      const slot = queue.take();
      const actor = who[slot] as number;
      const kind = kinds[slot] as number;
      sum = mix(sum, kind, actor);
      if (kind === TICK) {
        schedule(now + SECOND, TICK, actor);
        timers[actor] = schedule(now + TIMEOUT, EXPIRY, actor);
        const after = answers[draw++ % ANSWERS] as number;
        if (after > 0) schedule(now + after, ANSWER, actor);
      } else if (kind === ANSWER) queue.cancel(timers[actor] as number);
    }
    return OPERATIONS;
  };
  return { round, finish: () => sum };
}

/** The same through the simulation, whose events also carry a cause and a payload and are dispatched by kind. */
function simulation(actors: number): Contestant {
  const { starts, answers } = lots(actors);
  const world = new Simulation();
  const timers = new Int32Array(actors);
  let draw = 0;
  let sum = 0;
  const tick = world.register('tick', (actor) => {
    sum = mix(sum, TICK, actor);
    const now = world.now;
    world.schedule((now + SECOND) as Instant, tick, NO_CAUSE, actor, 0, 0);
    timers[actor] = world.schedule((now + TIMEOUT) as Instant, expiry, NO_CAUSE, actor, 0, 0);
    const after = answers[draw++ % ANSWERS] as number;
    if (after > 0) world.schedule((now + after) as Instant, answer, NO_CAUSE, actor, 0, 0);
  });
  const expiry = world.register('expiry', (actor) => {
    sum = mix(sum, EXPIRY, actor);
  });
  const answer = world.register('answer', (actor) => {
    sum = mix(sum, ANSWER, actor);
    world.cancel(timers[actor] as Slot);
  });
  for (let actor = 0; actor < actors; actor++) world.schedule(starts[actor] as Instant, tick, NO_CAUSE, actor, 0, 0);
  const round = () => {
    for (let i = 0; i < OPERATIONS; i++) world.step();
    return OPERATIONS;
  };
  return { round, finish: () => sum };
}

const contest = (name: string, actors: number, timesAsFast: number): Contest => ({
  name,
  contestants: {
    partita: () => ours(actors),
    'lazy heap': () => lazyHeap(actors),
    'partita, whole engine': () => simulation(actors),
  },
  rounds: 11,
  warmUp: Math.ceil((3 * actors) / OPERATIONS) + 3,
  reach: [{ contestant: 'partita', against: 'lazy heap', timesAsFast }],
});

/** Timers as protocols use them: set often, cancelled mostly. */
export const timers: Bench = {
  description:
    'Each actor ticks once a second; a tick sets a timer of 500 ms, and an answer after 10–60 ms cancels 95 % of them. The lazy heap is a binary heap in columns that keeps cancelled timers until they are due.',
  operations: 'live event',
  contests: [contest('10⁴ actors', 10_000, 2), contest('10⁶ actors', 1_000_000, 1.3)],
};
