import { ByteReader, Malformed } from './bytes.ts';
import type { Column } from './column.ts';
import { CHANGE_COLUMNS, CHUNK_RECORDS, ChangeColumn, RECORD_COLUMNS, RecordColumn } from './format.ts';
import { readOverflow, widen } from './overflow.ts';
import { readRows } from './rows.ts';
import type { ChunkInfo } from './trace-index.ts';

const NONE = new Uint8Array(0);

/** Up to 65 536 consecutive records and the changes of cells between them, in the columns of the file. */
export class Chunk {
  readonly info: ChunkInfo;
  readonly records: Records;
  readonly changes: Changes;

  /**
   * @param records the body of the block of records; absent when the chunk has none
   * @param cells the body of the block of changes, likewise
   * @throws Malformed when they are no such bodies, or not the ones that `info` tells of
   */
  constructor(info: ChunkInfo, records: Uint8Array | undefined, cells: Uint8Array | undefined) {
    this.info = info;
    this.records = new Records(info, records);
    this.changes = new Changes(info, cells);
  }
}

/** Records by their place in the chunk. The columns are for scans; the methods say what a number in them means. */
export class Records {
  readonly count: number;
  readonly at: Float64Array;
  /** How many records back the cause is; 0 for none. */
  readonly distance: Column;
  /** Which of the chunk's payloads, from 1; 0 for none. */
  readonly payload: Uint32Array;
  /** One more than the node's number. */
  readonly nodeColumn: Column;
  readonly peerColumn: Column;
  readonly kind: Column;
  readonly word: Column;
  readonly size: Column;
  private readonly first: number;

  constructor(info: ChunkInfo, body: Uint8Array | undefined) {
    const { count, start, columns, overflow } = readBody(info, info.count, RECORD_COLUMNS, body);
    const column = (place: number): Column => widen(columns[place] as Column, overflow[place], place === RecordColumn.size);
    this.first = info.first;
    this.count = count;
    this.at = instants(info, start, column(RecordColumn.step));
    this.distance = column(RecordColumn.distance);
    this.payload = payloadNumbers(column(RecordColumn.payload));
    this.nodeColumn = column(RecordColumn.node);
    this.peerColumn = column(RecordColumn.peer);
    this.kind = column(RecordColumn.kind);
    this.word = column(RecordColumn.word);
    this.size = column(RecordColumn.size);
  }

  id(i: number): number {
    return this.first + i;
  }

  node(i: number): number {
    return (this.nodeColumn[i] as number) - 1;
  }

  peer(i: number): number {
    return (this.peerColumn[i] as number) - 1;
  }

  /** Number of the record that this one follows from; 0 for none. */
  cause(i: number): number {
    const distance = this.distance[i] as number;
    return distance === 0 ? 0 : Math.max(0, this.first + i - distance);
  }
}

/** Changes of cells by their place in the chunk. */
export class Changes {
  readonly count: number;
  readonly at: Float64Array;
  /** Records of the chunk that came before the change. */
  readonly after: Float64Array;
  readonly cell: Column;
  /** The values as words, and those that are none. */
  readonly code: Column;
  readonly floats: ReadonlyMap<number, number> | undefined;
  private readonly distance: Column;
  private readonly first: number;

  constructor(info: ChunkInfo, body: Uint8Array | undefined) {
    const { count, start, columns, overflow } = readBody(info, info.changes, CHANGE_COLUMNS, body);
    const column = (place: number): Column => widen(columns[place] as Column, overflow[place]);
    this.first = info.first;
    this.count = count;
    this.at = instants(info, start, column(ChangeColumn.step));
    this.after = sums(0, column(ChangeColumn.after));
    if (count > 0 && (this.after[count - 1] as number) > info.count) throw new Malformed('a change after the end of its chunk');
    this.distance = column(ChangeColumn.distance);
    this.cell = column(ChangeColumn.cell);
    this.code = columns[ChangeColumn.value] as Column;
    this.floats = overflow[ChangeColumn.value];
  }

  /** Number of the record that the change follows from; 0 for none. */
  cause(i: number): number {
    const distance = this.distance[i] as number;
    return distance === 0 ? 0 : Math.max(0, this.first + (this.after[i] as number) - distance);
  }

  /** The number of a change whose code is `FLOAT`. */
  float(i: number): number {
    return this.floats?.get(i) ?? Number.NaN;
  }
}

interface Body {
  readonly count: number;
  readonly start: number;
  readonly columns: readonly Column[];
  readonly overflow: readonly (ReadonlyMap<number, number> | undefined)[];
}

function readBody(info: ChunkInfo, expected: number, columns: number, body: Uint8Array | undefined): Body {
  if (body === undefined) {
    if (expected > 0) throw new Malformed('a chunk without its records');
    return { count: 0, start: info.from, columns: new Array(columns).fill(NONE), overflow: [] };
  }
  const from = new ByteReader(body);
  const first = from.whole();
  const start = from.whole();
  const count = from.u32();
  if (first !== info.first || count !== expected || count > CHUNK_RECORDS) {
    throw new Malformed('another chunk than the index tells of');
  }
  const read = readRows(from, count, columns);
  return { count, start, columns: read, overflow: readOverflow(from, columns, count) };
}

function payloadNumbers(codes: Column): Uint32Array {
  const numbers = new Uint32Array(codes.length);
  let last = 0;
  for (let i = 0; i < codes.length; i++) {
    const code = codes[i] as number;
    if (code === 1) numbers[i] = ++last;
    else if (code > last + 1) throw new Malformed('a payload before the first');
    else if (code > 1) numbers[i] = last - (code - 2);
  }
  return numbers;
}

function instants(info: ChunkInfo, start: number, steps: Column): Float64Array {
  const at = sums(start, steps);
  if (at.length > 0 && !((at[0] as number) >= info.from && (at[at.length - 1] as number) <= info.to)) {
    throw new Malformed('instants outside of their chunk');
  }
  return at;
}

function sums(start: number, steps: Column): Float64Array {
  const sums = new Float64Array(steps.length);
  let sum = start;
  for (let i = 0; i < steps.length; i++) {
    sum += steps[i] as number;
    sums[i] = sum;
  }
  return sums;
}
