import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Browser } from 'playwright-core';
import { build } from 'vite';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { launchBrowser } from '../sim/node/browser.ts';
import { embedTrace } from '../sim/node/page.ts';
import { run } from '../sim/run/run.ts';
import type { TerminalLine } from '../sim/run/terminals.ts';
import { tracing } from '../sim/run/tracing.ts';
import { loadScenario } from '../sim/scenario/load.ts';
import { surroundings } from '../sim/surroundings.ts';
import { Memory } from '../sim/trace/sink.ts';
import { settled } from './testing/settled.ts';

const root = join(import.meta.dirname, '..');
const folder = mkdtempSync(join(tmpdir(), 'partita-shipped-'));
const shipped = readdirSync(join(root, 'scenarios')).filter((name) => name.endsWith('.yaml'));
let browser: Browser;

beforeAll(async () => {
  const viz = import.meta.dirname;
  await build({ root: viz, configFile: join(viz, 'vite.config.ts'), logLevel: 'error', build: { outDir: folder } });
  browser = await launchBrowser();
});
afterAll(async () => {
  await browser?.close();
  rmSync(folder, { recursive: true, force: true });
});

/** Runs a scenario with a trace and keeps what the simulator itself says was printed. */
function simulate(name: string) {
  const text = readFileSync(join(root, 'scenarios', name), 'utf8');
  const { plan } = loadScenario(text, surroundings);
  const sink = new Memory();
  const lines: TerminalLine[] = [];
  const trace = tracing(plan, { sink, seed: plan.seed, name, text, version: '0', engine: 'test' });
  const report = run(plan, { registry: surroundings.registry, listen: trace.listen, printed: (line) => lines.push(line) });
  trace.close(report);
  const page = join(folder, `${name}.html`);
  writeFileSync(page, embedTrace(readFileSync(join(folder, 'viewer.html'), 'utf8'), sink.content(), name));
  return { plan, report, lines, url: pathToFileURL(page).href };
}

describe.each(shipped)('the page of %s says what the simulator said', (name) => {
  test('on every host’s terminal, at the middle and at the end, and of every check', async () => {
    const { plan, report, lines, url } = simulate(name);
    const page = await browser.newPage({ viewport: { width: 1280, height: 720 } });
    const errors: string[] = [];
    page.on('pageerror', (error) => errors.push(error.message));
    page.on('console', (message) => errors.push(message.text()));
    for (const instant of [Math.floor(plan.end / 2), plan.end]) {
      await page.goto('about:blank');
      await page.goto(`${url}#v=1&t=${instant / 1e9}s`);
      await page.locator('#viewer').waitFor();
      await settled(page);
      for (const [node, host] of plan.topology.nodes.entries()) {
        await page.getByLabel('Host', { exact: true }).selectOption(host.name);
        await page.locator(`.node[data-node="${host.name}"][data-selected]`).waitFor();
        await settled(page);
        const shown = await page.locator('.screen .line pre').allTextContents();
        const printed = lines.filter((line) => line.node === node && line.at <= instant);
        expect(shown).toEqual(printed.slice(-1000).map(({ typed, text }) => (typed ? `${host.name} $ ${text}` : text)));
      }
    }
    await page.getByRole('tab', { name: /^Checks/ }).click();
    await settled(page);
    const verdicts = await page
      .locator('.verdict')
      .evaluateAll((rows) =>
        rows.map((row) => [row.querySelector('.check')?.textContent, row.querySelector('.outcome')?.textContent]),
      );
    expect(verdicts.toSorted()).toEqual(report.findings.map(({ check, verdict }) => [check, verdict]).toSorted());
    expect(await page.locator('#facts').textContent()).toContain(`seed ${plan.seed}`);
    expect(errors).toEqual([]);
    await page.close();
  });
});
