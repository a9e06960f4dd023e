import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readScenario } from '../node/scenario-file.ts';
import { take } from '../replay/repeat.ts';
import { scenarioHash } from '../replay/replay.ts';
import { writeReplay } from '../replay/write.ts';
import { surroundings } from '../surroundings.ts';
import { called } from './called.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const stale = `${root}scenarios/raft-stale-read.yaml`;

let folder: string;
/** A failing run of the stale read, which takes its scenario from the file, and has a cut that it does not need. */
let failing: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'partita-replay-'));
  const { data, plan } = await readScenario(stale);
  const cut = { kind: 'link-cut', from: 'writer', to: 'n3', at: 1e9 as never, until: 2e9 as never } as const;
  const of = { seed: 12, interventions: [cut], check: 'Linearizable', until: 17e9 as never };
  const { report: _, ...taken } = take(plan, of, surroundings);
  writeFileSync(join(folder, 'stale.yaml'), readFileSync(stale));
  const scenario = { name: 'a stale read', file: 'stale.yaml', hash: scenarioHash(data) };
  failing = file('failing.yaml', writeReplay({ partita: '0.0.9', scenario, case: of, ...taken }));
});
afterAll(() => rmSync(folder, { recursive: true }));

function file(name: string, content: string): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

describe('partita replay', () => {
  test('repeats a failure and ends with 1, and says that another version recorded it', async () => {
    const { exit, data, people } = await called('replay', failing);
    expect({ exit, data }).toEqual({ exit: 1, data: '' });
    expect(people).toContain('a stale read: seed 12, 1 intervention, recorded by Partita 0.0.9\n');
    expect(people).toMatch(/Note: this is Partita \d+\.\d+\.\d+; what it does may differ\.\n/);
    expect(people).toContain('It still fails in the same way.\n  now:      Linearizable violated at 17.000 s: key x');
    expect(people).toContain(
      'did not apply: 1 of 1\n  intervention 1, writer → n3 is cut from 1.000 s to 2.000 s: nothing crossed',
    );
    expect(people).toContain('It is the recorded run, with the fingerprint ');
    expect(people).toContain(`npx partita replay ${failing} --trace failure.partita && npx partita view failure.partita\n`);
  });

  test('of a bug that is mended ends with 0, and says where the run went another way', async () => {
    const { exit, people } = await called('replay', `${root}scenarios/regressions/given-up-dial.yaml`);
    expect(exit).toBe(0);
    expect(people).toContain('It no longer fails.\n  recorded: at 40s n2 lists n2 as alive violated at 40.000 s');
    expect(people).toMatch(
      /It first went another way between \d+\.\d{3} s and \d+\.\d{3} s\.\n {2}One of these is not what it was/,
    );
  });

  test('ends with 2 when it does not fail, but not all of it applied', async () => {
    const path = file('idle.yaml', readFileSync(failing, 'utf8').replace('until: 17s', 'until: 5s'));
    const { exit, people } = await called('replay', path);
    expect(exit).toBe(2);
    expect(people).toContain('It no longer fails.');
  });

  test('--json gives the same as data, twice the same', async () => {
    const { exit, data, people } = await called('replay', failing, '--json');
    expect({ exit, people }).toEqual({ exit: 1, people: '' });
    expect(JSON.parse(data)).toMatchObject({
      outcome: 'same',
      verdict: 'violated',
      failure: { check: 'Linearizable', at: 17 },
      unapplied: [{ index: 0 }],
      parting: null,
      isErratic: false,
      scenario: { isOther: false },
      recorded: { partita: '0.0.9', verdict: 'violated' },
    });
    expect((await called('replay', failing, '--json')).data).toBe(data);
  });

  test('--trace leaves a trace of the run', async () => {
    const trace = join(folder, 'run.partita');
    expect(await called('replay', failing, '--trace', trace)).toMatchObject({ exit: 1 });
    expect((await called('log', trace, '--kind', 'verdict')).data).toContain('Linearizable');
  });

  test('--scenario takes another scenario, which is said; one without the hosts is refused', async () => {
    const other = file('other.yaml', readFileSync(stale, 'utf8').replace('x old', 'x older'));
    const { exit, people } = await called('replay', failing, '--scenario', other);
    expect(exit).toBe(1);
    expect(people).toContain('Note: this is another scenario than the recorded one; interventions may not apply.');
    const refused = await called('replay', failing, '--scenario', `${root}scenarios/raft-failover.yaml`);
    expect(refused.exit).toBe(65);
    expect(refused.people).toContain('interventions[0].from: No host or router is called writer.');
  });

  test.each`
    what                         | from                  | to                                 | exit  | says
    ${'another version'}         | ${'replay: 1'}        | ${'replay: 9'}                     | ${65} | ${'r.yaml:6:9: replay: This is a replay file of version 9, and this Partita reads version 1. It was written by Partita 0.0.9.'}
    ${'an unknown fault'}        | ${'kind: link-cut'}   | ${'kind: link-cuts'}               | ${65} | ${'Did you mean link-cut?'}
    ${'an unknown bug'}          | ${'seed: 12'}         | ${'seed: 12\nrules: "raft: none"'} | ${65} | ${'no bug is called "raft: none"'}
    ${'a scenario that is gone'} | ${'file: stale.yaml'} | ${'file: nothing.yaml'}            | ${66} | ${'nothing.yaml: there is no such file'}
    ${'half a file'}             | ${/verdict:.*/s}      | ${''}                              | ${65} | ${'The key verdict is missing.'}
  `('refuses $what', async ({ from, to, exit, says }) => {
    const path = file('r.yaml', readFileSync(failing, 'utf8').replace(from, to));
    const result = await called('replay', path);
    expect(result.people).toContain(says);
    expect(result.exit).toBe(exit);
  });

  test('refuses a file that is not there', async () => {
    expect(await called('replay', join(folder, 'none.yaml'))).toMatchObject({ exit: 66 });
  });
});
