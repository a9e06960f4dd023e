import { expect, test } from 'vitest';
import { firstToBreak } from '../../sim/testing/ordeals.ts';
import { QUIRKS } from '../gossip/gossip.ts';
import { serfMutants } from './mutants.ts';
import { SERF_QUIRKS } from './quirks.ts';
import { SERF_TRIALS } from './trials.ts';

const NAMES = ['n1', 'n2', 'n3', 'n4', 'n5'] as const;

/** After so many cases of each kind a mutant has escaped. */
const MOST = 30;

test.each(serfMutants)('$name: noticed as $noticedBy', ({ rules, noticedBy }) => {
  const victims = { quirks: QUIRKS.fixed, serfQuirks: SERF_QUIRKS.fixed, serfRules: rules };
  const noticed = firstToBreak(noticedBy, NAMES, MOST, SERF_TRIALS, (trial, { names, config, seed, faults }) =>
    trial.run({ ...victims, names, config }, seed, faults),
  );
  expect(noticed).toBeGreaterThan(0);
});
