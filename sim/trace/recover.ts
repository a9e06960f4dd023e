import { decodeHead } from './block.ts';
import { ByteReader, Malformed } from './bytes.ts';
import type { TraceFile } from './file.ts';
import { BLOCK_MARK, BlockType, EXPAND_FREE, EXPAND_PER_BYTE, HEAD_BYTES, PREFIX_BYTES } from './format.ts';
import { type ChunkInfo, decodeChunkInfo, decodeIndex, emptyIndex, type TraceIndex } from './trace-index.ts';

/** What a walk through a file has found. */
export interface Recovered {
  /** The last index that could be read, and the chunks that came after it. */
  readonly index: TraceIndex;
  /** How many of its chunks the index itself knew. */
  readonly indexed: number;
  readonly problems: readonly string[];
}

/**
 * Finds what is left in a file without a pointer to its index: a run that was killed, a file that was cut off or damaged.
 *
 * Walks from block to block by their heads. After a damaged one it looks for the next, so the walk takes no longer than reading the file once.
 */
export async function recover(file: TraceFile): Promise<Recovered> {
  const window = new Window(file);
  const problems: string[] = [];
  let index = emptyIndex();
  let indexed = 0;
  // By its own block a chunk is found even if bytes before it are missing; an index tells offsets from the beginning of the file.
  const found = new Map<string, ChunkInfo>();
  let expanded = 0;
  let offset = PREFIX_BYTES;
  while (offset < file.size) {
    const head = decodeHead(await window.bytes(offset, HEAD_BYTES));
    const end = head === undefined ? offset : offset + HEAD_BYTES + head.stored;
    if (head === undefined || end > file.size) {
      const next = await nextBlock(window, offset + 1);
      if (next === undefined) {
        problems.push(`the file is cut off at byte ${offset}: the ${file.size - offset} bytes from there on are no whole block`);
        break;
      }
      problems.push(`bytes ${offset} to ${next} are damaged`);
      offset = next;
      continue;
    }
    if (head.type === BlockType.chunk || head.type === BlockType.index) expanded += head.expanded;
    try {
      if (head.type === BlockType.chunk) {
        const { body } = await file.block(offset, BlockType.chunk);
        const chunk = decodeChunkInfo(new ByteReader(body), offset);
        checkChunk(chunk, index.chunks.at(-1), offset);
        found.set(chunk.hash, chunk);
        index.chunks.push(chunk);
        if (chunk.to > index.end) index.end = chunk.to;
      } else if (head.type === BlockType.index) {
        const { body } = await file.block(offset, BlockType.index);
        const read = decodeIndex(body);
        for (const [i, { hash }] of read.chunks.entries()) read.chunks[i] = found.get(hash) ?? (read.chunks[i] as ChunkInfo);
        index = checkIndex(read, file.size);
        indexed = index.chunks.length;
      }
    } catch (error) {
      if (!(error instanceof Malformed)) throw error;
      problems.push(error.message);
    }
    offset = end;
    if (expanded > EXPAND_FREE + EXPAND_PER_BYTE * file.size) {
      problems.push(`the indexes before byte ${offset} are too large for this file; what follows was not looked at`);
      break;
    }
  }
  return { index, indexed, problems };
}

/**
 * @param end where the index begins: everything that it tells of comes before
 * @throws Malformed when it tells of what cannot be
 */
export function checkIndex(index: TraceIndex, end: number): TraceIndex {
  let last: ChunkInfo | undefined;
  for (const chunk of index.chunks) {
    checkChunk(chunk, last, end);
    last = chunk;
  }
  for (const { offset, length } of [index.tables, index.directory, ...index.keyframes, ...index.states]) {
    if (!(offset + length <= end)) throw new Malformed('the index points beyond itself');
  }
  for (const { chunks } of index.keyframes)
    if (chunks > index.chunks.length) throw new Malformed('a keyframe after the last chunk');
  return index;
}

function checkChunk(chunk: ChunkInfo, last: ChunkInfo | undefined, end: number): void {
  if (chunk.offset < PREFIX_BYTES || !(endOf(chunk) <= end)) throw new Malformed('a chunk that lies outside of the file');
  if (last === undefined) return;
  // Chunks that overlapped could make a small file endless.
  if (chunk.first < last.first + last.count || chunk.from < last.to || chunk.offset < endOf(last)) {
    throw new Malformed(`the chunks from record ${last.first} and from record ${chunk.first} are out of order`);
  }
}

const endOf = (chunk: ChunkInfo): number => chunk.offset + chunk.tables + chunk.records + chunk.cells + chunk.payloads;

/** Where the next head of a block is, whose body the file holds. */
async function nextBlock(window: Window, from: number): Promise<number | undefined> {
  const first = BLOCK_MARK & 0xff;
  let offset = from;
  while (offset + HEAD_BYTES <= window.size) {
    const piece = await window.bytes(offset, PIECE);
    for (let i = piece.indexOf(first); i >= 0 && i + HEAD_BYTES <= piece.length; i = piece.indexOf(first, i + 1)) {
      const head = decodeHead(piece, i);
      if (head !== undefined && offset + i + HEAD_BYTES + head.stored <= window.size) return offset + i;
    }
    if (piece.length < PIECE) return undefined;
    offset += piece.length - HEAD_BYTES + 1;
  }
  return undefined;
}

const PIECE = 65_536;

/** Reads a piece of the file at a time, because many heads are close to each other. */
class Window {
  readonly size: number;
  private readonly file: TraceFile;
  private start = 0;
  private piece: Uint8Array = new Uint8Array(0);

  constructor(file: TraceFile) {
    this.file = file;
    this.size = file.size;
  }

  /** So many bytes from there on, fewer at the end of the file. */
  async bytes(offset: number, most: number): Promise<Uint8Array> {
    const length = Math.min(most, this.size - offset);
    if (offset < this.start || offset + length > this.start + this.piece.length) {
      this.piece = await this.file.bytes(offset, Math.min(PIECE, this.size - offset));
      this.start = offset;
    }
    return this.piece.subarray(offset - this.start, offset - this.start + length);
  }
}
