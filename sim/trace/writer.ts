import { assert } from '../../core/assert.ts';
import { Hash } from '../../core/hash.ts';
import type { NameId, Names } from '../../core/names.ts';
import type { Instant } from '../../core/time.ts';
import { Kind, type Sink } from '../engine/journal.ts';
import { bodyOf, type Deflate, encodePrefix, sealBlock, startBody } from './block.ts';
import { ByteWriter } from './bytes.ts';
import { writeColumn, writeFloats, writeSteps } from './column.ts';
import { type Checksum, crc32 } from './crc.ts';
import { CellDirectory } from './directory.ts';
import {
  BlockType,
  CELL_MARKER,
  CHUNK_RECORDS,
  HEAD_BYTES,
  INDEX_EVERY,
  KEYFRAME_CELLS,
  MAX_BODY,
  MAX_MARKERS,
  MAX_STATE,
  MAX_VERDICTS,
  PART_BYTES,
} from './format.ts';
import type { TraceHeader } from './header.ts';
import { Payloads } from './payloads.ts';
import { pointerTo } from './pointer.ts';
import type { ByteSink } from './sink.ts';
import { TableWriter } from './tables.ts';
import {
  addLimited,
  type ChunkInfo,
  emptyIndex,
  encodeChunkInfo,
  encodeIndex,
  MARKED,
  type Region,
  type TraceIndex,
} from './trace-index.ts';
import { encodeValue, Tag, type ValueTables, ValueWriter } from './value.ts';

export interface TraceOptions {
  readonly header: TraceHeader;
  /** The world's names: what is new in them is written with each chunk. */
  readonly names: Names;
  readonly sink: ByteSink;
  /** Compresses each block as it is written. Cheaper for the simulating thread: `compressTrace` afterwards. */
  readonly deflate?: Deflate;
  /** A faster CRC-32 than ours, if the platform has one. */
  readonly checksum?: Checksum;
  /** The world's whole state as plain data, to be kept at each keyframe. */
  readonly save?: () => unknown;
  /** Fields of cells whose changes become markers: rare and telling ones. */
  readonly turns?: readonly string[];
}

/**
 * Writes a run as a trace (docs/trace-format.md) while it happens.
 *
 * What happens goes into columns; a full chunk of them is written as one piece, with an index every few chunks, so that a run that is killed leaves
 * all but its last chunk. Per record this costs a few stores and, for a payload that was not seen lately, its encoding.
 */
export class TraceWriter implements Sink {
  private readonly names: Names;
  private readonly sink: ByteSink;
  private readonly deflate: Deflate | undefined;
  private readonly checksum: Checksum;
  private readonly save: (() => unknown) | undefined;
  private readonly turns: ReadonlySet<string>;
  private readonly marked = Uint8Array.from({ length: 256 }, (_, kind) => (MARKED.includes(kind) ? 1 : 0));

  private offset = 0;
  private closed = false;
  private readonly hash = new Hash();
  private readonly index: TraceIndex = emptyIndex();

  private readonly tables: ValueTables = { strings: [], shapes: [] };
  private readonly directory = new CellDirectory();
  private readonly tableWriter: TableWriter;
  private readonly payloads: Payloads;
  private payloadBodies: ByteWriter[] = [];
  /** For the larger bodies, one after the other. */
  private readonly body = new ByteWriter(32 * CHUNK_RECORDS);

  // The records of the open chunk.
  private first = 1;
  private count = 0;
  private readonly at = new Float64Array(CHUNK_RECORDS);
  private readonly cause = new Uint32Array(CHUNK_RECORDS);
  private readonly payload = new Uint32Array(CHUNK_RECORDS);
  private readonly node = new Uint32Array(CHUNK_RECORDS);
  private readonly peer = new Uint32Array(CHUNK_RECORDS);
  private readonly kind = new Uint8Array(CHUNK_RECORDS);
  private readonly word = new Uint32Array(CHUNK_RECORDS);
  private readonly size = new Float64Array(CHUNK_RECORDS);

