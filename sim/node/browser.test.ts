import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { findBrowser, launchBrowser, NoBrowserError } from './browser.ts';
import { extract } from './chromium.ts';

const chromePath = process.env.CHROME_PATH;
afterEach(() => {
  if (chromePath === undefined) delete process.env.CHROME_PATH;
  else process.env.CHROME_PATH = chromePath;
});

describe('the test browser', () => {
  test('opens a page and runs its script', async () => {
    const browser = await launchBrowser();
    try {
      const page = await browser.newPage();
      await page.setContent('<p id="sum"></p><script>document.getElementById("sum").textContent = 3 * 14</script>');
      expect(await page.locator('#sum').textContent()).toBe('42');
    } finally {
      await browser.close();
    }
  });

  test('is found by callers that ask at the same time', async () => {
    const [a, b] = await Promise.all([findBrowser(), findBrowser()]);
    expect(a).toEqual(b);
    expect(a).toHaveProperty('version', expect.stringMatching(/Chrom\S* \d+\./));
  });

  test('a CHROME_PATH that leads nowhere is an error that says what to do', async () => {
    process.env.CHROME_PATH = '/nowhere/chrome';
    await expect(launchBrowser()).rejects.toThrow(NoBrowserError);
    await expect(launchBrowser()).rejects.toThrow(
      /CHROME_PATH is \/nowhere\/chrome.*Install Chrome or Chromium and set CHROME_PATH/,
    );
  });
});

describe('unpacking a tar archive', () => {
  const header = (name: string, size: number, type: string): Buffer => {
    const block = Buffer.alloc(512);
    block.write(name, 0);
    block.write(size.toString(8).padStart(11, '0'), 124);
    block.write(type, 156);
    return block;
  };
  const folder = mkdtempSync(join(tmpdir(), 'partita-tar-'));
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  test('writes each file with its bytes, and the folders above it', () => {
    const body = Buffer.concat([Buffer.from('x'.repeat(600)), Buffer.alloc(424)]);
    const archive = Buffer.concat([
      header('a/', 0, '5'),
      header('a/b.txt', 600, '0'),
      body,
      header('c', 0, '0'),
      Buffer.alloc(1024),
    ]);
    extract(archive, folder);
    expect(readFileSync(join(folder, 'a', 'b.txt'), 'utf8')).toBe('x'.repeat(600));
    expect(readFileSync(join(folder, 'c'), 'utf8')).toBe('');
  });

  test.each(['../up', '/etc/up', 'a/../../up'])('refuses %s, which would leave the folder', (name) => {
    expect(() => extract(Buffer.concat([header(name, 0, '0'), Buffer.alloc(1024)]), folder)).toThrow(`bad tar entry ${name}`);
  });
});
