import type { Cells } from '../../sim/trace/cells.ts';
import type { Chunk } from '../../sim/trace/chunk.ts';
import type { ChunkPayloads } from '../../sim/trace/payload-reader.ts';

/** A kind that no record has: it stands for records that the file has lost, whose numbers are still theirs. */
export const UNREADABLE = 255;

/** Payloads that are kept after they were decoded. */
const KEPT_PAYLOADS = 1024;

/** A chunk of a trace in memory. */
export class Page {
  /** Its place among the trace's chunks. */
  readonly place: number;
  /** Number of its first record. */
  readonly first: number;
  readonly count: number;
  /** An instant that nothing in it is before. */
  readonly begins: number;
  /** Undefined when it cannot be read. */
  readonly chunk: Chunk | undefined;
  /** What all cells showed when it began; undefined in a run without cells. */
  readonly before: Cells | undefined;
  /** Bytes that it takes, about. */
  readonly size: number;
  private readonly payloads: ChunkPayloads | undefined;
  private readonly decoded = new Map<number, unknown>();

  constructor(
    at: { readonly place: number; readonly first: number; readonly count: number; readonly begins: number },
    chunk: Chunk | undefined,
    payloads: ChunkPayloads | undefined,
    before: Cells | undefined,
  ) {
    this.place = at.place;
    this.first = at.first;
    this.count = at.count;
    this.begins = at.begins;
    this.chunk = chunk;
    this.payloads = payloads;
    this.before = before;
    this.size = ROW_BYTES * at.count + (payloads?.size ?? 0) + CELL_BYTES * (before?.count ?? 0);
  }

  /** What the record at a place of the page carries. */
  payload(i: number): unknown {
    const reference = this.chunk?.records.payload[i] ?? 0;
    if (reference === 0 || this.payloads === undefined) return undefined;
    if (this.decoded.has(reference)) return this.decoded.get(reference);
    if (this.decoded.size === KEPT_PAYLOADS) this.decoded.clear();
    const payload = this.payloads.read(reference - 1);
    this.decoded.set(reference, payload);
    return payload;
  }
}

/** Of a record's columns, and of a cell's value. */
const ROW_BYTES = 32;
const CELL_BYTES = 4;
