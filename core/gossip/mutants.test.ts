import { expect, test } from 'vitest';
import { firstToBreak } from '../../sim/testing/ordeals.ts';
import { gossipMutants } from './mutants.ts';
import { QUIRKS } from './quirks.ts';
import { TRIALS } from './trials.ts';

const NAMES = ['n1', 'n2', 'n3', 'n4', 'n5'] as const;

/** After so many cases of each kind a mutant has escaped. */
const MOST = 40;

test.each(gossipMutants)('$name: noticed as $noticedBy', ({ rules, quirks, noticedBy }) => {
  const noticed = firstToBreak(noticedBy, NAMES, MOST, TRIALS, (trial, { names, config, seed, faults }) =>
    trial.run({ names, config, quirks: { ...QUIRKS.fixed, ...quirks }, rules }, seed, faults),
  );
  expect(noticed).toBeGreaterThan(0);
});
