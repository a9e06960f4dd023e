import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Instant } from '../../core/time.ts';
import type { Finding } from '../check/check.ts';
import { type Failure, failureFingerprint, failureOf, isSame, sortOf } from './failure.ts';

const finding = (check: string, at: number, more: Partial<Finding> = {}): Finding => ({
  check,
  kind: 'always',
  verdict: 'violated',
  at: at as Instant,
  exercised: 1,
  says: 'wrong',
  ...more,
});

describe('what a failure is', () => {
  test('the first violation in time is the failure, whatever the order of the report', () => {
    const findings = [finding('Late', 9), finding('Held', 1, { verdict: 'held' }), finding('Early', 2), finding('Also', 2)];
    expect(failureOf({ findings }, [])).toMatchObject({ check: 'Early', at: 2 });
  });

  test('a run without violations has none', () => {
    expect(failureOf({ findings: [finding('A', 1, { verdict: 'inconclusive' })] }, [])).toBeUndefined();
  });

  test('what a check says about its kind goes before what it says to people', () => {
    expect(failureOf({ findings: [finding('A', 1, { sort: 'own' })] }, [])).toMatchObject({ sort: 'own', says: 'wrong' });
  });
});

describe('the kind of state that broke', () => {
  test.each`
    says                                                          | sort
    ${'term 7 has two leaders, n1 and n4'}                        | ${'term # has two leaders, #'}
    ${'term 12 has two leaders, left and n4'}                     | ${'term # has two leaders, #'}
    ${'left about 10.0.1.4: incarnation fell from 5 to 4'}        | ${'# about #: incarnation fell from # to #'}
    ${'serf-test00 about n2: alive, then left'}                   | ${'# about #: alive, then #'}
    ${'still missing: left shows n2 as failed, and it runs'}      | ${'still missing: # shows # as failed, and it runs'}
    ${'operation 3 of n1 (boot 2) took 1.5s, limit -200ms\nmore'} | ${'operation # of # (boot #) took #, limit #'}
    ${'key "x" is 1'}                                             | ${'key # is #'}
  `('of $says is $sort', ({ says, sort }) => {
    expect(sortOf(says, ['left', 'n1', 'n2'])).toBe(sort);
  });

  test('is the same whatever the numbers', () => {
    fc.assert(
      fc.property(fc.nat(), fc.nat(), fc.nat(), (term, one, other) => {
        expect(sortOf(`term ${term} has two leaders, n${one} and n${other}`, [])).toBe('term # has two leaders, #');
      }),
    );
  });
});

test('failures with the same check and kind are the same and share a fingerprint, and others do not', () => {
  const one: Failure = { check: 'A', sort: 'x', at: 1 as Instant, says: 'x 1' };
  const again: Failure = { ...one, at: 2 as Instant, says: 'x 2' };
  expect(isSame(one, again)).toBe(true);
  expect(failureFingerprint(one)).toBe(failureFingerprint(again));
  for (const other of [
    { ...one, check: 'B' },
    { ...one, sort: 'y' },
  ]) {
    expect(isSame(one, other)).toBe(false);
    expect(failureFingerprint(one)).not.toBe(failureFingerprint(other));
  }
  expect(isSame(one, undefined)).toBe(false);
});
