// Takes pictures of a run in the viewer, light and dark, at three sizes. With --docs it also renews the one that the README shows.
//
//   node viz/screenshots.mjs FILE.html [FOLDER] [--at 1.5s] [--docs]
//
// FILE.html is a page that `partita run --page` or `partita view --out` wrote. Needs a build (`npm run build`).
import { mkdirSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const { launchBrowser } = await import(pathToFileURL(join(root, 'dist', 'sim', 'node', 'browser.js')).href);

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { at: { type: 'string', default: '0s' }, host: { type: 'string' }, docs: { type: 'boolean', default: false } },
});
const [page, folder = 'screenshots'] = positionals;
if (page === undefined) {
  process.stderr.write('Which page? node viz/screenshots.mjs FILE.html [FOLDER] [--at 1.5s] [--host NAME] [--docs]\n');
  process.exit(64);
}
const host = values.host === undefined ? '' : `&host=${encodeURIComponent(values.host)}`;
const address = `${pathToFileURL(resolve(page)).href}#v=1&t=${values.at}${host}`;

/** The README's picture is not to weigh on those who clone. */
const LARGEST_BYTES = 200_000;

const SIZES = [
  [1280, 720],
  [2560, 1440],
  [390, 844],
];

async function shoot(browser, { width, height, colorScheme, path, tab }) {
  const view = await browser.newPage({ viewport: { width, height }, colorScheme });
  await view.goto(address);
  await view.locator('#viewer').waitFor();
  if (tab !== undefined) await view.getByRole('tab', { name: tab }).click();
  await view.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
  await view.screenshot({ path });
  await view.close();
  process.stdout.write(`${path}\n`);
}

const browser = await launchBrowser();
try {
  mkdirSync(folder, { recursive: true });
  for (const colorScheme of ['light', 'dark']) {
    for (const [width, height] of SIZES) {
      await shoot(browser, { width, height, colorScheme, path: join(folder, `${width}x${height}-${colorScheme}.png`) });
    }
    for (const tab of ['Members', 'Checks']) {
      await shoot(browser, {
        width: 1280,
        height: 720,
        colorScheme,
        tab,
        path: join(folder, `${tab.toLowerCase()}-${colorScheme}.png`),
      });
    }
  }
  if (values.docs) {
    const path = join(root, 'docs', 'viewer.png');
    await shoot(browser, { width: 1280, height: 720, colorScheme: 'light', path });
    const { size } = statSync(path);
    if (size > LARGEST_BYTES) throw new Error(`${path} has ${size} bytes; the README's picture may have ${LARGEST_BYTES}`);
  }
} finally {
  await browser.close();
}
