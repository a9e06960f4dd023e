import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Xoshiro } from '../laws/xoshiro.ts';
import { EVERYTHING } from './adversary.ts';
import type { RaftConfig } from './config.ts';
import { clusterOf, judge } from './judge.ts';
import { raftMutants } from './mutants.ts';
import { consul, PROFILES } from './profiles.ts';

const seeds = fc.integer({ min: 1, max: 2 ** 31 - 1 });

const brokenIn = (seed: number, config: RaftConfig, malice = EVERYTHING): [string, string][] => [
  ...judge(clusterOf(new Xoshiro(seed, 'options'), seed, {}, config, malice.learners), 40, malice).broken,
];

describe('whatever network, disks, clocks and operators do', () => {
  test('every invariant holds, reads are linearizable, and in peace all agree and go on', () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        expect(brokenIn(seed, PROFILES.partita)).toEqual([]);
      }),
      { numRuns: 100 },
    );
  });

  test('the same holds where learners come and go', () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        expect(brokenIn(seed, PROFILES.partita, { ...EVERYTHING, learners: true, changes: false })).toEqual([]);
      }),
      { numRuns: 50 },
    );
  });

  // The paper's servers are deposed by those they removed, etcd's and HashiCorp's may be stuck when a leader removes itself from a pair.
  test.each([
    ['paper', PROFILES.paper, { ...EVERYTHING, changes: false }],
    ['etcd', PROFILES.etcd, { ...EVERYTHING, changes: false }],
    ['hashicorp', PROFILES.hashicorp, { ...EVERYTHING, changes: false }],
    ['consul', consul(1), { ...EVERYTHING, changes: false }],
  ] as const)('it holds as %s too, as long as the members stay', (_, config, malice) => {
    fc.assert(
      fc.property(seeds, (seed) => {
        expect(brokenIn(seed, config, malice)).toEqual([]);
      }),
      { numRuns: 30 },
    );
  });

  test.each([
    ['paper', PROFILES.paper],
    ['etcd', PROFILES.etcd],
    ['hashicorp', PROFILES.hashicorp],
  ] as const)('as %s it is safe also while members change', (_, config) => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const { cluster, adversary } = judge(clusterOf(new Xoshiro(seed, 'options'), seed, {}, config), 40);
        expect(cluster.watch?.violations).toEqual([]);
        expect(adversary.stale).toEqual([]);
      }),
      { numRuns: 30 },
    );
  });
});

describe('the bugs of others, put back', () => {
  test.each(raftMutants.filter(({ isRare, isEquivalent }) => !isRare && !isEquivalent))(
    '$name: noticed by $noticedBy',
    ({ rules, config, malice, noticedBy }) => {
      const isNoticed = (seed: number): boolean => {
        const options = clusterOf(
          new Xoshiro(seed, 'options'),
          seed,
          rules,
          { ...PROFILES.partita, ...config },
          malice?.learners,
        );
        return judge(options, 40, { ...EVERYTHING, ...malice }).broken.has(noticedBy);
      };
      let seed = 1;
      while (seed <= 600 && !isNoticed(seed)) seed++;
      expect(seed).toBeLessThanOrEqual(600);
    },
  );
});
