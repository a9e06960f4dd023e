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

/** What a payload that waits is; `again` is a packet with the message of the one before. */
const Waits = { other: 0, packet: 1, again: 2, packetWithHeader: 3 } as const;

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
  /** Twice its bytes, and one more for a packet; of one that waits, which of `Waits` it is. */
  private readonly lengths = new Uint32Array(CHUNK_RECORDS);
  /** The first payload of the block being filled. */
  private first = 0;
  /**
   * What of the last payloads is not written yet: of packets their messages, and no message twice in a row. To hold on to each packet was tried; it costs
   * more than all else here, because an engine keeps account of every young object that an old one refers to.
   */
  private readonly waiting: unknown[] = new Array(WAITING).fill(undefined);
  private wait = 0;
  /** The headers of those that have one, in order. */
  private readonly headers: unknown[] = [];
  /** The message that came last. */
  private latest: unknown;
  /** Packets of the block being filled, without those that wait. */
  private settled = 0;
  /**
   * For each record from which a packet may go on two words: which of the chunk's payloads it is, from 1, and what tells the packet from others. They lie
   * side by side because a cause may be thousands of records back, where nothing is near the processor any more.
   */
  private readonly seen = new Int32Array(2 * CHUNK_RECORDS);
  /** The message that was written last, and where, if in this block: one that goes to several is often sent several times in a row. */
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
    if (kind < Kind.send || kind > Kind.drop || typeof payload !== 'object' || payload === null) return this.other(payload);
    const { seen } = this;
    const tag = tagOf(payload as Packet);
    if (kind !== Kind.send) {
      const before = (cause & PLACE) << 1;
      const known = seen[before] as number;
      if (known > 0 && seen[before + 1] === tag) {
        if (kind === Kind.forward) this.remember(id, known, tag);
        return this.count - known + 2;
      }
    }
    if (!this.packets.add(payload as Packet)) return this.other(payload);
    this.remember(id, this.count + 1, tag);
    this.hold(payload as Packet);
    return 1;
  }

  private remember(id: number, known: number, tag: number): void {
    const here = (id & PLACE) << 1;
    this.seen[here] = known;
    this.seen[here + 1] = tag;
  }

  private other(payload: unknown): number {
    this.lengths[this.count] = Waits.other;
    this.waiting[this.wait] = payload;
    this.waits();
    return 1;
  }

  private waits(): void {
    this.count++;
    if (++this.wait === WAITING) this.settle();
  }

  /** Keeps of a packet what is not in its columns. */
  private hold({ message, header }: Packet): void {
    const { lengths, count } = this;
    if (message === this.latest && message !== undefined && header === undefined) {
      lengths[count] = Waits.again;
    } else {
      this.waiting[this.wait] = message;
      this.latest = message;
      lengths[count] = header === undefined ? Waits.packet : Waits.packetWithHeader;
      if (header !== undefined) this.headers.push(header);
    }
    this.waits();
  }

  /** Writes what waits: from then on the tables are complete for all payloads so far. */
  settle(): void {
    const { out, waiting, lengths, values, headers, count, wait } = this;
    let header = 0;
    for (let number = count - wait; number < count; ) {
      if (out.length >= PART_BYTES) this.part(number, this.close);
      const start = out.length;
      const what = lengths[number] as number;
      if (what === Waits.again && this.lastStart > 0) {
        number = this.repeat(number);
        continue;
      }
      const value = waiting[wait - count + number];
      if (what === Waits.other) values.write(value, MAX_PAYLOAD);
      else this.message(what === Waits.again ? this.lastMessage : value);
      if (what === Waits.packetWithHeader) values.write(headers[header++], MAX_PAYLOAD);
      const packet = what === Waits.other ? 0 : 1;
      lengths[number++] = 2 * (out.length - start) + packet;
      this.settled += packet;
    }
    this.wait = 0;
    headers.length = 0;
  }

  /** Writes the last message once more for each of the packets from `number` on that have it; returns where they end. */
  private repeat(number: number): number {
    const { out, lengths, count, lastStart, lastEnd } = this;
    const size = lastEnd - lastStart;
    // A block ends where it would with each by itself.
    const most = Math.min(count, number + Math.max(1, Math.ceil((PART_BYTES - out.length) / size)));
    let end = number;
    while (end < most && lengths[end] === Waits.again) lengths[end++] = 2 * size + 1;
    const start = out.length;
    const stop = start + (end - number) * size;
    out.reserve(stop - start);
    out.bytes.copyWithin(start, lastStart, Math.min(lastEnd, lastStart + stop - start));
    // Each copy doubles what there is to be copied.
    for (let done = size; start + done < stop; done *= 2)
      out.bytes.copyWithin(start + done, start, Math.min(start + done, stop - done));
    out.length = stop;
    this.settled += end - number;
    return end;
  }

  private message(message: unknown): void {
    this.lastStart = this.out.length;
    this.values.write(message, MAX_PAYLOAD);
    this.lastEnd = this.out.length;
    this.lastMessage = message;
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
    this.latest = undefined;
    this.lastMessage = undefined;
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
    this.lastStart = 0;
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
  (Math.imul(source, 0x9e37_79b1) + Math.imul(boot, 0x85eb_ca77) + ordinal) | 0;
