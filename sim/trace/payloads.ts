import { Kind } from '../engine/journal.ts';
import type { Packet } from '../network/packet.ts';
import { ByteWriter } from './bytes.ts';
import { writeColumn } from './column.ts';
import { CHUNK_RECORDS, HEAD_BYTES, MAX_PAYLOAD, PART_BYTES } from './format.ts';
import { PacketRows } from './packet-rows.ts';
import { type ValueTables, ValueWriter } from './value.ts';

/** Payloads that are written in one go: a third cheaper than each when it comes, between two other things. */
const WAITING = 512;
/** Where the values of a block begin, after what says how many they are. */
const VALUES = HEAD_BYTES + 12;

/** Picks the place of a record among the last 65 536, which are more than the chunk has. */
const PLACE = CHUNK_RECORDS - 1;

/**
 * The payloads of one chunk.
 *
 * The records of a packet carry the same object, which is written once: it is sent once, and each of its further records follows from the one
 * before. So what the cause carried is compared with it, and no table of objects is needed. It is compared by the packet's coordinate and not by
 * identity: to hold on to objects makes the collector copy them.
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
  /**
   * For each record from which a packet may go on two words: which of the chunk's payloads it is, from 1, and what tells the packet from others. They lie
   * side by side because a cause may be thousands of records back, where nothing is near the processor any more.
   */
  private readonly seen = new Uint32Array(2 * CHUNK_RECORDS);
  /** The message that was written last, and where: one that goes to several is often sent several times in a row. */
  private lastMessage: unknown;
  private lastStart = 0;
  private lastEnd = 0;

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
    const { seen, count } = this;
    let packet = false;
    if (kind >= Kind.send && kind <= Kind.drop && typeof payload === 'object' && payload !== null) {
      const tag = tagOf(payload as Packet);
      const here = (id & PLACE) << 1;
      if (kind !== Kind.send) {
        const before = (cause & PLACE) << 1;
        const known = seen[before] as number;
        if (known > 0 && seen[before + 1] === tag) {
          if (kind === Kind.forward) {
            seen[here] = known;
            seen[here + 1] = tag;
          }
          return count - known + 2;
        }
      }
      packet = this.packets.add(payload as Packet);
      if (packet) {
        seen[here] = count + 1;
        seen[here + 1] = tag;
      }
    }
    this.lengths[count] = packet ? 1 : 0;
    this.waiting[this.wait++] = payload;
    this.count = count + 1;
    if (this.wait === WAITING) this.settle();
    return 1;
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
        if (message !== this.lastMessage || message === undefined) this.message(message);
        else this.again();
        if (header !== undefined) values.write(header, MAX_PAYLOAD);
      }
      lengths[number] = 2 * (out.length - start) + packet;
      this.settled += packet;
    }
    this.wait = 0;
  }

  private message(message: unknown): void {
    this.lastStart = this.out.length;
    this.values.write(message, MAX_PAYLOAD);
    this.lastEnd = this.out.length;
    this.lastMessage = message;
  }

  /** Writes the last message once more. */
  private again(): void {
    const { out, lastStart, lastEnd } = this;
    out.reserve(lastEnd - lastStart);
    const { bytes } = out;
    let at = out.length;
    for (let from = lastStart; from < lastEnd; from++) bytes[at++] = bytes[from] as number;
    out.length = at;
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
    this.seen.fill(0);
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
    this.lastMessage = undefined;
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

/** A word for a packet: from one sender no two have the same, and hardly ever two of different senders. */
const tagOf = ({ source, boot, ordinal }: Packet): number =>
  (Math.imul(source, 0x9e37_79b1) + Math.imul(boot, 0x85eb_ca77) + ordinal) >>> 0;
