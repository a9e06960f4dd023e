// Takes pictures of a run in the viewer: each view, light and dark, on a small screen, a large one and a phone.
//
//   node viz/screenshots.mjs FILE.html [FOLDER] [--at 1.5s] [--host NAME] [--view raft] [--focus 1s..2s] [--docs NAME.png]
//
// FILE.html is a page that `partita run --page` or `partita view --out` wrote. Needs a build (`npm run build`). With --docs only one picture is taken,
// of one view in a light window of 1280 × 720, and put into docs/ under that name.
import { mkdirSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const { launchBrowser } = await import(pathToFileURL(join(root, 'dist', 'sim', 'node', 'browser.js')).href);

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    at: { type: 'string', default: '0s' },
    host: { type: 'string' },
    view: { type: 'string' },
    focus: { type: 'string' },
    docs: { type: 'string' },
  },
});
const [page, folder = 'screenshots'] = positionals;
if (page === undefined) {
  process.stderr.write(
    'Which page? node viz/screenshots.mjs FILE.html [FOLDER] [--at 1.5s] [--host NAME] [--view raft] [--docs NAME.png]\n',
  );
  process.exit(64);
}

/** A picture in the docs is not to weigh on those who clone. */
const LARGEST_BYTES = 200_000;

const SIZES = [
  [1280, 720],
  [2560, 1440],
  [390, 844],
];

function address(view) {
  const { at, host, focus } = values;
  const parts = { v: '1', t: at, host, view, focus };
  const known = Object.entries(parts).filter(([, value]) => value !== undefined);
  return `${pathToFileURL(resolve(page)).href}#${known.map(([name, value]) => `${name}=${encodeURIComponent(value)}`).join('&')}`;
}

/** @returns the views that the run has */
async function shoot(browser, { width, height, colorScheme, view, path }) {
  const shown = await browser.newPage({ viewport: { width, height }, colorScheme });
  await shown.goto(address(view));
  await shown.locator('#viewer').waitFor();
  for (let frame = 0; frame < 3; frame++) await shown.evaluate(() => new Promise((done) => requestAnimationFrame(done)));
  await shown.screenshot({ path });
  const views = await shown
    .locator('#stage > .tabs [role=tab]')
    .evaluateAll((tabs) => tabs.map(({ id }) => id.replace('tab-', '')));
  await shown.close();
  process.stdout.write(`${path}\n`);
  return views;
}

const browser = await launchBrowser();
try {
  if (values.docs === undefined) {
    mkdirSync(folder, { recursive: true });
    const first = values.view ?? 'network';
    for (const colorScheme of ['light', 'dark']) {
      for (const [width, height] of SIZES) {
        const path = (view) => join(folder, `${view}-${width}x${height}-${colorScheme}.png`);
        const views = await shoot(browser, { width, height, colorScheme, view: first, path: path(first) });
        if (values.view !== undefined) continue;
        for (const view of views.filter((each) => each !== first)) {
          await shoot(browser, { width, height, colorScheme, view, path: path(view) });
        }
      }
    }
  } else {
    const path = join(root, 'docs', values.docs);
    await shoot(browser, { width: 1280, height: 720, colorScheme: 'light', view: values.view, path });
    const { size } = statSync(path);
    if (size > LARGEST_BYTES) throw new Error(`${path} has ${size} bytes; a picture in the docs may have ${LARGEST_BYTES}`);
  }
} finally {
  await browser.close();
}
