import { ByteWriter } from './bytes.ts';
import { writeColumn } from './column.ts';
import { CHUNK_RECORDS, HEAD_BYTES, MAX_PAYLOAD, PART_BYTES } from './format.ts';
import { type ValueTables, ValueWriter } from './value.ts';

/** Records back in which a payload is found again by identity. */
const RECENT = 1024;
/** Payloads up to this many bytes are found again by their content: a timer's or a write's, not a packet's, for which it does not pay. */
const SMALL = 12;
const SMALL_SLOTS = 4096;

/**
 * The payloads of one chunk, each written once.
 *
 * The records of a packet carry one object, and each follows from the one before. So a payload that was seen is looked for where the record's
 * cause left it: no table of objects is needed, and objects are forgotten soon, which matters more: keeping a chunk's worth of them alive
 * makes the collector copy them all. Small payloads are also found by content: a timer's, made anew each time, is mostly one of few.
 */
export class Payloads {
  /** Written since the chunk began. */
  count = 0;
  readonly values: ValueWriter;

  private readonly close: (out: ByteWriter) => void;
  private readonly out = new ByteWriter(PART_BYTES);
  private readonly lengths = new Uint32Array(CHUNK_RECORDS);
  /** The first payload of the block being filled. */
  private first = 0;
  private readonly recent: unknown[] = new Array(RECENT).fill(undefined);
  private readonly references = new Uint32Array(RECENT);
  private readonly small = new Int32Array(SMALL_SLOTS).fill(-1);
  private readonly smallStarts = new Uint32Array(SMALL_SLOTS);

  /** @param close takes the body of each block that is full, behind room for its head; it is valid only during the call */
  constructor(tables: ValueTables, close: (out: ByteWriter) => void) {
    this.out.length = VALUES;
    this.values = new ValueWriter(this.out, tables);
    this.close = close;
  }

  /** The number of the payload among the chunk's, from 1; it is written if it was not yet. */
  reference(id: number, cause: number, payload: unknown): number {
    const { recent, references } = this;
    const here = id & (RECENT - 1);
    let known = cause & (RECENT - 1);
    let reference = 0;
    if (typeof payload === 'object' && payload !== null) {
      if (recent[known] === payload) reference = references[known] as number;
      else {
        known = (id - 1) & (RECENT - 1);
        if (recent[known] === payload) reference = references[known] as number;
      }
    }
    if (reference === 0) reference = this.write(payload);
    recent[here] = payload;
    references[here] = reference;
    return reference;
  }

  /** Hands over what is not full and forgets the chunk's payloads. */
  finish(): void {
    if (this.count > this.first) this.part();
    this.count = 0;
    this.first = 0;
    this.recent.fill(undefined);
    this.small.fill(-1);
  }

  private write(payload: unknown): number {
    const { out } = this;
    if (out.length >= PART_BYTES) this.part();
    const start = out.length;
    this.values.write(payload, MAX_PAYLOAD);
    const size = out.length - start;
    if (size <= SMALL) {
      const slot = this.slotOf(start, size);
      const twin = this.small[slot] as number;
      if (twin >= this.first && this.same(this.smallStarts[slot] as number, this.lengths[twin] as number, start, size)) {
        out.length = start;
        return twin + 1;
      }
      this.small[slot] = this.count;
      this.smallStarts[slot] = start;
    }
    this.lengths[this.count] = size;
    return ++this.count;
  }

  private slotOf(start: number, size: number): number {
    const { bytes } = this.out;
    let hash = size;
    for (let i = start; i < start + size; i++) hash = Math.imul(hash ^ (bytes[i] as number), 0x01000193);
    return (hash ^ (hash >>> 15)) & (SMALL_SLOTS - 1);
  }

  private same(one: number, size: number, other: number, otherSize: number): boolean {
    if (size !== otherSize) return false;
    const { bytes } = this.out;
    for (let i = 0; i < size; i++) if (bytes[one + i] !== bytes[other + i]) return false;
    return true;
  }

  private part(): void {
    const { out } = this;
    const count = this.count - this.first;
    const size = out.length - VALUES;
    writeColumn(out, this.lengths.subarray(this.first, this.count), count);
    const { length } = out;
    out.length = HEAD_BYTES;
    out.u32(this.first);
    out.u32(count);
    out.u32(size);
    out.length = length;
    this.close(out);
    out.length = VALUES;
    this.first = this.count;
  }
}

/** Where the values of a block begin, after what says how many they are. */
const VALUES = HEAD_BYTES + 12;
