import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { build, type Rolldown } from 'vite';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { launchBrowser } from '../sim/node/browser.ts';
import { fingerprint } from './fingerprint.ts';

const scenarios = join(import.meta.dirname, '..', 'scenarios');
const shipped = readdirSync(scenarios).filter((name) => name.endsWith('.yaml'));
let browser: Browser;
let page: Page;

beforeAll(async () => {
  const output = (await build({
    configFile: false,
    logLevel: 'error',
    build: { write: false, lib: { entry: join(import.meta.dirname, 'fingerprint.ts'), name: 'partita', formats: ['iife'] } },
  })) as Rolldown.RolldownOutput[];
  browser = await launchBrowser();
  page = await browser.newPage();
  await page.addScriptTag({ content: output[0]?.output[0].code ?? '' });
});
afterAll(() => browser?.close());

describe('a scenario has the same fingerprint in Chromium as in Node', () => {
  test.each(shipped)('%s', async (name) => {
    const text = readFileSync(join(scenarios, name), 'utf8');
    const there = await page.evaluate((yaml) => {
      const { partita } = globalThis as unknown as { partita: { fingerprint(text: string): string } };
      return partita.fingerprint(yaml);
    }, text);
    expect(there).toMatch(/^[0-9a-f]{16}$/);
    expect(there).toBe(fingerprint(text));
  });
});
