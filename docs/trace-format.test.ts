import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { Kind } from '../sim/engine/journal.ts';
import {
  BLOCK_MARK,
  BlockType,
  CELL_MARKER,
  CHANGE_COLUMNS,
  CHUNK_RECORDS,
  ChangeColumn,
  DENSITY_BINS,
  Flag,
  FORMAT_VERSION,
  HEAD_BYTES,
  INDEX_EVERY,
  KEYFRAME_CELLS,
  MAGIC,
  MAX_BODY,
  MAX_DEPTH,
  MAX_EXPANSION,
  MAX_PAYLOAD,
  POINTER_BYTES,
  PREFIX_BYTES,
  RECORD_COLUMNS,
  RecordColumn,
} from '../sim/trace/format.ts';
import { MARKED } from '../sim/trace/trace-index.ts';
import { Tag } from '../sim/trace/value.ts';

const page = readFileSync(new URL('trace-format.md', import.meta.url), 'utf8');

/** The rows of the tables of a section, cell by cell. */
function rows(section: string): string[][] {
  const start = page.indexOf(`\n## ${section}`);
  expect(start).toBeGreaterThan(0);
  const end = page.indexOf('\n## ', start + 1);
  return page
    .slice(start, end < 0 ? undefined : end)
    .split('\n')
    .filter((line) => line.startsWith('| ') && !line.startsWith('| ---'))
    .map((line) => line.slice(2, -2).split(' | '));
}

const hex = (bytes: readonly number[]): string => bytes.map((byte) => byte.toString(16).padStart(2, '0')).join(' ');
const spaced = (number: number): string => String(number).replace(/(\d)(?=(\d{3})+$)/g, '$1 ');

describe('the page on the trace format says what the code does:', () => {
  test('the first bytes', () => {
    expect(page).toContain(`# The trace format, version ${FORMAT_VERSION}\n`);
    expect(rows('1. ')[1]).toEqual(['0', '8', `\`${hex(MAGIC)}\`: \`PARTITA\` and a line feed`]);
    expect(rows('1. ')[2]?.[2]).toContain(`version: ${FORMAT_VERSION}`);
    expect(rows('1. ').at(-1)?.[0]).toBe(String(PREFIX_BYTES));
  });

  test('the head of a block', () => {
    const mark = [0, 8, 16, 24].map((shift) => (BLOCK_MARK >>> shift) & 0xff);
    const head = rows('2. ').filter((row) => row.length === 3 && row[0] !== 'type' && row[0] !== 'at');
    expect(head[0]?.[2]).toContain(`\`${hex(mark)}\`: \`PBLK\``);
    expect(head[2]?.[2]).toContain(`flags: ${Flag.deflated} = `);
    const sizes = head.slice(0, 8).map(([at, size]) => Number(at) + Number(size));
    expect(sizes.at(-1)).toBe(HEAD_BYTES);
    expect(page).toContain(`No body is larger than ${MAX_BODY / 1024 / 1024} MiB`);
    expect(page).toContain(`no more than ${MAX_EXPANSION} times its stored size`);
    expect(page).toContain(`one after every ${INDEX_EVERY} chunks`);
    expect(page).toContain(`read the last ${POINTER_BYTES} bytes`);
  });

  test('the types of blocks', () => {
    const types = rows('2. ').filter(([number, name]) => /^\d+$/.test(number ?? '') && (name as string) in BlockType);
    expect(Object.fromEntries(types.map(([number, name]) => [name, Number(number)]))).toEqual(BlockType);
  });

  test('the tags of values', () => {
    const tags = rows('3. ')
      .map(([first]) => Number((first as string).split(' ')[0]))
      .filter((tag) => tag >= 0x80);
    expect(tags).toEqual([...new Set(Object.values(Tag))].sort((a, b) => a - b));
    expect(page).toContain(`nested at most ${MAX_DEPTH} deep`);
  });

  test('the columns and the kinds', () => {
    const named = (section: string, count: number) =>
      rows(section)
        .slice(-count)
        .map(([place]) => Number(place));
    expect(named('6. ', RECORD_COLUMNS)).toEqual(Object.values(RecordColumn));
    expect(named('7. ', CHANGE_COLUMNS)).toEqual(Object.values(ChangeColumn));
    const kinds = Object.entries(Kind).map(([name, kind]) => `${kind} ${name}`);
    expect(page.replaceAll('\n', ' ')).toContain(`Kinds are ${kinds.join(', ')}.`);
    const marked = Object.entries(Kind).filter(([, kind]) => MARKED.includes(kind));
    const names = marked.map(([name]) => name);
    expect(page).toContain(`records of the kinds ${names.slice(0, -1).join(', ')} and ${names.at(-1)}`);
  });

  test('the limits', () => {
    expect(page).toContain(`\`u32\` count, at most ${spaced(CHUNK_RECORDS)}`);
    expect(page).toContain(`count, at most ${spaced(KEYFRAME_CELLS)}`);
    expect(page).toContain(`there are at most ${DENSITY_BINS}`);
    expect(page).toContain(`larger than ${MAX_PAYLOAD / 1024 / 1024} MiB`);
    expect(page).toContain(`kind ${CELL_MARKER} is a change of a cell`);
  });
});
