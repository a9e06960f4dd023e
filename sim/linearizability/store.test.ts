import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Outcome } from '../../core/kv/operation.ts';
import type { Instant } from '../../core/time.ts';
import { searchInBlocks } from './blocks.ts';
import { accessOf, register } from './register.ts';
import { search } from './search.ts';
import { type Call, checkStore, LIMITS } from './store.ts';
import { isLinearizable } from './testing/brute-force.ts';
import { history } from './testing/notation.ts';

const holds = (text: string): boolean => checkStore(history(text)).verdict === 'linearizable';

describe('histories whose verdict is known', () => {
  test.each([
    ['a write seen by one read is seen by all later ones', 'put 1 [0,10]; get→1 [5,6]; get→null [7,8]', false],
    ['a write may take effect between two reads', 'put 1 [0,10]; get→null [5,6]; get→1 [7,8]', true],
    ['a write that has returned is seen', 'put 1 [0,1]; get→null [2,3]', false],
    ['a write of unknown outcome may take effect late', 'put 1 [0,∞); get→null [5,6]; get→1 [100,101]', true],
    ['a write of unknown outcome is not taken back', 'put 1 [0,∞); get→1 [2,3]; get→null [4,5]', false],
    ['one of two that set the same key fails', 'cas(null→1)=true [0,5]; cas(null→2)=true [0,5]', false],
    ['appends come in some order', 'append a [0,5]; append b [0,5]; get→"ba" [6,7]', true],
    ['appends come in one order', 'append a [0,5]; append b [0,5]; get→"ba" [6,7]; get→"ab" [8,9]', false],
    ['intervals that touch are concurrent', 'put 1 [0,5]; get→null [5,6]', true],
    ['a return before an invocation orders them', 'put 1 [0,4]; get→null [5,6]', false],
    ['a delete takes effect once', 'put 1 [0,1]; delete→true [2,8]; get→1 [3,4]; get→null [5,6]; delete→false [7,9]', true],
    ['only one deletes', 'put 1 [0,1]; delete→true [2,8]; get→1 [3,4]; get→null [5,6]; delete→true [7,9]', false],
    [
      'an operation of unknown outcome takes effect once at most',
      'put 1 [0,1]; cas(1→2) [2,∞); get→2 [3,4]; put 1 [5,6]; get→1 [7,8]; get→2 [9,10]',
      false,
    ],
    ['an append of unknown outcome is not applied twice', 'append a [0,∞); get→"aa" [5,6]', false],
    ['each key is judged on its own', 'put x: 1 [0,1]; put y: 1 [2,3]; get y:→1 [4,5]; get x:→null [4,6]', false],
    ['a read that lasts may see a write that began after it', 'get→1 [0,20]; put 1 [10,30]', true],
    ['a comparison may come before what it would have met', 'cas(1→2)=false [0,5]; put 1 [1,2]; get→1 [6,7]', true],
  ])('%s', (_, text, linearizable) => {
    expect(holds(text)).toBe(linearizable);
  });

  test('what nobody saw may still explain that a comparison failed, and that there was something to delete', () => {
    expect(holds('put 1 [0,1]; put 9 [2,∞); cas(1→2)=false [3,4]')).toBe(true);
    expect(holds('put 1 [0,1]; cas(1→2)=false [3,4]; put 9 [5,∞)')).toBe(false);
    expect(holds('put 9 [0,∞); delete→true [3,4]')).toBe(true);
    expect(holds('put 9 [0,∞); delete→true [3,4]; delete→true [5,6]')).toBe(false);
    expect(holds('put 9 [0,∞); append 8 [0,∞); delete→true [3,4]; delete→true [5,6]')).toBe(true);
  });
});

/** Small histories with few values, so that many of them are linearizable and many are not. */
const request = fc.oneof(
  fc.record({ type: fc.constant('get' as const), key: fc.constant('x') }),
  fc.record({ type: fc.constant('delete' as const), key: fc.constant('x') }),
  fc.record({
    type: fc.constantFrom('put' as const, 'append' as const),
    key: fc.constant('x'),
    value: fc.constantFrom('1', '2'),
  }),
  fc.record({
    type: fc.constant('cas' as const),
    key: fc.constant('x'),
    expected: fc.constantFrom(null, '1', '2'),
    value: fc.constantFrom('1', '3'),
  }),
);
const outcome = (type: string, answer: number): Outcome => {
  if (type === 'get') return [null, '1', '2', '12', '3', '11'][answer % 6] as Outcome;
  return type === 'put' || type === 'append' || answer % 2 === 0;
};
const call = fc
  .tuple(request, fc.nat(12), fc.nat(6), fc.nat(11), fc.boolean())
  .map(([asks, invoked, lasts, answer, known]): Call => {
    const begun = { client: 'c', request: asks, invoked, invokedAt: 0 as Instant };
    if (!known && answer % 2 === 0) return begun;
    return { ...begun, done: { outcome: outcome(asks.type, answer), returned: invoked + lasts, returnedAt: 0 as Instant } };
  });

/** Histories that a real register gave, each operation at a point of its interval. */
const real = fc.array(fc.tuple(call, fc.nat(6)), { minLength: 3, maxLength: 7 }).map((calls) => {
  let state: ReturnType<typeof register.next> = null;
  const points = calls.map(([each, after]) => {
    const end = each.done?.returned ?? each.invoked + after;
    return { each, at: Math.min(each.invoked + after, end) };
  });
  return points
    .sort((a, b) => a.at - b.at)
    .map(({ each }): Call => {
      const access = accessOf(each.request);
      const answer = register.outcome(state, access) as Outcome;
      state = register.next(state, access);
      return each.done === undefined ? each : { ...each, done: { ...each.done, outcome: answer } };
    });
});

const operationsOf = (calls: readonly Call[]) =>
  calls.map(({ request: asks, invoked, done }) => ({ input: accessOf(asks), invoked, ...(done === undefined ? {} : { done }) }));
const bruteForce = (calls: readonly Call[]) => isLinearizable(register, operationsOf(calls));

describe('the search and trying everything agree', () => {
  test('on any small history', () => {
    let linearizable = 0;
    fc.assert(
      fc.property(fc.array(call, { minLength: 1, maxLength: 5 }), (calls) => {
        const expected = bruteForce(calls);
        if (expected) linearizable++;
        expect(checkStore(calls).verdict).toBe(expected ? 'linearizable' : 'violated');
      }),
      { numRuns: 4_000 },
    );
    expect(linearizable).toBeGreaterThan(400);
    expect(linearizable).toBeLessThan(3_600);
  });

  test('also when the search goes block by block', () => {
    fc.assert(
      fc.property(fc.array(call, { minLength: 1, maxLength: 6 }), fc.integer({ min: 1, max: 3 }), (calls, size) => {
        const operations = operationsOf(calls);
        const { verdict } = searchInBlocks(register, operations, LIMITS, size);
        expect(verdict).toBe(search(register, operations, LIMITS).verdict);
      }),
      { numRuns: 3_000 },
    );
  });

  test('on histories of a register with one outcome changed', () => {
    fc.assert(
      fc.property(real, fc.nat(), fc.nat(11), (calls, which, answer) => {
        expect(checkStore(calls).verdict).toBe('linearizable');
        const place = which % calls.length;
        const changed = calls.map((each, i) =>
          i === place && each.done !== undefined
            ? { ...each, done: { ...each.done, outcome: outcome(each.request.type, answer) } }
            : each,
        );
        expect(checkStore(changed).verdict).toBe(bruteForce(changed) ? 'linearizable' : 'violated');
      }),
      { numRuns: 1_500 },
    );
  });
});
