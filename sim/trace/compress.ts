import { bodyOf, encodePrefix, joinBlock, sealBlock, startBody } from './block.ts';
import { ByteReader, Malformed } from './bytes.ts';
import { crc32 } from './crc.ts';
import { type ReadOptions, TraceFile } from './file.ts';
import { BlockType, HEAD_BYTES, PREFIX_BYTES } from './format.ts';
import { pointerTo, sealed } from './pointer.ts';
import type { ByteSink, ByteSource } from './sink.ts';
import { type ChunkInfo, decodeChunkInfo, decodeIndex, encodeChunkInfo, encodeIndex, type Region } from './trace-index.ts';

/** Raw deflate that may take its time. */
export type SlowDeflate = (bytes: Uint8Array) => Promise<Uint8Array> | Uint8Array;

/**
 * Writes a closed trace once more with its blocks compressed: when the run is over, or on another thread. What is in it stays the same.
 *
 * Compressing while the run goes on costs the simulating thread more than the whole rest of the trace; hence a separate step.
 *
 * @returns the problem, if the trace cannot be read; what the sink has got by then is of no use
 */
export async function compressTrace(
  source: ByteSource,
  sink: ByteSink,
  deflate: SlowDeflate,
  options: ReadOptions = {},
): Promise<string | undefined> {
  const file = new TraceFile(source, options);
  try {
    const problem = await file.prefix();
    if (problem !== undefined) return problem;
    await new Compressor(file, sink, deflate).run();
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

class Compressor {
  private readonly file: TraceFile;
  private readonly sink: ByteSink;
  private readonly deflate: SlowDeflate;
  private offset = 0;
  /** Where each block began, and where it begins now. */
  private readonly moved = new Map<number, number>();

  constructor(file: TraceFile, sink: ByteSink, deflate: SlowDeflate) {
    this.file = file;
    this.sink = sink;
    this.deflate = deflate;
  }

  async run(): Promise<void> {
    this.put(encodePrefix());
    let closed = false;
    for (let offset = PREFIX_BYTES; offset < this.file.size; ) {
      this.moved.set(offset, this.offset);
      const head = await this.file.head(offset);
      if (head.type === BlockType.index) closed = await this.index(offset);
      else if (head.type === BlockType.chunk) await this.chunk(offset);
      else if (head.type !== BlockType.pointer) await this.copy(offset);
      offset += HEAD_BYTES + head.stored;
    }
    if (!closed) throw new Malformed('the trace was not closed');
  }

  private async copy(offset: number): Promise<void> {
    const { head, body } = await this.file.block(offset);
    const packed = await this.deflate(body);
    const smaller = packed.length < body.length;
    this.put(joinBlock({ ...head, deflated: smaller, stored: smaller ? packed.length : body.length }, smaller ? packed : body));
  }

  private async chunk(offset: number): Promise<void> {
    const { body } = await this.file.block(offset);
    const chunk = this.movedChunk(decodeChunkInfo(new ByteReader(body), offset));
    this.put(sealed(BlockType.chunk, (out) => encodeChunkInfo(out, chunk, this.offset)));
  }

  /** @returns whether it is the one of a closed trace */
  private async index(offset: number): Promise<boolean> {
    const index = decodeIndex((await this.file.block(offset)).body);
    const start = this.offset;
    const out = startBody();
    encodeIndex(out, {
      ...index,
      chunks: index.chunks.map((chunk) => this.movedChunk(chunk)),
      tables: this.movedRegion(index.tables),
      directory: this.movedRegion(index.directory),
      keyframes: index.keyframes.map((keyframe) => ({ ...keyframe, ...this.movedRegion(keyframe) })),
      states: index.states.map((state) => ({ ...state, ...this.movedRegion(state) })),
    });
    const body = bodyOf(out);
    const crc = crc32(body);
    const packed = await this.deflate(body);
    this.put(sealBlock(out, BlockType.index, crc, () => packed));
    this.put(pointerTo({ offset: start, length: this.offset - start }));
    return index.closed;
  }

  private movedChunk(chunk: ChunkInfo): ChunkInfo {
    let end = chunk.offset;
    const part = (length: number): number => {
      const region = this.movedRegion({ offset: end, length });
      end += length;
      return region.length;
    };
    const offset = this.place(chunk.offset);
    const [tables, records, cells, payloads] = [part(chunk.tables), part(chunk.records), part(chunk.cells), part(chunk.payloads)];
    return { ...chunk, offset, tables, records, cells, payloads };
  }

  private movedRegion({ offset, length }: Region): Region {
    if (length === 0) return { offset: 0, length: 0 };
    const start = this.place(offset);
    return { offset: start, length: this.place(offset + length) - start };
  }

  private place(offset: number): number {
    const place = this.moved.get(offset);
    if (place === undefined) throw new Malformed(`no block begins at byte ${offset}`);
    return place;
  }

  private put(bytes: Uint8Array): void {
    this.sink.write(bytes);
    this.offset += bytes.length;
  }
}
