import { Kind } from '../engine/journal.ts';
import type { Packet } from '../network/packet.ts';
import { ByteWriter } from './bytes.ts';
import { writeColumn } from './column.ts';
import { CHUNK_RECORDS, HEAD_BYTES, MAX_PAYLOAD, PART_BYTES } from './format.ts';
import { PacketRows } from './packet-rows.ts';
import { type ValueTables, ValueWriter } from './value.ts';

/** Records back in which a payload is found again. */
const RECENT = 4096;
/** Payloads that are written in one go: a third cheaper than each when it comes, between two other things. */
const WAITING = 512;
/** Where the values of a block begin, after what says how many they are. */
const VALUES = HEAD_BYTES + 12;

/**
 * The payloads of one chunk, each written once.
 *
 * The records of a packet carry one object, and each follows from the one before. So a payload that was seen is looked for where the record's
 * cause left it: no table of objects is needed, and objects are forgotten soon, which matters more: keeping a chunk's worth of them alive
 * makes the collector copy them all.
 */
export class Payloads {
  /** Payloads since the chunk began. */
  count = 0;
  readonly values: ValueWriter;

  private readonly packets: PacketRows;
  private readonly close: (out: ByteWriter) => void;
  private readonly out = new ByteWriter(PART_BYTES);
  /** Twice its bytes, and one more for a packet. */
  private readonly lengths = new Uint32Array(CHUNK_RECORDS);
  /** The first payload of the block being filled. */
  private first = 0;
  /** The last payloads, whose values are not written yet. */
  private readonly waiting: unknown[] = new Array(WAITING).fill(undefined);
  private wait = 0;
  /** Packets of the block being filled, without those that wait. */
  private settled = 0;
  private readonly recent: unknown[] = new Array(RECENT).fill(undefined);
  private readonly references = new Uint32Array(RECENT);

  /** @param close takes the body of each block that is full, behind room for its head; it is valid only during the call */
  constructor(tables: ValueTables, close: (out: ByteWriter) => void) {
    this.out.length = VALUES;
    this.values = new ValueWriter(this.out, tables);
    this.packets = new PacketRows(this.values);
    this.close = close;
  }

  /**
   * Which payload of the chunk a record carries: 1 for a new one; from 2 on one that came before, counted back from the last.
   *
   * A payload must not change any more.
   */
  reference(id: number, cause: number, kind: number, payload: unknown): number {
    const { recent, references, count } = this;
    if (typeof payload === 'object') {
      const before = cause & (RECENT - 1);
      const last = (id - 1) & (RECENT - 1);
      const known = recent[before] === payload ? before : recent[last] === payload ? last : -1;
      if (known >= 0) {
        const reference = references[known] as number;
        // From where a packet was delivered or lost nobody takes it further.
        if (kind !== Kind.deliver && kind !== Kind.drop) this.remember(id, payload, reference);
        return count - reference + 2;
      }
      this.remember(id, payload, count + 1);
    }
    const packet = kind >= Kind.send && kind <= Kind.drop && this.packets.add(payload);
    this.lengths[count] = packet ? 1 : 0;
    this.waiting[this.wait++] = payload;
    this.count = count + 1;
    if (this.wait === WAITING) this.settle();
    return 1;
  }

  private remember(id: number, payload: object | null, reference: number): void {
    const here = id & (RECENT - 1);
    this.recent[here] = payload;
    this.references[here] = reference;
  }

  /** Writes what waits: from then on the tables are complete for all payloads so far. */
  settle(): void {
    const { out, waiting, lengths, values } = this;
    const { count, wait } = this;
    for (let number = count - wait; number < count; number++) {
      if (out.length >= PART_BYTES) this.part(number, this.close);
      const start = out.length;
      const payload = waiting[wait - count + number];
      const packet = lengths[number] as number;
      if (packet === 0) {
        values.write(payload, MAX_PAYLOAD);
      } else {
        const { message, header } = payload as Packet;
        values.write(message, MAX_PAYLOAD);
        if (header !== undefined) values.write(header, MAX_PAYLOAD);
      }
      lengths[number] = 2 * (out.length - start) + packet;
      this.settled += packet;
    }
    this.wait = 0;
  }

  /**
   * Hands over what is not full, and forgets the chunk's payloads.
   *
   * @param close takes the body of the last block, as in the constructor
   */
  finish(close: (out: ByteWriter) => void): void {
    this.settle();
    if (this.count > this.first) this.part(this.count, close);
    this.count = 0;
    this.first = 0;
    this.recent.fill(undefined);
    this.waiting.fill(undefined);
  }

  /** Closes the block that holds the payloads up to `end`. */
  private part(end: number, close: (out: ByteWriter) => void): void {
    const { out } = this;
    const size = out.length - VALUES;
    const lengths = this.lengths.subarray(this.first, end);
    writeColumn(out, lengths);
    while (out.length % 4 !== 0) out.u8(0);
    this.packets.flush(out, this.settled);
    this.settled = 0;
    const { length } = out;
    out.length = HEAD_BYTES;
    out.u32(this.first);
    out.u32(end - this.first);
    out.u32(size);
    out.length = length;
    close(out);
    out.length = VALUES;
    this.first = end;
  }
}
