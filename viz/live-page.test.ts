import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Browser, Download, Page, ViewportSize } from 'playwright-core';
import { build } from 'vite';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { main } from '../sim/cli/main.ts';
import { launchBrowser } from '../sim/node/browser.ts';
import { embedTrace } from '../sim/node/page.ts';
import { packRecipe } from './model/recipe.ts';
import { STORIES } from './model/stories.ts';
import { settled } from './testing/settled.ts';

/** Of these the browser's accessibility rules are asked for. */
const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];

const folder = mkdtempSync(join(tmpdir(), 'partita-live-'));
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
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

const complaints: string[] = [];
const requests: string[] = [];
const pages: Page[] = [];

async function look(
  hash = '',
  options: { readonly viewport?: ViewportSize; readonly colorScheme?: 'light' | 'dark' } = {},
  file = 'viewer.html',
): Promise<Page> {
  const page = await browser.newPage({ viewport: { width: 1280, height: 720 }, acceptDownloads: true, ...options });
  page.setDefaultTimeout(15_000);
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('console', (message) => complaints.push(message.text()));
  page.on('request', (request) => requests.push(request.url()));
  pages.push(page);
  await page.goto(pathToFileURL(join(folder, file)).href + hash);
  return page;
}

afterEach(async () => {
  for (const page of pages.splice(0)) await page.close();
  expect(complaints.splice(0)).toEqual([]);
  // The page itself from the disk, and what it made itself: nothing from the network, and nothing sent there.
  expect(requests.splice(0).filter((each) => !/^(?:file|blob|data):/.test(each))).toEqual([]);
});

const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true });

async function fileOf(page: Page, press: () => Promise<void>): Promise<string> {
  const [download] = await Promise.all([page.waitForEvent('download'), press()]);
  return textOf(download);
}

const textOf = async (download: Download): Promise<string> => readFileSync(await download.path(), 'utf8');

/** What a page breaks of the rules. */
async function broken(page: Page): Promise<string[]> {
  await page.evaluate(axe);
  return page.evaluate(async (tags) => {
    type Result = { violations: { id: string; nodes: { target: string[]; failureSummary: string }[] }[] };
    const run = (globalThis as unknown as { axe: { run(of: Document, how: object): Promise<Result> } }).axe.run;
    const { violations } = await run(document, { runOnly: { type: 'tag', values: tags } });
    return violations.flatMap(({ id, nodes }) =>
      nodes.map(({ target, failureSummary }) => `${id}: ${target.join(' ')} ${failureSummary}`),
    );
  }, RULES);
}

/** Calls `partita` and takes what it prints. */
async function partita(...args: string[]): Promise<{ readonly exit: number; readonly data: string }> {
  let data = '';
  const exit = await main(args, {
    data: (text) => {
      data += text;
    },
    people: () => undefined,
    colour: false,
    style: (_, text) => text,
    progress: () => undefined,
    done: () => undefined,
  });
  return { exit, data };
}

/** Starts a scenario and lets it run until it has come so far at least, then pauses it. */
async function start(page: Page, file: string, seconds: number): Promise<void> {
  await page.getByRole('button', { name: file }).click();
  await page.locator('.live-state').waitFor();
  await advance(page, seconds);
}

async function advance(page: Page, seconds: number): Promise<void> {
  await page.getByLabel('Speed of the run').selectOption({ label: '10 ×' });
  await button(page, 'Run').click();
  await page.waitForFunction(
    (wanted) => Number(/[\d.]+/.exec(document.querySelector('.live-state')?.textContent ?? '')?.[0] ?? 0) >= wanted,
    seconds,
  );
  await page.locator('#bar').getByRole('button', { name: 'Pause' }).click();
  await page.locator('.live-state', { hasText: 'Waiting' }).waitFor();
}

