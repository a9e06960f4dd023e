import { ByteReader, Malformed } from './bytes.ts';
import { readColumn } from './column.ts';
import type { TraceFile } from './file.ts';
import { BlockType, CHUNK_RECORDS, HEAD_BYTES } from './format.ts';
import { Packets } from './packet-rows.ts';
import type { ChunkInfo } from './trace-index.ts';
import { readValue, type ValueTables } from './value.ts';

/** A block of payloads, expanded, and where in it each begins. */
interface PayloadBlock {
  readonly body: Uint8Array;
  readonly first: number;
  readonly count: number;
  /** One more than there are payloads: the last is where they end. */
  readonly starts: Float64Array;
  /** Which of the block's packets it is, from 1; 0 for none. */
  readonly places: Uint32Array;
  readonly packets: Packets;
}

/** Expanded blocks that are kept. */
const KEPT_BLOCKS = 8;

/** What is known of a chunk's blocks of payloads. */
interface Extents {
  /** Blocks that were found, and which payloads they hold. */
  readonly found: { readonly offset: number; readonly first: number; readonly count: number }[];
  /** Where to look on. */
  next: number;
  problem: string | undefined;
  step: Promise<void> | undefined;
}

/** Finds what records carry. Blocks are read when something in them is asked for. */
export class PayloadReader {
  private readonly file: TraceFile;
  private readonly tables: ValueTables;
  private readonly extents = new Map<ChunkInfo, Extents>();
  /** By offset, in the order of use, oldest first. */
  private readonly kept = new Map<number, PayloadBlock>();

  constructor(file: TraceFile, tables: ValueTables) {
    this.file = file;
    this.tables = tables;
  }

  /** @throws Malformed when the chunk has no such payload or it cannot be read */
  async read(chunk: ChunkInfo, number: number): Promise<unknown> {
    const block = await this.find(chunk, number);
    const i = number - block.first;
    const value = new ByteReader(block.body, block.starts[i], block.starts[i + 1]);
    const packet = block.places[i] as number;
    return packet === 0 ? readValue(value, this.tables) : block.packets.read(packet - 1, value, this.tables);
  }

  private async find(chunk: ChunkInfo, number: number): Promise<PayloadBlock> {
    const start = chunk.offset + chunk.tables + chunk.records + chunk.cells;
    const end = start + chunk.payloads;
    let extents = this.extents.get(chunk);
    if (extents === undefined) {
      extents = { found: [], next: start, problem: undefined, step: undefined };
      this.extents.set(chunk, extents);
    }
    for (;;) {
      const known = extents.found.find(({ first, count }) => number >= first && number < first + count);
      if (known !== undefined) return this.keep(known.offset);
      if (extents.next >= end) throw new Malformed(extents.problem ?? `its chunk has no payload ${number}`);
      // Whoever else looks for a payload of this chunk waits for the same step.
      extents.step ??= this.walk(extents, end);
      await extents.step;
    }
  }

  private async walk(extents: Extents, end: number): Promise<void> {
    const offset = extents.next;
    let next = end;
    try {
      next = offset + HEAD_BYTES + (await this.file.head(offset)).stored;
      const { first, count } = await this.keep(offset);
      extents.found.push({ offset, first, count });
    } catch (error) {
      extents.problem = error instanceof Error ? error.message : String(error);
    }
    extents.next = next;
    extents.step = undefined;
  }

  private async keep(offset: number): Promise<PayloadBlock> {
    const block = this.kept.get(offset) ?? decodePayloads((await this.file.block(offset, BlockType.payloads)).body);
    this.kept.delete(offset);
    this.kept.set(offset, block);
    if (this.kept.size > KEPT_BLOCKS) {
      const [oldest] = this.kept.keys();
      if (oldest !== undefined) this.kept.delete(oldest);
    }
    return block;
  }
}

function decodePayloads(body: Uint8Array): PayloadBlock {
  const from = new ByteReader(body);
  const first = from.u32();
  const count = from.u32();
  const size = from.u32();
  if (count > CHUNK_RECORDS) throw new Malformed('too many payloads in a block');
  let start = from.position;
  from.raw(size);
  const lengths = readColumn(from, count);
  const starts = new Float64Array(count + 1);
  const places = new Uint32Array(count);
  let packets = 0;
  for (let i = 0; i < count; i++) {
    const length = lengths[i] as number;
    starts[i] = start;
    start += length >>> 1;
    if (length % 2 === 1) places[i] = ++packets;
  }
  starts[count] = start;
  if (start - (starts[0] as number) > size) throw new Malformed('payloads that are longer than their block');
  while (from.position % 4 !== 0) from.u8();
  const read = new Packets(from);
  if (read.count < packets) throw new Malformed('packets that are not there');
  return { body, first, count, starts, places, packets: read };
}
