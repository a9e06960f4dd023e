import type { Address } from '../../core/address.ts';
import type { Names } from '../../core/names.ts';
import { startBody } from './block.ts';
import { type ByteReader, ByteWriter, Malformed } from './bytes.ts';
import { type Column, readColumn, writeColumn } from './column.ts';
import type { CellDirectory } from './directory.ts';
import { KEYFRAME_CELLS, MAX_SHAPE_KEYS, PART_BYTES } from './format.ts';
import type { ValueTables } from './value.ts';

/** How far each table has been written. */
export interface Extent {
  names: number;
  endpoints: number;
  strings: number;
  shapes: number;
  cells: number;
}

/** Writes what the tables have grown by. */
export class TableWriter {
  private readonly names: Names;
  private readonly values: ValueTables;
  private readonly cells: CellDirectory;
  private written: Extent;

  /** @param written how much of them was written before */
  constructor(names: Names, values: ValueTables, cells: CellDirectory, written: Extent = nothing()) {
    this.names = names;
    this.values = values;
    this.cells = cells;
    this.written = written;
  }

  /** How far each was written by `growth`. */
  get extentWritten(): Extent {
    return this.written;
  }

  /** What is new since the last call, as bodies of blocks; none when nothing is. */
  growth(): ByteWriter[] {
    const from = this.written;
    this.written = this.extent();
    return this.bodies(from, this.written);
  }

  /** All tables but that of the cells, as bodies of blocks. */
  texts(): ByteWriter[] {
    return this.bodies(nothing(), { ...this.extent(), cells: 0 });
  }

  /** The table of cells, as bodies of blocks. */
  directory(): ByteWriter[] {
    return this.bodies(nothing(), { ...nothing(), cells: this.extent().cells });
  }

  private extent(): Extent {
    return {
      names: this.names.state.texts.length,
      endpoints: this.names.state.ports.length,
      strings: this.values.strings.length,
      shapes: this.values.shapes.length,
      cells: this.cells.count,
    };
  }

  private bodies(from: Extent, to: Extent): ByteWriter[] {
    const bodies: ByteWriter[] = [];
    let at = from;
    while (SECTIONS.some((section) => at[section] < to[section])) {
      const out = startBody();
      at = this.body(out, at, to);
      bodies.push(out);
    }
    return bodies;
  }

  /** Fills one body; returns how far it got. */
  private body(out: ByteWriter, from: Extent, to: Extent): Extent {
    const { texts, addresses, ports } = this.names.state;
    const names = section(out, from.names, to.names, (to, i) => to.text(cut(texts[i] as string)));
    const endpoints = section(out, from.endpoints, to.endpoints, (to, i) => {
      to.varint(addresses[i] as number);
      to.varint(ports[i] as number);
    });
    const strings = section(out, from.strings, to.strings, (to, i) => to.text(cut(this.values.strings[i] as string)));
    const shapes = section(out, from.shapes, to.shapes, (to, i) => {
      const keys = this.values.shapes[i] as readonly string[];
      to.varint(keys.length);
      for (const key of keys) to.text(key);
    });
    const cells = Math.min(to.cells, from.cells + KEYFRAME_CELLS);
    const { nodes, subjects, fields } = this.cells;
    out.varint(from.cells);
    out.varint(cells - from.cells);
    writeColumn(
      out,
      Uint32Array.from(nodes.subarray(from.cells, cells), (node) => node + 1),
    );
    writeColumn(out, Uint32Array.from(subjects.subarray(from.cells, cells)));
    writeColumn(out, Uint32Array.from(fields.subarray(from.cells, cells)));
    return { names, endpoints, strings, shapes, cells };
  }
}

const SECTIONS = ['names', 'endpoints', 'strings', 'shapes', 'cells'] as const;

const nothing = (): Extent => ({ names: 0, endpoints: 0, strings: 0, shapes: 0, cells: 0 });

/** A name or value of a cell beyond all measure must not make a block that no reader takes. */
const cut = (text: string): string => (text.length > MAX_TEXT ? `${text.slice(0, MAX_TEXT)}…` : text);
const MAX_TEXT = 65_536;

/** Adds as many entries as fit; returns the first that did not. */
function section(out: ByteWriter, from: number, to: number, entry: (out: ByteWriter, i: number) => void): number {
  const entries = new ByteWriter();
  let i = from;
  for (; i < to && out.length + entries.length < PART_BYTES; i++) entry(entries, i);
  out.varint(from);
  out.varint(i - from);
  out.raw(entries.view());
  return i;
}

/** The tables of a trace as they are read, block by block. */
export class Tables implements ValueTables {
  readonly names: string[] = [];
  readonly endpoints: { readonly address: Address; readonly port: number }[] = [];
  readonly strings: string[] = [];
  readonly shapes: (readonly string[])[] = [];
  private readonly cellParts: {
    readonly first: number;
    readonly node: Column;
    readonly subject: Column;
    readonly field: Column;
  }[] = [];
  cellCount = 0;

  /**
   * Takes in the body of a block. One that was taken in before changes nothing.
   *
   * @throws Malformed when it is no such body, or does not continue what is there; what came before the fault has been taken in
   */
  add(from: ByteReader): void {
    append(from, this.names, 1, () => from.text());
    append(from, this.endpoints, 2, () => ({ address: from.varint() as Address, port: from.varint() }));
    append(from, this.strings, 1, () => from.text());
    append(from, this.shapes, 1, () => {
      const count = from.count(1);
      if (count > MAX_SHAPE_KEYS) throw new Malformed('a shape of too many keys');
      return Array.from({ length: count }, () => from.text());
    });
    const first = from.varint();
    const count = from.varint();
    if (count > KEYFRAME_CELLS) throw new Malformed('too many cells in a block');
    // Different cells differ in some column, which has a byte for each of them.
    if (count > 1) from.need(count);
    const part = { first, node: readColumn(from, count), subject: readColumn(from, count), field: readColumn(from, count) };
    if (first + count <= this.cellCount) return;
    if (first !== this.cellCount) throw new Malformed('cells that do not continue the table');
    this.cellParts.push(part);
    this.cellCount += count;
  }

  /** The text of a name; a number where the name could not be read. */
  name(id: number): string {
    return this.names[id] ?? `name ${id}`;
  }

  /** Whose cell this is, in words. */
  describe(number: number): { node: number; subject: string; field: string } {
    const cell = this.cell(number);
    if (cell === undefined) return { node: -1, subject: '', field: `cell ${number}` };
    return { node: cell.node, subject: this.name(cell.subject), field: this.name(cell.field) };
  }

  /** Whose cell this is; undefined when there is no such cell. */
  cell(number: number): { node: number; subject: number; field: number } | undefined {
    let low = 0;
    let high = this.cellParts.length;
    while (high - low > 1) {
      const middle = (low + high) >>> 1;
      if ((this.cellParts[middle]?.first as number) <= number) low = middle;
      else high = middle;
    }
    const part = this.cellParts[low];
    if (part === undefined || number >= this.cellCount) return undefined;
    const i = number - part.first;
    return { node: (part.node[i] as number) - 1, subject: part.subject[i] as number, field: part.field[i] as number };
  }
}

/** Adds a section's new entries; those that are there already are read and forgotten. */
function append<T>(from: ByteReader, table: T[], least: number, entry: () => T): void {
  const first = from.varint();
  const count = from.count(least);
  if (count > 0 && first > table.length) throw new Malformed('entries that do not continue their table');
  for (let i = first; i < first + count; i++) {
    const read = entry();
    if (i >= table.length) table.push(read);
  }
}
