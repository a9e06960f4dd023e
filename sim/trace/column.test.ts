import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ByteReader, ByteWriter, Malformed } from './bytes.ts';
import { readColumn, writeColumn } from './column.ts';
import { Overflow, readOverflow, widen } from './overflow.ts';
import { readRows, startWidths, writeRows } from './rows.ts';

function bytes(write: (out: ByteWriter) => void): Uint8Array {
  const out = new ByteWriter(4);
  write(out);
  return out.take();
}

describe('a column is as wide as its largest number', () => {
  test.each`
    values          | stored
    ${[]}           | ${[0]}
    ${[0, 0, 0]}    | ${[0]}
    ${[1, 255]}     | ${[1, 1, 255]}
    ${[1, 256]}     | ${[2, 1, 0, 0, 1]}
    ${[0x10000, 1]} | ${[4, 0, 0, 1, 0, 1, 0, 0, 0]}
    ${[0xffffffff]} | ${[4, 255, 255, 255, 255]}
  `('$values', ({ values, stored }) => {
    expect([...bytes((out) => writeColumn(out, Uint32Array.from(values)))]).toEqual(stored);
    expect([...readColumn(new ByteReader(Uint8Array.from(stored)), values.length)]).toEqual(values);
  });
});

describe('rows of eight words as columns', () => {
  const row = fc.tuple(...Array.from({ length: 8 }, (_, i) => fc.nat([0, 255, 65_535, 2 ** 31 - 1][i % 4])));

  test('come back, column by column', () => {
    fc.assert(
      fc.property(fc.array(row), fc.nat(300), fc.integer({ min: 1, max: 8 }), (some, times, columns) => {
        const rows = Array.from({ length: some.length === 0 ? 0 : times }, (_, i) => some[i % some.length] as number[]);
        const words = new Uint32Array(8 * rows.length + 32).fill(0xffff_ffff);
        words.set(rows.flat());
        const stored = bytes((out) => writeRows(out, words, rows.length, startWidths(columns)));
        const from = new ByteReader(stored);
        const read = readRows(from, rows.length, columns).map((column) => [...column]);
        expect(read).toEqual(Array.from({ length: columns }, (_, column) => rows.map((words) => words[column])));
        expect(from.remaining).toBe(0);
      }),
    );
  });

  test('in widths that grow when they must, and stay', () => {
    const widths = startWidths(3);
    const rows = new Uint32Array(64);
    rows.set([1, 256, 65_536]);
    writeRows(new ByteWriter(), rows, 1, widths);
    expect([...widths]).toEqual([1, 2, 4]);
    rows.set([255, 1, 1]);
    writeRows(new ByteWriter(), rows, 1, widths);
    expect([...widths]).toEqual([1, 2, 4]);
  });

  test('in whole words, filled up with zeros', () => {
    const rows = Uint32Array.from({ length: 8 * 4 }, (_, i) => (i % 8 === 0 ? i : i % 8 === 1 ? 0x1234 : 99));
    expect([...bytes((out) => writeRows(out, rows, 3, startWidths(2)))]).toEqual([
      ...[1, 2, 0, 0, 0, 0, 0, 0],
      ...[0, 8, 16, 0],
      ...[0x34, 0x12, 0x34, 0x12, 0x34, 0x12, 0, 0],
    ]);
  });
});

test('what does not fit comes back with its place, and a list of places that do not exist is refused', () => {
  const overflow = new Overflow();
  overflow.add(1, 2, 1e15);
  overflow.add(0, 3, -0.5);
  const stored = bytes((out) => overflow.flush(out));
  expect(readOverflow(new ByteReader(stored), 2, 4)).toEqual([new Map([[3, -0.5]]), new Map([[2, 1e15]])]);
  expect([...bytes((out) => overflow.flush(out))]).toEqual([0, 0, 0, 0]);
  expect([...widen(Uint8Array.from([1, 2, 255]), new Map([[2, 1e15]]))]).toEqual([1, 2, 1e15]);
  expect(() => widen(Uint8Array.from([1]), new Map([[0, -0.5]]))).toThrow(Malformed);
  expect(() => readOverflow(new ByteReader(stored), 1, 4)).toThrow(Malformed);
  expect(() => readOverflow(new ByteReader(stored), 2, 3)).toThrow(Malformed);
  expect(() => readOverflow(new ByteReader(stored.slice(0, -1)), 2, 4)).toThrow(Malformed);
  expect(() => readOverflow(new ByteReader(Uint8Array.from([255, 255, 255, 255])), 2, 4)).toThrow(Malformed);
});

describe('a column that cannot be is refused before anything is allocated', () => {
  test.each`
    stored          | count          | why
    ${[1, 5]}       | ${2}           | ${'too short'}
    ${[4, 0, 0]}    | ${500_000_000} | ${'too short by gigabytes'}
    ${[3, 0, 0, 0]} | ${1}           | ${'of a width that does not exist'}
    ${[255]}        | ${1}           | ${'of a width that does not exist'}
    ${[0]}          | ${2 ** 31}     | ${'of more zeros than a block may have'}
  `('$why', ({ stored, count }) => {
    expect(() => readColumn(new ByteReader(Uint8Array.from(stored)), count)).toThrow(Malformed);
  });
});
