import { type ByteReader, type ByteWriter, fileOrder, Malformed } from './bytes.ts';
import { CHUNK_RECORDS, KEYFRAME_CELLS } from './format.ts';

/*
 * A column is one byte, the width of its numbers, and then the numbers one after the other, little-endian and unsigned. Widths are 0 (all
 * are zero; nothing follows), 1, 2, 4 and, as floats, 8. Writing and reading are then copies between typed arrays: as varints the same columns were
 * a seventh smaller before compression, no smaller after it, and took several times as long.
 */

const ZEROS = new Uint8Array(Math.max(CHUNK_RECORDS, KEYFRAME_CELLS));

/** Numbers as they are kept in memory, in the width that the file has. */
export type Column = Uint8Array | Uint16Array | Uint32Array | Float64Array;

/**
 * Adds the first `count` numbers.
 *
 * One loop for each pair of types, because a loop that has seen several is several times slower, and so is `set` between arrays of
 * different types.
 */
export function writeColumn(out: ByteWriter, values: Uint32Array, count: number): void {
  let bits = 0;
  for (let i = 0; i < count; i++) bits |= values[i] as number;
  narrow(out, values, count, bits >>> 0);
}

/** Adds a column of numbers that may be anything; they are stored as floats only if one of them needs it. */
export function writeFloats(out: ByteWriter, values: Float64Array, count: number): void {
  const whole = new Uint32Array(count);
  let bits = 0;
  for (let i = 0; i < count; i++) {
    const value = values[i] as number;
    const word = value >>> 0;
    if (word !== value || Object.is(value, -0)) return floats(out, values, count);
    whole[i] = word;
    bits |= word;
  }
  narrow(out, whole, count, bits >>> 0);
}

/** Adds a column of instants that never decrease: each as its distance from the one before, the first from `start`. */
export function writeSteps(out: ByteWriter, values: Float64Array, count: number, start: number): void {
  let last = start;
  if (count > 0 && (values[count - 1] as number) - start > 0xff_ff_ff_ff) {
    const steps = new Float64Array(count);
    for (let i = 0; i < count; i++) {
      const value = values[i] as number;
      steps[i] = value - last;
      last = value;
    }
    return writeFloats(out, steps, count);
  }
  const steps = new Uint32Array(count);
  let bits = 0;
  for (let i = 0; i < count; i++) {
    const value = values[i] as number;
    const step = value - last;
    last = value;
    steps[i] = step;
    bits |= step;
  }
  narrow(out, steps, count, bits >>> 0);
}

/** @param bits all numbers, or-ed together */
function narrow(out: ByteWriter, values: Uint32Array, count: number, bits: number): void {
  if (bits === 0) return out.u8(0);
  if (bits <= 0xff) {
    out.u8(1);
    out.reserve(count);
    const { bytes, length } = out;
    for (let i = 0; i < count; i++) bytes[length + i] = values[i] as number;
    out.length = length + count;
  } else if (bits <= 0xffff) {
    out.u8(2);
    out.reserve(2 * count);
    const { bytes } = out;
    let at = out.length;
    for (let i = 0; i < count; i++) {
      const value = values[i] as number;
      bytes[at] = value;
      bytes[at + 1] = value >>> 8;
      at += 2;
    }
    out.length = at;
  } else {
    out.u8(4);
    const column = values.slice(0, count);
    out.raw(fileOrder(new Uint8Array(column.buffer), 4));
  }
}

function floats(out: ByteWriter, values: Float64Array, count: number): void {
  out.u8(8);
  const column = values.slice(0, count);
  for (let i = 0; i < count; i++) if (Number.isNaN(column[i])) column[i] = Number.NaN; // one of the many, on every engine
  out.raw(fileOrder(new Uint8Array(column.buffer), 8));
}

/**
 * Reads a column of so many numbers.
 *
 * @param floats whether any number will do; otherwise they must be whole and from 0 to 2⁵³ − 1
 * @throws Malformed when they are not there or not such numbers
 */
export function readColumn(from: ByteReader, count: number, floats = false): Column {
  const width = from.u8();
  if (width === 0) {
    // Nothing stands behind these numbers in the file, so nothing may be allocated for them.
    if (count > ZEROS.length) throw new Malformed('a column that is too long');
    return ZEROS.subarray(0, count);
  }
  const Type =
    width === 1 ? Uint8Array : width === 2 ? Uint16Array : width === 4 ? Uint32Array : width === 8 ? Float64Array : undefined;
  if (Type === undefined) throw new Malformed(`a column of ${width} bytes a number`);
  from.need(count * width);
  const column = new Type(count);
  const bytes = new Uint8Array(column.buffer);
  bytes.set(from.raw(bytes.length));
  fileOrder(bytes, width);
  if (width === 8 && !floats) {
    for (const value of column) {
      if (!(Number.isSafeInteger(value) && value >= 0)) throw new Malformed(`${value} in a column of counts`);
    }
  }
  return column;
}
