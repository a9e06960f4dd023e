import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Browser, Page, ViewportSize } from 'playwright-core';
import { build } from 'vite';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { launchBrowser } from '../sim/node/browser.ts';
import { embedTrace } from '../sim/node/page.ts';
import { serve } from '../sim/node/serve.ts';
import { Memory } from '../sim/trace/sink.ts';
import { cursorAfter, cursorAt } from './model/cursor.ts';
import { Describer } from './model/describe.ts';
import { parseFilter } from './model/filter.ts';
import { markersOf } from './model/markers.ts';
import { Members } from './model/members.ts';
import { Nodes } from './model/nodes.ts';
import { Packets } from './model/packets.ts';
import { readRun } from './model/read.ts';
import type { Run } from './model/run.ts';
import { Terminals } from './model/terminal.ts';
import { settled } from './testing/settled.ts';
import { storyTrace } from './testing/story.ts';

const folder = mkdtempSync(join(tmpdir(), 'partita-viewer-'));
const bytes = storyTrace();
let browser: Browser;
let html: string;
let run: Run;

beforeAll(async () => {
  const root = import.meta.dirname;
  await build({ root, configFile: join(root, 'vite.config.ts'), logLevel: 'error', build: { outDir: folder } });
  html = readFileSync(join(folder, 'viewer.html'), 'utf8');
  writeFileSync(join(folder, 'story.html'), embedTrace(html, bytes, 'a story'));
  const read = await readRun(new Memory(bytes));
  if ('problem' in read) throw new Error(read.problem);
  run = read.run;
  browser = await launchBrowser();
});
afterAll(async () => {
  await browser?.close();
  rmSync(folder, { recursive: true, force: true });
});

/** An open page, and everything that it complained about or asked the network for. */
class Viewer {
  readonly page: Page;
  readonly errors: string[] = [];
  readonly requests: string[] = [];

  constructor(page: Page) {
    this.page = page;
    page.on('console', (message) => {
      if (['error', 'warning'].includes(message.type())) this.errors.push(message.text());
    });
    page.on('pageerror', (error) => this.errors.push(error.message));
    page.on('request', (request) => this.requests.push(request.url()));
  }

  async instant(): Promise<number> {
    return Number(await this.page.locator('.clock').getAttribute('data-instant'));
  }

  /** Waits until the page shows an instant and a number of events. */
  async shows(instant: number, position: number): Promise<void> {
    await this.page.locator(`.clock[data-instant="${instant}"]`).waitFor();
    await this.page.getByText(`event ${position} of ${run.records.count}`, { exact: true }).waitFor();
    await settled(this.page);
  }

  async conditions(): Promise<(string | null)[]> {
    return Promise.all((await this.page.locator('.node').all()).map((node) => node.getAttribute('aria-label')));
  }
}

const open: Viewer[] = [];

async function visit(url: string, viewport: ViewportSize = { width: 1280, height: 720 }): Promise<Viewer> {
  const page = await browser.newPage({ viewport });
  page.setDefaultTimeout(15_000);
  const viewer = new Viewer(page);
  open.push(viewer);
  await page.goto(url);
  return viewer;
}

const story = (hash = ''): string => pathToFileURL(join(folder, 'story.html')).href + hash;

async function look(hash = '', viewport?: ViewportSize): Promise<Viewer> {
  const viewer = await visit(story(hash), viewport);
  await viewer.page.locator('#viewer').waitFor();
  await settled(viewer.page);
  return viewer;
}

afterEach(async () => {
  const errors = open.flatMap((viewer) => viewer.errors);
  for (const viewer of open.splice(0)) await viewer.page.close();
  expect(errors).toEqual([]);
});