  // Its changes of cells.
  private changes = 0;
  private readonly changeAt = new Float64Array(CHUNK_RECORDS);
  /** Records of this chunk that came before the change. */
  private readonly changeAfter = new Float64Array(CHUNK_RECORDS);
  private readonly changeCause = new Uint32Array(CHUNK_RECORDS);
  private readonly changed = new Uint32Array(CHUNK_RECORDS);
  private readonly changeText = new Uint32Array(CHUNK_RECORDS);
  private readonly changeValue = new Float64Array(CHUNK_RECORDS);

  // The value of each cell now: a number, or the number of a string.
  private values = new Float64Array(1024);
  private texts = new Uint8Array(1024);
  private turning = new Uint8Array(1024);
  /** Cells that these arrays know. */
  private cells = 0;
  private changesSinceKeyframe = 0;
  private lastText = '';
  private lastTextNumber = -1;

  constructor(options: TraceOptions) {
    this.names = options.names;
    this.sink = options.sink;
    this.deflate = options.deflate;
    this.checksum = options.checksum ?? crc32;
    this.save = options.save;
    this.turns = new Set(options.turns ?? ['role', 'leader']);
    this.tableWriter = new TableWriter(this.names, this.tables, this.directory);
    this.payloads = new Payloads(this.tables, (out) => this.payloadBlock(out));
    this.put(encodePrefix());
    this.block(BlockType.header, headerBody(options.header));
  }

  record(
    id: number,
    at: Instant,
    kind: number,
    node: number,
    peer: number,
    cause: number,
    word: NameId,
    size: number,
    payload: unknown,
  ): void {
    const i = this.count;
    if (id !== this.first + i) return this.jump(id, at, kind, node, peer, cause, word, size, payload);
    this.at[i] = at;
    this.cause[i] = cause === 0 ? 0 : id - cause;
    this.kind[i] = kind;
    this.node[i] = node + 1;
    this.peer[i] = peer + 1;
    this.word[i] = word;
    this.size[i] = size;
    this.payload[i] = payload === undefined ? 0 : this.payloads.reference(id, cause, payload);
    this.count = i + 1;
    if (this.marked[kind] === 1) this.mark(id, at, kind, node, word, payload);
    if (i + 1 === CHUNK_RECORDS) this.flush();
  }

  cell(id: number, at: Instant, node: number, subject: NameId, field: NameId, value: number | string): void {
    if (id >= this.first + this.count) this.skip(id + 1);
    const i = this.changes;
    const cell = this.directory.number(node, subject, field);
    if (cell === this.cells) this.newCell(field);
    const text = typeof value === 'string';
    const number = text ? this.textNumber(value) : value;
    this.changeAt[i] = at;
    this.changeAfter[i] = this.count;
    this.changeCause[i] = id === 0 ? 0 : this.first + this.count - id;
    this.changed[i] = cell;
    this.changeText[i] = text ? 1 : 0;
    this.changeValue[i] = number;
    this.values[cell] = number;
    this.texts[cell] = text ? 1 : 0;
    this.changes = i + 1;
    if (this.turning[cell] === 1) {
      addLimited(this.index.turns, { at, id, kind: CELL_MARKER, node, cell, value }, MAX_MARKERS);
    }
    if (i + 1 === CHUNK_RECORDS) this.flush();
  }

  keyframe(at: Instant, id: number): void {
    if (this.save === undefined) return;
    const body = encodeValue(this.save(), MAX_STATE);
    const start = this.offset;
    for (let from = 0; from < body.length; from += PART_BYTES) {
      const out = startBody(this.body);
      out.raw(body.subarray(from, from + PART_BYTES));
      this.block(BlockType.state, out);
    }
    this.index.states.push({ at, id, offset: start, length: this.offset - start });
  }

  /** Writes what has gathered as a chunk, full or not. A killed run keeps what was flushed. */
  flush(): void {
    assert(!this.closed, 'the trace is closed');
    if (this.count === 0 && this.changes === 0) return;
    this.chunk();
    this.changesSinceKeyframe += this.changes;
    this.first += this.count;
    this.count = 0;
    this.changes = 0;
    // Each keyframe has been paid for by as many changes as it has cells, however many that is.
    if (this.changesSinceKeyframe > 0 && this.changesSinceKeyframe >= this.directory.count) this.writeKeyframe();
    if (this.index.chunks.length % INDEX_EVERY === 0) this.writeIndex();
  }

