import type { Packet, Transport } from '../network/packet.ts';
import type { ByteReader, ByteWriter } from './bytes.ts';
import { Malformed } from './bytes.ts';
import type { Column } from './column.ts';
import { CHUNK_RECORDS } from './format.ts';
import { ROW_BITS, ROW_WORDS, readRows, startWidths, writeRows } from './rows.ts';
import { readValue, type ValueTables, type ValueWriter } from './value.ts';

/** Columns of the packets in a block of payloads: from, to, marks, word, bytes, source, boot, ordinal. */
const COLUMNS = ROW_WORDS;
/** In the marks: the TTL in the lowest byte, the number of the transport's name in the next, whether there is a header above. */
const HEADER = 0x1_00_00;

/**
 * The packets among the payloads that are being gathered.
 *
 * They are most of what a trace carries, and each is the same object of eleven fields. So what is not its message or its header goes into columns like the
 * record itself: for a tenth of what it costs to write an object of which nothing is known.
 */
export class PacketRows {
  private readonly values: ValueWriter;
  private readonly rows = new Uint32Array(CHUNK_RECORDS * ROW_WORDS);
  private next = 0;
  private readonly widths = startWidths(COLUMNS);
  /** The transports that came, and their numbers in the table of strings. */
  private readonly transports: Transport[] = [];
  private readonly numbers: number[] = [];

  constructor(values: ValueWriter) {
    this.values = values;
  }

  get count(): number {
    return this.next >>> ROW_BITS;
  }

  /** @returns false when it is no packet as the network makes them; nothing was added then */
  add(packet: Packet): boolean {
    const { from, to, transport, word, bytes, source, boot, ordinal, ttl, header } = packet;
    if (!(small(from) && small(to) && small(word) && small(bytes) && small(source) && small(boot) && small(ordinal)))
      return false;
    const name = this.number(transport);
    if (name > 0xff || !(small(ttl) && ttl <= 0xff)) return false;
    const { rows, next } = this;
    rows[next] = from;
    rows[next + 1] = to;
    rows[next + 2] = ttl | (name << 8) | (header === undefined ? 0 : HEADER);
    rows[next + 3] = word;
    rows[next + 4] = bytes;
    rows[next + 5] = source;
    rows[next + 6] = boot;
    rows[next + 7] = ordinal;
    this.next = next + ROW_WORDS;
    return true;
  }

  /** The number of a transport's name; one that does not fit if it is no name. */
  private number(transport: Transport): number {
    const { transports } = this;
    for (let place = 0; place < transports.length; place++) {
      if (transports[place] === transport) return this.numbers[place] as number;
    }
    if (typeof transport !== 'string') return HEADER;
    const number = this.values.number(transport, false);
    this.transports.push(transport);
    this.numbers.push(number < 0 ? HEADER : number);
    return this.numbers.at(-1) as number;
  }

  /** Adds the columns of the first `count` packets to a body, and keeps those that came after them. */
  flush(out: ByteWriter, count: number): void {
    out.u32(count);
    const words = count << ROW_BITS;
    const behind = this.rows.slice(words, this.next);
    writeRows(out, this.rows, count, this.widths);
    this.rows.set(behind);
    this.next -= words;
  }
}

/** Whether this is a whole number from 0 to 2³¹ − 1. */
const small = (value: unknown): boolean => ((value as number) | 0) === value && (value as number) >= 0;

/** The packets of a block of payloads, as they are read. */
export class Packets {
  private readonly columns: readonly Column[];
  readonly count: number;

  /** @throws Malformed when there are no such columns */
  constructor(from: ByteReader) {
    this.count = from.u32();
    if (this.count > CHUNK_RECORDS) throw new Malformed('too many packets in a block');
    this.columns = readRows(from, this.count, COLUMNS);
  }

  /**
   * The packet at a place in the block.
   *
   * @param values its message, and its header if it has one
   */
  read(place: number, values: ByteReader, tables: ValueTables): Packet {
    const [from, to, marks, word, bytes, source, boot, ordinal] = this.columns.map((column) => column[place] as number) as [
      number,
      number,
      number,
      number,
      number,
      number,
      number,
      number,
    ];
    const transport = tables.strings[(marks >>> 8) & 0xff];
    if (transport === undefined) throw new Malformed('a packet without a transport');
    const message = readValue(values, tables);
    const header = marks & HEADER ? readValue(values, tables) : undefined;
    const packet = { from, to, transport, message, word, bytes, source, boot, ordinal, ttl: marks & 0xff, header };
    // What a file says is not checked further than this: whoever looks into a packet finds what the file has.
    return packet as unknown as Packet;
  }
}
