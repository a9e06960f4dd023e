import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parseRange, serve, type Viewing } from './serve.ts';

describe('byte ranges (RFC 9110 §14.1.2, with a file of 10 000 bytes)', () => {
  test.each`
    header             | range
    ${'bytes=0-499'}   | ${{ first: 0, last: 499 }}
    ${'bytes=500-999'} | ${{ first: 500, last: 999 }}
    ${'bytes=-500'}    | ${{ first: 9500, last: 9999 }}
    ${'bytes=9500-'}   | ${{ first: 9500, last: 9999 }}
    ${'bytes=0-99999'} | ${{ first: 0, last: 9999 }}
    ${'bytes=10000-'}  | ${undefined}
    ${'bytes=5-4'}     | ${undefined}
    ${'bytes=-'}       | ${undefined}
    ${'lines=1-2'}     | ${undefined}
  `('$header is $range', ({ header, range }) => {
    expect(parseRange(header, 10_000)).toEqual(range);
  });
});

describe('a served trace', () => {
  let folder: string;
  let viewing: Viewing;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'partita-serve-'));
    writeFileSync(join(folder, 'a.partita'), 'abcdefghij');
    viewing = await serve('<title>viewer</title>', join(folder, 'a.partita'), 0);
  });
  afterAll(async () => {
    await viewing.close();
    rmSync(folder, { recursive: true });
  });

  test('comes with the page', async () => {
    expect(await (await fetch(viewing.url)).text()).toBe('<title>viewer</title>');
  });

  test('comes in the ranges asked for', async () => {
    const response = await fetch(new URL('/trace', viewing.url), { headers: { range: 'bytes=2-4' } });
    expect([response.status, response.headers.get('content-range'), await response.text()]).toEqual([206, 'bytes 2-4/10', 'cde']);
  });

  test('refuses a range beyond its end, other paths and other methods', async () => {
    const status = async (path: string, init?: RequestInit) => (await fetch(new URL(path, viewing.url), init)).status;
    expect(await status('/trace', { headers: { range: 'bytes=10-' } })).toBe(416);
    expect(await status('/../../etc/passwd')).toBe(404);
    expect(await status('/', { method: 'POST' })).toBe(405);
  });
});
