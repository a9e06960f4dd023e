import { describe, expect, test } from 'vitest';
import { Cuts } from './cuts.ts';
import { NOBODY } from './engine/journal.ts';

describe('a cut', () => {
  const [A, ROUTER, B, C] = [0, 1, 2, 3] as const;
  const cuts = new Cuts(4);
  cuts.cut([[A, B]]);

  test.each`
    packet                        | source | destination | from      | to        | hop  | stopped
    ${'over the link'}            | ${A}   | ${B}        | ${A}      | ${B}      | ${0} | ${true}
    ${'the other way'}            | ${B}   | ${A}        | ${B}      | ${A}      | ${0} | ${false}
    ${'by way of a router'}       | ${A}   | ${B}        | ${A}      | ${ROUTER} | ${0} | ${true}
    ${'elsewhere by that router'} | ${A}   | ${C}        | ${A}      | ${ROUTER} | ${0} | ${false}
    ${'already under way'}        | ${A}   | ${B}        | ${ROUTER} | ${B}      | ${1} | ${false}
    ${'to a group, one receiver'} | ${A}   | ${NOBODY}   | ${A}      | ${B}      | ${0} | ${true}
    ${'to a group, another'}      | ${A}   | ${NOBODY}   | ${A}      | ${C}      | ${0} | ${false}
  `('of one direction stops a packet $packet: $stopped', ({ source, destination, from, to, hop, stopped }) => {
    expect(cuts.stops(source, destination, from, to, hop)).toBe(stopped);
  });

  test('ends when it is healed', () => {
    const some = new Cuts(4);
    some.cut([
      [A, B],
      [A, C],
    ]);
    some.heal([[A, B]]);
    expect([some.stops(A, B, A, B, 0), some.stops(A, C, A, C, 0)]).toEqual([false, true]);
    some.healAll();
    expect(some.stops(A, C, A, C, 0)).toBe(false);
  });
});
