import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { chromiumFromNpm, type Executable, type Problem, versionOf } from './chromium.ts';

/** A browser that was found, and how. */
export interface FoundBrowser extends Executable {
  readonly source: 'CHROME_PATH' | 'npm' | 'installed';
}

/** What is known of the browser that tests and screenshots use; `partita doctor` prints it. */
export type BrowserFacts = FoundBrowser | Problem;

/** No Chromium can be had on this machine; the message says what to do about it. */
export class NoBrowserError extends Error {
  override name = 'NoBrowserError';
}

/** Nothing that would ask for a GPU, a display or the network. */
const ARGUMENTS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/**
 * Finds the Chromium to test with: the one that CHROME_PATH names, else the one that comes with npm (Linux x64), else an
 * installed Chrome, Chromium or Edge.
 *
 * The first call on a machine unpacks the npm one, which takes some seconds.
 */
export async function findBrowser(): Promise<BrowserFacts> {
  const named = process.env.CHROME_PATH;
  if (named !== undefined && named !== '') {
    const tried = tryOut('CHROME_PATH', named);
    return 'problem' in tried ? { problem: `CHROME_PATH is ${named}, which does not run: ${tried.problem}` } : tried;
  }
  const packed = await chromiumFromNpm();
  if (!('problem' in packed)) return { ...packed, source: 'npm' };
  for (const path of installedPlaces().filter((place) => existsSync(place))) {
    const tried = tryOut('installed', path);
    if (!('problem' in tried)) return tried;
  }
  return { problem: `${packed.problem}; and no Chrome, Chromium or Edge is installed in a usual place` };
}

/**
 * Starts a headless Chromium; the caller closes it.
 *
 * @throws NoBrowserError when there is none
 */
export async function launchBrowser(): Promise<Browser> {
  const found = await findBrowser();
  if ('problem' in found) throw new NoBrowserError(adviceFor(found.problem));
  const { chromium } = await playwright();
  return await chromium.launch({
    executablePath: found.path,
    args: ARGUMENTS,
    env: { ...(process.env as Record<string, string>), ...found.environment },
  });
}

const adviceFor = (problem: string): string =>
  `No browser to test with: ${problem}. Install Chrome or Chromium and set CHROME_PATH to its executable, for example CHROME_PATH=/usr/bin/chromium.`;

/** A development dependency: an installed partita runs without it. */
async function playwright(): Promise<typeof import('playwright-core')> {
  try {
    return await import('playwright-core');
  } catch {
    throw new NoBrowserError('The npm package playwright-core is not installed. Run: npm install');
  }
}

function tryOut(source: FoundBrowser['source'], path: string): FoundBrowser | Problem {
  // On Windows `chrome.exe --version` opens a window instead of answering.
  const tried =
    process.platform === 'win32' ? (existsSync(path) ? { version: 'unknown' } : { problem: 'no such file' }) : versionOf(path);
  return 'problem' in tried ? tried : { source, path, environment: {}, version: tried.version };
}

function installedPlaces(): string[] {
  switch (process.platform) {
    case 'darwin':
      return ['Google Chrome', 'Chromium', 'Microsoft Edge'].map((name) => `/Applications/${name}.app/Contents/MacOS/${name}`);
    case 'win32':
      return [process.env.PROGRAMFILES, process.env['PROGRAMFILES(X86)'], process.env.LOCALAPPDATA]
        .filter((root) => root !== undefined)
        .flatMap((root) => [
          join(root, 'Google', 'Chrome', 'Application', 'chrome.exe'),
          join(root, 'Microsoft', 'Edge', 'Application', 'msedge.exe'),
        ]);
    default: {
      const names = ['google-chrome', 'google-chrome-stable', 'chromium', 'chromium-browser', 'chrome', 'microsoft-edge'];
      const folders = (process.env.PATH ?? '').split(':').filter((folder) => folder !== '');
      return folders.flatMap((folder) => names.map((name) => join(folder, name)));
    }
  }
}
