import { assert } from '../../core/assert.ts';
import { Hash, type HashState } from '../../core/hash.ts';
import type { NameId, Names } from '../../core/names.ts';
import type { Instant } from '../../core/time.ts';
import { Kind, type Sink } from '../engine/journal.ts';
import { bodyOf, type Deflate, encodePrefix, sealBlock, startBody } from './block.ts';
import { ByteWriter } from './bytes.ts';
import { ChangeRows, FLOAT, numberCode, textCode } from './change-rows.ts';
import { writeColumn } from './column.ts';
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
import { Overflow } from './overflow.ts';
import { Payloads } from './payloads.ts';
import { pointerTo, sealed } from './pointer.ts';
import { RecordRows } from './record-rows.ts';
import { type ByteSink, Memory } from './sink.ts';
import { type Extent, TableWriter } from './tables.ts';
import {
  addLimited,
  type ChunkInfo,
  emptyIndex,
  encodeChunkInfo,
  encodeIndex,
  MARKED,
  type Region,
  restoredIndex,
  type SavedIndex,
  savedIndex,
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
  /** Records after which a chunk is closed, at most `CHUNK_RECORDS`: fewer where windows of the run are read while it goes on. */
  readonly chunk?: number;
  /** A faster CRC-32 than ours, if the platform has one. */
  readonly checksum?: Checksum;
  /** The world's whole state as plain data, to be kept at each keyframe. */
  readonly save?: () => unknown;
  /** Fields of cells whose changes become markers: rare and telling ones. */
  readonly turns?: readonly string[];
  /** Where to go on: the sink has what was written up to there. Names must be those of that moment. */
  readonly from?: SavedTrace;
}

/** How far a trace had been written at a moment between two events, to go on from there in another way. It shares lists that only grow. */
export interface SavedTrace {
  /** Bytes that were written. */
  readonly offset: number;
  readonly hash: HashState;
  readonly index: SavedIndex;
  readonly tables: ValueTables;
  readonly directory: CellDirectory;
  /** How far each table was written. */
  readonly written: Extent;
  /** Number of the next record. */
  readonly first: number;
  /** Instants of the last record and of the last change. */
  readonly lastRecord: number;
  readonly lastChange: number;
  readonly codes: Uint32Array;
  readonly floats: ReadonlyMap<number, number>;
  readonly changesSinceKeyframe: number;
  /** How many strings and shapes there were. */
  readonly strings: number;
  readonly shapes: number;
}

/**
 * Writes a run as a trace (docs/trace-format.md) while it happens.
 *
 * What happens goes into columns; a full chunk of them is written as one piece, with an index every few chunks, so that a run that is killed leaves
 * all but its last chunk. Per record this costs a few stores and, for a payload that was not seen lately, its encoding.
 */
export class TraceWriter implements Sink {
  private readonly names: Names;
  private sink: ByteSink;
  private readonly most: number;
  private readonly deflate: Deflate | undefined;
  private readonly checksum: Checksum;
  private readonly save: (() => unknown) | undefined;
  private readonly turns: ReadonlySet<string>;
  private readonly marked = Uint8Array.from({ length: 256 }, (_, kind) => (MARKED.includes(kind) ? 1 : 0));

  private offset = 0;
  private closed = false;
  private readonly hash: Hash;
  private readonly index: TraceIndex;

  private readonly tables: ValueTables;
  private readonly directory: CellDirectory;
  private readonly tableWriter: TableWriter;
  private readonly payloads: Payloads;
  private payloadBodies: ByteWriter[] = [];
  /** For the larger bodies, one after the other. */
  private readonly body = new ByteWriter(32 * CHUNK_RECORDS);

  /** The open chunk: number of its first record, its records, its changes of cells. */
  private first = 1;
  private readonly records = new RecordRows();
  private readonly changes = new ChangeRows();

  /** The value of each cell now, as a word, and those that are no words. */
  private codes = new Uint32Array(1024);
  private readonly floats: Map<number, number>;
  /** Of each cell: whether its changes become markers. */
  private turning = new Uint8Array(1024);
  private cells = 0;
  private changesSinceKeyframe = 0;
  private lastText = '';
  private lastTextNumber = -1;