describe('the page', () => {
  test('is one file that asks the network for nothing', async () => {
    const viewer = await look();
    expect(viewer.requests.filter((url) => !url.startsWith('data:'))).toEqual([story()]);
    expect(html).not.toMatch(/<(script|link)[^>]+(src|href)="(?!data:)/);
  });

  test('says what run it shows', async () => {
    const { page } = await look();
    await expect(page.title()).resolves.toBe('a story of two VLANs · Partita');
    expect(await page.locator('#facts').textContent()).toBe(`seed 2603 · 10 s · ${run.records.count} events · 7 nodes`);
    expect(await page.getByRole('button', { name: '1 violated: show the checks' }).isVisible()).toBe(true);
  });

  test('begins at the start and does not play by itself', async () => {
    const viewer = await look();
    expect(await viewer.instant()).toBe(0);
    expect(await viewer.page.getByRole('button', { name: 'Play', exact: true }).isVisible()).toBe(true);
  });

  test.each([320, 390, 768, 1024, 1280, 1920, 2560])('needs no sideways scrolling at a width of %d', async (width) => {
    const { page } = await look('#v=1&t=6.2s', { width, height: 720 });
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width);
  });
});

describe('at any instant the page says what the model says', () => {
  const instants = [0, 1.1, 1.40102, 3.00002, 5.6, 6.4, 7.3, 10];
  test.each(instants)('at %d s: states of hosts, beliefs, packets and rows', async (seconds) => {
    const viewer = await look(`#v=1&t=${seconds}s`);
    const { page } = viewer;
    const cursor = cursorAt(run.records, run.end, seconds * 1e9);
    await viewer.shows(cursor.instant, cursor.position);

    const words = { running: 'running', idle: 'up', paused: 'paused', down: 'down' };
    const nodes = new Nodes(run);
    const names = run.topology.nodes.map(({ name }) => name);
    expect((await viewer.conditions()).map((label) => label?.replace(/;.*$/, ''))).toEqual(
      names.map((name, i) => `${name}, ${words[nodes.at(cursor.position, i).condition]}`),
    );

    await page.getByRole('tab', { name: 'Members' }).click();
    await page.locator('#members').getByRole('button', { name: 'Table' }).click();
    await settled(page);
    const beliefs = await page
      .locator('#members .plain tbody tr')
      .evaluateAll((rows) => rows.map((row) => [...row.querySelectorAll('td')].slice(0, -1).map((cell) => cell.textContent)));
    expect(beliefs).toEqual(new Members(run).at(cursor.position).beliefs.map((row) => row.map((belief) => belief ?? 'unknown')));

    const flying = new Packets(run).at(cursor, 0).flying.length;
    const said = await page.locator('#wires-text').textContent();
    expect(said).toMatch(flying === 0 ? /^Nothing is on the wires\./ : new RegExp(`^${flying} on the wires: `));

    const current = page.locator('.row.current');
    const row = new Describer(run).row(cursor.position - 1);
    expect(await current.locator('[role=gridcell]').allTextContents()).toEqual([row.time, row.node, row.kind, row.text]);
  });

  test('every host’s terminal', async () => {
    const { page } = await look('#v=1&t=5.7s');
    const terminals = new Terminals(run);
    const { position } = cursorAt(run.records, run.end, 5.7e9);
    for (const [node, { name }] of run.topology.nodes.entries()) {
      await page.locator(`.node[data-node="${name}"]`).click();
      await page.locator(`.node[data-node="${name}"][data-selected]`).waitFor();
      await settled(page);
      const lines = terminals.at(position, node).lines.map(({ type, text }) => (type === 'command' ? `${name} $ ${text}` : text));
      expect(await page.locator('.screen .line pre').allTextContents()).toEqual(lines);
    }
  });

  test('verdicts, and which of them are still to come', async () => {
    const { page } = await look('#v=1&t=6s');
    await page.getByRole('tab', { name: /^Checks/ }).click();
    await settled(page);
    const rows = await page
      .locator('.verdict')
      .evaluateAll((all) =>
        all.map((row) => [
          row.querySelector('.check')?.textContent,
          row.querySelector('.outcome')?.textContent,
          row.hasAttribute('data-later'),
        ]),
      );
    expect(rows).toEqual(run.verdicts.map(({ check, outcome, at }) => [check, outcome, at > 6e9]));
  });

  test('a multicast lights its own segment and no other', async () => {
    const { page } = await look('#v=1&t=1.40102s');
    await page.getByText('event 37 of').waitFor();
    await settled(page);
    // How opaque the canvas is along the middle of each bar.
    const lit = await page.evaluate(() => {
      const canvas = document.querySelector('canvas.wires') as HTMLCanvasElement;
      const { width, height } = canvas;
      const { data } = (canvas.getContext('2d') as CanvasRenderingContext2D).getImageData(0, 0, width, height);
      return [...document.querySelectorAll<SVGRectElement>('.bus')].map((bar) => {
        const [x, y, length] = [bar.x.baseVal.value, bar.y.baseVal.value + 4, bar.width.baseVal.value];
        const places = Array.from({ length: 20 }, (_, i) => Math.round(y) * width + Math.round(x + (length * (i + 0.5)) / 20));
        return places.filter((place) => (data[4 * place + 3] ?? 0) > 0).length;
      });
    });
    expect(lit).toEqual([20, 0]);
  });
});

