import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { CDPSession, Page } from 'playwright-core';
import { build } from 'vite';
import { launchBrowser } from '../sim/node/browser.ts';
import { spread, table } from './table.ts';

const NODES = 100;
const SECONDS = 600;
/** To be reached: multiples of real time, and milliseconds for which the page's thread works at a stretch. */
const LEAST_SPEED = 100;
const MOST_BLOCKED = 50;

/** A hundred agents who have long known each other, one of whom goes away now and then. */
const SCENARIO = `name: a hundred agents
start: converged
network:
  segments:
    left: { subnet: 10.0.1.0/24, latency: 100us..2ms }
    right: { subnet: 10.0.2.0/24, latency: 100us..2ms }
  routers:
    gateway: { on: [left, right] }
hosts:
  a: { on: left, count: ${NODES / 2} }
  b: { on: right, count: ${NODES / 2} }
timeline:
  - { at: 0s, on: all, run: serf agent }
  - { at: 100s, crash: a3, until: 130s }
  - { at: 300s, crash: b7, until: 330s }
until: ${SECONDS}s
`;

/** A task of the page's own thread. */
interface Task {
  /** Milliseconds that it took, and of these on a processor. */
  readonly took: number;
  readonly worked: number;
}

interface TraceEvent {
  readonly name: string;
  readonly ph: string;
  readonly pid: number;
  readonly tid: number;
  readonly dur?: number;
  readonly tdur?: number;
  readonly args?: { readonly name?: string };
}

/** What the threads of a page do while something goes on: from the browser's own account, which has the CPU time of each task. */
async function tasksOf(session: CDPSession, act: () => Promise<void>): Promise<{ page: Task[]; worker: Task[] }> {
  const events: TraceEvent[] = [];
  session.on('Tracing.dataCollected', ({ value }) => void events.push(...(value as unknown as TraceEvent[])));
  await session.send('Tracing.start', {
    transferMode: 'ReportEvents',
    traceConfig: { includedCategories: ['toplevel', 'disabled-by-default-devtools.timeline', '__metadata'] },
  });
  await act();
  const complete = new Promise((done) => session.once('Tracing.tracingComplete', done));
  await session.send('Tracing.end');
  await complete;
  const page = events.find(({ name, args }) => name === 'thread_name' && args?.name === 'CrRendererMain');
  const threads = events.filter(({ name, pid }) => name === 'thread_name' && pid === page?.pid);
  const tasksIn = (called: RegExp): Task[] => {
    const tids = threads.filter(({ args }) => called.test(args?.name ?? '')).map(({ tid }) => tid);
    return events
      .filter(({ name, pid, tid }) => name === 'RunTask' && pid === page?.pid && tids.includes(tid))
      .map(({ dur = 0, tdur = 0 }) => ({ took: dur / 1000, worked: tdur / 1000 }));
  };
  return { page: tasksIn(/^CrRendererMain$/), worker: tasksIn(/^DedicatedWorker/) };
}

async function started(page: Page, url: string): Promise<void> {
  page.setDefaultTimeout(120_000);
  await page.goto(url);
  await page.getByLabel('Scenario in YAML').fill(SCENARIO);
  await page.getByRole('button', { name: 'Start it', exact: true }).click();
  await page.locator('.live-state').waitFor();
}

/** Where the run is, in virtual seconds. */
const clock = async (page: Page): Promise<number> =>
  Number(/[\d.]+/.exec((await page.locator('.live-state').textContent()) ?? '')?.[0] ?? Number.NaN);

async function go(page: Page): Promise<number> {
  await page.getByLabel('Speed of the run').selectOption({ label: 'as fast as it goes' });
  const begun = performance.now();
  await page.locator('#bar').getByRole('button', { name: 'Run', exact: true }).click();
  await page.locator('.live-state', { hasText: `Waiting at ${SECONDS}.` }).waitFor();
  return performance.now() - begun;
}

/** The longest of them by the time on a processor, with how long each then took. */
const longest = (tasks: readonly Task[]): readonly Task[] => tasks.toSorted((a, b) => b.worked - a.worked).slice(0, 5);

const ms = (value: number): string => value.toFixed(1);

/** How live mode does with many hosts, in a headless Chromium without a GPU. */
export async function live(runs = 3): Promise<void> {
  console.log(`
## live
${NODES} Serf agents in two VLANs for ${SECONDS} virtual seconds, as fast as it goes, in the page of a headless Chromium. How long its thread works at a
stretch is CPU time, by the browser's own account; the speed and the way back are wall time, to which other work on the machine adds.
`);
  const folder = mkdtempSync(join(tmpdir(), 'partita-live-bench-'));
  const root = join(import.meta.dirname, '..', '..', 'viz');
  await build({ root, configFile: join(root, 'vite.config.ts'), logLevel: 'error', build: { outDir: folder } });
  const browser = await launchBrowser();
  try {
    const url = pathToFileURL(join(folder, 'viewer.html')).href;
    const speeds: number[] = [];
    const workers: number[] = [];
    const tasks: Task[] = [];
    const back: number[] = [];
    for (let i = 0; i < runs; i++) {
      const page = await browser.newPage({ viewport: { width: 1600, height: 900 } });
      const session = await page.context().newCDPSession(page);
      await started(page, url);
      const done = await tasksOf(session, async () => {
        speeds.push((SECONDS * 1000) / (await go(page)));
      });
      tasks.push(...done.page);
      workers.push((SECONDS * 1000) / done.worker.reduce((sum, { worked }) => sum + worked, 0));
      await page.evaluate(`location.hash = '#v=1&t=${SECONDS - 10}s'`);
      await page.locator('#fork:enabled').waitFor();
      const begun = performance.now();
      await page.locator('#fork').click();
      await page.locator('.live-state', { hasText: `Waiting at ${SECONDS - 10}.` }).waitFor();
      back.push(performance.now() - begun);
      if (!(Math.abs((await clock(page)) - (SECONDS - 10)) < 0.001)) throw new Error('the run did not go back');
      await page.close();
    }
    const speed = spread(speeds);
    const own = spread(workers);
    const worst = longest(tasks);
    const most = worst[0]?.worked ?? Number.NaN;
    const verdict = (good: boolean): string => (good ? 'reached' : 'missed');
    console.log(
      table(
        ['what', 'least', 'median', 'most', 'to be'],
        [
          [
            'speed, × real time',
            ms(speed.min),
            ms(speed.median),
            ms(speed.max),
            `≥ ${LEAST_SPEED}: ${verdict(speed.median >= LEAST_SPEED)}`,
          ],
          ['speed, × CPU time of the simulator', ms(own.min), ms(own.median), ms(own.max), ''],
          [
            'the page’s thread works at a stretch, ms of CPU',
            '',
            '',
            ms(most),
            `≤ ${MOST_BLOCKED}: ${verdict(most <= MOST_BLOCKED)}`,
          ],
          ['back by 10 s, ms', ms(spread(back).min), ms(spread(back).median), ms(spread(back).max), ''],
        ],
      ),
    );
    console.log(
      `\nThe longest stretches, CPU (wall): ${worst.map((each) => `${ms(each.worked)} (${ms(each.took)})`).join(', ')} ms.`,
    );
  } finally {
    await browser.close();
    rmSync(folder, { recursive: true, force: true });
  }
}
