import { type ByteReader, type ByteWriter, fileOrder, Malformed } from './bytes.ts';
import type { Column } from './column.ts';
import { CHUNK_RECORDS } from './format.ts';

/*
 * Rows gather in memory as eight words each, and stand in the file as columns: first the width of each column in bytes, 0 (all are zero), 1, 2
 * or 4, one after the other and zeros up to eight; then the columns, each filled up with zeros to whole words.
 *
 * So a column is written four or two numbers at a time and read with one copy. As varints the same columns are a third smaller before
 * compression, no smaller after it, and cost several times as much on both sides.
 */

/** Words of a row, whether all are used or not. */
export const ROW_WORDS = 8;
/** Log₂ of it. */
export const ROW_BITS = 3;

/** Rows that are turned at a time: so few that they stay in the processor's first cache. */
export const TILE = 64;

/**
 * Adds rows as columns, each in the smallest width that it fits into.
 *
 * Twice over all rows, once to find the widths and once to write; piece by piece, because a walk through all rows for each column costs
 * three times as much.
 *
 * @param out at a multiple of four
 * @param rows with room for whole tiles; what is behind the last row is cleared
 * @param columns how many of the eight words are used
 */
export function writeRows(out: ByteWriter, rows: Uint32Array, count: number, columns: number): void {
  rows.fill(0, count << ROW_BITS, roundUp(count) << ROW_BITS);
  const widths = widthsOf(rows, count);
  for (const [column, width] of widths.entries()) out.u8(column < columns ? width : 0);
  const starts: number[] = [];
  for (let column = 0; column < columns; column++) {
    starts.push(out.length >>> 2);
    const size = roundUp(count * (widths[column] as number));
    out.reserve(size);
    out.length += size;
  }
  const to = new Uint32Array(out.bytes.buffer, 0, out.bytes.length >>> 2);
  for (let first = 0; first < count; first += TILE) {
    const last = Math.min(count, first + TILE);
    for (let column = 0; column < columns; column++) {
      const width = widths[column] as number;
      const start = starts[column] as number;
      if (width === 1) bytes(to, start, rows, column, first, last);
      else if (width === 2) halves(to, start, rows, column, first, last);
      else if (width === 4) words(to, start, rows, column, first, last);
    }
  }
  fileOrder(out.bytes.subarray(4 * (starts[0] as number), out.length), 4);
}

const roundUp = (count: number): number => (count + 3) & ~3;

function widthsOf(rows: Uint32Array, count: number): number[] {
  const bits = new Uint32Array(ROW_WORDS);
  for (let first = 0; first < count; first += TILE)
    join(rows, first << ROW_BITS, Math.min(count, first + TILE) << ROW_BITS, bits);
  return Array.from(bits, (joined) => (joined === 0 ? 0 : joined <= 0xff ? 1 : joined <= 0xffff ? 2 : 4));
}

/**
 * Or-s the words of some rows into one.
 *
 * A function of its own for a piece, like all loops over rows: one long loop would be entered once per chunk, and engines are slow to see that it
 * is worth their while.
 */
function join(rows: Uint32Array, from: number, to: number, bits: Uint32Array): void {
  let a = 0;
  let b = 0;
  let c = 0;
  let d = 0;
  let e = 0;
  let f = 0;
  let g = 0;
  let h = 0;
  for (let at = from; at < to; at += ROW_WORDS) {
    a |= rows[at] as number;
    b |= rows[at + 1] as number;
    c |= rows[at + 2] as number;
    d |= rows[at + 3] as number;
    e |= rows[at + 4] as number;
    f |= rows[at + 5] as number;
    g |= rows[at + 6] as number;
    h |= rows[at + 7] as number;
  }
  or(bits, 0, a);
  or(bits, 1, b);
  or(bits, 2, c);
  or(bits, 3, d);
  or(bits, 4, e);
  or(bits, 5, f);
  or(bits, 6, g);
  or(bits, 7, h);
}

function or(bits: Uint32Array, place: number, more: number): void {
  bits[place] = (bits[place] as number) | more;
}

function bytes(to: Uint32Array, start: number, rows: Uint32Array, column: number, first: number, last: number): void {
  let from = (first << ROW_BITS) + column;
  let at = start + (first >>> 2);
  for (let i = first; i < last; i += 4) {
    to[at++] =
      (rows[from] as number) |
      ((rows[from + 8] as number) << 8) |
      ((rows[from + 16] as number) << 16) |
      ((rows[from + 24] as number) << 24);
    from += 4 * ROW_WORDS;
  }
}

function halves(to: Uint32Array, start: number, rows: Uint32Array, column: number, first: number, last: number): void {
  let from = (first << ROW_BITS) + column;
  let at = start + (first >>> 1);
  for (let i = first; i < last; i += 2) {
    to[at++] = (rows[from] as number) | ((rows[from + 8] as number) << 16);
    from += 2 * ROW_WORDS;
  }
}

function words(to: Uint32Array, start: number, rows: Uint32Array, column: number, first: number, last: number): void {
  let from = (first << ROW_BITS) + column;
  let at = start + first;
  for (let i = first; i < last; i++) {
    to[at++] = rows[from] as number;
    from += ROW_WORDS;
  }
}

/**
 * Reads what `writeRows` wrote.
 *
 * @throws Malformed when it is not there
 */
export function readRows(from: ByteReader, count: number, columns: number): Column[] {
  const widths = Array.from({ length: ROW_WORDS }, () => from.u8());
  return widths.slice(0, columns).map((width) => {
    const bytes = from.raw(roundUp(count * width)).slice(0, count * width);
    switch (width) {
      case 0:
        return NOTHING.subarray(0, count);
      case 1:
        return bytes;
      case 2:
        return new Uint16Array(fileOrder(bytes, 2).buffer as ArrayBuffer);
      case 4:
        return new Uint32Array(fileOrder(bytes, 4).buffer as ArrayBuffer);
      default:
        throw new Malformed(`a column of ${width} bytes a number`);
    }
  });
}

/** Stands for every column of zeros: nothing is behind one in the file, so nothing may be allocated for it. */
const NOTHING = new Uint8Array(CHUNK_RECORDS);
