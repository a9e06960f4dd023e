import fc from 'fast-check';
import { describe, test } from 'vitest';
import { clusterCases } from '../../sim/testing/ordeals.ts';
import { QUIRKS } from '../gossip/gossip.ts';
import { brokenBy } from '../gossip/watch/known.ts';
import { SERF_QUIRKS } from './quirks.ts';
import { SERF_TRIALS } from './trials.ts';

const NAMES = ['n1', 'n2', 'n3', 'n4', 'n5', 'n6'] as const;

/** Cases of each kind, for each profile. */
const CASES = 20;

describe.each(['fixed', 'serf-0.10', 'serf-0.9'] as const)('the properties of Serf hold as %s', (profile) => {
  const quirks = QUIRKS[profile];
  const victims = { quirks, serfQuirks: SERF_QUIRKS[profile], known: brokenBy(quirks) };

  test.each(SERF_TRIALS)('under $name', (trial) => {
    fc.assert(
      fc.property(clusterCases(NAMES), ({ names, config, seed, faults }) =>
        trial.run({ ...victims, names, config }, seed, faults),
      ),
      { numRuns: Math.ceil(CASES / trial.weight) },
    );
  });
});
