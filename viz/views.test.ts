import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { gzipSync } from 'node:zlib';
import axe from 'axe-core';
import type { Browser, Page, ViewportSize } from 'playwright-core';
import { build } from 'vite';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { launchBrowser } from '../sim/node/browser.ts';
import { embedTrace } from '../sim/node/page.ts';
import { Memory } from '../sim/trace/sink.ts';
import { chartsOf, type LineChart } from './model/charts.ts';
import { agreementOf, hullsOf } from './model/hulls.ts';
import { layoutOf } from './model/layout.ts';
import { markersOf } from './model/markers.ts';
import { Members } from './model/members.ts';
import { Nodes } from './model/nodes.ts';
import { RaftServers } from './model/raft.ts';
import { readRun } from './model/read.ts';
import { positionAt, type Run } from './model/run.ts';
import { settled } from './testing/settled.ts';
import { tracedScenario } from './testing/simulated.ts';

/** What the page may weigh, without the pictures' data. */
const LARGEST_SCRIPTS = 150_000;
const VIEWS = ['Network', 'Space-time', 'Members', 'Raft', 'Charts', 'State'] as const;
/** Of these the browser's accessibility rules are asked for. */
const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];

const folder = mkdtempSync(join(tmpdir(), 'partita-views-'));
let browser: Browser;
let html: string;
let run: Run;
let url: string;

beforeAll(async () => {
  const root = import.meta.dirname;
  await build({ root, configFile: join(root, 'vite.config.ts'), logLevel: 'error', build: { outDir: folder } });
  html = readFileSync(join(folder, 'viewer.html'), 'utf8');
  // Three Consul servers lose power one and all: a run with members, Raft, faults and checks.
  const bytes = tracedScenario('consul-kill');
  const read = await readRun(new Memory(bytes));
  if ('problem' in read) throw new Error(read.problem);
  run = read.run;
  writeFileSync(join(folder, 'kill.html'), embedTrace(html, bytes, 'a run'));
  url = pathToFileURL(join(folder, 'kill.html')).href;
  browser = await launchBrowser();
});
afterAll(async () => {
  await browser?.close();
  rmSync(folder, { recursive: true, force: true });
});

const complaints: string[] = [];
const pages: Page[] = [];

async function look(
  hash: string,
  options: { readonly viewport?: ViewportSize; readonly colorScheme?: 'light' | 'dark' } = {},
): Promise<Page> {
  const page = await browser.newPage({ viewport: { width: 1280, height: 720 }, ...options });
  page.setDefaultTimeout(15_000);
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('console', (message) => complaints.push(message.text()));
  pages.push(page);
  await page.goto(`${url}#v=1&${hash}`);
  await page.locator('#viewer').waitFor();
  await settled(page);
  return page;
}

afterEach(async () => {
  for (const page of pages.splice(0)) await page.close();
  expect(complaints.splice(0)).toEqual([]);
});

/** What breaks a rule, and where. */
async function broken(page: Page): Promise<string[]> {
  await page.evaluate(axe.source);
  return page.evaluate(async (tags) => {
    type Result = { violations: { id: string; nodes: { target: string[]; failureSummary: string }[] }[] };
    const run = (globalThis as unknown as { axe: { run(of: Document, how: object): Promise<Result> } }).axe.run;
    const { violations } = await run(document, { runOnly: { type: 'tag', values: tags } });
    return violations.flatMap(({ id, nodes }) =>
      nodes.map(({ target, failureSummary }) => `${id}: ${target.join(' ')} ${failureSummary}`),
    );
  }, RULES);
}

test('the scripts of the page weigh at most 150 kB, compressed', () => {
  const scripts = [...html.matchAll(/<script type="module">([\s\S]*?)<\/script>/g)].map(([, text]) => text ?? '');
  expect(scripts).toHaveLength(1);
  expect(gzipSync(scripts.join('')).length).toBeLessThanOrEqual(LARGEST_SCRIPTS);
});

