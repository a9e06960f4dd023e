import type { Address } from '../../core/address.ts';
import type { Endpoint } from '../../core/names.ts';
import type { Instant } from '../../core/time.ts';
import { Kind } from '../engine/journal.ts';
import { ByteReader, ByteWriter, Malformed } from './bytes.ts';
import { Cells } from './cells.ts';
import { Changes, Chunk } from './chunk.ts';
import type { TraceFile } from './file.ts';
import { BlockType, EXPAND_FREE, EXPAND_PER_BYTE, MAX_MARKERS, MAX_STATE, MAX_VERDICTS } from './format.ts';
import type { TraceHeader } from './header.ts';
import { type ChunkPayloads, PayloadReader } from './payload-reader.ts';
import { Tables } from './tables.ts';
import {
  addLimited,
  type ChunkInfo,
  type KeyframeInfo,
  MARKED,
  type Marker,
  type Region,
  type TraceIndex,
  type VerdictInfo,
} from './trace-index.ts';
import { decodeValue, Omitted } from './value.ts';

/** One record of a trace, with words for the numbers that stand for words. */
export interface TraceRecord {
  readonly id: number;
  readonly at: Instant;
  readonly kind: number;
  readonly node: number;
  readonly peer: number;
  /** 0 for none. */
  readonly cause: number;
  readonly word: string;
  readonly size: number;
  /** An `Omitted` where it was not stored or cannot be read. */
  readonly payload: unknown;
}

/** One change of a cell. */
export interface CellChange {
  /** The record that it follows from; 0 for none. */
  readonly cause: number;
  /** The number of the next record: those below it came before the change. */
  readonly next: number;
  readonly at: Instant;
  readonly node: number;
  readonly subject: string;
  readonly field: string;
  readonly value: number | string;
  readonly before: number | string | undefined;
}

export interface Filter {
  /** The first and the last instant that count, both included. */
  readonly from?: Instant | undefined;
  readonly to?: Instant | undefined;
  /** Where it happened, or the peer. */
  readonly node?: number | undefined;
  readonly kinds?: readonly number[] | undefined;
}

/** One line of a host's terminal: what was typed, or what was printed. */
export interface TerminalLine {
  readonly id: number;
  readonly at: Instant;
  readonly typed: boolean;
  readonly job: number;
  readonly text: string;
}

/** Chunks without an index of whom the records are counted when a trace is opened. */
const COUNTED_CHUNKS = 32;
/** Changes of cells that are kept without their chunks. */
const MOST_SPARSE = 500_000;
/** Blocks that are read at a time where many small ones are wanted. */
const READ_AHEAD = 16;

/** More problems than these are only counted. */
export const MOST_PROBLEMS = 100;

/** What went wrong, in words. */
export const sentence = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** An opened trace. Nothing here throws or rejects on bad bytes: what cannot be read is left out and added to `problems`. */
export class Trace {
  readonly header: TraceHeader;
  /** What could not be read so far. */
  readonly problems: string[];
  readonly tables = new Tables();
  private readonly file: TraceFile;
  private readonly index: TraceIndex;
  private readonly payloads: PayloadReader;
  private readonly kept = new Map<ChunkInfo, Chunk | undefined>();
  /** Changes of chunks that were read without their records, by place. */
  private readonly sparse = new Map<number, Changes>();
  private sparseCount = 0;
  private readonly most: number;
  private directory: Promise<void> | undefined;
  private expanded = 0;

  /** @param most chunks that are kept after they were read */
  constructor(file: TraceFile, header: TraceHeader, index: TraceIndex, problems: string[], most: number) {
    this.most = most;
    this.file = file;
    this.header = header;
    this.index = index;
    this.problems = problems;
    this.payloads = new PayloadReader(file, this.tables);
  }

  /** Whether the run was written to its end. */
  get complete(): boolean {
    return this.index.closed;
  }

