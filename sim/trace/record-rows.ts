import type { ByteWriter } from './bytes.ts';
import type { Density } from './density.ts';
import { CHUNK_RECORDS, RECORD_COLUMNS } from './format.ts';
import { Overflow } from './overflow.ts';
import { ROW_BITS, ROW_WORDS, startWidths, TILE, writeRows } from './rows.ts';

const WIDE = 0xffff_ffff;
const STEP = 0;
const DISTANCE = 1;
const KIND = 5;
const SIZE = 7;

/**
 * The records of the chunk that is being filled.
 *
 * They gather row by row in one array, which costs a third of what eight arrays do, and become columns when the chunk is full.
 */
export class RecordRows {
  /** Instant of the last record; before the chunk's first one, where its steps begin. */
  last = 0;
  private begin = 0;
  private readonly rows = new Uint32Array(CHUNK_RECORDS * ROW_WORDS);
  /** Where the next row begins. */
  private next = 0;
  private readonly overflow = new Overflow();
  private readonly widths = startWidths(RECORD_COLUMNS);

  get count(): number {
    return this.next >>> ROW_BITS;
  }

  /** Goes on behind records that were written elsewhere, the last of them at an instant. */
  resume(last: number): void {
    this.last = last;
    this.begin = last;
  }

  /**
   * @param distance how many records back the cause is, 0 for none
   * @param payload as `Payloads` numbers it
   */
  add(at: number, distance: number, payload: number, node: number, peer: number, kind: number, word: number, size: number): void {
    const { rows, next } = this;
    const step = at - this.last;
    this.last = at;
    rows[next] = step;
    rows[next + 1] = distance;
    rows[next + 2] = payload;
    rows[next + 3] = node + 1;
    rows[next + 4] = peer + 1;
    rows[next + 5] = kind;
    rows[next + 6] = word;
    rows[next + 7] = size;
    this.next = next + ROW_WORDS;
    if (step >= WIDE || distance >= WIDE || size >>> 0 !== size || size === WIDE) this.large(next, step, distance, size);
  }

  private large(row: number, step: number, distance: number, size: number): void {
    if (step >= WIDE) this.over(row, STEP, step);
    if (distance >= WIDE) this.over(row, DISTANCE, distance);
    if (size >>> 0 !== size || size === WIDE) this.over(row, SIZE, size);
  }

  private over(row: number, column: number, value: number): void {
    this.rows[row + column] = WIDE;
    this.overflow.add(column, row >>> ROW_BITS, value);
  }

  /** Counts the records by their kinds, for the chunk and for the picture of the whole run. */
  tally(density: Density): number[] {
    const kinds = new Uint32Array(256);
    const gaps = this.overflow.of(STEP);
    let at = this.begin;
    for (let row = 0; row < this.next; row += TILE * ROW_WORDS) {
      at = this.tallyTile(row, Math.min(this.next, row + TILE * ROW_WORDS), at, gaps, kinds, density);
    }
    return Array.from(kinds.subarray(0, kinds.findLastIndex((times) => times > 0) + 1));
  }

  /** Counts a piece of them; returns the instant of its last record. */
  private tallyTile(
    from: number,
    to: number,
    start: number,
    gaps: ReadonlyMap<number, number>,
    kinds: Uint32Array,
    density: Density,
  ): number {
    const { rows } = this;
    let at = start;
    for (let row = from; row < to; row += ROW_WORDS) {
      const step = rows[row] as number;
      at += step === WIDE ? (gaps.get(row >>> ROW_BITS) as number) : step;
      const kind = rows[row + KIND] as number;
      kinds[kind] = (kinds[kind] as number) + 1;
      density.add(at, kind);
    }
    return at;
  }

  /**
   * Adds the columns to a body and begins anew.
   *
   * @param first number of the first record
   */
  flush(out: ByteWriter, first: number): void {
    out.f64(first);
    out.f64(this.begin);
    out.u32(this.count);
    writeRows(out, this.rows, this.count, this.widths);
    this.overflow.flush(out);
    this.begin = this.last;
    this.next = 0;
  }
}