describe.each(['light', 'dark'] as const)('every picture in %s', (colorScheme) => {
  test('keeps the rules of WCAG 2.2 AA that a program can check, and so does its table', async () => {
    const page = await look('t=30.2s', { colorScheme });
    for (const view of VIEWS) {
      await page.getByRole('tab', { name: view }).click();
      await settled(page);
      expect(await broken(page), view).toEqual([]);
      const table = page.locator(`#${view.toLowerCase().replace('-', '')}`).getByRole('button', { name: 'Table' });
      if ((await table.count()) === 0) continue;
      await table.click();
      await settled(page);
      expect(await page.locator('.twin:visible table').count()).toBe(1);
      expect(await broken(page), `${view} as a table`).toEqual([]);
      await table.click();
    }
    await page.getByRole('tab', { name: /^Checks/ }).click();
    await page.keyboard.press('?');
    await settled(page);
    expect(await broken(page), 'checks and help').toEqual([]);
  });
});

test('the page that asks for a run keeps the same rules', async () => {
  const page = await browser.newPage({ viewport: { width: 1280, height: 720 } });
  pages.push(page);
  await page.goto(pathToFileURL(join(folder, 'viewer.html')).href);
  await page.locator('#welcome:visible').waitFor();
  expect(await broken(page)).toEqual([]);
});

test('a part of the time line that is drawn up with the shift key is the focus, from either side', async () => {
  const page = await look('t=1s');
  const box = await page.locator('.timeline').boundingBox();
  if (box === null) throw new Error('there is no time line');
  await page.keyboard.down('Shift');
  await page.mouse.move(box.x + box.width * 0.75, box.y + 40);
  await page.mouse.down();
  await page.mouse.move(box.x + box.width * 0.5, box.y + 40, { steps: 4 });
  await page.mouse.up();
  await page.keyboard.up('Shift');
  await page.waitForURL(/focus=/);
  const [from, to] = (/focus=([\d.]+)s\.\.([\d.]+)s/.exec(page.url()) ?? []).slice(1).map(Number) as [number, number];
  const seconds = run.end / 1e9;
  expect(Math.abs(from - seconds / 2)).toBeLessThan(seconds / 100);
  expect(Math.abs(to - seconds * 0.75)).toBeLessThan(seconds / 100);
});

describe('every picture', () => {
  test.each([
    [390, 844],
    [1280, 720],
    [2560, 1440],
  ])('fits a window of %d × %d and is drawn there', async (width, height) => {
    const page = await look('t=35.2s', { viewport: { width, height } });
    for (const view of VIEWS) {
      if (width >= 1800 && view === 'Network') continue;
      await page.getByRole('tab', { name: view }).click();
      await settled(page);
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width);
      const empty = await page.locator('canvas:visible').evaluateAll(
        (all) =>
          all.filter((each) => {
            const canvas = each as HTMLCanvasElement;
            const copy = new OffscreenCanvas(Math.max(1, canvas.width), Math.max(1, canvas.height));
            const context = copy.getContext('2d', { willReadFrequently: true });
            context?.drawImage(canvas, 0, 0);
            const data = context?.getImageData(0, 0, copy.width, copy.height).data;
            return canvas.getAttribute('aria-label') !== 'Packets on the wires' && data?.some((value) => value !== 0) !== true;
          }).length,
      );
      expect(empty).toBe(0);
    }
  });

  test('comes to the stage of a phone without a complaint, whatever its first words take of its room', async () => {
    const page = await look('t=35.2s', { viewport: { width: 390, height: 844 } });
    for (const view of ['raft', 'charts', 'spacetime', 'members'] as const) {
      await page.locator(`#tab-${view}`).click();
      await settled(page);
      expect(await page.locator('#notice:visible').count(), view).toBe(0);
    }
  });

  test('has a name, and says in words what it shows', async () => {
    const page = await look('t=30.2s');
    for (const [view, name] of [
      ['Space-time', 'Space-time diagram'],
      ['Members', 'Who believes what of whom'],
      ['Raft', 'Raft: roles, terms and logs'],
      ['Charts', 'Charts over time'],
    ] as const) {
      await page.getByRole('tab', { name: view }).click();
      const canvas = page.getByRole('application', { name });
      await canvas.waitFor();
      await settled(page);
      const described = (await canvas.getAttribute('aria-describedby')) ?? '';
      expect((await page.locator(`#${described}`).textContent())?.length).toBeGreaterThan(30);
    }
  });
});

