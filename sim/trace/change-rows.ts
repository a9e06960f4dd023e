import type { ByteWriter } from './bytes.ts';
import { CHANGE_COLUMNS, CHUNK_RECORDS } from './format.ts';
import { Overflow } from './overflow.ts';
import { ROW_BITS, ROW_WORDS, startWidths, writeRows } from './rows.ts';

const WIDE = 0xffff_ffff;
const STEP = 0;
const DISTANCE = 2;
const VALUE = 4;

/** A value that is no word: a number that is not whole, negative or large. It stands with those that do not fit. */
export const FLOAT = WIDE;

/**
 * A value of a cell as a word: a text by its number in the table of strings, twice that and one; a small whole number twice itself; any other
 * number `FLOAT`.
 */
export const textCode = (string: number): number => 2 * string + 1;
export const numberCode = (value: number): number =>
  value >= 0 && value <= LARGEST && Math.floor(value) === value && !Object.is(value, -0) ? 2 * value : FLOAT;
const LARGEST = 0x7fff_fffe;

/** The changes of cells of the chunk that is being filled, row by row like its records. */
export class ChangeRows {
  /** Instant of the last change. */
  last = 0;
  private begin = 0;
  private lastAfter = 0;
  private readonly rows = new Uint32Array(CHUNK_RECORDS * ROW_WORDS);
  private next = 0;
  private readonly overflow = new Overflow();
  private readonly widths = startWidths(CHANGE_COLUMNS);

  get count(): number {
    return this.next >>> ROW_BITS;
  }

  /** Goes on behind changes that were written elsewhere, the last of them at an instant. */
  resume(last: number): void {
    this.last = last;
    this.begin = last;
  }

  /**
   * @param after records of the chunk that came before
   * @param distance how many records back from the next one the cause is, 0 for none
   * @param code the value as a word
   * @param value the value itself where the code is `FLOAT`
   */
  add(at: number, after: number, distance: number, cell: number, code: number, value: number): void {
    const { rows, next } = this;
    const step = at - this.last;
    rows[next] = step;
    rows[next + 1] = after - this.lastAfter;
    rows[next + 2] = distance;
    rows[next + 3] = cell;
    rows[next + 4] = code;
    this.last = at;
    this.lastAfter = after;
    this.next = next + ROW_WORDS;
    if (step >= WIDE) this.over(next, STEP, step);
    if (distance >= WIDE) this.over(next, DISTANCE, distance);
    if (code === FLOAT) this.over(next, VALUE, value);
  }

  private over(row: number, column: number, value: number): void {
    this.rows[row + column] = WIDE;
    this.overflow.add(column, row >>> ROW_BITS, value);
  }

  /**
   * Adds the columns to a body and begins anew.
   *
   * @param first number of the first record of the chunk
   */
  flush(out: ByteWriter, first: number): void {
    out.f64(first);
    out.f64(this.begin);
    out.u32(this.count);
    writeRows(out, this.rows, this.count, this.widths);
    this.overflow.flush(out);
    this.restart();
  }

  /** Begins a chunk without having had any change in the last one. */
  restart(): void {
    this.begin = this.last;
    this.next = 0;
    this.lastAfter = 0;
  }
}