  /** The last instant that the trace knows of. */
  get end(): Instant {
    return this.index.end;
  }

  get chunks(): readonly ChunkInfo[] {
    return this.index.chunks;
  }

  /** Records in all chunks. */
  get count(): number {
    return this.index.chunks.reduce((sum, chunk) => sum + chunk.count, 0);
  }

  get density(): TraceIndex['density'] {
    return this.index.density;
  }

  /** Faults, crashes, starts, verdicts and telling changes of cells, in the order of time. */
  get markers(): Marker[] {
    return [...this.index.events.items, ...this.index.turns.items].sort((a, b) => a.at - b.at || a.id - b.id);
  }

  /** Verdicts as the index repeats them: not those beyond its limit. */
  get verdictInfos(): readonly VerdictInfo[] {
    return this.index.verdicts.items;
  }

  get keyframes(): TraceIndex['keyframes'] {
    return this.index.keyframes;
  }

  /** Moments at which the world's state was saved. */
  get states(): TraceIndex['states'] {
    return this.index.states;
  }

  /** What the run came to, if its writer said so. */
  get summary(): unknown {
    return this.index.summary;
  }

  /** Name of a node; NOBODY and nodes that the header does not name have a stand-in. */
  nodeName(node: number): string {
    return node < 0 ? '-' : (this.header.nodes[node] ?? `node ${node}`);
  }

  endpoint(endpoint: Endpoint): { readonly address: Address; readonly port: number } | undefined {
    return this.tables.endpoints[endpoint];
  }

  /** Reads the tables, and counts the records of chunks that no index told of. Called once, by `openTrace`. */
  async prepare(indexed: number): Promise<void> {
    const whole = this.index.tables.length > 0 && (await this.readTables(this.index.tables));
    if (!whole) await this.readChunkTables();
    for (const info of this.index.chunks.slice(indexed, indexed + COUNTED_CHUNKS)) await this.countRecords(info);
    if (this.index.chunks.length > indexed + COUNTED_CHUNKS) {
      this.problems.push(
        `the time line leaves out ${this.index.chunks.length - indexed - COUNTED_CHUNKS} chunks that no index tells of`,
      );
    }
  }

  /** A chunk by its place among the chunks; undefined when there is none, or it cannot be read. */
  async chunk(place: number): Promise<Chunk | undefined> {
    const info = this.index.chunks[place];
    if (info === undefined) return undefined;
    const known = this.kept.get(info);
    if (known !== undefined || this.kept.has(info)) {
      // Keep the order of use, oldest first.
      this.kept.delete(info);
      this.kept.set(info, known);
      return known;
    }
    const chunk = await this.attempt(`records ${info.first} to ${info.first + info.count - 1}`, async () => {
      const types = [BlockType.records, BlockType.cells];
      const [records, cells] = await this.file.parts(info.offset + info.tables, [info.records, info.cells], types);
      return new Chunk(info, records, cells);
    });
    this.kept.set(info, chunk);
    if (this.kept.size > this.most) {
      const [oldest] = this.kept.keys();
      if (oldest !== undefined) this.kept.delete(oldest);
    }
    return chunk;
  }

  /** What a chunk's records carry, all of it. */
  async payloadsOf({ info }: Pick<Chunk, 'info'>): Promise<ChunkPayloads> {
    const payloads = await this.payloads.all(info);
    if (payloads.problem !== undefined) {
      this.say(`what records ${info.first} to ${info.first + info.count - 1} carry cannot all be read: ${payloads.problem}`);
    }
    return payloads;
  }

  /** The place of the first chunk that reaches an instant; the number of chunks when none does. */
  placeOf(at: Instant): number {
    return this.search((chunk) => chunk.to >= at);
  }

  /** The records that a filter lets through, in order. */
  async *records(filter: Filter = {}): AsyncGenerator<TraceRecord> {
    for await (const entry of this.entries(filter, false)) if ('id' in entry) yield entry;
  }

