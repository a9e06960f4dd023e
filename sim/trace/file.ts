import { checkPrefix, decodeHead, type Head, type Inflate } from './block.ts';
import { Malformed } from './bytes.ts';
import { type Checksum, crc32 } from './crc.ts';
import { HEAD_BYTES, MAX_BODY, PREFIX_BYTES } from './format.ts';
import type { ByteSource } from './sink.ts';
import type { Region } from './trace-index.ts';

export interface ReadOptions {
  /** Needed for compressed traces. */
  readonly inflate?: Inflate | undefined;
  /** A faster CRC-32 than ours, if the platform has one. */
  readonly checksum?: Checksum | undefined;
  /** Chunks that are kept after they were read; 64 unless said otherwise. */
  readonly kept?: number | undefined;
}

/** A block that was read, checked and expanded. */
export interface Block {
  readonly head: Head;
  readonly body: Uint8Array;
  /** Where the next block begins. */
  readonly end: number;
}

/** The blocks of a file. Every method throws, or rejects with, `Malformed` and nothing else when something cannot be read. */
export class TraceFile {
  readonly size: number;
  private readonly source: ByteSource;
  private readonly inflate: Inflate | undefined;
  private readonly checksum: Checksum;

  constructor(source: ByteSource, options: ReadOptions) {
    this.source = source;
    this.size = source.size;
    this.inflate = options.inflate;
    this.checksum = options.checksum ?? crc32;
  }

  async bytes(offset: number, length: number): Promise<Uint8Array> {
    if (!(offset >= 0 && length >= 0 && offset + length <= this.size)) {
      throw new Malformed(`bytes ${offset} to ${offset + length} of a file of ${this.size}`);
    }
    let bytes: Uint8Array;
    try {
      bytes = await this.source.read(offset, length);
    } catch (error) {
      throw new Malformed(`bytes ${offset} to ${offset + length} could not be read: ${messageOf(error)}`);
    }
    if (bytes.length !== length) throw new Malformed(`${bytes.length} bytes came instead of ${length} at ${offset}`);
    return bytes;
  }

  /** @returns the problem, if this file does not begin as a trace does */
  async prefix(): Promise<string | undefined> {
    return checkPrefix(await this.bytes(0, Math.min(PREFIX_BYTES, this.size)));
  }

  async head(offset: number): Promise<Head> {
    const head = decodeHead(await this.bytes(offset, HEAD_BYTES));
    if (head === undefined) throw new Malformed(`no block begins at byte ${offset}`);
    return head;
  }

  /** @param type what it must be, if that matters */
  async block(offset: number, type?: number): Promise<Block> {
    const head = await this.head(offset);
    if (type !== undefined && head.type !== type)
      throw new Malformed(`the block at byte ${offset} is of type ${head.type}, not ${type}`);
    return this.expand(offset, head, await this.bytes(offset + HEAD_BYTES, head.stored));
  }

  /** The blocks of a region one after the other, all of one type. */
  async *blocks(region: Region, type: number): AsyncGenerator<Block> {
    let offset = region.offset;
    while (offset < region.offset + region.length) {
      const block = await this.block(offset, type);
      offset = block.end;
      yield block;
    }
  }

  /**
   * The bodies of a region's blocks, all of one type, read in one piece. What cannot be read is missing at the end.
   *
   * @param most bytes that the bodies may have together; what is more is missing, too
   */
  async bodies(region: Region, type: number, most: number): Promise<{ bodies: Uint8Array[]; problem: string | undefined }> {
    const bodies: Uint8Array[] = [];
    try {
      const bytes = await this.bytes(region.offset, Math.min(region.length, most));
      let size = 0;
      for (let at = 0; at < region.length; ) {
        const head = decodeHead(bytes, at);
        const end = at + HEAD_BYTES + (head?.stored ?? 0);
        size += head?.expanded ?? 0;
        if (size > most || (head !== undefined && end > bytes.length)) throw new Malformed('there is too much of it');
        if (head?.type !== type) throw new Malformed(`another block at byte ${region.offset + at}`);
        bodies.push((await this.expand(region.offset + at, head, bytes.subarray(at + HEAD_BYTES, end))).body);
        at = end;
      }
    } catch (error) {
      return { bodies, problem: messageOf(error) };
    }
    return { bodies, problem: undefined };
  }

  /** Blocks of different types, one each, that lie one after the other: read in one piece. */
  async parts(offset: number, lengths: readonly number[], types: readonly number[]): Promise<(Uint8Array | undefined)[]> {
    const total = lengths.reduce((sum, length) => sum + length, 0);
    if (lengths.some((length) => length > HEAD_BYTES + MAX_BODY)) throw new Malformed('a part of a chunk that is too large');
    const bytes = await this.bytes(offset, total);
    const bodies: (Uint8Array | undefined)[] = [];
    let at = 0;
    for (const [i, length] of lengths.entries()) {
      if (length === 0) {
        bodies.push(undefined);
        continue;
      }
      const head = decodeHead(bytes, at);
      if (head === undefined) throw new Malformed(`no block begins at byte ${offset + at}`);
      if (head.type !== types[i] || HEAD_BYTES + head.stored !== length)
        throw new Malformed(`another block at byte ${offset + at}`);
      bodies.push((await this.expand(offset + at, head, bytes.subarray(at + HEAD_BYTES, at + length))).body);
      at += length;
    }
    return bodies;
  }

  private async expand(offset: number, head: Head, stored: Uint8Array): Promise<Block> {
    let body = stored;
    if (head.deflated) {
      if (this.inflate === undefined) throw new Malformed('the trace is compressed, and nothing to expand it was given');
      try {
        body = await this.inflate(stored, head.expanded);
      } catch (error) {
        throw new Malformed(`the block at byte ${offset} cannot be expanded: ${messageOf(error)}`);
      }
    }
    if (body.length !== head.expanded || this.checksum(body) !== head.crc)
      throw new Malformed(`the block at byte ${offset} is damaged`);
    return { head, body, end: offset + HEAD_BYTES + head.stored };
  }
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
