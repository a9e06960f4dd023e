import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { readScenario } from './node/scenario-file.ts';
import { type RunOptions, run } from './run/run.ts';
import { surroundings } from './surroundings.ts';

const root = fileURLToPath(new URL('../', import.meta.url));
const committed = JSON.parse(readFileSync(`${root}scenarios/fingerprints.json`, 'utf8')) as Record<string, string>;
const shipped = readdirSync(`${root}scenarios`).filter((name) => name.endsWith('.yaml'));

test('every shipped scenario has a committed fingerprint, and no other has', () => {
  expect(Object.keys(committed)).toEqual(shipped);
});

describe.each(shipped)('%s', (file) => {
  const path = `${root}scenarios/${file}`;
  const runHere = async (options: Partial<RunOptions> = {}) => {
    const { plan } = await readScenario(path);
    return run(plan, { registry: surroundings.registry, ...options });
  };

  test('is the same run twice in one process, and the committed one', async () => {
    const [first, second] = [await runHere(), await runHere()];
    expect(first.fingerprint).toBe(committed[file]);
    expect(second).toEqual(first);
  });

  test('is the same run, with the same words, in another process', async () => {
    const arguments_ = [`${root}sim/cli/partita.mjs`, 'run', path, '--json'];
    const [one, other] = [0, 1].map(() => execFileSync(process.execPath, arguments_, { encoding: 'utf8' }));
    expect(other).toBe(one);
    expect(JSON.parse(one as string).fingerprint).toBe(committed[file]);
  });

  test('is another run with another seed', async () => {
    expect((await runHere({ seed: 'another' })).fingerprint).not.toBe(committed[file]);
  });

  test('is the same run whether anyone listens, or judges it, or not', async () => {
    const { plan } = await readScenario(path);
    const unjudged = { ...plan, expectations: [], measures: [], checks: { always: [], eventually: [], sometimes: [] } };
    const heard = run(unjudged, { registry: surroundings.registry, listen: () => [{ record: () => {}, cell: () => {} }] });
    expect(heard.fingerprint).toBe(committed[file]);
  });
});
