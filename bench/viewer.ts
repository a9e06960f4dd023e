import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Browser, CDPSession, Page } from 'playwright-core';
import { build } from 'vite';
import { launchBrowser } from '../sim/node/browser.ts';
import { longRun } from './long-run.ts';
import { spread, table } from './table.ts';

/** What is to be reached, in milliseconds or MiB. */
interface Goals {
  readonly paint: number;
  readonly seek: number;
  readonly scan: number;
  readonly memory: number;
  readonly frame: number;
}

const GOALS: Readonly<Record<number, Goals>> = {
  1000000: { paint: 300, seek: 50, scan: 4000, memory: 512, frame: 20 },
  10000000: { paint: 500, seek: 50, scan: 4000, memory: 512, frame: 20 },
};

const OPENINGS = 7;
const SEEKS = 60;
const SCANS = 3;

/**
 * What looks at the page from inside. It has no part in it: it hears when a file is chosen or an address changes, and waits for what is drawn
 * afterwards. A frame counts as painted when the task after it runs.
 */
const PROBE = `
  const painted = () => new Promise((done) => requestAnimationFrame(() => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => done(performance.now());
    port2.postMessage(0);
  }));
  const until = async (holds) => {
    while (!holds()) await new Promise((done) => requestAnimationFrame(done));
  };
  let chosen = 0;
  addEventListener('change', () => { chosen = performance.now(); }, true);
  globalThis.probe = {
    /** From the choice of a file until its run is painted. */
    async opened() {
      await until(() => chosen > 0 && document.querySelector('#viewer')?.hidden === false);
      return (await painted()) - chosen;
    },
    /** From a new address until the frame is painted that shows its instant, and until all is drawn that follows from it. */
    async seek(instant) {
      const clock = document.querySelector('.clock');
      const start = performance.now();
      const shown = new Promise((done) => {
        const observer = new MutationObserver(() => {
          if (clock.dataset.instant !== String(instant)) return;
          observer.disconnect();
          const { port1, port2 } = new MessageChannel();
          port1.onmessage = () => done(performance.now());
          port2.postMessage(0);
        });
        observer.observe(clock, { attributes: true });
      });
      location.hash = '#v=1&t=' + instant / 1e9 + 's';
      const first = (await shown) - start;
      if (document.documentElement.hasAttribute('data-drawing')) {
        await new Promise((done) => {
          const observer = new MutationObserver(() => {
            if (document.documentElement.hasAttribute('data-drawing')) return;
            observer.disconnect();
            done();
          });
          observer.observe(document.documentElement, { attributes: true });
        });
      }
      const { port1, port2 } = new MessageChannel();
      const drawn = new Promise((done) => { port1.onmessage = () => done(performance.now()); });
      port2.postMessage(0);
      return { first, all: (await drawn) - start };
    },
    /** From a filter until the first rows, and until all was looked at. */
    async scan(filter) {
      const input = document.querySelector('#filter input');
      const said = document.querySelector('#found');
      input.value = '';
      input.dispatchEvent(new Event('input'));
      await until(() => said.textContent.endsWith('events'));
      const start = performance.now();
      input.value = filter;
      input.dispatchEvent(new Event('input'));
      await until(() => /^[1-9]/.test(said.textContent) && said.textContent.includes(' of '));
      const first = (await painted()) - start;
      await until(() => !said.textContent.includes('…'));
      return { first, all: (await painted()) - start, said: said.textContent };
    },
    /** Times between frames, and what of them was work, while something goes on. */
    frames: [],
    watch() {
      const frames = this.frames = [];
      let last = performance.now();
      const next = (now) => {
        const began = performance.now();
        frames.push(now - last);
        last = now;
        if (this.frames === frames) requestAnimationFrame(next);
      };
      requestAnimationFrame(next);
    },
    stop() {
      const frames = this.frames.slice(2);
      this.frames = [];
      return frames;
    },
  };
`;

