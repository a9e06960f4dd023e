import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { build } from 'vite';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { launchBrowser } from '../sim/node/browser.ts';
import { serve, type Viewing } from '../sim/node/serve.ts';
import { CHUNK_RECORDS } from '../sim/trace/format.ts';
import { Memory } from '../sim/trace/sink.ts';
import { play, SYNTHETIC_HEADER, synthetic, syntheticNames } from '../sim/trace/synthetic.ts';
import { TraceWriter } from '../sim/trace/writer.ts';
import { type Book, openBook } from './model/book.ts';
import { countText } from './model/clock.ts';
import { exactSeconds } from './model/link.ts';
import { search } from './model/search.ts';
import { settled } from './testing/settled.ts';

/** Enough that it is not opened as a whole. */
const RECORDS = 5 * CHUNK_RECORDS + 1000;

const folder = mkdtempSync(join(tmpdir(), 'partita-large-'));
let browser: Browser;
let viewing: Viewing;
let book: Book;
let size: number;

beforeAll(async () => {
  const root = import.meta.dirname;
  await build({ root, configFile: join(root, 'vite.config.ts'), logLevel: 'error', build: { outDir: folder } });
  const sink = new Memory();
  const names = syntheticNames();
  const writer = new TraceWriter({ header: SYNTHETIC_HEADER, sink, names });
  play(synthetic(RECORDS), names, writer);
  writer.close();
  const opened = await openBook(new Memory(sink.content().slice()));
  if ('problem' in opened) throw new Error(opened.problem);
  ({ book } = opened);
  ({ size } = sink);
  const path = join(folder, 'large.partita');
  writeFileSync(path, sink.content());
  viewing = await serve(readFileSync(join(folder, 'viewer.html'), 'utf8'), path, 0);
  browser = await launchBrowser();
});
afterAll(async () => {
  await browser?.close();
  await viewing?.close();
  rmSync(folder, { recursive: true, force: true });
});

describe('a run that is too large to be open as a whole', () => {
  let page: Page;
  let read = 0;
  const errors: string[] = [];
  beforeEach(async () => {
    await page?.close();
    page = await browser.newPage({ viewport: { width: 1280, height: 720 } });
    page.setDefaultTimeout(20_000);
    read = 0;
    errors.length = 0;
    page.on('pageerror', (error) => errors.push(error.message));
    page.on('response', (response) => {
      if (new URL(response.url()).pathname !== '/trace') return;
      if (response.status() !== 206) errors.push('the trace was asked for as a whole');
      read += Number(response.headers()['content-length']);
    });
  });

  async function shows(number: number): Promise<void> {
    await page.getByText(`event ${countText(number)} of ${countText(RECORDS)}`, { exact: true }).waitFor();
    await settled(page);
  }

  async function open(number: number): Promise<void> {
    const run = await book.open({ number });
    const instant = run.records.at[number - run.records.first] as number;
    await page.goto('about:blank');
    await page.goto(`${viewing.url}#v=1&t=${exactSeconds(instant as never)}&e=${number}`);
    await page.locator('#viewer').waitFor();
    await shows(number);
  }

  const text = async (number: number): Promise<string | undefined> => {
    await book.read(number);
    return book.row(number)?.text;
  };

  test('opens at its beginning without being read', async () => {
    await page.goto(viewing.url);
    await page.locator('#viewer').waitFor();
    await page.locator('.row[role=row]').nth(3).waitFor();
    expect(read).toBeLessThan(size / 2);
    expect(errors).toEqual([]);
  });

  test('goes to an event in its middle, over the end of a page, and back', async () => {
    for (const number of [3 * CHUNK_RECORDS, 123_456]) {
      await open(number);
      expect(await page.locator('#detail .event-text').textContent()).toBe(await text(number));
      for (const [key, next] of [
        ['.', number + 1],
        ['.', number + 2],
        [',', number + 1],
        [',', number],
        [',', number - 1],
      ] as const) {
        await page.keyboard.press(key);
        await shows(next);
      }
      expect(await page.locator('#detail .event-text').textContent()).toBe(await text(number - 1));
    }
    await page.waitForURL(/e=123455/);
    await page.reload();
    await shows(123_455);
    expect(errors).toEqual([]);
  });

  test('is searched as a whole, and what is found is gone to', async () => {
    await open(200_000);
    const found: number[] = [];
    for await (const { numbers } of search(book, 'kind:crash')) found.push(...numbers);
    await page.getByLabel('Filter events').fill('kind:crash');
    await page.getByText(`${countText(found.length)} of ${countText(RECORDS)}`, { exact: true }).waitFor();
    await page.locator('#events .grid').focus();
    await page.keyboard.press('Home');
    await shows(found[0] as number);
    await page.keyboard.press('End');
    await shows(found.at(-1) as number);
    expect(errors).toEqual([]);
  });

  test('leads back to a cause on another page', async () => {
    let number = 0;
    for (let chunk = 1; chunk < 5 && number === 0; chunk++) {
      const start = chunk * CHUNK_RECORDS + 1;
      const { records } = await book.open({ number: start });
      const place = records.cause.findIndex((cause, i) => records.first + i >= start && cause > 0 && cause < start);
      if (place >= 0) number = records.first + place;
    }
    expect(number).toBeGreaterThan(0);
    await open(number);
    const { records } = await book.open({ number });
    const cause = records.cause[number - records.first] as number;
    await page
      .locator('#detail .causes button')
      .first()
      .getByText((await text(cause)) as string)
      .waitFor();
    await page.locator('#detail .causes button').first().click();
    await shows(cause);
    expect(errors).toEqual([]);
  });
});
