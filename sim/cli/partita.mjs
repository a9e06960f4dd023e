#!/usr/bin/env node
// Starts Partita. In a checkout it first builds what is missing or older than its sources, so that it works after
// `npm install`, after `npm ci --ignore-scripts` and by `npx partita`; an installed package brings `dist` and no sources.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const stamp = join(root, 'dist', '.built');
const lock = join(root, 'dist', '.building');

class BuildError extends Error {}

/** The time of the newest source, or 0 where there are none. */
function newestSource() {
  let newest = 0;
  const visit = (folder) => {
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) visit(path);
      else if (/(?<!\.test)\.(ts|css|html)$|^tsconfig\.json$/.test(entry.name)) newest = Math.max(newest, statSync(path).mtimeMs);
    }
  };
  for (const folder of ['core', 'sim', 'viz']) if (existsSync(join(root, folder, 'tsconfig.json'))) visit(join(root, folder));
  return newest;
}

const isFresh = () => existsSync(stamp) && statSync(stamp).mtimeMs >= newestSource();

/** Runs a tool of a dev dependency; its output is shown only if it fails. */
function runTool(name, bin, args) {
  const require = createRequire(import.meta.url);
  let home;
  try {
    home = dirname(require.resolve(`${name}/package.json`));
  } catch {
    throw new BuildError(`${name} is missing, so the sources cannot be built. Run: npm install`);
  }
  try {
    execFileSync(process.execPath, [join(home, bin), ...args], { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
  } catch (error) {
    throw new BuildError(`building failed.\n${error.stdout ?? ''}${error.stderr ?? ''}`);
  }
}

function build() {
  mkdirSync(join(root, 'dist'), { recursive: true });
  for (;;) {
    try {
      mkdirSync(lock);
      break;
    } catch {
      // Another partita is building. Wait for it; a lock of ten minutes is one that its owner left behind.
      if (existsSync(lock) && Date.now() - statSync(lock).mtimeMs > 600_000) rmSync(lock, { recursive: true });
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 100);
    }
  }
  try {
    if (isFresh()) return;
    const startedAt = new Date();
    if (process.stderr.isTTY) process.stderr.write('Building Partita …\r');
    runTool('typescript', 'bin/tsc', ['-b', 'core', 'sim', 'sim/cli']);
    runTool('vite', 'bin/vite.js', ['build', 'viz', '--logLevel', 'error']);
    writeFileSync(stamp, '');
    utimesSync(stamp, startedAt, startedAt);
    if (process.stderr.isTTY) process.stderr.write('\u001b[K');
  } finally {
    rmSync(lock, { recursive: true, force: true });
  }
}

try {
  if (!isFresh()) build();
  const { main } = await import(pathToFileURL(join(root, 'dist', 'sim', 'cli', 'main.js')).href);
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof BuildError)) throw error;
  process.stderr.write(`partita: ${error.message}\n`);
  process.exitCode = 70;
}
