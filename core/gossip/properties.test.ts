import fc from 'fast-check';
import { describe, test } from 'vitest';
import { clusterCases } from '../../sim/testing/ordeals.ts';
import { QUIRKS } from './quirks.ts';
import { TRIALS, type Trial } from './trials.ts';
import { Broken } from './watch/broken.ts';
import { brokenBy } from './watch/known.ts';

const NAMES = ['n1', 'n2', 'n3', 'n4', 'n5', 'n6', 'n7'] as const;

/** Cases of each kind, for each profile. */
const CASES = 30;

describe.each(['fixed', 'serf-0.10', 'serf-0.9'] as const)('the properties of memberlist hold as %s', (profile) => {
  const quirks = QUIRKS[profile];
  const known = brokenBy(quirks);

  test.each(TRIALS)('under $name', (trial) => {
    fc.assert(
      fc.property(clusterCases(NAMES), ({ names, config, seed, faults }) => {
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
