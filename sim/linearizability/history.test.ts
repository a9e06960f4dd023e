import { describe, expect, test } from 'vitest';
import { Names } from '../../core/names.ts';
import type { Instant } from '../../core/time.ts';
import { Kind } from '../engine/journal.ts';
import { StoreHistory } from './history.ts';

/** A history of what clients on two hosts announce, a record each. */
function announced(...notices: readonly (readonly [node: number, notice: object])[]) {
  const names = new Names();
  const history = new StoreHistory(names);
  for (const [i, [node, notice]] of notices.entries()) {
    const word = names.id((notice as { type: string }).type);
    history.record(i + 1, (i * 10) as Instant, Kind.notice, node, -1, 0, word, 0, notice);
  }
  return history;
}

const GET = { type: 'get', key: 'x' } as const;
const asks = (call: number) => ({ type: 'kv-invoked', client: 'c', call, operation: GET });
const open = (invoked: number) => ({ client: 'c', request: GET, invoked, invokedAt: (invoked - 1) * 10 });

describe('the history of clients', () => {
  test('has the order of the journal, and what was answered', () => {
    const history = announced([0, asks(1)], [0, { type: 'kv-returned', client: 'c', call: 1, outcome: 'v' }]);
    expect(history.calls).toEqual([{ ...open(1), done: { outcome: 'v', returned: 2, returnedAt: 10 } }]);
    expect(history.answered).toBe(1);
  });

  test('leaves open what nobody learned, and what a client died over', () => {
    const history = announced([0, asks(1)], [0, { type: 'kv-unknown', client: 'c', call: 1 }], [0, asks(2)]);
    expect(history.calls).toEqual([open(1), open(3)]);
    expect(history.answered).toBe(0);
  });

  test('is without what certainly was not done', () => {
    const failed = { type: 'kv-failed', client: 'c', call: 1, problem: 'too large' };
    expect(announced([0, asks(1)], [0, failed]).calls).toEqual([]);
  });

  test('keeps calls of the same number on two hosts apart', () => {
    const history = announced([0, asks(1)], [1, asks(1)], [1, { type: 'kv-returned', client: 'c', call: 1, outcome: null }]);
    expect(history.calls.map(({ done }) => done === undefined)).toEqual([true, false]);
  });

  test('hears nothing of an answer without a question, or of other notices', () => {
    const history = announced([0, { type: 'kv-returned', client: 'c', call: 1, outcome: null }], [0, { type: 'kv-finished' }]);
    expect(history.calls).toEqual([]);
  });
});
