import { createClock } from '@sinonjs/fake-timers';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Store } from './store.ts';

/** Milliseconds of a frame. */
const FRAME = 16;
let clock: ReturnType<typeof createClock>;

beforeEach(() => {
  clock = createClock();
  vi.stubGlobal('requestAnimationFrame', clock.requestAnimationFrame);
  vi.stubGlobal('performance', { now: () => clock.now });
});
afterEach(() => vi.unstubAllGlobals());

const frame = (): void => void clock.tick(FRAME);
/** Takes so long. */
const work = (milliseconds: number): void => clock.setSystemTime(clock.now + milliseconds);

test('however often the state is set, who watches is told once a frame, and what it was', () => {
  const store = new Store({ n: 0 });
  const told: number[][] = [];
  store.watch(({ n }, before) => told.push([n, before.n]));
  for (const n of [1, 2, 3]) store.set({ n });
  frame();
  frame();
  store.set({ n: 4 });
  frame();
  expect(told).toEqual([
    [0, 0],
    [3, 0],
    [4, 3],
  ]);
});

test('what follows waits while a frame has no time left, then is told of the last state, and of the one it knew', () => {
  const store = new Store({ n: 0 });
  const [quick, slow]: [number[], number[][]] = [[], []];
  store.watch(({ n }) => quick.push(n));
  store.follow(() => work(10));
  store.follow(({ n }, before) => slow.push([n, before.n]));
  store.set({ n: 1 });
  frame();
  expect([quick, slow]).toEqual([[0, 1], [[0, 0]]]);
  store.set({ n: 2 });
  frame();
  expect(quick).toEqual([0, 1, 2]);
  expect(slow.at(-1)).toEqual([2, 0]);
});

test('nobody who follows starves while the state changes in each frame', () => {
  const store = new Store({ n: 0 });
  const times = [0, 0, 0];
  times.forEach((_, i) => {
    store.follow(() => {
      times[i] = (times[i] as number) + 1;
      work(10);
    });
  });
  for (let n = 1; n <= 30; n++) {
    store.set({ n });
    frame();
  }
  for (const count of times) expect(count).toBe(1 + 10);
});

test('work for later takes the place of what the same owner wanted, goes on in later frames, and can be given up', () => {
  const store = new Store({ n: 0 });
  const done: string[] = [];
  const owner = {};
  store.later(owner, () => done.push('first'));
  store.later(owner, () => {
    done.push('second');
    work(10);
    store.later(owner, () => done.push('more'));
  });
  frame();
  expect(done).toEqual(['second']);
  frame();
  expect(done).toEqual(['second', 'more']);
  store.later(owner, () => done.push('never'));
  store.drop(owner);
  frame();
  expect(done).toEqual(['second', 'more']);
});

test('it says when something is still to be drawn, and when all is', () => {
  const said: boolean[] = [];
  const store = new Store({ n: 0 }, (settled) => said.push(settled));
  store.follow(() => work(10));
  store.follow(() => work(10));
  store.set({ n: 1 });
  expect(said).toEqual([false]);
  frame();
  expect(said.at(-1)).toBe(false);
  frame();
  expect(said.at(-1)).toBe(true);
});
