import type { Instant } from '../../core/time.ts';
import { ByteReader, Malformed } from './bytes.ts';
import { type Column, readColumn } from './column.ts';
import { CHUNK_RECORDS } from './format.ts';
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
class Records {
  readonly count: number;
  readonly at: Float64Array;
  /** How many records back the cause is; 0 for none. */
  readonly distance: Column;
  /** Which of the chunk's payloads, from 1; 0 for none. */
  readonly payload: Column;
  /** One more than the node's number. */
  readonly nodeColumn: Column;
  readonly peerColumn: Column;
  readonly kind: Column;
  readonly word: Column;
  readonly size: Column;
  private readonly first: number;

  constructor(info: ChunkInfo, body: Uint8Array | undefined) {
    const from = new ByteReader(body ?? NONE);
    const { count, start } = opening(from, info, info.count, body === undefined);
    this.first = info.first;
    this.count = count;
    this.at = instants(info, start, column(from, count));
    this.distance = column(from, count);
    this.payload = column(from, count);
    this.nodeColumn = column(from, count);
    this.peerColumn = column(from, count);
    this.kind = column(from, count);
    this.word = column(from, count);
    this.size = column(from, count, true);
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
class Changes {
  readonly count: number;
  readonly at: Float64Array;
  /** Records of the chunk that came before the change. */
  readonly after: Float64Array;
  readonly cell: Column;
  /** 1 where the value is the number of a string. */
  readonly text: Column;
  readonly value: Column;
  private readonly distance: Column;
  private readonly first: number;

  constructor(info: ChunkInfo, body: Uint8Array | undefined) {
    const from = new ByteReader(body ?? NONE);
    const { count, start } = opening(from, info, info.changes, body === undefined);
    this.first = info.first;
    this.count = count;
    this.at = instants(info, start, column(from, count));
    this.after = sums(0, column(from, count));
    if (count > 0 && (this.after[count - 1] as number) > info.count) throw new Malformed('a change after the end of its chunk');
    this.distance = column(from, count);
    this.cell = column(from, count);
    this.text = column(from, count);
    this.value = column(from, count, true);
  }

  /** Number of the record that the change follows from; 0 for none. */
  cause(i: number): number {
    const distance = this.distance[i] as number;
    return distance === 0 ? 0 : Math.max(0, this.first + (this.after[i] as number) - distance);
  }
}

function opening(from: ByteReader, info: ChunkInfo, expected: number, absent: boolean): { count: number; start: number } {
  if (absent) {
    if (expected > 0) throw new Malformed('a chunk without its records');
    return { count: 0, start: info.from };
  }
  const first = from.whole();
  const start = from.whole();
  const count = from.u32();
  if (first !== info.first || count !== expected || count > CHUNK_RECORDS)
    throw new Malformed('another chunk than the index tells of');
  return { count, start };
}

const column = (from: ByteReader, count: number, floats = false): Column =>
  count === 0 ? NONE : readColumn(from, count, floats);

function instants(info: ChunkInfo, start: number, steps: Column): Float64Array {
  const at = sums(start, steps);
  if (at.length > 0 && !(start >= info.from && (at[at.length - 1] as number) <= info.to)) {
    throw new Malformed('instants outside of their chunk');
  }
  return at;
}

function sums(start: Instant | number, steps: Column): Float64Array {
  const sums = new Float64Array(steps.length);
  let sum = start;
  for (let i = 0; i < steps.length; i++) {
    sum += steps[i] as number;
    sums[i] = sum;
  }
  return sums;
}