  /** The changes of cells that a filter lets through, in order; its kinds do not matter. */
  async *changes(filter: Filter = {}): AsyncGenerator<CellChange> {
    for await (const entry of this.entries({ ...filter, kinds: [] }, true)) if (!('id' in entry)) yield entry;
  }

  /** Records and, if wanted, changes of cells as they came one after the other. */
  async *entries(filter: Filter = {}, changes = true): AsyncGenerator<TraceRecord | CellChange> {
    const { from = 0 as Instant, to = Number.MAX_SAFE_INTEGER as Instant, node, kinds } = filter;
    const cells = changes ? await this.cellsUpTo(from) : undefined;
    for (let place = this.placeOf(from); place < this.index.chunks.length; place++) {
      const info = this.index.chunks[place] as ChunkInfo;
      if (info.from > to) return;
      const wanted = kinds === undefined || kinds.some((kind) => (info.kinds[kind] ?? 0) > 0);
      if (!wanted && (cells === undefined || info.changes === 0)) continue;
      const chunk = await this.chunk(place);
      if (chunk === undefined) continue;
      const { records, changes } = chunk;
      let change = 0;
      for (let i = 0; i <= records.count; i++) {
        for (; change < changes.count && (changes.after[change] as number) <= i; change++) {
          const at = changes.at[change] as Instant;
          if (cells === undefined || at < from) continue;
          if (at > to) break;
          const found = this.change(chunk, change, cells);
          if (found !== undefined && (node === undefined || found.node === node)) yield found;
        }
        if (!wanted || i === records.count) continue;
        const at = records.at[i] as Instant;
        if (at < from) continue;
        if (at > to) break;
        if (node !== undefined && records.node(i) !== node && records.peer(i) !== node) continue;
        if (kinds !== undefined && !kinds.includes(records.kind[i] as number)) continue;
        yield await this.recordOf(chunk, i);
      }
    }
  }

  /** A record by its number; undefined when there is none or it cannot be read. */
  async record(id: number): Promise<TraceRecord | undefined> {
    const place = this.search((chunk) => chunk.first + chunk.count > id);
    const chunk = await this.chunk(place);
    const i = id - (chunk?.info.first ?? 0);
    return chunk === undefined || i < 0 || i >= chunk.records.count ? undefined : this.recordOf(chunk, i);
  }

  /** What a record carries; undefined when it carries nothing. */
  async payload(chunk: Chunk, i: number): Promise<unknown> {
    const reference = chunk.records.payload[i] as number;
    if (reference === 0) return undefined;
    try {
      return await this.payloads.read(chunk.info, reference - 1);
    } catch (error) {
      this.say(`what record ${chunk.records.id(i)} carries cannot be read: ${sentence(error)}`);
      return new Omitted('could not be read');
    }
  }

  /** What all cells show at an instant, after everything that happened at it. */
  async cellsAt(at: Instant): Promise<Cells> {
    // The last chunk of those that begin in time may go on beyond it.
    const last = Math.max(0, this.search((chunk) => chunk.from > at) - 1);
    const cells = await this.cellsBefore(last);
    const changes = this.index.chunks[last]?.changes ? await this.changesOf(last) : undefined;
    if (changes === undefined) return cells;
    await this.attempt('a change of a cell', async () => cells.apply(changes, positionIn(changes.at, at)));
    return cells;
  }

