import { describe, expect, test } from 'vitest';
import type { Instant } from '../../core/time.ts';
import { standingOf } from './properties.ts';
import type { Outcome } from './run.ts';

const END = 60e9 as Instant;
/** How a check whose verdict comes with record 100 stands before it, or after it. */
const stands = (check: string, outcome: Outcome, at: number, now: number, number = 10) =>
  standingOf({ check, outcome, at: (at * 1e9) as Instant, record: 100, says: '' }, number, (now * 1e9) as Instant, END);
const sofar = (so: string, left?: number) => ({ known: undefined, so, ...(left === undefined ? {} : { left: left * 1e9 }) });

describe('how a property stands', () => {
  test('is what was found once it was found', () => {
    for (const outcome of ['held', 'violated', 'inconclusive'] as const) {
      expect(stands('ElectionSafety', outcome, 30, 30, 100)).toEqual({ known: outcome });
      expect(stands('ElectionSafety', outcome, 30, 29.9, 99).known).toBeUndefined();
    }
  });
  test.each<[string, Outcome, number, number, object]>([
    ['ElectionSafety', 'violated', 30, 10, sofar('holds so far')],
    ['ElectionSafety', 'held', 60, 10, sofar('holds so far')],
    ['Suspicion', 'held', 30, 10, sofar('not seen so far')],
    ['Suspicion', 'inconclusive', 60, 10, sofar('not seen so far')],
    ['at 5s n1 leads (line 3)', 'held', 5, 2, sofar('due', 3)],
    ['by 22s each of n1, n2 shows one leader', 'held', 7, 2, sofar('due', 20)],
    ['from 11.2s to 20s n1 shows no leader', 'held', 20, 1.2, sofar('due', 10)],
    ['from 11.2s to 20s n1 shows no leader', 'held', 20, 15, sofar('holds so far')],
    ['by the way it holds', 'held', 60, 10, sofar('holds so far')],
  ])('%s (%s at %d s), at %d s', (check, outcome, at, now, expected) => {
    expect(stands(check, outcome, at, now)).toEqual(expected);
  });
});
