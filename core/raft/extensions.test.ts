import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Xoshiro } from '../laws/xoshiro.ts';
import type { RaftConfig } from './config.ts';
import { clusterOf, judge } from './judge.ts';
import { PROFILES } from './profiles.ts';

const seeds = fc.integer({ min: 1, max: 2 ** 31 - 1 });

/** Short times, so that clusters fall silent between two misfortunes. */
const QUIET: RaftConfig = { ...PROFILES.partita, quiescence: true, forwarding: 'repeatable' };

describe('with what is off unless it is asked for, whatever network, disks, clocks and operators do', () => {
  test.each<[string, RaftConfig]>([
    ['followers send on what may be repeated, and clusters fall silent', QUIET],
    ['followers send everything on', { ...PROFILES.partita, forwarding: 'all' }],
    ['etcd’s servers fall silent', { ...PROFILES.etcd, quiescence: true }],
  ])('every invariant holds and reads are linearizable: %s', (_, config) => {
    let silent = 0;
    let sentOn = 0;
    fc.assert(
      fc.property(seeds, (seed) => {
        const { cluster, adversary } = judge(clusterOf(new Xoshiro(seed, 'options'), seed, {}, config), 40);
        expect(cluster.watch?.violations).toEqual([]);
        expect(adversary.stale).toEqual([]);
        for (const { state } of cluster.servers) {
          if (state.isAsleep !== undefined || (state.role.role === 'leader' && state.role.isSilent !== undefined)) silent++;
          if (state.sentOn !== undefined) sentOn++;
        }
      }),
      { numRuns: 40 },
    );
    // Otherwise nothing was tried.
    if (config.quiescence) expect(silent).toBeGreaterThan(5);
    if (config.forwarding !== 'none') expect(sentOn).toBeGreaterThan(5);
  });
});
