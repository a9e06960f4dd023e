import fc from 'fast-check';

/**
 * The generated cases are the same on every machine, so that a change is judged by what it changed. `TEST_SEED=random` draws new
 * ones, and `TEST_SEED=4711` repeats those of one such run; a failure prints its seed.
 */
const asked = process.env['TEST_SEED'] ?? '2603';

if (asked !== 'random') fc.configureGlobal({ seed: Number(asked) });
