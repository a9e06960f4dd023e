import { describe, expect, test } from 'vitest';
import { type Instant, seconds } from '../../core/time.ts';
import { type Check, Checks, VACUOUS } from './check.ts';

const at = (n: number) => seconds(n) as number as Instant;

/** Asks one check about a value that takes these values at 1 s, 2 s, …; then ends the run after the last. */
function finding(make: (value: () => unknown) => Check, values: readonly unknown[]) {
  let current: unknown;
  const checks = new Checks([make(() => current)]);
  for (const [index, value] of values.entries()) {
    current = value;
    checks.ask(at(index + 1));
    if (checks.stops().includes(at(index + 1))) checks.pause(at(index + 1));
  }
  return checks.finish(at(values.length))[0];
}

describe('always', () => {
  const even = (value: () => unknown): Check => ({
    kind: 'always',
    name: 'Even',
    judge: () => (value() === undefined ? VACUOUS : (value() as number) % 2 === 0 ? undefined : `${value()} is odd`),
  });

  test('holds while every judgement is good, and counts them', () => {
    expect(finding(even, [2, undefined, 4])).toMatchObject({ verdict: 'held', exercised: 2, says: '' });
  });

  test('is violated at the first bad one, for good', () => {
    expect(finding(even, [2, 3, 4])).toMatchObject({ verdict: 'violated', at: at(2), says: '3 is odd' });
  });

  test('is inconclusive when there was never anything to judge', () => {
    expect(finding(even, [undefined])).toMatchObject({ verdict: 'inconclusive', exercised: 0, says: 'never exercised' });
  });
});

describe('eventually', () => {
  const three = (value: () => unknown): Check => ({
    kind: 'eventually',
    name: 'Three',
    by: at(3),
    missing: () => (value() === 3 ? undefined : `3, not ${value()}`),
  });

  test('holds from the first instant at which nothing is missing, even if it goes missing again', () => {
    expect(finding(three, [1, 3, 1, 1])).toMatchObject({ verdict: 'held', at: at(2) });
  });

  test('may hold at its very deadline', () => {
    expect(finding(three, [1, 1, 3])).toMatchObject({ verdict: 'held', at: at(3) });
  });

  test('is violated at its deadline, with what was missing then', () => {
    expect(finding(three, [1, 1, 2, 3])).toMatchObject({
      verdict: 'violated',
      at: at(3),
      says: 'still missing: 3, not 2',
    });
  });

  test('does not count what held before its time began', () => {
    const late = (value: () => unknown): Check => ({ ...three(value), from: at(2) }) as Check;
    expect(finding(late, [3, 1, 1])).toMatchObject({ verdict: 'violated', at: at(3) });
    expect(finding(late, [3, 3, 1])).toMatchObject({ verdict: 'held', at: at(2) });
  });

  test('is inconclusive when the run ends first', () => {
    expect(finding(three, [1, 1])).toMatchObject({ verdict: 'inconclusive', says: 'the run ended before it was due' });
  });
});

describe('at one instant', () => {
  const second = (value: () => unknown): Check => ({
    kind: 'at',
    name: 'Second',
    at: at(2),
    missing: () => (value() === 'right' ? undefined : String(value())),
  });

  test('only that instant counts', () => {
    expect(finding(second, ['wrong', 'right', 'wrong'])).toMatchObject({ verdict: 'held', at: at(2) });
    expect(finding(second, ['right', 'wrong', 'right'])).toMatchObject({ verdict: 'violated', at: at(2), says: 'wrong' });
    expect(finding(second, ['right'])).toMatchObject({ verdict: 'inconclusive' });
  });
});

describe('throughout', () => {
  const middle = (value: () => unknown): Check => ({
    kind: 'throughout',
    name: 'Middle',
    from: at(2),
    until: at(4),
    missing: () => (value() === 'right' ? undefined : String(value())),
  });

  test('every instant from the first to the last counts, and no other', () => {
    expect(finding(middle, ['wrong', 'right', 'right', 'right', 'wrong'])).toMatchObject({ verdict: 'held', at: at(4) });
  });

  test.each([2, 3, 4])('is violated at %i s', (wrongAt) => {
    const values = [1, 2, 3, 4, 5].map((second) => (second === wrongAt ? 'wrong' : 'right'));
    expect(finding(middle, values)).toMatchObject({ verdict: 'violated', at: at(wrongAt), says: 'wrong' });
  });
});

describe('about the whole run', () => {
  const sum = (verdict: 'held' | 'violated' | 'inconclusive', exercised: number): Check => ({
    kind: 'whole',
    name: 'Sum',
    judge: () => ({ exercised, verdict, says: verdict }),
  });

  test.each(['held', 'violated', 'inconclusive'] as const)('is judged when it is over: %s', (verdict) => {
    expect(finding(() => sum(verdict, 3), [1, 2])).toMatchObject({ verdict, at: at(2), exercised: 3, says: verdict });
  });

  test('is inconclusive when there was nothing to judge', () => {
    expect(finding(() => sum('held', 0), [1])).toMatchObject({ verdict: 'inconclusive', says: 'never exercised' });
  });
});

describe('sometimes', () => {
  const seven = (value: () => unknown): Check => ({ kind: 'sometimes', name: 'Seven', reached: () => value() === 7 });

  test('holds once reached', () => {
    expect(finding(seven, [1, 7, 1])).toMatchObject({ verdict: 'held', at: at(2), exercised: 1 });
  });

  test('is inconclusive when never reached', () => {
    expect(finding(seven, [1, 2])).toMatchObject({ verdict: 'inconclusive', says: 'never reached', exercised: 0 });
  });
});
