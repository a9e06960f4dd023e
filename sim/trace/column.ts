import { type ByteReader, type ByteWriter, fileOrder, Malformed } from './bytes.ts';
import { CHUNK_RECORDS, KEYFRAME_CELLS } from './format.ts';

/*
 * A column by itself is one byte, the width of its numbers, and then the numbers one after the other, little-endian and unsigned. Widths are
 * 0 (all are zero; nothing follows), 1, 2 and 4.
 */

const ZEROS = new Uint8Array(Math.max(CHUNK_RECORDS, KEYFRAME_CELLS));

/** Numbers as they are kept in memory: in the width that the file has, or as floats where some did not fit. */
export type Column = Uint8Array | Uint16Array | Uint32Array | Float64Array;

/** Adds a column in the smallest width that it fits into. */
export function writeColumn(out: ByteWriter, values: Uint32Array): void {
  let bits = 0;
  for (let i = 0; i < values.length; i++) bits |= values[i] as number;
  const most = bits >>> 0;
  if (most === 0) return out.u8(0);
  const column = most <= 0xff ? new Uint8Array(values) : most <= 0xffff ? new Uint16Array(values) : values.slice();
  out.u8(column.BYTES_PER_ELEMENT);
  out.raw(fileOrder(new Uint8Array(column.buffer), column.BYTES_PER_ELEMENT));
}

/**
 * Reads a column of so many numbers.
 *
 * @throws Malformed when they are not there
 */
export function readColumn(from: ByteReader, count: number): Column {
  const width = from.u8();
  if (width === 0) {
    // Nothing stands behind these numbers in the file, so nothing may be allocated for them.
    if (count > ZEROS.length) throw new Malformed('a column that is too long');
    return ZEROS.subarray(0, count);
  }
  const Type = width === 1 ? Uint8Array : width === 2 ? Uint16Array : width === 4 ? Uint32Array : undefined;
  if (Type === undefined) throw new Malformed(`a column of ${width} bytes a number`);
  from.need(count * width);
  const column = new Type(count);
  const bytes = new Uint8Array(column.buffer);
  bytes.set(from.raw(bytes.length));
  fileOrder(bytes, width);
  return column;
}

/** @throws Malformed when it is not whole and from 0 to 2⁵³ − 1 */
export function checkWhole(value: number): void {
  if (!(Number.isSafeInteger(value) && value >= 0)) throw new Malformed(`${value} where a count belongs`);
}