/** How long the page's own thread has worked so far, in milliseconds of CPU time: other work on the machine does not count. */
async function worked(session: CDPSession): Promise<number> {
  const { metrics } = await session.send('Performance.getMetrics');
  return 1000 * (metrics.find(({ name }) => name === 'TaskDuration')?.value ?? Number.NaN);
}

/** The page, opened on a trace file as a person would; the time to its first picture. */
async function opened(
  browser: Browser,
  url: string,
  trace: string,
): Promise<{ page: Page; session: CDPSession; paint: number; work: number }> {
  const page = await browser.newPage({ viewport: { width: 1600, height: 900 } });
  page.setDefaultTimeout(120_000);
  await page.addInitScript(PROBE);
  await page.goto(url);
  const session = await page.context().newCDPSession(page);
  await session.send('Performance.enable', { timeDomain: 'threadTicks' });
  const before = await worked(session);
  const painted = page.evaluate<number>('probe.opened()');
  await page.locator('input[type=file]').first().setInputFiles(trace);
  const paint = await painted;
  return { page, session, paint, work: (await worked(session)) - before };
}

/** MiB of memory. */
interface Memory {
  /** Of the process that the page runs in, with what it shares with others: the browser's own program, mostly. */
  readonly resident: number;
  /** What of it belongs to that process alone: its heaps, buffers and stacks. */
  readonly own: number;
}

/** The memory of the largest process that shows a page; undefined where the system does not tell. */
async function memoryOf(browser: Browser): Promise<Memory | undefined> {
  const session = await browser.newBrowserCDPSession();
  const { processInfo } = await session.send('SystemInfo.getProcessInfo');
  await session.detach();
  const sizes = processInfo
    .filter(({ type }) => type === 'renderer')
    .flatMap(({ id }): Memory[] => {
      try {
        const status = readFileSync(`/proc/${id}/status`, 'utf8');
        const [resident, own] = ['VmRSS', 'RssAnon'].map(
          (field) => Number(new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(status)?.[1]) / 1024,
        ) as [number, number];
        return [{ resident, own }];
      } catch {
        return [];
      }
    });
  return sizes.toSorted((a, b) => b.resident - a.resident)[0];
}

const quantile = (values: readonly number[], part: number): number => {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))] ?? Number.NaN;
};

const ms = (value: number): string => value.toFixed(value < 100 ? 1 : 0);

function row(
  what: string,
  values: readonly number[],
  goal?: { readonly of: string; readonly value: number; readonly most: number },
): string[] {
  const { median, min, max } = spread(values);
  const judged =
    goal === undefined ? '' : `${goal.of} ≤ ${goal.most}: ${goal.value <= goal.most ? 'reached' : 'missed'} (${ms(goal.value)})`;
  return [what, ms(min), ms(median), ms(quantile(values, 0.95)), ms(max), judged];
}

/** A search: until the first rows, until everything was looked at, and what is said then. */
interface Scan {
  readonly first: number;
  readonly all: number;
  readonly said: string;
}

