import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { check, clustersOf, laws } from 'partita/testing';
import { afterAll, describe, expect, test } from 'vitest';
import broken from './broken.ts';
import payments from './payments.ts';

const here = fileURLToPath(new URL('.', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'partita-own-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** What the check says of something that fails. */
const failure = async (checking: Promise<unknown>): Promise<string> =>
  checking.then(
    () => 'nothing failed',
    (error: Error) => error.message,
  );

test('the bug is found and shrunk to few interventions, with the command that repeats it and the path of the trace', async () => {
  const says = await failure(check(`${here}broken.yaml`, { runs: 50, folder }));
  expect(says).toMatch(
    /^BookedOnce violated at \d+\.\d{3} s: payment \d\/\d\/\d+ is booked twice\nshrunk from \d+ to [12] interventions? in \d+ runs/,
  );
  const [, replay] = /^To see it again: npx partita replay (.+)$/m.exec(says) ?? [];
  const [, trace] = /^The trace is in (.+)$/m.exec(says) ?? [];
  expect(readFileSync(replay as string, 'utf8')).toContain('BookedOnce');
  expect(readFileSync(trace as string).length).toBeGreaterThan(1_000);
});

test('the protocol alone is enough to find it', async () => {
  expect(await failure(check(broken, { runs: 50, budget: 50, folder }))).toContain('BookedOnce violated');
});

test('in generated networks it is found too, and in a small one', async () => {
  const says = await failure(check(clustersOf(broken), { protocols: [broken], runs: 5, budget: 50, folder }));
  expect(says).toContain('BookedOnce violated');
});

test('once it is fixed everything holds, and all of it was exercised', async () => {
  const { runs, checks } = await check(payments, { runs: 100, folder });
  expect({ runs, checks }).toEqual({
    runs: 100,
    checks: { BookedOnce: { runs: 100, undecided: 0 }, AllBooked: { runs: 100, undecided: 0 } },
  });
});

/** It remembers what anybody sends it, for ever. */
const broke = 'garbage does no harm';
describe.each(laws(payments).filter(({ name }) => name !== broke))('of payments: $name', (law) => {
  test.each([1, 2, 3])('with seed %i', (seed) => law.check(seed));
});

test('the user’s part of it fits on a screen', () => {
  const lines = ['payments.ts', 'broken.ts'].map((file) => readFileSync(`${here}${file}`, 'utf8').trimEnd().split('\n').length);
  expect(lines.reduce((sum, each) => sum + each)).toBeLessThanOrEqual(60);
});
