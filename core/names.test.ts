import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Address } from './address.ts';
import { AssertionError } from './assert.ts';
import { type Endpoint, type NameId, Names } from './names.ts';
import { copyState, restoreState } from './state.ts';

const endpoints = fc.tuple(
  fc.nat(0xff_ff_ff_ff).map((n) => n as Address),
  fc.nat(0xff_ff),
);

describe('a name table', () => {
  test('numbers names in the order of their first use', () => {
    const names = new Names();
    expect(['n1', 'n2', 'n1', '', 'constructor', 'n2'].map((name) => names.id(name))).toEqual([0, 1, 0, 2, 3, 1]);
  });

  test('gives back each text, and one number for each', () => {
    fc.assert(
      fc.property(fc.array(fc.string()), (texts) => {
        const names = new Names();
        const ids = texts.map((text) => names.id(text));
        expect(ids.map((id) => names.text(id))).toEqual(texts);
        expect(new Set(ids).size).toBe(new Set(texts).size);
      }),
    );
  });

  test('gives back each address and port, and one number for each pair', () => {
    fc.assert(
      fc.property(fc.array(endpoints), (pairs) => {
        const names = new Names();
        const ids = pairs.map(([address, port]) => names.endpoint(address, port));
        expect(ids.map((id) => [names.address(id), names.port(id)])).toEqual(pairs);
        expect(new Set(ids).size).toBe(new Set(pairs.map(String)).size);
      }),
    );
  });

  test('goes on counting from a restored state', () => {
    const names = new Names();
    names.id('n1');
    names.endpoint(1 as Address, 7);
    const other = new Names();
    other.id('to be forgotten');
    restoreState(other.state, copyState(names.state));
    expect([other.id('n2'), other.id('n1'), other.endpoint(2 as Address, 7), other.endpoint(1 as Address, 7)]).toEqual([
      1, 0, 1, 0,
    ]);
  });

  test('knows no number that it did not give, and no port that is none', () => {
    const names = new Names();
    expect(() => names.text(0 as NameId)).toThrow('name 0 was never given');
    expect(() => names.address(3 as Endpoint)).toThrow('endpoint 3 was never given');
    expect(() => names.port(3 as Endpoint)).toThrow(AssertionError);
    expect(() => names.endpoint(1 as Address, 65_536)).toThrow('port 65536 is none');
  });
});