describe('the page says what the simulation came to', () => {
  test.each([4, 12, 22, 33, 50])('at %d s: each server’s role, term, vote and log', async (seconds) => {
    const page = await look(`t=${seconds}s&view=raft`);
    await page.locator('#raft').getByRole('button', { name: 'Table' }).click();
    await settled(page);
    const shown = await page
      .locator('#raft .plain tbody tr')
      .evaluateAll((rows) => rows.map((row) => [...row.children].slice(0, 8).map((cell) => cell.textContent)));
    const servers = new RaftServers(run).at(positionAt(run.records, seconds * 1e9));
    expect(shown).toEqual(
      servers.map(({ name, role, term, vote, leader, last, lastTerm, commit }) =>
        [name, role ?? '', term, vote, leader, last, lastTerm, commit].map(String),
      ),
    );
  });

  test.each([12, 19, 50])('at %d s: what the leader knows of each log, and since when it is heard', async (seconds) => {
    const page = await look(`t=${seconds}s&view=raft`);
    await page.locator('#raft').getByRole('button', { name: 'Table' }).click();
    await settled(page);
    const columns = await page.locator('#raft .plain thead th').allTextContents();
    const wanted = ['Match', 'Next', 'Majority heard (s)'].map((name) => columns.indexOf(name));
    const rows = await page
      .locator('#raft .plain tbody tr')
      .evaluateAll((all) => all.map((row) => [...row.children].map((cell) => cell.textContent)));
    const raft = new RaftServers(run);
    const position = positionAt(run.records, seconds * 1e9);
    const servers = raft.at(position);
    expect(servers.filter(({ next }) => next !== undefined).length).toBeGreaterThan(0);
    expect(rows.map((row) => wanted.map((column) => row[column]))).toEqual(
      servers.map((server) => {
        const heard = raft.heardSince(server, position);
        return [server.match ?? '', server.next ?? '', heard === undefined ? '' : (Math.floor(heard / 1e3) / 1e6).toFixed(6)].map(
          String,
        );
      }),
    );
  });

  test('the round trips of the messages that are chosen', async () => {
    const page = await look('t=33s&view=charts');
    await page.getByLabel('Which chart').selectOption('latency');
    await page.getByLabel('Round trips of').selectOption('ping');
    await page.locator('#charts').getByRole('button', { name: 'Table' }).click();
    await settled(page);
    expect(await page.locator('#charts .plain thead th').allTextContents()).toEqual([
      'Until (s)',
      'Round trips of ping: p5 to p95',
      'Round trips of ping: p25 to p75',
      'Round trips of ping: median',
    ]);
    const source = { run, members: new Members(run), nodes: new Nodes(run), matrix: undefined, raft: undefined, trip: 'ping' };
    const { charts } = chartsOf(source, { from: 0, to: run.end }, 180);
    const median = (charts.find(({ id }) => id === 'latency') as LineChart).series[2]?.values ?? new Float64Array();
    const shown = await page.locator('#charts .plain tbody td:last-child').allTextContents();
    const told = [...new Set(shown.filter((text) => text !== 'none'))];
    expect(told.length).toBeGreaterThan(5);
    const known = new Set([...median].map((value) => value.toFixed(2)));
    for (const text of told) expect(known).toContain(Number.parseFloat(text).toFixed(2));
  });

  test.each([12, 33])('at %d s: who believes the same is outlined together', async (seconds) => {
    const page = await look(`t=${seconds}s`);
    await page.keyboard.press('m');
    await page.getByLabel('Outlines').selectOption('agreement');
    await settled(page);
    const groups = agreementOf(new Members(run), new Nodes(run), positionAt(run.records, seconds * 1e9));
    const hulls = groups === undefined ? [] : hullsOf(layoutOf(run.topology), groups);
    expect(await page.locator('.hull').count()).toBe(hulls.length);
    expect(await page.locator('.hull-name', { hasText: 'agree' }).count()).toBe(new Set(groups?.values()).size);
  });

  test('who began to lead, and when', async () => {
    const page = await look('t=1s');
    await page.getByRole('tab', { name: 'Moments' }).click();
    await page.getByLabel('Which').selectOption('Leaders');
    await settled(page);
    const elections = markersOf(run).filter(({ type }) => type === 'leader');
    expect(elections.length).toBeGreaterThan(1);
    expect(await page.locator('.moments .moment .mono').allTextContents()).toEqual(
      elections.map(({ at }) => (Math.floor(at / 1e6) / 1e3).toFixed(3)),
    );
  });

  test('at 33 s: what each holds of each', async () => {
    const page = await look('t=33s&view=members');
    await page.locator('#members').getByRole('button', { name: 'Table' }).click();
    await settled(page);
    const shown = await page
      .locator('#members .plain tbody tr')
      .evaluateAll((rows) => rows.map((row) => [...row.querySelectorAll('td')].slice(0, -1).map((cell) => cell.textContent)));
    const { beliefs } = new Members(run).at(positionAt(run.records, 33e9));
    expect(shown).toEqual(beliefs.map((row) => row.map((belief) => (belief === 'dead' ? 'failed' : (belief ?? 'unknown')))));
  });
});

