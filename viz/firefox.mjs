// Runs every shipped scenario in an installed Firefox and compares what it comes to with scenarios/fingerprints.json: npm run fingerprints:firefox
//
// Ends with 0 when all agree, and when no Firefox is installed, which it says; with 1 when one differs, or not all came in time. FIREFOX_PATH names
// another executable than the firefox-esr or firefox of the PATH. It runs headless, with a profile of its own, on a page that this machine serves.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { build } from 'vite';

const LONGEST_MS = 100_000;
const scenarios = join(import.meta.dirname, '..', 'scenarios');
const committed = JSON.parse(readFileSync(join(scenarios, 'fingerprints.json'), 'utf8'));

/** Nothing that would ask a person or the network, and no end to a script that works for long. */
const PREFERENCES = {
  'app.normandy.enabled': false,
  'app.update.enabled': false,
  'browser.aboutwelcome.enabled': false,
  'browser.shell.checkDefaultBrowser': false,
  'browser.startup.homepage_override.mstone': 'ignore',
  'datareporting.policy.dataSubmissionEnabled': false,
  'dom.max_script_run_time': 0,
  'extensions.update.enabled': false,
  'network.captive-portal-service.enabled': false,
  'network.connectivity-service.enabled': false,
  'services.settings.server': 'data:,',
  'toolkit.telemetry.enabled': false,
};

/** @returns a Firefox that runs, with the version that it says; undefined when there is none */
function findFirefox() {
  const { FIREFOX_PATH: named = '', PATH = '' } = process.env;
  const usual = ['firefox-esr', 'firefox'].flatMap((name) => PATH.split(':').map((folder) => join(folder, name)));
  for (const path of named === '' ? usual.filter((each) => existsSync(each)) : [named]) {
    const { status, stdout } = spawnSync(path, ['--version'], { encoding: 'utf8' });
    if (status === 0) return { path, version: stdout.trim() };
    if (named !== '') throw new Error(`FIREFOX_PATH is ${named}, which does not run`);
  }
  return undefined;
}

/** The simulator as a script that makes `partita.fingerprint`. */
async function program() {
  const [output] = await build({
    configFile: false,
    logLevel: 'error',
    build: { write: false, lib: { entry: join(import.meta.dirname, 'fingerprint.ts'), name: 'partita', formats: ['iife'] } },
  });
  return output.output[0].code;
}

/** Runs in the page: one scenario after the other, and each is told at once. */
const WORK = `(async () => {
  for (const name of await (await fetch('/names')).json()) {
    const text = await (await fetch('/scenario/' + name)).text();
    let came;
    try {
      came = partita.fingerprint(text);
    } catch (error) {
      came = String(error);
    }
    await fetch('/came/' + name, { method: 'POST', body: came });
  }
})();`;

/** Serves the page and what it asks for; `tell` hears of each scenario that was run. */
function serverOf(script, tell) {
  const HTML = 'text/html; charset=utf-8';
  const answers = {
    '/': [HTML, '<!doctype html><title>Fingerprints</title><script src="/program.js"></script><script src="/work.js"></script>'],
    '/program.js': ['text/javascript; charset=utf-8', script],
    '/work.js': ['text/javascript; charset=utf-8', WORK],
    '/names': ['application/json', JSON.stringify(Object.keys(committed))],
  };
  for (const name of Object.keys(committed))
    answers[`/scenario/${name}`] = ['text/plain; charset=utf-8', readFileSync(join(scenarios, name), 'utf8')];
  return createServer(async (request, response) => {
    const [type, text] = answers[request.url] ?? [];
    if (request.method === 'POST' && request.url.startsWith('/came/')) {
      const parts = await request.toArray();
      response.writeHead(204).end();
      tell(request.url.slice('/came/'.length), Buffer.concat(parts).toString());
    } else if (type === undefined) response.writeHead(404).end();
    else response.writeHead(200, { 'content-type': type }).end(text);
  });
}

/** @returns what each scenario came to that was run in time */
async function comeTo(firefox) {
  const came = new Map();
  const script = await program();
  let server;
  const all = new Promise((done) => {
    server = serverOf(script, (name, fingerprint) => {
      came.set(name, fingerprint);
      if (came.size === Object.keys(committed).length) done();
    });
  });
  await new Promise((listening) => server.listen(0, '127.0.0.1', listening));
  const profile = mkdtempSync(join(tmpdir(), 'partita-firefox-'));
  const lines = Object.entries(PREFERENCES).map(
    (preference) => `user_pref(${preference.map((each) => JSON.stringify(each)).join(', ')});\n`,
  );
  writeFileSync(join(profile, 'user.js'), lines.join(''));
  // A group of its own, so that its helpers end with it.
  const browser = spawn(
    firefox.path,
    ['--headless', '--no-remote', '--profile', profile, `http://127.0.0.1:${server.address().port}/`],
    {
      detached: true,
      stdio: 'ignore',
      env: { ...process.env, HOME: profile, MOZ_CRASHREPORTER_DISABLE: '1' },
    },
  );
  const ended = new Promise((done) => browser.on('exit', done).on('error', done));
  try {
    await Promise.race([all, ended, wait(LONGEST_MS, undefined, { ref: false })]);
  } finally {
    if (browser.exitCode === null && browser.pid !== undefined) process.kill(-browser.pid, 'SIGKILL');
    await ended;
    server.closeAllConnections();
    server.close();
    rmSync(profile, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  }
  return came;
}

const firefox = findFirefox();
if (firefox === undefined) {
  process.stdout.write('No Firefox is installed: its fingerprints were not compared. On Debian: apt-get install firefox-esr\n');
} else {
  const begun = performance.now();
  const came = await comeTo(firefox);
  const wrong = Object.entries(committed).filter(([name, fingerprint]) => came.get(name) !== fingerprint);
  for (const [name, fingerprint] of wrong)
    process.stderr.write(`${name}: ${came.get(name) ?? 'nothing came'}, committed is ${fingerprint}\n`);
  const seconds = ((performance.now() - begun) / 1000).toFixed(1);
  process.stdout.write(
    `${firefox.version}: ${came.size - wrong.filter(([name]) => came.has(name)).length} of ${Object.keys(committed).length} scenarios as committed, in ${seconds} s\n`,
  );
  if (wrong.length > 0) process.exitCode = 1;
}