  /**
   * What all cells showed when a chunk began.
   *
   * @param known what they showed when an earlier chunk began, to start from; it is left as it is
   */
  async cellsBefore(place: number, known?: { readonly place: number; readonly cells: Cells }): Promise<Cells> {
    await this.cellTable();
    const keyframe = this.index.keyframes.findLast(({ chunks }) => chunks <= place);
    let cells: Cells | undefined;
    let next = 0;
    if (keyframe !== undefined && keyframe.chunks > (known?.place ?? 0)) {
      cells = await this.keyframe(keyframe);
      next = keyframe.chunks;
    }
    if (cells === undefined) {
      cells = known?.cells.copy() ?? new Cells(this.tables);
      next = known?.place ?? 0;
    }
    const places = Array.from({ length: place - next }, (_, i) => next + i).filter(
      (each) => (this.index.chunks[each]?.changes ?? 0) > 0,
    );
    // Several are read at a time: one after the other would wait for each.
    for (let i = 0; i < places.length; i += READ_AHEAD) {
      const changes = await Promise.all(places.slice(i, i + READ_AHEAD).map((each) => this.changesOf(each)));
      for (const each of changes) {
        if (each !== undefined) await this.attempt('a change of a cell', async () => cells.apply(each, each.count));
      }
    }
    return cells;
  }

  /** What all cells showed at a keyframe; undefined when it cannot be read. */
  private async keyframe(keyframe: KeyframeInfo): Promise<Cells | undefined> {
    return this.attempt(`the keyframe at ${keyframe.at / 1e9} s`, async () => {
      const cells = new Cells(this.tables);
      for await (const { body } of this.file.blocks(keyframe, BlockType.keyframe)) cells.load(body);
      return cells;
    });
  }

  /** The changes of a chunk without its records. */
  async changesOf(place: number): Promise<Changes | undefined> {
    const info = this.index.chunks[place] as ChunkInfo;
    const known = this.kept.get(info)?.changes ?? this.sparse.get(place);
    if (known !== undefined) return known;
    const changes = await this.attempt(`changes of cells after record ${info.first - 1}`, async () => {
      const [body] = await this.file.parts(info.offset + info.tables + info.records, [info.cells], [BlockType.cells]);
      return new Changes(info, body);
    });
    // Where a run changes little, what the cells show is looked for through many chunks, each time from the same keyframe on.
    if (changes !== undefined && this.sparseCount + changes.count <= MOST_SPARSE) {
      this.sparse.set(place, changes);
      this.sparseCount += changes.count;
    }
    return changes;
  }

  /** What a host's terminal shows at an instant. */
  async *terminal(node: number, until: Instant = this.end): AsyncGenerator<TerminalLine> {
    for await (const record of this.records({ to: until, node, kinds: [Kind.command, Kind.output] })) {
      const { job, line, text } = fields(record.payload);
      const typed = record.kind === Kind.command;
      const shown = typed ? line : text;
      yield {
        id: record.id,
        at: record.at,
        typed,
        job: typeof job === 'number' ? job : 0,
        text: typeof shown === 'string' ? shown : '',
      };
    }
  }

  /** The verdicts of the run's checks. */
  verdicts(): AsyncGenerator<TraceRecord> {
    return this.records({ kinds: [Kind.verdict] });
  }

  /** The state of the world that was saved at one of `states`; undefined when it cannot be read. */
  async state(place: number): Promise<unknown> {
    const info = this.index.states[place];
    if (info === undefined) return undefined;
    return this.attempt(`the state saved at ${info.at / 1e9} s`, async () => {
      const whole = new ByteWriter();
      for await (const { body } of this.file.blocks(info, BlockType.state)) {
        if (whole.length + body.length > MAX_STATE) throw new Malformed('it is too large');
        whole.raw(body);
      }
      return decodeValue(new ByteReader(whole.view()));
    });
  }

