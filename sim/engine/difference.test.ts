import { describe, expect, test } from 'vitest';
import type { Instant } from '../../core/time.ts';
import { type Difference, describeDifference, type Elusive, firstDifference, type Rerun } from './difference.ts';
import type { Entry } from './entry.ts';
import { Kind } from './journal.ts';
import { ToyWorld } from './toy.ts';

const node = (number: number) => `n${number}`;
const STEPS = 6_000;

/** A run of the toy world. */
const run =
  (options: { seed?: number; steps?: number; write?: (from: number, at: Instant) => string } = {}): Rerun =>
  (listen) => {
    const { seed = 1, steps = STEPS, write } = options;
    const world = new ToyWorld(seed, 5, { listen: (parts) => [listen(parts)], ...(write === undefined ? {} : { write }) });
    world.steps(steps);
  };

const difference = (left: Rerun, right: Rerun): Difference => {
  const found = firstDifference(left, right);
  if (found === undefined || 'from' in found) throw new Error('no difference that stays');
  return found;
};

test('two equal runs have no first difference', () => {
  expect(firstDifference(run(), run())).toBeUndefined();
});

describe('of two runs that part', () => {
  // Some way into the run, actor 2 says one thing differently, once.
  const [from, until] = [150e9, 151e9];
  const slip = run({ write: (actor, at) => (actor === 2 && at > from && at < until ? 'a slip' : `from ${actor}`) });
  const found = difference(run(), slip);

  test('the first record that differs is found, with all that came before it', () => {
    expect(found.left).toMatchObject({ type: 'record', kind: Kind.send, node: 2, size: 6, payload: { from: 2, text: 'from 2' } });
    expect(found.right).toMatchObject({
      type: 'record',
      kind: Kind.send,
      node: 2,
      size: 6,
      payload: { from: 2, text: 'a slip' },
    });
    expect(found.left?.at).toBe(found.right?.at);
    expect(found.left?.at).toBeGreaterThan(from);
    expect(found.left?.at).toBeLessThan(until);
    // All of the run, counted the plain way: what was written down until then.
    const before: Entry['at'][] = [];
    run()(() => ({ record: (_, at) => before.push(at), cell: (_, at) => before.push(at) }));
    expect(found.equal).toBeGreaterThan(5_000);
    expect(before[found.equal]).toBe(found.left?.at);
    expect(before.filter((at) => at < (found.left?.at ?? 0)).length).toBeLessThanOrEqual(found.equal);
  });

  test('the causes are told, from the nearest to the first', () => {
    expect(found.leftCauses[0]).toMatchObject({ kind: Kind.timer, node: 2, word: 'tick', at: found.left?.at });
    const ids = [found.left, ...found.leftCauses].map((entry) => (entry?.type === 'record' ? entry.id : 0));
    expect(ids).toEqual(ids.toSorted((a, b) => b - a));
    for (const [place, entry] of found.leftCauses.slice(1).entries())
      expect(found.leftCauses[place]?.cause).toBe(entry.type === 'record' ? entry.id : 0);
  });

  test('all is said in words', () => {
    const lines = describeDifference(found, node);
    const at = `${((found.left?.at ?? 0) / 1e9).toFixed(9)} s`;
    expect(lines[0]).toBe(`The runs part at ${at}, after ${found.equal} equal records and cells.`);
    expect(lines[1]).toMatch(new RegExp(`^one: {3}${at} n2 send greeting with n\\d, 6 bytes \\(record \\d+\\)$`));
    expect(lines[2]).toMatch(new RegExp(`^other: ${at} n2 send greeting with n\\d, 6 bytes \\(record \\d+\\)$`));
    expect(lines[3]).toMatch(new RegExp(`^ {2}after ${at} n2 timer tick \\(record \\d+\\)$`));
    expect(lines.at(-1)).toBe('They differ in payload.text: "from 2" and "a slip".');
  });
});

test('runs with different seeds part at their beginning', () => {
  const { equal, left, right } = difference(run({ seed: 1 }), run({ seed: 2 }));
  expect(equal).toBeLessThan(5);
  expect(left).not.toEqual(right);
});

test.each([1, 1_500, STEPS - 1])('a run that ends after %i events parts from a longer one where it ends', (steps) => {
  const found = difference(run({ steps }), run());
  expect(found.left).toBeUndefined();
  expect(found.right).toBeDefined();
  expect(describeDifference(found, node)[1]).toBe('one:   nothing more');
  expect(difference(run(), run({ steps })).right).toBeUndefined();
});

test('runs that differ in another place each time are said to be so', () => {
  let times = 0;
  const fickle = run({ write: (actor, at) => (times++ < 400 && at > 20e9 && at < 21e9 ? 'for once' : `from ${actor}`) });
  const found = firstDifference(run(), fickle) as Elusive;
  expect(found.from).toBeGreaterThan(0);
  expect(describeDifference(found, node)).toEqual([
    expect.stringMatching(/^The runs differed from \d+\.\d{9} s on, and not in that place when they were run again\.$/),
    expect.stringContaining('outside the world'),
  ]);
});
