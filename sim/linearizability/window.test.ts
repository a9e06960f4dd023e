import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Instant } from '../../core/time.ts';
import { accessOf, register } from './register.ts';
import { type Call, checkStore } from './store.ts';
import { history } from './testing/notation.ts';
import { describeViolation } from './words.ts';

const BUSY = Array.from({ length: 40 }, (_, i) => `put ${i} [${i * 4},${i * 4 + 2}]; get→"${i}" [${i * 4 + 1},${i * 4 + 3}]`);

function violation(text: string) {
  const found = checkStore(history(text));
  if (found.verdict !== 'violated') throw new Error(`it is ${found.verdict}`);
  return found;
}

/** The operations of the window by their clients, who are numbered in the order of the text; the one that nothing explains last. */
const shown = (text: string) => {
  const { calls, window } = violation(text);
  return { operations: window.operations.map((place) => calls[place]?.client), stuck: calls[window.stuck]?.client };
};

describe('the window that is shown of a history that is not linearizable', () => {
  test('ends with the first return that nothing explains', () => {
    expect(shown('put 1 [0,1]; get→null [2,3]; put 2 [4,5]; get→null [6,7]')).toEqual({ operations: ['c2'], stuck: 'c2' });
  });

  test('begins with those that were under way together with it, and with what the key could be then', () => {
    const text = [...BUSY, 'put 99 [200,201]', 'get→"98" [202,203]'].join('; ');
    const { window } = violation(text);
    expect(window.starts).toEqual([{ state: '99', taken: [] }]);
    expect(shown(text)).toEqual({ operations: ['c82'], stuck: 'c82' });
  });

  test('leaves out reads that are not needed to see it', () => {
    const reads = 'get→"1" [3,4]; get→"1" [3,5]; get→null [2,6]';
    expect(shown(`put 1 [0,20]; ${reads}; get→"1" [7,9]; get→null [8,11]; get→null [10,12]`)).toEqual({
      operations: ['c1', 'c3', 'c6'],
      stuck: 'c6',
    });
  });

  test('is as long as it must be when the failure is about what happened long before', () => {
    const text = `append a [0,500]; ${BUSY.map((each) => each.replaceAll('put', 'put y:').replaceAll('get', 'get y:')).join('; ')}; get→"a" [300,301]; get→null [400,401]`;
    expect(shown(text).stuck).toBe('c83');
    expect(shown(text).operations).toEqual(['c1', 'c82', 'c83']);
  });

  test('reads as a person would tell it', () => {
    expect(describeViolation(violation('put 1 [0,10]; get→1 [5,6]; get→null [7,8]; get→1 [20,21]'))).toBe(
      [
        'key x is not linearizable; before, it was absent:',
        '      0.000000 … 10.000000  c1: put "1" -> ok (later)',
        '      5.000000 … 6.000000  c2: get -> "1"',
        '      7.000000 … 8.000000  c3: get -> absent  <- nothing explains this',
        '      the longest order that holds: put "1", get',
      ].join('\n'),
    );
  });
});

test('what a key was before is told with whoever made it so', () => {
  expect(describeViolation(violation('put 1 [0,1]; put 2 [2,3]; append 3 [4,5]; get→"23" [6,7]; get→"1" [8,9]'))).toBe(
    [
      'key x is not linearizable; before, it was "23":',
      '      4.000000 … 5.000000  c3: append "3" -> ok',
      '      8.000000 … 9.000000  c5: get -> "1"  <- nothing explains this',
    ].join('\n'),
  );
});

/** What a register answered that many operations, of so many clients at a time. */
function realHistory(operations: number, clients: number, unknown: number): Call[] {
  const random = lcg(clients);
  const free = new Array<number>(clients).fill(0);
  const points: { at: number; call: Call }[] = [];
  for (let i = 0; i < operations; i++) {
    const client = i % clients;
    const invoked = (free[client] as number) + 1 + random(3);
    const returned = invoked + random(40);
    free[client] = returned;
    const value = `c${client}#${i};`;
    const request = (
      [
        { type: 'get', key: 'x' },
        { type: 'append', key: 'x', value },
        { type: 'put', key: 'x', value },
        { type: 'delete', key: 'x' },
        { type: 'cas', key: 'x', expected: null, value },
      ] as const
    )[random(10) < 5 ? 0 : 1 + random(4)] as Call['request'];
    const call: Call = { client: `c${client}`, request, invoked, invokedAt: 0 as Instant };
    const lost = random(operations) < unknown;
    points.push({
      at: lost ? invoked + random(200) : invoked + random(returned - invoked + 1),
      call: lost ? call : { ...call, done: { outcome: null, returned, returnedAt: 0 as Instant } },
    });
  }
  let state: ReturnType<typeof register.next> = null;
  return points
    .sort((a, b) => a.at - b.at)
    .map(({ call }) => {
      const outcome = register.outcome(state, accessOf(call.request)) ?? null;
      state = register.next(state, accessOf(call.request));
      return call.done === undefined ? call : { ...call, done: { ...call.done, outcome } };
    });
}

function lcg(seed: number): (below: number) => number {
  let state = seed + 1;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

describe('the cost of a search', () => {
  test.each([
    [20_000, 3, 0],
    [5_000, 5, 0],
    [2_000, 5, 20],
  ])('%i operations of %i clients, %i of unknown outcome, are within the limits', (operations, clients, unknown) => {
    expect(checkStore(realHistory(operations, clients, unknown))).toEqual({ verdict: 'linearizable', keys: 1, operations });
  });

  test.each([
    [5_000, 4],
    [20_000, 5],
    [600, 10],
  ])('one wrong read among %i operations of %i clients is found', (operations, clients) => {
    const calls = realHistory(operations, clients, 0);
    const place = calls.findIndex(({ request }, i) => i > operations / 2 && request.type === 'get');
    const wrong = calls.map((call, i) =>
      i === place && call.done !== undefined ? { ...call, done: { ...call.done, outcome: 'never written' } } : call,
    );
    const found = checkStore(wrong);
    expect(found.verdict).toBe('violated');
    if (found.verdict === 'violated') expect(found.window.stuck).toBe(place);
  });

  test('a search that would take too long is undecided, never linearizable and never violated', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 30 }), (steps) => {
        const calls = realHistory(100, 5, 5);
        expect(checkStore(calls, { steps, memory: 1_000 })).toEqual({ verdict: 'undecided', key: 'x', because: 'steps' });
        expect(checkStore(calls, { steps: 100_000, memory: steps })).toEqual({
          verdict: 'undecided',
          key: 'x',
          because: 'memory',
        });
      }),
    );
  });
});
