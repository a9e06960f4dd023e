import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const root = fileURLToPath(new URL('../', import.meta.url));
const pages = [
  'README.md',
  'CONTRIBUTING.md',
  ...readdirSync(`${root}docs`)
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`),
  'docs/own-protocol/README.md',
];

/** Lines that are run elsewhere: installing and testing are what runs this test, and these would run for ever or for long. */
const ELSEWHERE = [
  /^npm (install|ci)\b/,
  /^npm test$/,
  /^npm run (bench|build|lint|deadcode|format|fingerprints)\b/,
  /^npx vitest\b/,
  /^cd |^git clone /,
];
/** Serves until it is interrupted. */
const SERVES = /^npx partita view (?!.*--out)/;

/** The command lines of a page's shell blocks, in order; a line's parts between `&&` are lines of their own. */
function commandsOf(markdown: string): string[] {
  return [...markdown.matchAll(/^```sh\n([\s\S]*?)^```$/gm)].flatMap(([, block]) =>
    (block as string)
      .split('\n')
      .map((line) => line.replace(/\s+#.*$/, '').trim())
      .filter((line) => line !== '' && !line.startsWith('#'))
      .flatMap((line) => line.split(/\s*&&\s*/)),
  );
}

describe.each(
  pages
    .map((page) => [page, commandsOf(readFileSync(`${root}${page}`, 'utf8'))] as const)
    .filter(([, commands]) => commands.length > 0),
)('the commands of %s', (_page, commands) => {
  let folder: string;
  beforeAll(() => {
    // A place of its own, so that what the commands write stays out of the project.
    folder = mkdtempSync(join(tmpdir(), 'partita-docs-'));
    for (const copied of ['scenarios', 'docs/own-protocol'])
      cpSync(`${root}${copied}`, join(folder, copied), { recursive: true });
    cpSync(`${root}package.json`, join(folder, 'package.json'));
    for (const link of ['sim', 'node_modules', 'dist']) symlinkSync(`${root}${link}`, join(folder, link));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  test.each(commands)('%s', (command) => {
    if (ELSEWHERE.some((pattern) => pattern.test(command))) return;
    const line = command.replace(/^npx partita\b/, `"${process.execPath}" "${root}sim/cli/partita.mjs"`);
    if (SERVES.test(command)) {
      const { stderr } = spawnSync('sh', ['-c', `${line} & sleep 3; kill -INT $!; wait $!`], { cwd: folder, encoding: 'utf8' });
      expect(stderr).toContain('Open http://127.0.0.1:');
    } else {
      execFileSync('sh', ['-c', line], { cwd: folder, stdio: 'pipe' });
    }
  });
});
