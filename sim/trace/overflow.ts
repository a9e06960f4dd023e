import { type ByteReader, type ByteWriter, Malformed } from './bytes.ts';
import { type Column, checkWhole } from './column.ts';

/**
 * The rare numbers that do not fit into their columns, such as a gap of more than four seconds.
 *
 * In its column such a number is the largest that there is, and here it is whole. So a column can be as narrow as it is useful for
 * nearly all its numbers, and is written while it is filled, without a look at what else is in it.
 */
export class Overflow {
  private readonly columns: number[] = [];
  private readonly rows: number[] = [];
  private readonly values: number[] = [];

  add(column: number, row: number, value: number): void {
    this.columns.push(column);
    this.rows.push(row);
    this.values.push(value);
  }

  /** The numbers of one column by their rows. */
  of(column: number): ReadonlyMap<number, number> {
    const rows = new Map<number, number>();
    for (const [i, each] of this.columns.entries())
      if (each === column) rows.set(this.rows[i] as number, this.values[i] as number);
    return rows;
  }

  /** Adds everything to a body, and forgets it. */
  flush(out: ByteWriter): void {
    out.u32(this.columns.length);
    for (let i = 0; i < this.columns.length; i++) {
      out.u8(this.columns[i] as number);
      out.u32(this.rows[i] as number);
      out.f64(this.values[i] as number);
    }
    this.columns.length = 0;
    this.rows.length = 0;
    this.values.length = 0;
  }
}

const ENTRY_BYTES = 13;

/**
 * Reads what does not fit into its column.
 *
 * @param count rows of each column
 * @returns for each column its rows with their numbers; undefined for those without any
 * @throws Malformed when it is no such list
 */
export function readOverflow(from: ByteReader, columns: number, count: number): (ReadonlyMap<number, number> | undefined)[] {
  const found: (Map<number, number> | undefined)[] = new Array(columns).fill(undefined);
  const entries = from.u32();
  from.need(entries * ENTRY_BYTES);
  for (let i = 0; i < entries; i++) {
    const column = from.u8();
    const row = from.u32();
    if (column >= columns || row >= count) throw new Malformed('a number without a place');
    let rows = found[column];
    if (rows === undefined) {
      rows = new Map();
      found[column] = rows;
    }
    rows.set(row, from.f64());
  }
  return found;
}

/** A column with the numbers that did not fit into it; they must be counts unless any number will do. */
export function widen(column: Column, overflow: ReadonlyMap<number, number> | undefined, any = false): Column {
  if (overflow === undefined) return column;
  const wide = Float64Array.from(column);
  for (const [row, value] of overflow) {
    if (!any) checkWhole(value);
    wide[row] = value;
  }
  return wide;
}