describe('moving through the run', () => {
  test('by event: forwards over all of it, and back', async () => {
    const viewer = await look();
    const { page } = viewer;
    for (let position = 1; position <= run.records.count; position++) {
      await page.keyboard.press('.');
      const { instant } = cursorAfter(run.records, position);
      await viewer.shows(instant, position);
      expect(await page.locator('#detail .event-text').textContent()).toBe(new Describer(run).text(position - 1));
    }
    for (let position = run.records.count - 1; position >= run.records.count - 20; position--) {
      await page.getByRole('button', { name: 'One event back' }).click();
      await viewer.shows(cursorAfter(run.records, position).instant, position);
    }
  });

  test('by the slider: pointer and keys', async () => {
    const viewer = await look();
    const slider = viewer.page.getByRole('slider', { name: 'Instant' });
    const box = await slider.boundingBox();
    if (box === null) throw new Error('the slider is not there');
    await slider.click({ position: { x: box.width / 2, y: 40 } });
    await viewer.page.locator('.clock:not([data-instant="0"])').waitFor();
    await settled(viewer.page);
    const pixel = run.end / box.width;
    expect(Math.abs((await viewer.instant()) - run.end / 2)).toBeLessThan(2 * pixel);
    await slider.press('End');
    await viewer.shows(run.end, run.records.count);
    await slider.press('ArrowLeft');
    await viewer.shows(run.end * 0.99, cursorAt(run.records, run.end, run.end * 0.99).position);
    expect(await slider.getAttribute('aria-valuetext')).toBe('9.900000 seconds, event 146');
    await slider.press('Home');
    await viewer.shows(0, cursorAt(run.records, run.end, 0).position);
  });

  test('by playing, at a speed, to the end, and again from the start', async () => {
    const viewer = await look();
    const { page } = viewer;
    await page.getByLabel('Speed').selectOption('10× real time');
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'Play', exact: true }).click();
    await page.getByRole('button', { name: 'Pause' }).waitFor();
    await viewer.shows(run.end, run.records.count);
    const play = page.getByRole('button', { name: 'Play', exact: true });
    await play.click();
    await page.locator(`.clock:not([data-instant="${run.end}"])`).waitFor();
    await page.getByRole('button', { name: 'Pause' }).click();
    expect(await viewer.instant()).toBeLessThan(run.end);
  });

  test('by marker', async () => {
    const viewer = await look();
    for (const { at, number } of markersOf(run)) {
      await viewer.page.keyboard.press('n');
      await viewer.shows(at, number);
    }
    await viewer.page.keyboard.press('p');
    const last = markersOf(run).at(-2);
    await viewer.shows(last?.at ?? -1, last?.number ?? -1);
  });

  test('on the selected host', async () => {
    const viewer = await look('#v=1&t=5s&host=core');
    const places = [...run.records.node.keys()].filter((i) => run.records.node[i] === 5 && (run.records.at[i] as number) > 5e9);
    expect(places).toHaveLength(2);
    for (const place of places) {
      await viewer.page.keyboard.press('j');
      await viewer.shows(run.records.at[place] as number, place + 1);
    }
    await viewer.page.keyboard.press('k');
    await viewer.shows(run.records.at[places[0] as number] as number, (places[0] as number) + 1);
  });

  test('by the list: a click, and arrow keys', async () => {
    const viewer = await look('#v=1&t=5.6s');
    const row = viewer.page.locator('.row:not(.row-head)').nth(2);
    const here = Number((await row.getAttribute('id'))?.replace('event-', ''));
    await row.click();
    await viewer.shows(run.records.at[here - 1] as number, here);
    await viewer.page.getByRole('grid', { name: 'Events' }).press('ArrowDown');
    await viewer.shows(run.records.at[here] as number, here + 1);
    await viewer.page.getByRole('grid', { name: 'Events' }).press('End');
    await viewer.shows(run.records.at[run.records.count - 1] as number, run.records.count);
  });

  test('by causes: an answer leads back to the command that asked for it', async () => {
    const viewer = await look();
    const answer = [...run.records.word.keys()].findLast((i) => new Describer(run).text(i).startsWith('echo reply ←')) as number;
    await viewer.page.goto(story(`#v=1&t=0s&e=${answer + 1}`));
    await viewer.page.reload();
    await viewer.page.locator('#viewer').waitFor();
    await viewer.page.goto(story(`#v=1&t=${(run.records.at[answer] as number) / 1e9}s&e=${answer + 1}`));
    await viewer.shows(run.records.at[answer] as number, answer + 1);
    await viewer.page.locator('.causes').first().getByText('$ ping -c1 10.54.222.131').click();
    await viewer.page.locator('#detail .event-text', { hasText: '$ ping -c1 10.54.222.131' }).waitFor();
    expect(await viewer.instant()).toBe(5.6e9);
  });

  test('zooming the time line keeps the instant in sight', async () => {
    const { page } = await look('#v=1&t=7.1s');
    for (let i = 0; i < 6; i++) await page.getByRole('button', { name: 'Show less of the run' }).click();
    await settled(page);
    const hand = await page.locator('.hand').boundingBox();
    expect(hand?.x).toBeGreaterThan(0);
    expect(hand?.x).toBeLessThan(1280);
    expect(await page.locator('.axis .tick text').allTextContents()).toContain('7.1 s');
  });
});

