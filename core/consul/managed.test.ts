import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Xoshiro } from '../laws/xoshiro.ts';
import type { NameId } from '../names.ts';
import { seconds } from '../time.ts';
import { afterFailure, rebalanceAfter, reconciled, shuffled, withServer } from './managed.ts';

const names = (...list: number[]) => list as NameId[];
const lists = fc.uniqueArray(fc.nat(9), { maxLength: 6 }).map((list) => names(...list));

describe('the servers that an agent asks (Consul’s router.Manager)', () => {
  test('are asked in the order in which they came; who is new comes last', () => {
    expect(withServer(names(1, 2), 3 as NameId)).toEqual([1, 2, 3]);
    expect(withServer(names(1, 2), 1 as NameId)).toEqual([1, 2]);
  });

  test('the first goes to the end when it fails, and no other moves', () => {
    expect(afterFailure(names(1, 2, 3), 1 as NameId)).toEqual([2, 3, 1]);
    expect(afterFailure(names(1, 2, 3), 2 as NameId)).toEqual([1, 2, 3]);
    expect(afterFailure(names(1), 1 as NameId)).toEqual([1]);
  });

  test('a shuffled list has the same servers, and in the end each of them first', () => {
    fc.assert(
      fc.property(lists, fc.nat(), (list, seed) => {
        expect([...shuffled(list, new Xoshiro(seed, 's'))].sort()).toEqual([...list].sort());
      }),
    );
    const random = new Xoshiro(1, 'servers');
    expect(new Set(Array.from({ length: 50 }, () => shuffled(names(1, 2, 3), random)[0])).size).toBe(3);
  });

  test('a shuffled list is taken over with those that are known now, unless its first has gone meanwhile', () => {
    expect(reconciled(names(3, 1, 2), names(1, 3, 4))).toEqual([3, 1, 4]);
    expect(reconciled(names(3, 1), names(1, 2))).toBeUndefined();
    fc.assert(
      fc.property(lists, lists, (order, known) => {
        const list = reconciled(order, known);
        if (list !== undefined) expect([...list].sort()).toEqual([...known].sort());
      }),
    );
  });

  test.each`
    servers | members    | fraction | after
    ${3}    | ${10}      | ${0}     | ${120}
    ${3}    | ${10}      | ${0.5}   | ${150}
    ${5}    | ${10_000}  | ${0.99}  | ${179.4}
    ${5}    | ${100_000} | ${0}     | ${312.5}
    ${1}    | ${99_995}  | ${0}     | ${1562.421875}
  `('$members agents and $servers servers: after $after s', ({ servers, members, fraction, after }) => {
    // The last two are the five and the twenty-six minutes that the comment there names.
    expect(rebalanceAfter(fraction, servers, members)).toBe(seconds(after));
  });
});