  private search(reached: (chunk: ChunkInfo) => boolean): number {
    let low = 0;
    let high = this.index.chunks.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (reached(this.index.chunks[middle] as ChunkInfo)) high = middle;
      else low = middle + 1;
    }
    return low;
  }

  private async recordOf(chunk: Chunk, i: number): Promise<TraceRecord> {
    const { records } = chunk;
    return {
      id: records.id(i),
      at: records.at[i] as Instant,
      kind: records.kind[i] as number,
      node: records.node(i),
      peer: records.peer(i),
      cause: records.cause(i),
      word: this.tables.name(records.word[i] as number),
      size: records.size[i] as number,
      payload: records.payload[i] === 0 ? undefined : await this.payload(chunk, i),
    };
  }

  /** @returns undefined when the tables do not say which cell it is, or what its value */
  private change({ changes, info }: Chunk, i: number, cells: Cells): CellChange | undefined {
    const cell = changes.cell[i] as number;
    const before = cells.value(cell);
    const known = cell < cells.count;
    if (known) cells.change(changes, i);
    const value = cells.value(cell);
    if (!known || value === undefined) {
      this.say('some changes of cells are left out, because the tables do not tell which cells they are of');
      return undefined;
    }
    return {
      cause: changes.cause(i),
      next: info.first + (changes.after[i] as number),
      at: changes.at[i] as Instant,
      ...this.tables.describe(cell),
      value,
      before,
    };
  }

  private async cellsUpTo(at: Instant): Promise<Cells> {
    await this.cellTable();
    return at > 0 ? this.cellsAt((at - 1) as Instant) : new Cells(this.tables);
  }

  private async cellTable(): Promise<void> {
    this.directory ??= (async () => {
      if (!(await this.readTables(this.index.directory))) await this.readChunkTables();
    })();
    await this.directory;
  }

  /** The tables as they grew, for want of the ones at the end. */
  private async readChunkTables(): Promise<void> {
    this.directory = Promise.resolve();
    for (const { offset, tables } of this.index.chunks) {
      if (tables > 0) await this.readTables({ offset, length: tables });
    }
  }

  private async readTables(region: Region): Promise<boolean> {
    const done = await this.attempt('a table of names', async () => {
      for await (const { body } of this.file.blocks(region, BlockType.tables)) {
        this.expanded += body.length;
        if (this.expanded > EXPAND_FREE + EXPAND_PER_BYTE * this.file.size)
          throw new Malformed('the tables are too large for this file');
        this.tables.add(new ByteReader(body));
      }
      return true;
    });
    return done ?? false;
  }

  /** Does for a chunk that no index tells of what the index would have done. */
  private async countRecords(info: ChunkInfo): Promise<void> {
    const chunk = await this.chunk(this.index.chunks.indexOf(info));
    if (chunk === undefined) return;
    const { records } = chunk;
    for (let i = 0; i < records.count; i++) {
      const kind = records.kind[i] as number;
      if (kind < 256) this.index.density.add(records.at[i] as number, kind);
      if (!MARKED.includes(kind)) continue;
      const at = records.at[i] as Instant;
      const id = records.id(i);
      addLimited(this.index.events, { at, id, kind, node: records.node(i), word: records.word[i] as number }, MAX_MARKERS);
      if (kind !== Kind.verdict) continue;
      addLimited(this.index.verdicts, { at, id, payload: await this.payload(chunk, i) }, MAX_VERDICTS);
    }
  }

  /** Runs what may find that the file cannot be read. */
  private async attempt<T>(what: string, read: () => Promise<T>): Promise<T | undefined> {
    try {
      return await read();
    } catch (error) {
      this.say(`${what} cannot be read: ${sentence(error)}`);
      return undefined;
    }
  }

  private say(problem: string): void {
    if (this.problems.includes(problem)) return;
    if (this.problems.length < MOST_PROBLEMS) this.problems.push(problem);
    else if (this.problems.length === MOST_PROBLEMS) this.problems.push('and more');
  }
}

/** How many of some sorted instants are at most `limit`. */
function positionIn(instants: Float64Array, limit: number): number {
  const after = instants.findIndex((at) => at > limit);
  return after < 0 ? instants.length : after;
}

const fields = (payload: unknown): Record<string, unknown> =>
  typeof payload === 'object' && payload !== null ? (payload as Record<string, unknown>) : {};