  constructor(options: TraceOptions) {
    this.names = options.names;
    this.sink = options.sink;
    this.deflate = options.deflate;
    this.most = options.chunk ?? CHUNK_RECORDS;
    this.checksum = options.checksum ?? crc32;
    this.save = options.save;
    this.turns = new Set(options.turns ?? ['role', 'leader']);
    const { from } = options;
    this.hash = new Hash(from === undefined ? undefined : { ...from.hash });
    this.index = from === undefined ? emptyIndex() : restoredIndex(from.index);
    this.tables = {
      strings: from?.tables.strings.slice(0, from.strings) ?? [],
      shapes: from?.tables.shapes.slice(0, from.shapes) ?? [],
    };
    this.directory = from?.directory.copy(from.codes.length) ?? new CellDirectory();
    this.floats = new Map(from?.floats);
    this.tableWriter = new TableWriter(this.names, this.tables, this.directory, from?.written);
    this.payloads = new Payloads(this.tables, (out) => this.payloadBlock(out));
    if (from !== undefined) {
      this.resume(from);
      return;
    }
    this.put(encodePrefix());
    this.block(BlockType.header, headerBody(options.header));
  }

  /** To be called between two events. What has gathered is written. */
  saved(): SavedTrace {
    this.flush();
    const { offset, hash, index, tables, directory, first, records, changes, codes, floats, changesSinceKeyframe } = this;
    return {
      offset,
      hash: { ...hash.state },
      index: savedIndex(index),
      tables,
      directory,
      written: this.tableWriter.extentWritten,
      first,
      lastRecord: records.last,
      lastChange: changes.last,
      codes: codes.slice(0, this.cells),
      floats: new Map(floats),
      changesSinceKeyframe,
      strings: tables.strings.length,
      shapes: tables.shapes.length,
    };
  }

  private resume({ offset, first, lastRecord, lastChange, codes, changesSinceKeyframe }: SavedTrace): void {
    this.offset = offset;
    this.first = first;
    this.records.resume(lastRecord);
    this.changes.resume(lastChange);
    this.changesSinceKeyframe = changesSinceKeyframe;
    for (const [cell, code] of codes.entries()) {
      this.newCell(this.directory.fields[cell] as NameId);
      this.codes[cell] = code;
    }
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
    const { records } = this;
    if (id !== this.first + records.count) return this.jump(id, at, kind, node, peer, cause, word, size, payload);
    const reference = payload === undefined ? 0 : this.payloads.reference(id, cause, kind, payload);
    records.add(at, cause === 0 ? 0 : id - cause, reference, node, peer, kind, word, size);
    if (this.marked[kind] === 1) this.mark(id, at, kind, node, word, payload);
    if (records.count === this.most) this.flush();
  }

  cell(id: number, at: Instant, node: number, subject: NameId, field: NameId, value: number | string): void {
    const { changes, records } = this;
    let next = this.first + records.count;
    if (id >= next) {
      this.skip(id + 1);
      next = id + 1;
    }
    const cell = this.directory.number(node, subject, field);
    if (cell === this.cells) this.newCell(field);
    const text = typeof value === 'string';
    const code = text ? textCode(this.textNumber(value)) : numberCode(value);
    changes.add(at, records.count, id === 0 ? 0 : next - id, cell, code, text ? 0 : value);
    this.codes[cell] = code;
    if (code === FLOAT) this.floats.set(cell, value as number);
    if (this.turning[cell] === 1) {
      addLimited(this.index.turns, { at, id, kind: CELL_MARKER, node, cell, value }, MAX_MARKERS);
    }
    if (changes.count === CHUNK_RECORDS) this.flush();
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
    if (this.records.count === 0 && this.changes.count === 0) return;
    this.chunk();
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
    this.index.summary = summary;
    if (end !== undefined && end > this.index.end) this.index.end = end;
    this.ending();
    this.closed = true;
  }

