import { describe, expect, test } from 'vitest';
import { raftMutants } from './mutants.ts';
import { raftTrial } from './trial.ts';

describe('a trial of Raft', () => {
  test.each([1, 11, 21, 31, 41, 51])('finds nothing wrong: ten numbers from %d on', (first) => {
    for (let seed = first; seed < first + 10; seed++) expect([seed, raftTrial(seed, {}).broken]).toEqual([seed, undefined]);
  });

  test('ends where a follower lost what it had acknowledged, and says so again and again', () => {
    const { broken, events, faults } = raftTrial(1_572_927_021, {});
    expect(broken).toBeUndefined();
    expect(faults.join('\n')).toContain('how=wipe');
    expect(events).toBeLessThan(100_000);
  });

  test('comes to the same again, and to something else without its faults', () => {
    const all = raftTrial(2, {});
    expect(all.faults.length).toBeGreaterThan(0);
    expect(raftTrial(2, {})).toEqual(all);
    expect(raftTrial(2, {}, new Set(all.faults.keys())).events).not.toBe(all.events);
  });

  test.each(['the vote is not on disk', 'half is enough', 'a failed transfer is never over', 'candidates do not answer'])(
    'notices a bug: %s',
    (name) => {
      const rules = raftMutants.find((mutant) => mutant.name === name)?.rules ?? {};
      let seed = 1;
      while (seed <= 400 && raftTrial(seed, { raft: rules }).broken === undefined) seed++;
      expect(seed).toBeLessThanOrEqual(400);
    },
  );
});