describe('the filter', () => {
  test.each(['kind:drop', 'node:core', 't>9.4s', 'mdns -kind:drop', '$', ''])(
    '“%s” leaves what the model finds',
    async (filter) => {
      const parsed = parseFilter(filter, run, new Describer(run));
      const count = 'problem' in parsed ? -1 : [...run.records.kind.keys()].filter(parsed.test).length;
      expect(count).toBeGreaterThan(0);
      const { page } = await look();
      await page.getByLabel('Filter events').fill('first something else');
      await page.getByLabel('Filter events').fill(filter);
      await page.locator(`[role=grid][aria-rowcount="${count + 1}"]`).waitFor();
      await settled(page);
      expect(await page.locator('#found').textContent()).toBe(filter === '' ? '146 events' : `${count} of 146`);
    },
  );

  test('what was searched for is offered again, and a mistake is not', async () => {
    const viewer = await look();
    const input = viewer.page.getByLabel('Filter events');
    for (const text of ['kind:drop', 'kind:dorp', 'ping']) {
      await input.fill(text);
      await input.press('Enter');
    }
    await settled(viewer.page);
    const offered = viewer.page.locator('#filters option');
    expect(await offered.evaluateAll((all) => all.map((each) => each.getAttribute('value')))).toEqual(['ping', 'kind:drop']);
  });

  test('a mistake in it is said, and the rest goes on', async () => {
    const viewer = await look();
    await viewer.page.getByLabel('Filter events').fill('kind:dorp');
    await viewer.page.getByText('There is no kind “dorp”.').waitFor();
    await viewer.page.getByRole('button', { name: 'One event on' }).click();
    await viewer.shows(0, 1);
  });
});