  /**
   * Writes what is left and the final index. Nothing can be recorded afterwards.
   *
   * @param summary what the run came to, as plain data, for lists of traces: verdicts, measurements, the fingerprint
   * @param end the last instant of the run, if it is later than its last record
   */
  close(summary?: unknown, end?: Instant): void {
    this.flush();
    this.index.closed = true;
    this.index.summary = summary;
    if (end !== undefined && end > this.index.end) this.index.end = end;
    this.index.tables = this.blocks(BlockType.tables, this.tableWriter.texts());
    this.index.directory = this.blocks(BlockType.tables, this.tableWriter.directory());
    this.writeIndex();
    this.closed = true;
  }

  private jump(...record: Parameters<TraceWriter['record']>): void {
    this.skip(record[0]);
    this.record(...record);
  }

  /** The records up to here went elsewhere: the run was joined late. A chunk holds consecutive ones. */
  private skip(next: number): void {
    assert(next >= this.first + this.count, () => `record ${next} after ${this.first + this.count - 1}`);
    this.flush();
    this.first = next;
  }

  private mark(id: number, at: Instant, kind: number, node: number, word: NameId, payload: unknown): void {
    addLimited(this.index.events, { at, id, kind, node, word }, MAX_MARKERS);
    if (kind === Kind.verdict) addLimited(this.index.verdicts, { at, id, payload }, MAX_VERDICTS);
  }

  private textNumber(text: string): number {
    if (text !== this.lastText || this.lastTextNumber < 0) {
      this.lastText = text;
      this.lastTextNumber = this.payloads.values.number(text, true);
    }
    return this.lastTextNumber;
  }

  private newCell(field: NameId): void {
    const cell = this.cells++;
    if (cell === this.values.length) {
      const values = new Float64Array(2 * cell);
      values.set(this.values);
      this.values = values;
      const texts = new Uint8Array(2 * cell);
      texts.set(this.texts);
      this.texts = texts;
      const turning = new Uint8Array(2 * cell);
      turning.set(this.turning);
      this.turning = turning;
    }
    this.turning[cell] = this.turns.has(this.names.text(field)) ? 1 : 0;
  }

  private chunk(): void {
    const { count, changes, index } = this;
    const kinds = this.countKinds();
    // In the file tables come before what refers to them. Full blocks of payloads wait for that; mostly the last one is the only one.
    this.payloads.finish();
    const start = this.offset;
    for (const body of this.tableWriter.growth()) this.part(BlockType.tables, body);
    const tables = this.offset - start;
    if (count > 0) this.part(BlockType.records, this.recordColumns());
    const records = this.offset - start - tables;
    if (changes > 0) this.part(BlockType.cells, this.changeColumns());
    const cells = this.offset - start - tables - records;
    for (const body of this.payloadBodies) this.part(BlockType.payloads, body);
    this.payloadBodies = [];
    const payloads = this.offset - start - tables - records - cells;
    const { at, changeAt } = this;
    const from = changes === 0 || (count > 0 && (at[0] as number) < (changeAt[0] as number)) ? at[0] : changeAt[0];
    const to = Math.max(count > 0 ? (at[count - 1] as number) : 0, changes > 0 ? (changeAt[changes - 1] as number) : 0);
    const info: ChunkInfo = {
      first: this.first,
      count,
      changes,
      from: from as Instant,
      to: to as Instant,
      offset: start,
      tables,
      records,
      cells,
      payloads,
      kinds,
      hash: this.hash.hex(),
    };
    const out = startBody();
    encodeChunkInfo(out, info, this.offset);
    this.put(sealBlock(out, BlockType.chunk, crc32(bodyOf(out))));
    index.chunks.push(info);
    index.end = Math.max(index.end, to) as Instant;
  }