  /**
   * What was written so far and the bytes that make a whole trace of it, while the run goes on.
   *
   * @param end the instant that the run has come to
   */
  snapshot(end: Instant): { readonly written: number; readonly ending: Uint8Array } {
    this.flush();
    const { index, sink, offset } = this;
    const before = { closed: index.closed, end: index.end, tables: index.tables, directory: index.directory };
    const parts = new Memory();
    this.sink = parts;
    this.index.end = Math.max(end, index.end) as Instant;
    this.ending();
    Object.assign(index, before);
    this.sink = sink;
    this.offset = offset;
    return { written: offset, ending: parts.content() };
  }

  private ending(): void {
    this.index.closed = true;
    this.index.tables = this.blocks(BlockType.tables, this.tableWriter.texts());
    this.index.directory = this.blocks(BlockType.tables, this.tableWriter.directory());
    this.writeIndex();
  }

  private jump(...record: Parameters<TraceWriter['record']>): void {
    this.skip(record[0]);
    this.record(...record);
  }

  /** The records up to here went elsewhere: the run was joined late. A chunk holds consecutive ones. */
  private skip(next: number): void {
    const due = this.first + this.records.count;
    assert(next >= due, () => `record ${next} after ${due - 1}`);
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
    if (cell === this.codes.length) {
      const codes = new Uint32Array(2 * cell);
      codes.set(this.codes);
      this.codes = codes;
      const turning = new Uint8Array(2 * cell);
      turning.set(this.turning);
      this.turning = turning;
    }
    this.turning[cell] = this.turns.has(this.names.text(field)) ? 1 : 0;
  }

  private chunk(): void {
    const { index, records, changes, first } = this;
    const { count } = records;
    const changed = changes.count;
    const from = index.end;
    const to = Math.max(from, records.last, changes.last) as Instant;
    const kinds = records.tally(index.density);
    // In the file tables come before what refers to them. What waits among the payloads adds to them.
    this.payloads.settle();
    const start = this.offset;
    for (const body of this.tableWriter.growth()) this.part(BlockType.tables, body);
    const tables = this.offset - start;
    if (count > 0)
      this.part(
        BlockType.records,
        this.filled((out) => records.flush(out, first)),
      );
    const recordBytes = this.offset - start - tables;
    if (changed > 0)
      this.part(
        BlockType.cells,
        this.filled((out) => changes.flush(out, first)),
      );
    else changes.restart();
    const cells = this.offset - start - tables - recordBytes;
    for (const body of this.payloadBodies) this.part(BlockType.payloads, body);
    this.payloadBodies = [];
    this.payloads.finish((out) => this.part(BlockType.payloads, out));
    const payloads = this.offset - start - tables - recordBytes - cells;
    const sizes = { offset: start, tables, records: recordBytes, cells, payloads };
    const info: ChunkInfo = { first, count, changes: changed, from, to, ...sizes, kinds, hash: this.hash.hex() };
    this.put(
      sealed(BlockType.chunk, (out) => {
        encodeChunkInfo(out, info, this.offset);
      }),
    );
    index.chunks.push(info);
    index.end = to;
    this.first += count;
    this.changesSinceKeyframe += changed;
  }

  private writeKeyframe(): void {
    const start = this.offset;
    const { count } = this.directory;
    const overflow = new Overflow();
    for (let cell = 0; cell < count; cell += KEYFRAME_CELLS) {
      const codes = this.codes.subarray(cell, Math.min(count, cell + KEYFRAME_CELLS));
      for (const [i, code] of codes.entries()) if (code === FLOAT) overflow.add(0, i, this.floats.get(cell + i) as number);
      const out = this.filled((out) => {
        out.f64(cell);
        out.u32(codes.length);
        writeColumn(out, codes);
        overflow.flush(out);
      });
      this.block(BlockType.keyframe, out);
    }
    const region = { offset: start, length: this.offset - start };
    this.index.keyframes.push({ at: this.index.end, next: this.first, chunks: this.index.chunks.length, ...region });
    this.changesSinceKeyframe = 0;
  }

  private filled(fill: (out: ByteWriter) => void): ByteWriter {
    const out = startBody(this.body);
    fill(out);
    return out;
  }

  private writeIndex(): void {
    const offset = this.offset;
    const out = startBody();
    encodeIndex(out, this.index);
    this.block(BlockType.index, out);
    this.put(pointerTo({ offset, length: this.offset - offset }));
  }

  /** Keeps a block of payloads that is full before its chunk is. */
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