describe('the keyboard', () => {
  test('alone reaches every control', async () => {
    const { page } = await look();
    const reached = new Set<string>();
    for (let i = 0; i < 60; i++) {
      await page.keyboard.press('Tab');
      reached.add(
        await page.evaluate(() => {
          const { activeElement: at } = document;
          return at?.getAttribute('aria-label') ?? at?.textContent ?? '';
        }),
      );
    }
    for (const name of [
      'Instant',
      'Events',
      'Play (space)',
      'Filter events',
      'Speed',
      'Host',
      'Help',
      'serf-test01, up',
      'core, up',
    ]) {
      expect([...reached].map((each) => each.replace(/^Play$/, 'Play (space)'))).toContain(name);
    }
  });

  test('letters that are typed into the filter are letters', async () => {
    const viewer = await look();
    await viewer.page.keyboard.press('/');
    await viewer.page.keyboard.type('n.jp,');
    expect(await viewer.page.getByLabel('Filter events').inputValue()).toBe('n.jp,');
    expect(await viewer.instant()).toBe(0);
  });

  test('a space on a host selects it and does not play', async () => {
    const { page } = await look();
    await page.locator('.node[data-node="core"]').focus();
    await page.keyboard.press(' ');
    await page.locator('.node[data-node="core"][data-selected]').waitFor();
    await settled(page);
    expect(await page.getByRole('button', { name: 'Play', exact: true }).isVisible()).toBe(true);
  });

  test('help opens and closes, and keys of one letter can be switched off there', async () => {
    const viewer = await look();
    const { page } = viewer;
    await page.keyboard.press('?');
    const dialog = page.getByRole('dialog', { name: 'Reading a run' });
    await dialog.waitFor();
    await dialog.getByRole('checkbox').uncheck();
    await dialog.getByRole('button', { name: 'Close' }).click();
    await dialog.waitFor({ state: 'hidden' });
    await page.keyboard.press('n');
    await page.getByRole('button', { name: 'One event on' }).click();
    await viewer.shows(0, 1);
  });
});

