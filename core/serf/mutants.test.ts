import fc from 'fast-check';
import { expect, test } from 'vitest';
import { clusterFaults } from '../../sim/testing/ordeals.ts';
import { LAN, LOCAL, QUIRKS } from '../gossip/gossip.ts';
import { Broken } from '../gossip/watch/watch.ts';
import type { Mutant } from '../mutant.ts';
import { serfMutants } from './mutants.ts';
import { SERF_QUIRKS } from './quirks.ts';
import type { SerfRules } from './rules.ts';
import { SERF_TRIALS, type SerfTrial } from './trials.ts';

const NAMES = ['n1', 'n2', 'n3', 'n4', 'n5'] as const;

/** After so many cases of each kind a mutant has escaped. */
const MOST = 30;

/** The first of some generated cases in which a mutant breaks this property, from 1; undefined when it does in none. */
function noticed({ rules, noticedBy }: Mutant<SerfRules>): number | undefined {
  const cases = fc.sample(fc.tuple(fc.integer(), clusterFaults(NAMES), fc.constantFrom(LAN, LOCAL)), MOST);
  const victims = { names: NAMES, quirks: QUIRKS.fixed, serfQuirks: SERF_QUIRKS.fixed, serfRules: rules };
  const breaks = (trial: SerfTrial, [seed, faults, config]: (typeof cases)[number]): boolean => {
    try {
      trial.run({ ...victims, config }, seed, faults);
      return false;
    } catch (error) {
      if (!(error instanceof Broken)) throw error;
      return error.property === noticedBy;
    }
  };
  const first = cases.findIndex((each) => SERF_TRIALS.some((trial) => breaks(trial, each)));
  return first < 0 ? undefined : first + 1;
}

test.each(serfMutants)('$name: noticed as $noticedBy', (mutant) => {
  expect(noticed(mutant)).toBeGreaterThan(0);
});
