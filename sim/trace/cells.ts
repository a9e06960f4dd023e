import { ByteReader, Malformed } from './bytes.ts';
import { FLOAT } from './change-rows.ts';
import type { Changes } from './chunk.ts';
import { readColumn } from './column.ts';
import { KEYFRAME_CELLS } from './format.ts';
import { readOverflow } from './overflow.ts';
import type { Tables } from './tables.ts';

/** A cell and its value. */
export interface CellValue {
  readonly node: number;
  readonly subject: string;
  readonly field: string;
  readonly value: number | string;
}

/** The value that a change gives to its cell; undefined when it is a text that is not in the tables. */
export function changedTo(changes: Changes, i: number, { strings }: Tables): number | string | undefined {
  const code = changes.code[i] as number;
  if (code === FLOAT) return changes.float(i);
  return code % 2 === 0 ? code / 2 : strings[(code - 1) / 2];
}

/** No code of a value: texts have fewer numbers. */
const UNSET = 0xffff_fffd;

/** What the cells show at one instant. By number inside, as a trace has them; by name for who asks. */
export class Cells {
  private readonly tables: Tables;
  private readonly codes: Uint32Array;
  private readonly floats = new Map<number, number>();
  private numbers: Map<string, number> | undefined;

  /** @param tables with the whole table of cells */
  constructor(tables: Tables) {
    this.tables = tables;
    this.codes = new Uint32Array(tables.cellCount).fill(UNSET);
  }

  /** Cells of the trace, written yet or not. */
  get count(): number {
    return this.codes.length;
  }

  /** The value of a cell; undefined before it was first written. */
  value(cell: number): number | string | undefined {
    const code = this.codes[cell];
    if (code === undefined || code === UNSET) return undefined;
    if (code === FLOAT) return this.floats.get(cell);
    return code % 2 === 0 ? code / 2 : this.tables.strings[(code - 1) / 2];
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
    const codes = readColumn(from, count);
    const [floats] = readOverflow(from, 1, count);
    for (let i = 0; i < count; i++) this.set(start + i, codes[i] as number, floats?.get(i) ?? Number.NaN);
  }

  /** Takes in the first `count` changes of a chunk. */
  apply(changes: Changes, count: number): void {
    for (let i = 0; i < count; i++) this.change(changes, i);
  }

  /** The same values once more, to be changed by themselves. */
  copy(): Cells {
    const copy = new Cells(this.tables);
    copy.codes.set(this.codes);
    for (const [cell, float] of this.floats) copy.floats.set(cell, float);
    return copy;
  }

  /** Takes in one change. */
  change(changes: Changes, i: number): void {
    const code = changes.code[i] as number;
    this.set(changes.cell[i] as number, code, code === FLOAT ? changes.float(i) : 0);
  }

  private set(cell: number, code: number, float: number): void {
    if (cell >= this.count) throw new Malformed(`cell ${cell} is not in the tables`);
    this.codes[cell] = code;
    if (code === FLOAT) this.floats.set(cell, float);
  }
}
