import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { cook } from '../live/cook.ts';
import { judge } from '../live/judge.ts';
import { type Book, openBook } from './book.ts';
import { compareRuns } from './diff.ts';
import type { Recipe } from './recipe.ts';
import { sourceOf } from './source.ts';

const FILE = 'raft-failover.yaml';
const shipped = new Map([[FILE, readFileSync(new URL(`../../scenarios/${FILE}`, import.meta.url), 'utf8')]]);
const NAMES = { left: 'the one before', right: 'this one' };

async function bookOf(recipe: Recipe): Promise<Book> {
  const judging = judge(cook(recipe, shipped), 'any');
  let step = judging.next();
  while (step.done !== true) step = judging.next();
  const opened = await openBook(sourceOf({ blob: step.value?.trace as Blob }));
  if ('problem' in opened) throw new Error(opened.problem);
  return opened.book;
}

describe('two runs side by side', async () => {
  const plain = await bookOf({ shipped: FILE });
  const crash = { kind: 'host-crash', host: 'n2', at: '6.5s' };

  test('are the same when they are, also where only something is said about one of them', async () => {
    const again = await bookOf({ shipped: FILE });
    expect(await compareRuns(plain, again, NAMES)).toMatchObject({ from: undefined, rows: [] });
    const idle = await bookOf({
      shipped: FILE,
      interventions: [{ kind: 'link-cut', from: 'n1', to: 'n2', at: '39s' }],
      until: 38e9,
    });
    const shorter = await bookOf({ shipped: FILE, until: 38e9 });
    expect((await compareRuns(shorter, idle, NAMES)).from).toBeUndefined();
  });

  test('part at the first event that is another one, which is named', async () => {
    const other = await bookOf({ shipped: FILE, interventions: [crash] });
    const { from, left, right, sentence, rows } = await compareRuns(plain, other, NAMES);
    expect(from).toBe(6.5e9);
    expect(sentence).toMatch(/^Both runs are the same up to 6\.500000 s\. Then in this one n2 crash: /);
    const records = (await other.open({ number: 1 })).records;
    expect(records.at[(right as number) - 1]).toBe(6.5e9);
    const before = (await plain.open({ number: 1 })).records;
    expect(before.at[(left as number) - 1]).toBeGreaterThan(6.5e9);
    expect(rows[0]?.type).toBe('right');
    expect(new Set(rows.map(({ type }) => type))).toContain('same');
  });

  test('show every event of both windows once', async () => {
    const other = await bookOf({
      shipped: FILE,
      interventions: [{ kind: 'link-delay', from: 'n1', to: 'n2', at: '6s', min: '3ms', max: '9ms' }],
    });
    const { rows } = await compareRuns(plain, other, NAMES);
    const lefts = rows.flatMap((row) => ('left' in row ? [row.left.number] : []));
    const rights = rows.flatMap((row) => ('right' in row ? [row.right.number] : []));
    expect(new Set(lefts).size).toBe(lefts.length);
    expect(lefts.length).toBe(400);
    expect(rights).toEqual(rights.toSorted((a, b) => a - b));
    expect(rights.length).toBe(400);
    expect(rows.some(({ type }) => type === 'moved')).toBe(true);
  });
});
