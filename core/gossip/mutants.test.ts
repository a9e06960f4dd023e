import fc from 'fast-check';
import { expect, test } from 'vitest';
import { clusterFaults } from '../../sim/testing/ordeals.ts';
import { LAN, LOCAL } from './config.ts';
import { type GossipMutant, gossipMutants } from './mutants.ts';
import { QUIRKS } from './quirks.ts';
import { TRIALS, type Trial } from './trials.ts';
import { Broken } from './watch/watch.ts';

const NAMES = ['n1', 'n2', 'n3', 'n4', 'n5'] as const;

/** After so many cases of each kind a mutant has escaped. */
const MOST = 40;

/** The first of some generated cases in which a mutant breaks this property, from 1; undefined when it does in none. */
function noticed({ rules, quirks, noticedBy }: GossipMutant): number | undefined {
  const cases = fc.sample(fc.tuple(fc.integer(), clusterFaults(NAMES), fc.constantFrom(LAN, LOCAL)), MOST);
  const victims = { names: NAMES, quirks: { ...QUIRKS.fixed, ...quirks }, rules };
  const breaks = (trial: Trial, [seed, faults, config]: (typeof cases)[number]): boolean => {
    try {
      trial.run({ ...victims, config }, seed, faults);
      return false;
    } catch (error) {
      if (!(error instanceof Broken)) throw error;
      return error.property === noticedBy;
    }
  };
  const first = cases.findIndex((each) => TRIALS.some((trial) => breaks(trial, each)));
  return first < 0 ? undefined : first + 1;
}

test.each(gossipMutants)('$name: noticed as $noticedBy', (mutant) => {
  expect(noticed(mutant)).toBeGreaterThan(0);
});
