import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Duration, seconds, ZERO } from '../time.ts';
import { pushPullScale } from './pushpull.ts';
import { RULES } from './rules.ts';
import { ALIVE, DEAD, LEFT, SUSPECT } from './status.ts';

const incarnations = fc.integer({ min: 0, max: 100 });

describe('which claim stands', () => {
  test('alive replaces what is held only with a higher incarnation, unless the name moves', () => {
    fc.assert(
      fc.property(incarnations, incarnations, (held, arriving) => {
        expect(RULES.aliveOverrides(held, arriving, false)).toBe(arriving > held);
        expect(RULES.aliveOverrides(held, arriving, true)).toBe(true);
      }),
    );
  });

  test('an accusation counts with the incarnation that is held, or a higher one', () => {
    fc.assert(
      fc.property(incarnations, incarnations, (held, arriving) => {
        expect(RULES.accusationCounts(held, arriving)).toBe(arriving >= held);
      }),
    );
  });

  test('a refutation is above both the accusation and what we said before', () => {
    fc.assert(
      fc.property(incarnations, incarnations, (last, accused) => {
        const refutation = RULES.refutation(last + 1, accused);
        expect(refutation).toBeGreaterThan(accused);
        expect(refutation).toBeGreaterThan(last);
        expect(RULES.aliveOverrides(accused, refutation, false)).toBe(true);
      }),
    );
  });

  test('of two claims with one incarnation the worse one stands', () => {
    expect(RULES.accusationCounts(3, 3)).toBe(true);
    expect(RULES.aliveOverrides(3, 3, false)).toBe(false);
  });
});

describe('what a record of an exchange is taken for', () => {
  test.each([
    ['alive', ALIVE, ALIVE],
    ['suspect', SUSPECT, SUSPECT],
    ['dead', DEAD, SUSPECT],
    ['left', LEFT, LEFT],
  ] as const)('%s', (_, status, taken) => expect(RULES.mergesAs(status)).toBe(taken));
});

describe('who may be', () => {
  const toTheDead = seconds(30);
  const late = seconds(30.001);

  test.each`
    status     | age          | probed   | helping  | gossipedTo | forgotten
    ${ALIVE}   | ${ZERO}      | ${true}  | ${true}  | ${true}    | ${false}
    ${SUSPECT} | ${ZERO}      | ${true}  | ${false} | ${true}    | ${false}
    ${SUSPECT} | ${late}      | ${true}  | ${false} | ${true}    | ${false}
    ${DEAD}    | ${toTheDead} | ${false} | ${false} | ${true}    | ${false}
    ${DEAD}    | ${late}      | ${false} | ${false} | ${false}   | ${true}
    ${LEFT}    | ${ZERO}      | ${false} | ${false} | ${false}   | ${false}
    ${LEFT}    | ${late}      | ${false} | ${false} | ${false}   | ${true}
  `(
    'state $status, age $age: probed $probed, helping $helping, gossiped to $gossipedTo, forgotten $forgotten',
    ({ status, age, probed, helping, gossipedTo, forgotten }) => {
      expect(RULES.mayProbe(status)).toBe(probed);
      expect(RULES.mayHelp(status)).toBe(helping);
      expect(RULES.mayGossipTo(status, age, toTheDead)).toBe(gossipedTo);
      expect(RULES.isForgotten(status, age, toTheDead, true)).toBe(forgotten);
    },
  );

  test('in the old version nobody who left was ever forgotten', () => {
    expect(RULES.isForgotten(LEFT, late, toTheDead, false)).toBe(false);
    expect(RULES.isForgotten(DEAD, late, toTheDead, false)).toBe(true);
  });

  test.each`
    status     | age            | reclaimAfter   | may
    ${ALIVE}   | ${seconds(99)} | ${seconds(10)} | ${false}
    ${SUSPECT} | ${seconds(99)} | ${seconds(10)} | ${false}
    ${DEAD}    | ${seconds(99)} | ${ZERO}        | ${false}
    ${DEAD}    | ${seconds(10)} | ${seconds(10)} | ${false}
    ${DEAD}    | ${seconds(11)} | ${seconds(10)} | ${true}
    ${LEFT}    | ${ZERO}        | ${ZERO}        | ${true}
  `('claimed from another address in state $status: $may', ({ status, age, reclaimAfter, may }) => {
    expect(RULES.mayChangeAddress(status, age, reclaimAfter)).toBe(may);
  });
});

describe('local health', () => {
  test.each`
    score | delta | after
    ${0}  | ${-1} | ${0}
    ${0}  | ${+3} | ${3}
    ${6}  | ${+3} | ${7}
    ${7}  | ${-1} | ${6}
  `('$score and $delta give $after', ({ score, delta, after }) => {
    expect(RULES.healthAfter(score, delta, 8)).toBe(after);
  });

  test.each`
    expected | nacks | delta
    ${0}     | ${0}  | ${1}
    ${3}     | ${0}  | ${3}
    ${3}     | ${2}  | ${1}
    ${3}     | ${3}  | ${0}
    ${3}     | ${4}  | ${0}
  `('a failed probe with $nacks of $expected nacks adds $delta', ({ expected, nacks, delta }) => {
    expect(RULES.failedProbeDelta(expected, nacks)).toBe(delta);
  });

  test('a probe may take as many periods as the score and one', () => {
    const windows = [0, 1, 7].map((score) => RULES.probeWindow(score, seconds(1)));
    expect(windows).toEqual([seconds(1), seconds(2), seconds(8)]);
  });

  test('stays in its range whatever happens', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -1, max: 5 })), (deltas) => {
        let score = 0;
        for (const delta of deltas) score = RULES.healthAfter(score, delta, 8);
        expect(score).toBeGreaterThanOrEqual(0);
        expect(score).toBeLessThanOrEqual(7);
      }),
    );
  });
});

describe('how much rarer exchanges become', () => {
  test.each([
    [1, 1],
    [32, 1],
    [33, 2],
    [64, 2],
    [65, 3],
    [128, 3],
    [129, 4],
    [256, 4],
    [500, 5],
    [1000, 6],
    [10_000, 10],
  ])('%i members: ×%i', (members, scale) => expect(pushPullScale(members)).toBe(scale));

  test('an interval is multiplied and so stays whole', () => {
    expect((seconds(30) * pushPullScale(1000)) as Duration).toBe(seconds(180));
  });
});
