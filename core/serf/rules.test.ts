import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { seconds } from '../time.ts';
import { type LamportTime, next, witness } from './lamport.ts';
import { SERF_RULES } from './rules.ts';

const time = (n: number): LamportTime => n as LamportTime;

describe('a Lamport clock', () => {
  test('is beyond whatever it met, and never goes back', () => {
    fc.assert(
      fc.property(fc.nat(), fc.nat(), (clock, met) => {
        const after = witness(time(clock), time(met));
        expect(after).toBeGreaterThan(met);
        expect(after).toBeGreaterThanOrEqual(clock);
        expect(after).toBe(Math.max(clock, met + 1));
      }),
    );
  });

  test('that a fresh peer tells of moves nothing', () => {
    expect(SERF_RULES.witnessedInMerge(time(0))).toBeUndefined();
    expect(SERF_RULES.witnessedInMerge(time(1))).toBe(0);
  });
});

describe('what an intent makes of a member', () => {
  test.each`
    status       | afterLeave   | afterJoin
    ${'alive'}   | ${'leaving'} | ${'alive'}
    ${'leaving'} | ${'leaving'} | ${'alive'}
    ${'left'}    | ${'left'}    | ${'left'}
    ${'failed'}  | ${'left'}    | ${'failed'}
  `('$status: to leave $afterLeave, to join $afterJoin', ({ status, afterLeave, afterJoin }) => {
    expect(SERF_RULES.afterLeaveIntent(status)).toBe(afterLeave);
    expect(SERF_RULES.afterJoinIntent(status)).toBe(afterJoin);
  });

  test.each`
    status       | lost
    ${'alive'}   | ${'failed'}
    ${'leaving'} | ${'left'}
    ${'left'}    | ${undefined}
    ${'failed'}  | ${undefined}
  `('that memberlist lost, from $status: $lost', ({ status, lost }) => {
    expect(SERF_RULES.afterLoss(status)).toBe(lost);
  });

  test('counts only when it is later than the last, and the leave that a list stands for is later than the join', () => {
    fc.assert(
      fc.property(fc.nat(), fc.nat(), (intent, accepted) => {
        expect(SERF_RULES.isNewer(time(intent), time(accepted))).toBe(intent > accepted);
        expect(SERF_RULES.isNewer(SERF_RULES.replayedLeaveTime(time(accepted)), time(accepted))).toBe(true);
        expect(SERF_RULES.replayedLeaveTime(time(accepted))).toBe(next(time(accepted)));
      }),
    );
  });

  test('about ourselves is contradicted as long as we do not leave', () => {
    expect(SERF_RULES.refutesLeave(true, true)).toBe(true);
    expect(SERF_RULES.refutesLeave(true, false)).toBe(false);
    expect(SERF_RULES.refutesLeave(false, true)).toBe(false);
  });
});

test('all living members together dial each failed one once per interval', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 50 }), fc.integer({ min: 1, max: 100 }), (failed, alive) => {
      // Each attempts with this chance, and then dials one of them.
      const draws = 10_000;
      let attempts = 0;
      for (let i = 0; i < draws; i++) if (SERF_RULES.attemptsReconnect((i + 0.5) / draws, failed, alive)) attempts++;
      const perMember = ((attempts / draws) * alive) / failed;
      expect(Math.abs(perMember - Math.min(1, alive / failed))).toBeLessThan((alive / failed) * (1 / draws) + 1e-9);
    }),
  );
});

test('a member is erased only after its time', () => {
  expect(SERF_RULES.isReaped(seconds(10), seconds(10))).toBe(false);
  expect(SERF_RULES.isReaped(seconds(10.001), seconds(10))).toBe(true);
});
