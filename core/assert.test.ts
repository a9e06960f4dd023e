import { describe, expect, test } from 'vitest';
import { AssertionError, assert, unreachable } from './assert.ts';

describe('an assertion', () => {
  test('says the fact that does not hold', () => {
    expect(() => assert(false, 'a cluster has a voter')).toThrow(new AssertionError('a cluster has a voter'));
    expect(() => assert(false, () => `a majority matches ${7}`)).toThrow(new AssertionError('a majority matches 7'));
  });

  test('builds no text while it holds', () => {
    assert(true, () => {
      throw new Error('not to be built');
    });
  });

  test('is told apart by its name', () => {
    expect(new AssertionError('x').name).toBe('AssertionError');
    expect(String(new AssertionError('x'))).toBe('AssertionError: x');
  });

  test('shows the case that a switch forgot, whatever it is', () => {
    const cyclic: { self?: unknown } = {};
    cyclic.self = cyclic;
    expect(() => unreachable({ type: 'pong' } as never)).toThrow('unreachable case {"type":"pong"}');
    for (const odd of [undefined, 1n, cyclic]) expect(() => unreachable(odd as never)).toThrow(AssertionError);
  });
});