  private countKinds(): number[] {
    const counts = new Uint32Array(256);
    let kinds = 0;
    for (let i = 0; i < this.count; i++) {
      const kind = this.kind[i] as number;
      counts[kind] = (counts[kind] as number) + 1;
      if (kind >= kinds) kinds = kind + 1;
    }
    this.index.density.add(this.at, this.kind, this.count);
    return Array.from(counts.subarray(0, kinds));
  }

  private recordColumns(): ByteWriter {
    const { count, at } = this;
    const out = startBody(this.body);
    out.f64(this.first);
    out.f64(at[0] as number);
    out.u32(count);
    writeSteps(out, at, count, at[0] as number);
    writeColumn(out, this.cause, count);
    writeColumn(out, this.payload, count);
    writeColumn(out, this.node, count);
    writeColumn(out, this.peer, count);
    writeColumn(out, Uint32Array.from(this.kind.subarray(0, count)), count);
    writeColumn(out, this.word, count);
    writeFloats(out, this.size, count);
    return out;
  }

  private changeColumns(): ByteWriter {
    const { changes } = this;
    const out = startBody(this.body);
    out.f64(this.first);
    out.f64(this.changeAt[0] as number);
    out.u32(changes);
    writeSteps(out, this.changeAt, changes, this.changeAt[0] as number);
    writeSteps(out, this.changeAfter, changes, 0);
    writeColumn(out, this.changeCause, changes);
    writeColumn(out, this.changed, changes);
    writeColumn(out, this.changeText, changes);
    writeFloats(out, this.changeValue, changes);
    return out;
  }

  private writeKeyframe(): void {
    const start = this.offset;
    const { count } = this.directory;
    for (let cell = 0; cell < count; cell += KEYFRAME_CELLS) {
      const part = Math.min(KEYFRAME_CELLS, count - cell);
      const out = startBody(this.body);
      out.f64(cell);
      out.u32(part);
      writeColumn(out, Uint32Array.from(this.texts.subarray(cell, cell + part)), part);
      writeFloats(out, this.values.subarray(cell, cell + part), part);
      this.block(BlockType.keyframe, out);
    }
    const region = { offset: start, length: this.offset - start };
    this.index.keyframes.push({ at: this.index.end, next: this.first, chunks: this.index.chunks.length, ...region });
    this.changesSinceKeyframe = 0;
  }

  private writeIndex(): void {
    const offset = this.offset;
    const out = startBody();
    encodeIndex(out, this.index);
    this.block(BlockType.index, out);
    this.put(pointerTo({ offset, length: this.offset - offset }));
  }

  private payloadBlock(out: ByteWriter): void {
    const copy = startBody(new ByteWriter(out.length));
    copy.raw(bodyOf(out));
    this.payloadBodies.push(copy);
  }

  /** A part of a chunk. It enters the rolling hash by the CRC of what it was before compression. */
  private part(type: number, out: ByteWriter): void {
    const crc = this.checksum(bodyOf(out));
    this.hash.word(type);
    this.hash.word(out.length - HEAD_BYTES);
    this.hash.word(crc);
    this.block(type, out, crc);
  }

  private blocks(type: number, bodies: readonly ByteWriter[]): Region {
    const offset = this.offset;
    for (const body of bodies) this.block(type, body);
    return { offset, length: this.offset - offset };
  }

  private block(type: number, out: ByteWriter, crc: number = this.checksum(bodyOf(out))): void {
    this.put(sealBlock(out, type, crc, this.deflate));
  }

  private put(bytes: Uint8Array): void {
    this.sink.write(bytes);
    this.offset += bytes.length;
  }
}

function headerBody(header: TraceHeader): ByteWriter {
  const { text: _, ...scenario } = header.scenario;
  // What does not fit into a block is left out: a trace without its scenario's text is better than none.
  const forms = [header, { ...header, scenario, topology: undefined, interventions: undefined }];
  const out = startBody();
  for (const form of forms) {
    startBody(out);
    new ValueWriter(out).write(form, MAX_BODY);
    if (out.bytes[HEAD_BYTES] === Tag.object) break;
  }
  return out;
}