async function measure(browser: Browser, url: string, events: number): Promise<string[][]> {
  const goals = GOALS[events] as Goals;
  const trace = await longRun(events);
  const paints: number[] = [];
  const paintWork: number[] = [];
  for (let i = 0; i < OPENINGS; i++) {
    const { page, paint, work } = await opened(browser, url, trace);
    paints.push(paint);
    paintWork.push(work);
    await page.close();
  }
  const { page, session } = await opened(browser, url, trace);
  const end = await page.evaluate<number>("Number(document.querySelector('.timeline').getAttribute('aria-valuemax'))");
  const seeks: { first: number; all: number }[] = [];
  const seekWork: number[] = [];
  // Multiples of the golden ratio: as far from each other as can be, and the same each time.
  for (let i = 1; i <= SEEKS; i++) {
    const before = await worked(session);
    seeks.push(await page.evaluate(`probe.seek(${Math.floor(((i * 0.618_034) % 1) * end)})`));
    seekWork.push((await worked(session)) - before);
  }
  const scans: Scan[] = [];
  for (let i = 0; i < SCANS; i++) scans.push(await page.evaluate("probe.scan('node:a7 kind:drop')"));
  // Nothing of it is in the index: what each record says is put into words.
  const text = await page.evaluate<Scan>("probe.scan('a7 suspect')");
  await page.locator('#filter input').fill('');
  const line = await page.locator('.timeline').boundingBox();
  const frames: { scrub: number[]; play: number[] } = { scrub: [], play: [] };
  if (line !== null) {
    const y = line.y + line.height / 2;
    await page.mouse.move(line.x + 20, y);
    await page.mouse.down();
    await page.evaluate('probe.watch()');
    await page.mouse.move(line.x + line.width - 20, y, { steps: 240 });
    frames.scrub = await page.evaluate<number[]>('probe.stop()');
    await page.mouse.up();
  }
  await page.evaluate(`probe.seek(${Math.floor(end / 3)})`);
  await page.evaluate('probe.watch()');
  await page.keyboard.press('Space');
  await page.waitForTimeout(4000);
  frames.play = await page.evaluate<number[]>('probe.stop()');
  const memory = await memoryOf(browser);
  await page.close();
  const shown = seeks.map(({ first }) => first);
  const seek = { of: 'p95', value: quantile(shown, 0.95), most: goals.seek };
  const all = scans.map((scan) => scan.all);
  return [
    row('first paint, ms', paints, { of: 'median', value: quantile(paints, 0.5), most: goals.paint }),
    row('first paint, CPU of the page, ms', paintWork),
    row('seek to the first frame, ms', shown, seek),
    row(
      'seek until all is drawn, ms',
      seeks.map(({ all }) => all),
    ),
    row('seek, CPU of the page, ms', seekWork),
    row(
      'search, first rows, ms',
      scans.map(({ first }) => first),
      {
        of: 'median',
        value: quantile(
          scans.map(({ first }) => first),
          0.5,
        ),
        most: 100,
      },
    ),
    row('search, all, ms', all, { of: 'median', value: quantile(all, 0.5), most: goals.scan }),
    row('search for a text, first rows, ms', [text.first]),
    row('search for a text, all, ms', [text.all]),
    row('frame while scrubbing, ms', frames.scrub, { of: 'p99', value: quantile(frames.scrub, 0.99), most: goals.frame }),
    row('frame while playing, ms', frames.play, { of: 'p99', value: quantile(frames.play, 0.99), most: goals.frame }),
    ...(memory === undefined
      ? []
      : [
          row('memory of the page, MiB', [memory.resident], { of: 'at the end', value: memory.resident, most: goals.memory }),
          row('of it its own, MiB', [memory.own]),
        ]),
  ].map((cells) => [`${events / 1e6} million`, ...cells]);
}

/** How the viewer does with large traces, in a headless Chromium without a GPU. */
export async function viewer(only: readonly number[] = Object.keys(GOALS).map(Number)): Promise<void> {
  console.log(`
## viewer
Traces of 60 Serf agents in two VLANs, with crashes, that the simulator made, opened from a file in a headless Chromium. Wall time: other work on the
machine counts.
`);
  const folder = mkdtempSync(join(tmpdir(), 'partita-bench-'));
  const root = join(import.meta.dirname, '..', '..', 'viz');
  await build({ root, configFile: join(root, 'vite.config.ts'), logLevel: 'error', build: { outDir: folder } });
  const browser = await launchBrowser();
  try {
    const url = pathToFileURL(join(folder, 'viewer.html')).href;
    const rows: string[][] = [];
    for (const events of only) rows.push(...(await measure(browser, url, events)));
    console.log(table(['events', 'what', 'least', 'median', 'p95', 'most', 'to be'], rows));
  } finally {
    await browser.close();
    rmSync(folder, { recursive: true, force: true });
  }
}