describe('the keyboard alone', () => {
  const instant = async (page: Page): Promise<number> => Number(await page.locator('.clock').getAttribute('data-instant'));

  test('walks through the pictures and back', async () => {
    const page = await look('t=12s');
    await page.getByRole('tab', { name: 'Network' }).focus();
    const names = await page.locator('#stage [role=tab]:visible').allTextContents();
    expect(names).toEqual(expect.arrayContaining([...VIEWS]));
    for (const view of [...names.slice(1), 'Network']) {
      await page.keyboard.press('ArrowRight');
      await page.locator(`#stage [role=tab][aria-selected=true]`, { hasText: view }).waitFor();
    }
    await page.keyboard.press('v');
    await page.locator('#spacetime:visible').waitFor();
    await settled(page);
    expect(page.url()).toContain('v=1');
  });

  test('walks along a lane of the space-time diagram, over to the next, and along a message', async () => {
    const page = await look('t=12s&view=spacetime&host=c1');
    await page.getByRole('application', { name: 'Space-time diagram' }).focus();
    const start = await instant(page);
    await page.keyboard.press('ArrowRight');
    await page.locator(`.clock:not([data-instant="${start}"])`).waitFor();
    await settled(page);
    expect(await page.locator('#said').textContent()).toMatch(/^\d+\.\d{6} s, /);
    await page.keyboard.press('ArrowDown');
    await expect.poll(() => page.getByLabel('Host', { exact: true }).locator('option:checked').textContent()).toBe('c2');
    await page.getByLabel('Filter events').fill('kind:send');
    await settled(page);
    await page.locator('.row:not(.row-head)').nth(2).click();
    await settled(page);
    const sent = await page.locator('#detail .event-text').textContent();
    await page.getByRole('application', { name: 'Space-time diagram' }).focus();
    await page.keyboard.press('Enter');
    await page.locator('#detail .event-name', { hasText: /deliver|drop/ }).waitFor();
    await page.keyboard.press('Enter');
    await page.locator('#detail .event-text', { hasText: sent ?? '?' }).waitFor();
  });

  test('moves a lane of the space-time diagram, as dragging its name does', async () => {
    const page = await look('t=12s&view=spacetime&host=c1');
    const canvas = page.getByRole('application', { name: 'Space-time diagram' });
    const said = page.locator('#spacetime .found');
    const count = run.topology.nodes.length;
    await canvas.focus();
    await page.keyboard.press('Shift+ArrowDown');
    await said.filter({ hasText: `c1 has lane 2 of ${count}` }).waitFor();
    await page.keyboard.press('Shift+ArrowUp');
    await said.filter({ hasText: `c1 has lane 1 of ${count}` }).waitFor();
    const box = await canvas.boundingBox();
    if (box === null) throw new Error('there is no diagram');
    const lane = (box.height - 36) / count;
    const y = (place: number): number => box.y + 30 + (place + 0.5) * lane;
    await page.mouse.move(box.x + 30, y(0));
    await page.mouse.down();
    await page.mouse.move(box.x + 30, y(count - 1), { steps: 12 });
    await page.mouse.up();
    await said.filter({ hasText: `c1 has lane ${count} of ${count}` }).waitFor();
  });

  test('plays the focus round and round, until that is switched off', async () => {
    const page = await look('t=30s&focus=30s..30.4s');
    await page.getByLabel('Speed').selectOption({ label: '1× real time' });
    await page.getByRole('button', { name: 'Play', exact: true }).focus();
    await page.keyboard.press('l');
    await page.getByRole('button', { name: 'Play round and round' }).and(page.locator('[aria-pressed=true]')).waitFor();
    await page.keyboard.press(' ');
    const shows = (least: number, most: number): Promise<unknown> =>
      page.waitForFunction(
        ([from, to]) => {
          const now = Number(document.querySelector<HTMLElement>('.clock')?.dataset.instant);
          return now >= from && now <= to;
        },
        [least, most] as const,
      );
    for (let round = 0; round < 2; round++) {
      await shows(30.3e9, 30.4e9);
      await shows(30e9, 30.1e9);
    }
    await page.keyboard.press('l');
    await page.getByRole('button', { name: 'Play', exact: true }).waitFor();
    expect(await instant(page)).toBe(30.4e9);
  });

  test('chooses an entry of a log and goes to where it was appended', async () => {
    const page = await look('t=50s&view=raft');
    await page.getByRole('application', { name: 'Raft: roles, terms and logs' }).focus();
    await page.keyboard.press('Home');
    await page.keyboard.press('End');
    await page.keyboard.press('ArrowLeft');
    await page.locator('#raft .about', { hasText: /^Entry \d+ of term \d+, \S+: c\d appended/ }).waitFor();
    await page.keyboard.press('Enter');
    await page.locator('.clock:not([data-instant="50000000000"])').waitFor();
  });

  test('chooses a belief and reads it', async () => {
    const page = await look('t=33s&view=members');
    await page.getByRole('application', { name: 'Who believes what of whom' }).focus();
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('ArrowDown');
    await page.locator('#members .about', { hasText: /^c2 (holds for|knows nothing of)/ }).waitFor();
  });

  test('keeps all views to a part of the run, and lets go again', async () => {
    const page = await look('t=10s');
    const count = (from: number, to: number): string => String(positionAt(run.records, to) - positionAt(run.records, from - 1));
    await page.keyboard.press('[');
    await page.locator('.goto').fill('20s');
    await page.locator('.goto').press('Enter');
    await page.keyboard.press(']');
    await page.locator('#found', { hasText: new RegExp(`^${count(10e9, 20e9).replace(/\B(?=(\d{3})+$)/g, '.')} of`) }).waitFor();
    await page.waitForURL(/focus=10s\.\.20s/);
    await page.keyboard.press('\\');
    await page.locator('#found', { hasText: /events$/ }).waitFor();
  });

  test('reads what stands out as a list, and goes there', async () => {
    const page = await look('t=1s');
    await page.getByRole('tab', { name: 'Moments' }).click();
    await page.getByLabel('Which').selectOption('Faults');
    await page.locator('.moments button').first().press('Enter');
    await page.locator('.clock[data-instant="20000000000"]').waitFor();
    await settled(page);
    expect(await page.locator('.moments [aria-current=true]').textContent()).toMatch(/^20\.000(fault|crash): /);
  });

  test('focuses on what the space-time diagram shows', async () => {
    const page = await look('t=33s&view=spacetime');
    await settled(page);
    await page.keyboard.press('f');
    await page.waitForURL(/focus=3[12]\.\d+s\.\.3[34](\.\d+)?s/);
  });

  test('puts a bookmark, goes away, and comes back to it', async () => {
    const page = await look('t=12.345s');
    await page.keyboard.press('b');
    await page.locator('.when .round[aria-pressed=true]').waitFor();
    await settled(page);
    const place = await page.locator('.position').textContent();
    await page.getByRole('slider', { name: 'Instant' }).press('Home');
    await page.locator('.when .round[aria-pressed=false]').waitFor();
    for (let i = 0; i < 40 && (await page.locator('.when .round[aria-pressed=true]').count()) === 0; i++) {
      await page.keyboard.press('n');
      await settled(page);
    }
    expect(await page.locator('.position').textContent()).toBe(place);
  });
});
