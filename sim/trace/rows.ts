import { type ByteReader, type ByteWriter, fileOrder, Malformed } from './bytes.ts';
import type { Column } from './column.ts';
import { CHUNK_RECORDS } from './format.ts';

/*
 * Rows gather in memory as eight words each, and stand in the file as columns: first the width of each column in bytes, 1, 2 or 4, or 0 for a
 * column of zeros, one after the other and zeros up to eight; then the columns, each filled up with zeros to whole words.
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

/** Widths of columns of which nothing is known yet. */
export const startWidths = (columns: number): Uint8Array => new Uint8Array(columns).fill(1);

/**
 * Adds rows as columns.
 *
 * Piece by piece, because a walk through all rows for each column costs three times as much. The widths are those that sufficed so far; to find the
 * smallest ones first would be another walk. Should one not suffice, it is doubled for all that come, and the rows are written again.
 *
 * @param out at a multiple of four
 * @param rows with room for whole tiles; what is behind the last row is cleared
 * @param widths of the columns, one for each of the eight words that is used: 1, 2 or 4
 */
export function writeRows(out: ByteWriter, rows: Uint32Array, count: number, widths: Uint8Array): void {
  rows.fill(0, count << ROW_BITS, roundUp(count) << ROW_BITS);
  const start = out.length;
  while (!columns(out, rows, count, widths)) out.length = start;
}

/** @returns false when a width did not suffice; it is larger now */
function columns(out: ByteWriter, rows: Uint32Array, count: number, widths: Uint8Array): boolean {
  for (let column = 0; column < ROW_WORDS; column++) out.u8(widths[column] ?? 0);
  const starts: number[] = [];
  for (const width of widths) {
    starts.push(out.length >>> 2);
    const size = roundUp(count * width);
    out.reserve(size);
    out.length += size;
  }
  const to = new Uint32Array(out.bytes.buffer, 0, out.bytes.length >>> 2);
  const bits = new Uint32Array(ROW_WORDS);
  for (let first = 0; first < count; first += TILE) {
    const last = Math.min(count, first + TILE);
    for (let column = 0; column < widths.length; column++) {
      const width = widths[column] as number;
      const start = starts[column] as number;
      if (width === 1) bits[column] = (bits[column] as number) | bytes(to, start, rows, column, first, last);
      else if (width === 2) bits[column] = (bits[column] as number) | halves(to, start, rows, column, first, last);
      else words(to, start, rows, column, first, last);
    }
  }
  let enough = true;
  for (let column = 0; column < widths.length; column++) {
    const width = widths[column] as number;
    if (width === 4 || (bits[column] as number) >>> (8 * width) === 0) continue;
    widths[column] = 2 * width;
    enough = false;
  }
  if (enough) fileOrder(out.bytes.subarray(4 * (starts[0] as number), out.length), 4);
  return enough;
}

const roundUp = (count: number): number => (count + 3) & ~3;

/*
 * Each turns a column of a piece, and returns all its numbers or-ed together. They are functions of their own because one long loop would be
 * entered once per chunk, and engines are slow to see that such a one is worth their while.
 */

function bytes(to: Uint32Array, start: number, rows: Uint32Array, column: number, first: number, last: number): number {
  let from = (first << ROW_BITS) + column;
  let at = start + (first >>> 2);
  let bits = 0;
  for (let i = first; i < last; i += 4) {
    const a = rows[from] as number;
    const b = rows[from + 8] as number;
    const c = rows[from + 16] as number;
    const d = rows[from + 24] as number;
    to[at++] = a | (b << 8) | (c << 16) | (d << 24);
    bits |= a | b | c | d;
    from += 4 * ROW_WORDS;
  }
  return bits;
}

function halves(to: Uint32Array, start: number, rows: Uint32Array, column: number, first: number, last: number): number {
  let from = (first << ROW_BITS) + column;
  let at = start + (first >>> 1);
  let bits = 0;
  for (let i = first; i < last; i += 2) {
    const a = rows[from] as number;
    const b = rows[from + 8] as number;
    to[at++] = a | (b << 16);
    bits |= a | b;
    from += 2 * ROW_WORDS;
  }
  return bits;
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
