import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Browser } from 'playwright-core';
import { build } from 'vite';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { launchBrowser } from '../sim/node/browser.ts';
import { crowdTrace } from './testing/crowd.ts';
import { settled } from './testing/settled.ts';

const folder = mkdtempSync(join(tmpdir(), 'partita-crowd-'));
let browser: Browser;

beforeAll(async () => {
  const root = import.meta.dirname;
  await build({ root, configFile: join(root, 'vite.config.ts'), logLevel: 'error', build: { outDir: folder } });
  browser = await launchBrowser();
});
afterAll(async () => {
  await browser?.close();
  rmSync(folder, { recursive: true, force: true });
});

/** Counts what is stroked and filled on canvases, and keeps the most of any frame. */
const COUNTER = `
  globalThis.strokes = { now: 0, most: 0 };
  for (const name of ['stroke', 'fill', 'fillRect', 'strokeRect', 'strokeText', 'fillText']) {
    const own = CanvasRenderingContext2D.prototype[name];
    CanvasRenderingContext2D.prototype[name] = function (...given) {
      strokes.most = Math.max(strokes.most, ++strokes.now);
      return own.apply(this, given);
    };
  }
  const frame = () => { strokes.now = 0; requestAnimationFrame(frame); };
  requestAnimationFrame(frame);
`;

test.each`
  hosts   | flying
  ${1000} | ${900}
  ${1000} | ${4000}
  ${1000} | ${5000}
  ${40}   | ${20000}
`('with $flying packets on their way between $hosts hosts no frame has more than 5000 strokes', async ({ hosts, flying }) => {
  const trace = join(folder, `${hosts}-${flying}.partita`);
  writeFileSync(trace, crowdTrace(hosts, flying, 4));
  const page = await browser.newPage({ viewport: { width: 1280, height: 720 } });
  const errors: string[] = [];
  page.on('pageerror', (error) => errors.push(error.message));
  await page.addInitScript(COUNTER);
  await page.goto(pathToFileURL(join(folder, 'viewer.html')).href);
  await page.locator('input[type=file]').first().setInputFiles(trace);
  await page.locator('#viewer').waitFor();
  const line = await page.locator('.timeline').boundingBox();
  if (line === null) throw new Error('there is no time line');
  const y = line.y + line.height / 2;
  await page.mouse.move(line.x + 0.4 * line.width, y);
  await page.mouse.down();
  for (const part of [0.5, 0.6, 0.7]) {
    await page.mouse.move(line.x + part * line.width, y);
    await settled(page);
  }
  await page.mouse.up();
  expect(await page.locator('#wires-text').textContent()).toMatch(new RegExp(`^${flying} on the wires: `));
  const most = await page.evaluate<number>('strokes.most');
  expect(most).toBeGreaterThan(Math.min(900, flying));
  expect(most).toBeLessThanOrEqual(5000);
  expect(errors).toEqual([]);
  await page.close();
});
