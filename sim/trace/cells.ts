import { ByteReader, Malformed } from './bytes.ts';
import type { Chunk } from './chunk.ts';
import { readColumn } from './column.ts';
import { KEYFRAME_CELLS } from './format.ts';
import type { Tables } from './tables.ts';

/** A cell and its value. */
export interface CellValue {
  readonly node: number;
  readonly subject: string;
  readonly field: string;
  readonly value: number | string;
}

const UNSET = 2;

/** What the cells show at one instant. By number inside, as a trace has them; by name for who asks. */
export class Cells {
  private readonly tables: Tables;
  private readonly values: Float64Array;
  /** 0 a number, 1 the number of a string, 2 not written yet. */
  private readonly sorts: Uint8Array;
  private numbers: Map<string, number> | undefined;

  /** @param tables with the whole table of cells */
  constructor(tables: Tables) {
    this.tables = tables;
    this.values = new Float64Array(tables.cellCount);
    this.sorts = new Uint8Array(tables.cellCount).fill(UNSET);
  }

  /** Cells of the trace, written yet or not. */
  get count(): number {
    return this.sorts.length;
  }

  /** The value of a cell; undefined before it was first written. */
  value(cell: number): number | string | undefined {
    const sort = this.sorts[cell];
    if (sort === undefined || sort === UNSET) return undefined;
    const value = this.values[cell] as number;
    return sort === 0 ? value : this.tables.strings[value];
  }

  /** @param field as the protocol named it */
  get(node: number, subject: string, field: string): number | string | undefined {
    if (this.numbers === undefined) {
      this.numbers = new Map();
      for (let cell = 0; cell < this.count; cell++) {
        const { node, subject, field } = this.tables.describe(cell);
        this.numbers.set(`${node}/${field}/${subject}`, cell);
      }
    }
    const cell = this.numbers.get(`${node}/${field}/${subject}`);
    return cell === undefined ? undefined : this.value(cell);
  }

  /** All cells that have a value, in the order in which they were first written. */
  *[Symbol.iterator](): Generator<CellValue> {
    for (let cell = 0; cell < this.count; cell++) {
      const value = this.value(cell);
      if (value !== undefined) yield { ...this.tables.describe(cell), value };
    }
  }

  /**
   * Takes in the body of a block of a keyframe.
   *
   * @throws Malformed when it is none
   */
  load(body: Uint8Array): void {
    const from = new ByteReader(body);
    const start = from.whole();
    const count = from.u32();
    if (count > KEYFRAME_CELLS || start + count > this.count) throw new Malformed('a keyframe of cells that do not exist');
    const texts = readColumn(from, count);
    const values = readColumn(from, count, true);
    for (let i = 0; i < count; i++) this.set(start + i, texts[i] as number, values[i] as number);
  }

  /** Takes in the changes of a chunk up to an instant, that instant included. */
  apply({ changes }: Chunk, until: number): void {
    for (let i = 0; i < changes.count && (changes.at[i] as number) <= until; i++) {
      this.set(changes.cell[i] as number, changes.text[i] as number, changes.value[i] as number);
    }
  }

  set(cell: number, text: number, value: number): void {
    if (cell >= this.count) throw new Malformed(`cell ${cell} is not in the tables`);
    this.values[cell] = value;
    this.sorts[cell] = text === 0 ? 0 : 1;
  }
}
