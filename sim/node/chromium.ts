import { spawnSync } from 'node:child_process';
import {
  createReadStream,
  createWriteStream,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { setTimeout as wait } from 'node:timers/promises';
import { createBrotliDecompress } from 'node:zlib';

/** An executable and what must be in its environment for it to run here. */
export interface Executable {
  readonly path: string;
  readonly environment: Readonly<Record<string, string>>;
  /** What it says of itself, `HeadlessChrome 143.0.7499.40`. */
  readonly version: string;
}

/** A browser that cannot be had, and why, in a sentence. */
export interface Problem {
  readonly problem: string;
}

/** A lock older than this was left behind by a process that died. Unpacking takes some seconds. */
const STALE_LOCK_MS = 120_000;

/** The folder of the npm package that brings Chromium; undefined where it is not installed. */
export function chromiumPackage(): string | undefined {
  try {
    // Its only export is build/cjs/index.cjs.
    return join(dirname(createRequire(import.meta.url).resolve('@sparticuz/chromium')), '..', '..');
  } catch {
    return undefined;
  }
}

/**
 * The Chromium that comes with npm, unpacked and tried.
 *
 * It is unpacked once into a folder of the temporary directory that belongs to this user and version. Processes that come at the
 * same time wait for the first; the folder appears in one step, whole or not at all.
 */
export async function chromiumFromNpm(): Promise<Executable | Problem> {
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    return { problem: `the Chromium that comes with npm is for Linux x64, and this is ${process.platform} ${process.arch}` };
  }
  const home = chromiumPackage();
  if (home === undefined) return { problem: 'the npm package @sparticuz/chromium is not installed' };
  const { version } = JSON.parse(readFileSync(join(home, 'package.json'), 'utf8')) as { version: string };
  try {
    const folder = join(tmpdir(), `partita-chromium-${version}-${process.getuid?.()}`);
    await unpackOnce(join(home, 'bin'), folder);
    return tryOut(folder);
  } catch (error) {
    return { problem: `the Chromium that comes with npm could not be unpacked: ${(error as Error).message}` };
  }
}

/** Asks an executable for its version: the cheapest proof that it can be loaded. */
export function versionOf(path: string, environment: Readonly<Record<string, string>> = {}): { version: string } | Problem {
  const run = spawnSync(path, ['--version', '--no-sandbox'], {
    encoding: 'utf8',
    timeout: 30_000,
    env: { ...process.env, ...environment },
  });
  if (run.error !== undefined) return { problem: run.error.message };
  if (run.status !== 0) return { problem: (run.stderr || run.stdout).trim().split('\n')[0] ?? `exit code ${run.status}` };
  return { version: run.stdout.trim() };
}

/** Adds the package's own libraries and fonts where the machine has none. */
function tryOut(folder: string): Executable | Problem {
  const path = join(folder, 'chromium');
  const fonts =
    existsSync('/etc/fonts/fonts.conf') && existsSync('/usr/share/fonts') ? {} : { FONTCONFIG_PATH: join(folder, 'fonts') };
  const plain = versionOf(path);
  if ('version' in plain) return { path, environment: fonts, version: plain.version };
  const libraries = { LD_LIBRARY_PATH: [join(folder, 'lib'), process.env.LD_LIBRARY_PATH].filter(Boolean).join(':') };
  const helped = versionOf(path, libraries);
  if ('version' in helped) return { path, environment: { ...fonts, ...libraries }, version: helped.version };
  return { problem: `${path} does not run: ${helped.problem}` };
}

async function unpackOnce(packed: string, folder: string): Promise<void> {
  const lock = `${folder}.lock`;
  while (!isOurs(folder)) {
    if (takeLock(lock)) {
      try {
        if (!isOurs(folder)) await unpack(packed, folder);
      } finally {
        rmSync(lock, { force: true });
      }
    } else {
      await wait(100);
    }
  }
}

/** @throws Error when somebody else put a folder there: a program in it must not be run */
function isOurs(folder: string): boolean {
  const found = lstatSync(folder, { throwIfNoEntry: false });
  if (found === undefined) return false;
  if (found.uid !== process.getuid?.()) throw new Error(`${folder} belongs to another user; remove it or set TMPDIR`);
  return true;
}

function takeLock(lock: string): boolean {
  try {
    writeFileSync(lock, String(process.pid), { flag: 'wx' });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    const found = statSync(lock, { throwIfNoEntry: false });
    if (found !== undefined && Date.now() - found.mtimeMs > STALE_LOCK_MS) rmSync(lock, { force: true });
    return false;
  }
}

async function unpack(packed: string, folder: string): Promise<void> {
  const parts = mkdtempSync(`${folder}.part-`);
  try {
    await pipeline(
      createReadStream(join(packed, 'chromium.br')),
      createBrotliDecompress(),
      createWriteStream(join(parts, 'chromium'), { mode: 0o700 }),
    );
    extract(await decompress(join(packed, 'al2023.tar.br')), parts);
    mkdirSync(join(parts, 'fonts'));
    extract(await decompress(join(packed, 'fonts.tar.br')), join(parts, 'fonts'));
    // The package's fonts.conf names the folder it expects to be in.
    writeFileSync(join(parts, 'fonts', 'fonts.conf'), fontsConfiguration(join(folder, 'fonts')));
    renameSync(parts, folder);
  } catch (error) {
    rmSync(parts, { recursive: true, force: true });
    // A process that thought our lock stale was faster: its folder is as good.
    if (!isOurs(folder)) throw error;
  }
}

const fontsConfiguration = (folder: string): string => `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <dir>${folder}</dir>
  <cachedir>${folder}/cache</cachedir>
</fontconfig>
`;

async function decompress(file: string): Promise<Buffer> {
  const pieces: Buffer[] = [];
  await pipeline(createReadStream(file), createBrotliDecompress(), async (source: AsyncIterable<Buffer>) => {
    for await (const piece of source) pieces.push(piece);
  });
  return Buffer.concat(pieces);
}

/**
 * Writes the files and folders of a tar archive (POSIX ustar: blocks of 512 bytes, a header before each file).
 *
 * @throws Error for a name that would leave the folder
 */
export function extract(archive: Buffer, folder: string): void {
  const text = (from: number, to: number): string => archive.toString('latin1', from, to).replace(/\0[\s\S]*$/, '');
  for (let header = 0; header + 512 <= archive.length && archive[header] !== 0; ) {
    const name = text(header, header + 100);
    const size = Number.parseInt(text(header + 124, header + 136), 8);
    const type = text(header + 156, header + 157);
    const start = header + 512;
    if (!Number.isSafeInteger(size) || name.startsWith('/') || name.split('/').includes('..'))
      throw new Error(`bad tar entry ${name}`);
    if (type === '' || type === '0') {
      mkdirSync(dirname(join(folder, name)), { recursive: true });
      writeFileSync(join(folder, name), archive.subarray(start, start + size));
    }
    header = start + Math.ceil(size / 512) * 512;
  }
}