describe('a world that is started in the page', () => {
  test('goes on, takes what is done to it, and is repeated by partita replay with the same fingerprint', async () => {
    const page = await look();
    await start(page, 'raft-failover.yaml', 4);
    await page.getByRole('tab', { name: 'Interventions' }).click();
    await page.getByLabel('Host', { exact: true }).last().selectOption('n2');
    await button(page, 'Crash').click();
    await page
      .getByText(/^n2 crashes at/)
      .first()
      .waitFor();
    await page.getByLabel('Host', { exact: true }).last().selectOption('n1');
    await settled(page);
    await page.getByLabel('What to do').selectOption('link-cut');
    await page.getByLabel('From', { exact: true }).selectOption('n1');
    await page.getByLabel('To', { exact: true }).selectOption('n3');
    await button(page, 'Do it').click();
    await page
      .getByText(/^n1 → n3 is cut/)
      .first()
      .waitFor();
    await advance(page, 7);
    await button(page, 'Heal all cuts').click();
    await page
      .getByText(/^n1 → n3 is cut from .* to /)
      .first()
      .waitFor();
    await page.getByRole('tab', { name: 'Terminal' }).click();
    // It is up whatever the time is by now.
    await page.locator('#terminal').getByLabel('Host', { exact: true }).selectOption('n3');
    const line = page.getByLabel('Command on n3');
    await line.fill('raft frob');
    await line.press('Enter');
    await page.locator('.prompt-said', { hasText: 'has no subcommand `frob`' }).waitFor();
    await line.fill('raft st');
    await line.press('Tab');
    expect(await line.inputValue()).toBe('raft status');
    await line.press('Enter');
    await line.press('ArrowUp');
    expect(await line.inputValue()).toBe('raft status');
    await line.press('ArrowDown');
    expect(await line.inputValue()).toBe('');
    await page.locator('#terminal .screen').getByText('leader').first().waitFor();
    const text = await fileOf(page, () => button(page, 'Save replay file').click());
    expect(text).toMatch(/\{ kind: command, .*host: n3/);
    const path = join(folder, 'live.yaml');
    writeFileSync(path, text);
    const { data } = await partita('replay', path, '--json');
    const recorded = /^fingerprint: "?([0-9a-f]{16})"?$/m.exec(text)?.[1];
    expect(recorded).toBeDefined();
    expect(JSON.parse(data)).toMatchObject({ fingerprint: recorded, outcome: 'same', parting: null });
  });

  test('is parted by a line that is dragged across the network, and its disks stall; a wrong value is told at its field', async () => {
    const page = await look();
    await start(page, 'raft-failover.yaml', 6);
    await page.getByRole('tab', { name: 'Interventions' }).click();
    const [one, other] = await Promise.all(
      ['n1', 'n2'].map((name) => page.locator('.plan-frame .hosts [role=button]', { hasText: name }).first().boundingBox()),
    );
    const frame = await page.locator('.plan-frame').boundingBox();
    if (one == null || other == null || frame == null) throw new Error('The network is not in sight.');
    const x = (one.x + one.width / 2 + other.x + other.width / 2) / 2;
    await page.mouse.move(x, frame.y + 4);
    await page.mouse.down();
    await page.mouse.move(x, frame.y + frame.height - 4, { steps: 4 });
    await page.mouse.up();
    await settled(page);
    expect(await page.getByLabel('What to do').inputValue()).toBe('partition');
    const sides = await page
      .locator('.several select')
      .evaluateAll((all) => all.map((each) => (each as HTMLSelectElement).value));
    expect(sides[0]).not.toBe(sides[1]);
    await page.getByLabel('For how long').fill('2 weeks ago');
    await button(page, 'Do it').click();
    await page.getByText('Give a time such as 500ms or 10s, or none.').waitFor();
    await page.getByLabel('For how long').fill('1s');
    await button(page, 'Do it').click();
    await page.locator('.entries', { hasText: /parted/ }).waitFor();
    await page.getByLabel('For how long').fill('');
    await page.getByLabel('What to do').selectOption('disk-error');
    await page.getByLabel('Share, 0 to 1').fill('10');
    await button(page, 'Do it').click();
    await page.locator('.wrong', { hasText: 'Expected a probability from 0 to 1' }).waitFor();
    expect(await page.getByLabel('Share, 0 to 1').getAttribute('aria-invalid')).toBe('true');
    await page.getByLabel('Share, 0 to 1').fill('0.5');
    await button(page, 'Do it').click();
    await page.locator('.entries', { hasText: /disk/ }).waitFor();
    await advance(page, 8);
    await page.getByRole('button', { name: /^End: .*disk/ }).click();
    await page.locator('.entries', { hasText: /disk.* to / }).waitFor();
    expect(await broken(page)).toEqual([]);
    const text = await fileOf(page, () => button(page, 'Save replay file').click());
    const path = join(folder, 'parted.yaml');
    writeFileSync(path, text);
    const { data } = await partita('replay', path, '--json');
    expect(JSON.parse(data)).toMatchObject({ outcome: 'same', parting: null });
  });

  test('goes back to an instant of its past, and what was done later is undone', async () => {
    const page = await look();
    await start(page, 'two-segments.yaml', 2);
    await page.getByRole('tab', { name: 'Interventions' }).click();
    await button(page, 'Pause').last().click();
    await page.locator('.entries', { hasText: 'stand still' }).waitFor();
    await page.getByRole('slider', { name: 'Instant' }).press('Home');
    await page.locator('#fork:enabled').waitFor();
    await page.keyboard.press('x');
    await page.locator('.entries', { hasText: 'Nothing was done' }).waitFor();
    await settled(page);
    expect(await page.locator('.live-state').textContent()).toBe('Waiting at 0.000 s');
    // Time went back in the link, too.
    await page.waitForFunction(() => location.hash.includes('t=0s'));
  });

  test('is begun from a scenario that was pasted; its mistakes are told with their lines', async () => {
    const page = await look();
    const text = page.getByLabel('Scenario in YAML');
    const good = await text.inputValue();
    await text.fill(good.replace('on: lan, address: 10.0.1.11', 'on: lam, address: 10.0.1.11'));
    await button(page, 'Start it').click();
    const mistake = page.locator('.mistakes button').first();
    await mistake.waitFor();
    expect(await mistake.textContent()).toMatch(/^line 7, column \d+.*lam/);
    await mistake.click();
    expect(await text.evaluate((area: HTMLTextAreaElement) => area.value.slice(area.selectionStart).split('\n')[0])).toContain(
      'lam',
    );
    // What can be run and may not be meant so is said while it is written.
    await text.fill(good.replace('-discover=blue', '-discover=blue -encrypt abc'));
    await page.locator('.mistakes', { hasText: /^Warning, line 9, column \d+.*is no key/ }).waitFor();
    await text.fill(good.replace('at: 0s', 'at: 2s'));
    await button(page, 'Start it').click();
    await page.locator('.live-state').waitFor();
    await settled(page);
    expect(await page.locator('#facts').textContent()).toContain('2 nodes');
    // Members are shown as soon as there are any, and what was read beside the picture stays in front.
    expect(await page.getByRole('tab', { name: 'Members' }).count()).toBe(0);
    await page.getByRole('tab', { name: 'Interventions' }).click();
    await advance(page, 3);
    await page.getByRole('tab', { name: 'Members' }).waitFor();
    await settled(page);
    expect(await page.getByRole('tab', { name: 'Interventions' }).getAttribute('aria-selected')).toBe('true');
    expect(await page.locator('.live-state').textContent()).toMatch(/^Waiting at /);
  });
});

describe('a failure that is opened', () => {
  const failing = {
    shipped: 'raft-failover.yaml',
    interventions: [
      { kind: 'host-crash', host: 'n2', at: '6s' },
      { kind: 'host-crash', host: 'n3', at: '7s' },
      { kind: 'link-loss', rate: 0.1, from: 'client', to: 'n1', at: '1s', until: '2s' },
    ],
    until: 40e9,
  };

  test('can be changed and made again, and the page says whether it still fails', async () => {
    const page = await look(`#v=1&t=7s&run=${await packRecipe(failing)}`);
    const sentence = page.locator('.sentence');
    await sentence.waitFor();
    const first = await sentence.textContent();
    expect(first).not.toMatch(/held|Nothing/);
    const file = await fileOf(page, () => button(page, 'Save replay file').click());
    const path = join(folder, 'failure.yaml');
    writeFileSync(path, file);
    // From here on as somebody who was sent the file.
    const other = await look();
    await other.locator('#welcome input[type=file]').setInputFiles(path);
    await other.locator('.sentence', { hasText: 'It still fails in the same way.' }).waitFor();
    await other.getByRole('tab', { name: 'Interventions' }).click();
    await other.getByRole('checkbox', { name: /client → n1 loses/ }).uncheck();
    await button(other, 'Run again').click();
    await other.locator('#bar', { hasText: 'Compare with the run before' }).waitFor();
    await settled(other);
    expect(await other.locator('.sentence').textContent()).toContain('It still fails in the same way.');
    for (const name of [/n2 crashes/, /n3 crashes/]) await other.getByRole('checkbox', { name }).uncheck();
    await button(other, 'Run again').click();
    await other.locator('.sentence', { hasText: 'It no longer fails.' }).waitFor();
    await button(other, 'Compare with the run before').click();
    await settled(other);
    expect(await other.locator('.parting').textContent()).toMatch(/^Both runs are the same up to \d\.\d{6} s\./);
    expect(await broken(other)).toEqual([]);
    await other.getByRole('slider', { name: 'Instant' }).press('End');
    await button(other, 'Go on live from here').click();
    await other.locator('.live-state', { hasText: 'Waiting at 40.000 s' }).waitFor();
  });

  test('has a link that makes it again elsewhere, and says so when it does not', async () => {
    const page = await look(`#v=1&t=7s&run=${await packRecipe(failing)}`);
    await page.locator('.sentence').waitFor();
    await page.getByRole('slider', { name: 'Instant' }).press('ArrowRight');
    await page.waitForFunction(() => location.hash.includes('&run=') && !location.hash.includes('t=7s'));
    const hash = await page.evaluate(() => location.hash);
    expect(hash.length).toBeLessThan(8192);
    const other = await look(hash);
    await other.locator('.sentence').waitFor();
    await settled(other);
    expect(await other.locator('.clock').getAttribute('data-instant')).toBe(
      await page.locator('.clock').getAttribute('data-instant'),
    );
    expect(await other.locator('#notice').isVisible()).toBe(false);
    const stale = await look(`#v=1&t=1s&run=${await packRecipe({ ...failing, version: '0.0.1', fingerprint: '0'.repeat(16) })}`);
    await stale.locator('#notice', { hasText: 'This is not the run that the link was made of' }).waitFor();
    expect(await stale.locator('#notice').textContent()).toContain('Partita 0.0.1');
    const cut = await look(`${hash.slice(0, -40)}`);
    await cut.locator('#notice', { hasText: 'cannot be read' }).waitFor();
    expect(await cut.locator('#welcome').isVisible()).toBe(true);
  });
});

test('a value of an entry can be changed; a wrong one is told at its field', async () => {
  const recipe = {
    shipped: 'raft-failover.yaml',
    interventions: [{ kind: 'link-loss', rate: 0.1, from: 'client', to: 'n1', at: '6s', until: '8s' }],
    until: 10e9,
  };
  const page = await look(`#v=1&t=7s&run=${await packRecipe(recipe)}`);
  await page.locator('.sentence').waitFor();
  await page.getByRole('tab', { name: 'Interventions' }).click();
  const entry = page.locator('.entries li', { hasText: 'client → n1 loses' });
  await entry.getByRole('button', { name: /^Values of/ }).click();
  const rate = entry.getByLabel(/^Share/);
  expect(await rate.inputValue()).toBe('0.1');
  expect(await button(page, 'Run again').isDisabled()).toBe(true);
  await rate.fill('7');
  await button(page, 'Run again').click();
  await entry.locator('.wrong', { hasText: 'Expected a probability from 0 to 1' }).waitFor();
  expect(await broken(page)).toEqual([]);
  await rate.fill('0.9');
  await entry.getByLabel(/^From of/).selectOption('n2');
  await button(page, 'Run again').click();
  await page.locator('.entries li', { hasText: 'n2 → n1 loses 90 %' }).waitFor();
  await settled(page);
  expect(await page.locator('#bar').textContent()).toContain('Compare with the run before');
});

test('two tabs of one run keep each other’s bookmarks, and each its own world', async () => {
  const context = await browser.newContext({ viewport: { width: 1280, height: 720 } });
  const hash = `#v=1&t=20s&run=${await packRecipe({ shipped: 'two-segments.yaml' })}`;
  const open = async (): Promise<Page> => {
    const page = await context.newPage();
    page.setDefaultTimeout(15_000);
    pages.push(page);
    await page.goto(pathToFileURL(join(folder, 'viewer.html')).href + hash);
    await page.locator('.sentence').waitFor();
    await settled(page);
    return page;
  };
  const bookmark = async (page: Page): Promise<void> => {
    await page.getByRole('slider', { name: 'Instant' }).focus();
    await page.keyboard.press('b');
    await settled(page);
  };
  const marks = (page: Page) => page.evaluate(() => Object.entries(localStorage).filter(([key]) => key.includes('bookmarks')));
  const [one, other] = [await open(), await open()];
  await bookmark(one);
  await other.getByRole('slider', { name: 'Instant' }).focus();
  await other.keyboard.press('.');
  await bookmark(other);
  const [[, numbers] = []] = await marks(one);
  expect(numbers?.split(' ')).toHaveLength(2);
  // Each goes on live by itself; what is bookmarked there is not of the run that was.
  await button(one, 'Go on live from here').click();
  await one.locator('.live-state').waitFor();
  await button(other, 'Go on live from here').click();
  await other.locator('.live-state').waitFor();
  await one.getByRole('tab', { name: 'Interventions' }).click();
  await button(one, 'Crash').click();
  await one.locator('.entries', { hasText: 'crashes' }).waitFor();
  await bookmark(one);
  await other.getByRole('tab', { name: 'Interventions' }).click();
  await other.locator('.entries', { hasText: 'Nothing was done' }).waitFor();
  expect(await marks(other)).toHaveLength(1);
  await context.close();
});

test('a link into a trace says so when it was made of another run', async () => {
  const trace = join(folder, 'two.partita');
  const scenario = join(import.meta.dirname, '..', 'scenarios', 'two-segments.yaml');
  await partita('run', scenario, '--trace', trace);
  writeFileSync(
    join(folder, 'two.html'),
    embedTrace(readFileSync(join(folder, 'viewer.html'), 'utf8'), readFileSync(trace), 'two'),
  );
  const page = await look('', {}, 'two.html');
  await page.getByRole('slider', { name: 'Instant' }).press('ArrowRight');
  await page.waitForFunction(() => /&h=[0-9a-f]{16}&c=/.test(location.hash));
  await page.waitForFunction(() => location.hash.includes('&run='));
  const hash = await page.evaluate(() => location.hash);
  await page.reload();
  await page.locator('#viewer').waitFor();
  await settled(page);
  expect(await page.locator('#notice').isVisible()).toBe(false);
  // Who has no trace has the run all the same, and it is the same one.
  const without = await look(hash);
  await without.locator('.sentence').waitFor();
  await settled(without);
  expect(await without.locator('#notice').isVisible()).toBe(false);
  const other = await look(hash.replace(/&h=.*/, `&h=${'0'.repeat(16)}&c=0.0.1`), {}, 'two.html');
  await other.locator('#notice', { hasText: 'It was made with Partita 0.0.1' }).waitFor();
  expect(await other.locator('.clock').getAttribute('data-instant')).toBe(
    await page.locator('.clock').getAttribute('data-instant'),
  );
});

test('a story can be told to its end, and is so in its run', async () => {
  const page = await look();
  // What each of them claims is tested without a browser; here the way through one of them.
  for (const { title, scenes } of STORIES.slice(2, 3)) {
    await page.getByRole('button', { name: title }).click();
    for (const [place, { caption }] of scenes.entries()) {
      await page.locator('.tour .caption', { hasText: caption }).waitFor();
      await settled(page);
      expect(await page.locator('.proof').textContent()).toBe('so in this run');
      if (place < scenes.length - 1) await button(page, 'Next').click();
    }
  }
});

test('what is seen can be taken along: the picture, the events, why', async () => {
  const page = await look(`#v=1&t=90.1s&run=${await packRecipe({ shipped: 'two-segments.yaml' })}`);
  await page.locator('.sentence').waitFor();
  await page.getByLabel('Filter events').fill('kind:command');
  await settled(page);
  await button(page, 'Share').click();
  const choice = (name: RegExp) => page.locator('#share').getByRole('button', { name });
  const csv = await fileOf(page, () => choice(/^Events as CSV/).click());
  expect(csv.split('\r\n')[0]).toBe('number,time,node,peer,kind,word,bytes,cause,text');
  expect(csv.trim().split('\r\n')).toHaveLength(4);
  const events = JSON.parse(await fileOf(page, () => choice(/^Events as JSON/).click())) as { time: string; node: string }[];
  expect(events.map(({ time, node }) => `${time} ${node}`)).toEqual(['0 a', '10 b', '90 b']);
  const why = await fileOf(page, () => choice(/^Why/).click());
  expect(why).toMatch(/^two segments, seed 2603, Partita .*, event \d+\n90\.\d+ s {2}.*\n {2}because of {2}/);
  const svg = await fileOf(page, () => choice(/^Picture as SVG/).click());
  const [download] = await Promise.all([page.waitForEvent('download'), choice(/^Picture as PNG/).click()]);
  const png = readFileSync(await download.path());
  const [, width, height] = /viewBox="0 0 (\d+) (\d+)"/.exec(svg) ?? [];
  expect([png.readUInt32BE(16), png.readUInt32BE(20)]).toEqual([2 * Number(width), 2 * Number(height)]);
  for (const name of ['gateway', 'left', 'right', '10.0.1.10']) expect(svg).toContain(name);
  expect(await broken(page)).toEqual([]);
});

describe.each(['light', 'dark'] as const)('in %s', (colorScheme) => {
  test('the page before there is a run, and a run that goes on, keep the rules of WCAG 2.2 AA that a program can check', async () => {
    const page = await look('', { colorScheme });
    await page.getByRole('button', { name: 'two-segments.yaml' }).waitFor();
    expect(await broken(page)).toEqual([]);
    await start(page, 'two-segments.yaml', 1);
    await page.getByRole('tab', { name: 'Interventions' }).click();
    await button(page, 'Crash').click();
    await page.locator('.entries', { hasText: 'crashes' }).waitFor();
    await settled(page);
    expect(await broken(page)).toEqual([]);
  });
});

test.each([
  [390, 844],
  [1280, 720],
])('nothing of it is wider than a screen of %d × %d', async (width, height) => {
  const page = await look('', { viewport: { width, height } });
  await page.getByRole('button', { name: 'two-segments.yaml' }).waitFor();
  const wide = (): Promise<number> => page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  expect(await wide()).toBeLessThanOrEqual(0);
  await start(page, 'two-segments.yaml', 1);
  await page.getByRole('tab', { name: 'Interventions' }).click();
  expect(await wide()).toBeLessThanOrEqual(0);
});
