import fc from 'fast-check';
import { describe, test } from 'vitest';
import { clusterFaults } from '../../sim/testing/ordeals.ts';
import { LAN, LOCAL } from './config.ts';
import { QUIRKS } from './quirks.ts';
import { TRIALS, type Trial } from './trials.ts';
import { brokenBy } from './watch/known.ts';
import { Broken } from './watch/watch.ts';

const NAMES = ['n1', 'n2', 'n3', 'n4', 'n5', 'n6', 'n7'] as const;

/** Cases of each kind, for each profile. */
const CASES = 30;

const clusters = fc.integer({ min: 3, max: NAMES.length }).chain((size) => {
  const names = NAMES.slice(0, size);
  return fc.record({
    names: fc.constant(names),
    config: fc.constantFrom(LAN, LOCAL),
    seed: fc.integer(),
    faults: clusterFaults(names),
  });
});

describe.each(['fixed', 'serf-0.10', 'serf-0.9'] as const)('the properties of memberlist hold as %s', (profile) => {
  const quirks = QUIRKS[profile];
  const known = brokenBy(quirks);

  test.each(TRIALS)('under $name', (trial) => {
    fc.assert(
      fc.property(clusters, ({ names, config, seed, faults }) => {
        unlessKnown(known, () => trial.run({ names, config, quirks, known }, seed, faults));
      }),
      { numRuns: casesOf(trial) },
    );
  });
});

/** Those that take whole clusters apart several times over get fewer. */
const casesOf = ({ weight }: Trial): number => Math.ceil(CASES / weight);

/** What the profile is known to break may be broken. */
function unlessKnown(known: readonly string[], run: () => void): void {
  try {
    run();
  } catch (error) {
    if (!(error instanceof Broken && known.includes(error.property))) throw error;
  }
}
