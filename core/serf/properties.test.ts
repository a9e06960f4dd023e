import fc from 'fast-check';
import { describe, test } from 'vitest';
import { clusterFaults } from '../../sim/testing/ordeals.ts';
import { LAN, LOCAL, QUIRKS } from '../gossip/gossip.ts';
import { brokenBy } from '../gossip/watch/known.ts';
import { SERF_QUIRKS } from './quirks.ts';
import { SERF_TRIALS } from './trials.ts';

const NAMES = ['n1', 'n2', 'n3', 'n4', 'n5', 'n6'] as const;

/** Cases of each kind, for each profile. */
const CASES = 20;

const clusters = fc.integer({ min: 3, max: NAMES.length }).chain((size) => {
  const names = NAMES.slice(0, size);
  return fc.record({
    names: fc.constant(names),
    config: fc.constantFrom(LAN, LOCAL),
    seed: fc.integer(),
    faults: clusterFaults(names),
  });
});

describe.each(['fixed', 'serf-0.10', 'serf-0.9'] as const)('the properties of Serf hold as %s', (profile) => {
  const quirks = QUIRKS[profile];
  const victims = { quirks, serfQuirks: SERF_QUIRKS[profile], known: brokenBy(quirks) };

  test.each(SERF_TRIALS)('under $name', (trial) => {
    fc.assert(
      fc.property(clusters, ({ names, config, seed, faults }) => trial.run({ ...victims, names, config }, seed, faults)),
      { numRuns: Math.ceil(CASES / trial.weight) },
    );
  });
});