describe('the address bar', () => {
  test('holds a link to what is seen, and a reload keeps the place', async () => {
    const viewer = await look();
    const { page } = viewer;
    await page.locator('.node[data-node="core"]').click();
    await page.getByLabel('Filter events').fill('kind:forward');
    await settled(page);
    await page.locator('.row:not(.row-head)').nth(1).click();
    await page.waitForURL(/#v=1&t=5\.6001s&e=\d+&host=core&f=kind%3Aforward$/);
    const before = await viewer.instant();
    await page.reload();
    await page.locator('.node[data-node="core"][data-selected]').waitFor();
    await settled(page);
    expect(await viewer.instant()).toBe(before);
    expect(await page.getByLabel('Filter events').inputValue()).toBe('kind:forward');
  });

  test('a link put there is followed', async () => {
    const viewer = await look();
    await viewer.page.evaluate(() => {
      location.hash = '#v=1&t=6.2s';
    });
    await viewer.shows(6.2e9, cursorAt(run.records, run.end, 6.2e9).position);
  });

  test.each([
    ['#v=1&t=soon', 'The link names the instant “soon”'],
    ['#v=9&t=1s', 'This link is of version 9'],
  ])('%s is answered with a sentence, and the page works', async (hash, sentence) => {
    const viewer = await look(hash);
    await viewer.page.getByRole('alert').getByText(sentence).waitFor();
    await viewer.page.keyboard.press('.');
    await viewer.shows(0, 1);
  });

  test.each(['#v=1&t=99999s&e=5000', '#v=1&t=0s&e=99999', '#v=1&t=3s&host=nobody'])(
    '%s, beyond the run, shows what there is',
    async (hash) => {
      const viewer = await look(hash);
      expect(await viewer.instant()).toBeLessThanOrEqual(run.end);
    },
  );
});

describe('files', () => {
  const blank = async (): Promise<Viewer> => visit(pathToFileURL(join(folder, 'viewer.html')).href);
  const give = async (viewer: Viewer, content: Uint8Array): Promise<void> => {
    const file = { name: 'given.partita', mimeType: 'application/octet-stream', buffer: Buffer.from(content) };
    await viewer.page.locator('input[type=file]').first().setInputFiles(file);
  };

  test('without a run the page asks for one, and opens it', async () => {
    const viewer = await blank();
    await viewer.page.getByRole('heading', { name: 'Open a run' }).waitFor();
    await give(viewer, bytes);
    await viewer.shows(0, 0);
    expect(await viewer.page.locator('#welcome').isVisible()).toBe(false);
  });

  test('another run can be opened instead; keys then move that one', async () => {
    const viewer = await look('#v=1&t=6.2s');
    await viewer.shows(6.2e9, cursorAt(run.records, run.end, 6.2e9).position);
    await give(viewer, bytes);
    await viewer.shows(0, 0);
    expect(await viewer.page.locator('.node').count()).toBe(7);
    for (let position = 1; position <= 3; position++) {
      await viewer.page.keyboard.press('.');
      await viewer.shows(0, position);
    }
  });

  test('a run can be dropped on the page', async () => {
    const viewer = await blank();
    const transfer = await viewer.page.evaluateHandle(
      (content) => {
        const data = new DataTransfer();
        data.items.add(new File([Uint8Array.from(content)], 'dropped.partita'));
        return data;
      },
      [...bytes],
    );
    await viewer.page.dispatchEvent('body', 'drop', { dataTransfer: transfer });
    await viewer.shows(0, 0);
  });

  test('a run that a server offers is opened from its address', async () => {
    writeFileSync(join(folder, 'story.partita'), bytes);
    const viewing = await serve(html, join(folder, 'story.partita'), 0);
    try {
      const viewer = await visit(viewing.url);
      await viewer.shows(0, 0);
      expect(
        viewer.requests.filter((url) => !url.startsWith('data:')).every((url) => url.startsWith(new URL(viewing.url).origin)),
      ).toBe(true);
    } finally {
      await viewing.close();
    }
  });

  test('a cut-off file shows what it has, and says so', async () => {
    const viewer = await blank();
    await give(viewer, bytes.subarray(0, bytes.length - 100));
    await viewer.page.getByRole('alert').getByText('This trace is not whole.').waitFor();
    await viewer.page.locator('#viewer').waitFor();
    await viewer.page.keyboard.press('.');
    await viewer.page.locator('.row.current').waitFor();
  });

  test.each([
    ['nothing', new Uint8Array(0)],
    ['text', new TextEncoder().encode('hello: world\n'.repeat(100))],
    ['zeros', new Uint8Array(5000)],
    ['the beginning of a trace', bytes.subarray(0, 40)],
  ])('%s is refused with a sentence', async (_, content) => {
    const viewer = await blank();
    await give(viewer, content);
    const sentence = viewer.page.getByRole('alert').locator('p');
    await sentence.waitFor();
    expect(await sentence.textContent()).toMatch(/^given\.partita: This is no trace that can be read: .+\.$/);
    expect(await viewer.page.getByRole('heading', { name: 'Open a run' }).isVisible()).toBe(true);
  });

  test('a damaged byte anywhere leaves a run or a sentence, never a broken page', async () => {
    const viewer = await blank();
    for (let at = 7; at < bytes.length; at += Math.floor(bytes.length / 24)) {
      const damaged = bytes.slice();
      damaged[at] = (damaged[at] as number) ^ 0x5a;
      await viewer.page.evaluate(() => document.querySelector('#notice')?.setAttribute('hidden', ''));
      await give(viewer, damaged);
      await viewer.page.locator('body:not([aria-busy])').waitFor();
      expect(await viewer.page.locator('#viewer:not([hidden]), #welcome:not([hidden])').count()).toBe(1);
    }
  });
});
