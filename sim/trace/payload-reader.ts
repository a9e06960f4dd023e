import { ByteReader, Malformed } from './bytes.ts';
import { readColumn } from './column.ts';
import type { TraceFile } from './file.ts';
import { BlockType, CHUNK_RECORDS, HEAD_BYTES } from './format.ts';
import { Packets } from './packet-rows.ts';
import type { ChunkInfo } from './trace-index.ts';
import { Omitted, readValue, type ValueTables } from './value.ts';

/** A block of payloads, expanded, and where in it each begins. */
interface PayloadBlock {
  readonly body: Uint8Array;
  readonly first: number;
  readonly count: number;
  /** One more than there are payloads: the last is where they end. */
  readonly starts: Uint32Array;
  /** Which of the block's packets it is, from 1; 0 for none. */
  readonly places: Uint32Array;
  readonly packets: Packets;
}

/** Bytes of a chunk's payloads that are held in memory together; what is beyond them is left out. */
const MOST_BYTES = 128 * 1024 * 1024;

/** All payloads of a chunk in memory. Each is decoded when it is asked for. */
export class ChunkPayloads {
  /** Bytes that they take. */
  readonly size: number;
  /** Why some of them are missing; undefined when none is. */
  readonly problem: string | undefined;
  private readonly blocks: readonly PayloadBlock[];
  private readonly tables: ValueTables;

  constructor(bodies: readonly Uint8Array[], tables: ValueTables, problem: string | undefined) {
    this.tables = tables;
    const blocks: PayloadBlock[] = [];
    let fault = problem;
    for (const body of bodies) {
      try {
        blocks.push(decodePayloads(body));
      } catch (error) {
        fault = error instanceof Error ? error.message : String(error);
      }
    }
    this.blocks = blocks;
    this.problem = fault;
    this.size = bodies.reduce((sum, body) => sum + body.length, 0) + blocks.reduce((sum, { count }) => sum + 12 * count, 0);
  }

  /** A payload by its number among the chunk's, from 0; an `Omitted` where it cannot be read. */
  read(number: number): unknown {
    const block = this.blocks.find(({ first, count }) => number >= first && number < first + count);
    try {
      if (block === undefined) throw new Malformed(this.problem ?? `its chunk has no payload ${number}`);
      return valueIn(block, number - block.first, this.tables);
    } catch {
      return new Omitted('could not be read');
    }
  }
}

/** @throws Malformed when it cannot be read */
function valueIn(block: PayloadBlock, i: number, tables: ValueTables): unknown {
  const value = new ByteReader(block.body, block.starts[i], block.starts[i + 1]);
  const packet = block.places[i] as number;
  return packet === 0 ? readValue(value, tables) : block.packets.read(packet - 1, value, tables);
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
    return valueIn(block, number - block.first, this.tables);
  }

  /** All payloads of a chunk at once. */
  async all(chunk: ChunkInfo): Promise<ChunkPayloads> {
    const offset = chunk.offset + chunk.tables + chunk.records + chunk.cells;
    const { bodies, problem } = await this.file.bodies({ offset, length: chunk.payloads }, BlockType.payloads, MOST_BYTES);
    return new ChunkPayloads(bodies, this.tables, problem);
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
  // A body is smaller than 2³² bytes, and what begins beyond its end is refused below.
  const starts = new Uint32Array(count + 1);
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
