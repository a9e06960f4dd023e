import type { Instant } from '../../core/time.ts';
import { Kind } from '../engine/journal.ts';
import { ByteReader, ByteWriter, Malformed } from './bytes.ts';
import { Density } from './density.ts';
import { CELL_MARKER, CHUNK_RECORDS } from './format.ts';
import { decodeValue, encodeValue } from './value.ts';

/** A stretch of the file that holds one or more blocks. */
export interface Region {
  readonly offset: number;
  readonly length: number;
}

/** What is known of a chunk without reading it. Its parts lie one after the other: tables, records, cells, payloads. */
export interface ChunkInfo {
  /** Number of its first record, or of the next one if it has none. */
  readonly first: number;
  readonly count: number;
  /** Changes of cells. */
  readonly changes: number;
  readonly from: Instant;
  readonly to: Instant;
  /** Where its first part begins. */
  readonly offset: number;
  /** Bytes of each part with the heads of its blocks; 0 when there is none. */
  readonly tables: number;
  readonly records: number;
  readonly cells: number;
  readonly payloads: number;
  /** Records of each kind. */
  readonly kinds: readonly number[];
  /** Rolling hash, 16 hex digits: over this chunk and all before it. */
  readonly hash: string;
}

/** A moment at which the values of all cells are written down. */
export interface KeyframeInfo extends Region {
  readonly at: Instant;
  /** The first record that is not before it. */
  readonly next: number;
  /** Chunks before it. */
  readonly chunks: number;
}

/** A moment at which the world's state was saved. */
export interface StateInfo extends Region {
  readonly at: Instant;
  /** The last record before it. */
  readonly id: number;
}

/** A moment worth finding: a record of a rare kind, or a change of a cell that stands out. */
export type Marker =
  | { readonly at: Instant; readonly id: number; readonly kind: number; readonly node: number; readonly word: number }
  | {
      readonly at: Instant;
      readonly id: number;
      readonly kind: typeof CELL_MARKER;
      readonly node: number;
      readonly cell: number;
      readonly value: number | string;
    };

/** Kinds of records that become markers. */
export const MARKED: readonly number[] = [
  Kind.boot,
  Kind.crash,
  Kind.start,
  Kind.stop,
  Kind.pause,
  Kind.resume,
  Kind.command,
  Kind.fault,
  Kind.verdict,
];

/** A verdict as the index repeats it. */
export interface VerdictInfo {
  readonly at: Instant;
  readonly id: number;
  readonly payload: unknown;
}

/** A list that stops growing at its limit and then only counts. */
export interface Limited<T> {
  readonly items: T[];
  left: number;
}

export const limited = <T>(): Limited<T> => ({ items: [], left: 0 });

export function addLimited<T>(list: Limited<T>, item: T, most: number): void {
  if (list.items.length < most) list.items.push(item);
  else list.left++;
}

/** Everything that a reader needs to find its way, and what it may show before it has read anything else. */
export interface TraceIndex {
  /** Whether the run's writer closed it: then nothing is missing. */
  closed: boolean;
  /** The last instant that the trace knows of. */
  end: Instant;
  readonly chunks: ChunkInfo[];
  /** All tables but that of the cells, once more and in one place; of length 0 before the trace is closed. */
  tables: Region;
  /** The table of the cells, likewise. */
  directory: Region;
  readonly keyframes: KeyframeInfo[];
  readonly states: StateInfo[];
  density: Density;
  /** Records of rare kinds. */
  readonly events: Limited<Marker>;
  /** Changes of cells that stand out. */
  readonly turns: Limited<Marker>;
  readonly verdicts: Limited<VerdictInfo>;
  /** What the run came to, as plain data, for whoever closed it. */
  summary: unknown;
}

export const emptyIndex = (): TraceIndex => ({
  closed: false,
  end: 0 as Instant,
  chunks: [],
  tables: { offset: 0, length: 0 },
  directory: { offset: 0, length: 0 },
  keyframes: [],
  states: [],
  density: new Density(),
  events: limited(),
  turns: limited(),
  verdicts: limited(),
  summary: undefined,
});

/** An index as it was at a moment while its trace was written; lists that only grow are shared, with their lengths then. */
export interface SavedIndex {
  readonly end: Instant;
  readonly lists: Pick<TraceIndex, 'chunks' | 'keyframes' | 'states' | 'events' | 'turns' | 'verdicts'>;
  readonly lengths: { readonly chunks: number; readonly keyframes: number; readonly states: number };
  readonly limited: Readonly<Record<'events' | 'turns' | 'verdicts', { readonly length: number; readonly left: number }>>;
  /** Encoded, as most of its bins are empty. */
  readonly density: Uint8Array;
}

export function savedIndex(index: TraceIndex): SavedIndex {
  const { end, chunks, keyframes, states, events, turns, verdicts } = index;
  const density = new ByteWriter();
  index.density.encode(density);
  const extent = ({ items, left }: Limited<unknown>) => ({ length: items.length, left });
  return {
    end,
    lists: { chunks, keyframes, states, events, turns, verdicts },
    lengths: { chunks: chunks.length, keyframes: keyframes.length, states: states.length },
    limited: { events: extent(events), turns: extent(turns), verdicts: extent(verdicts) },
    density: density.take(),
  };
}

/** What `savedIndex` saved, as an index of its own. */
export function restoredIndex({ end, lists, lengths, limited: extents, density }: SavedIndex): TraceIndex {
  const first = <T>({ items }: Limited<T>, { length, left }: { readonly length: number; readonly left: number }): Limited<T> => ({
    items: items.slice(0, length),
    left,
  });
  return {
    ...emptyIndex(),
    end,
    chunks: lists.chunks.slice(0, lengths.chunks),
    keyframes: lists.keyframes.slice(0, lengths.keyframes),
    states: lists.states.slice(0, lengths.states),
    density: Density.decode(new ByteReader(density)),
    events: first(lists.events, extents.events),
    turns: first(lists.turns, extents.turns),
    verdicts: first(lists.verdicts, extents.verdicts),
  };
}

/** @param base from where offsets are counted back: the block's own offset in a chunk block, 0 in an index */
export function encodeChunkInfo(out: ByteWriter, chunk: ChunkInfo, base: number): void {
  out.varint(chunk.first);
  out.varint(chunk.count);
  out.varint(chunk.changes);
  out.varint(chunk.from);
  out.varint(chunk.to - chunk.from);
  out.varint(Math.abs(base - chunk.offset));
  out.varint(chunk.tables);
  out.varint(chunk.records);
  out.varint(chunk.cells);
  out.varint(chunk.payloads);
  out.varint(chunk.kinds.length);
  for (const count of chunk.kinds) out.varint(count);
  out.u32(Number.parseInt(chunk.hash.slice(0, 8), 16));
  out.u32(Number.parseInt(chunk.hash.slice(8), 16));
}

/** @throws Malformed when it is no such entry or contradicts itself */
export function decodeChunkInfo(from: ByteReader, base: number): ChunkInfo {
  const first = from.varint();
  const count = from.varint();
  const changes = from.varint();
  const start = from.varint();
  const end = start + from.varint();
  const offset = Math.abs(base - from.varint());
  const tables = from.varint();
  const records = from.varint();
  const cells = from.varint();
  const payloads = from.varint();
  const kinds = Array.from({ length: from.count(1) }, () => from.varint());
  const hash = hex(from.u32()) + hex(from.u32());
  if (count > CHUNK_RECORDS || changes > CHUNK_RECORDS || kinds.length > 256 || !Number.isSafeInteger(end) || first < 1) {
    throw new Malformed('an impossible chunk');
  }
  return {
    first,
    count,
    changes,
    from: start as Instant,
    to: end as Instant,
    offset,
    tables,
    records,
    cells,
    payloads,
    kinds,
    hash,
  };
}

const hex = (word: number): string => word.toString(16).padStart(8, '0');

export function encodeIndex(out: ByteWriter, index: TraceIndex): void {
  out.u8(index.closed ? 1 : 0);
  out.varint(index.end);
  out.varint(index.chunks.length);
  for (const chunk of index.chunks) encodeChunkInfo(out, chunk, 0);
  encodeRegion(out, index.tables);
  encodeRegion(out, index.directory);
  out.varint(index.keyframes.length);
  for (const keyframe of index.keyframes) {
    out.varint(keyframe.at);
    out.varint(keyframe.next);
    out.varint(keyframe.chunks);
    encodeRegion(out, keyframe);
  }
  out.varint(index.states.length);
  for (const state of index.states) {
    out.varint(state.at);
    out.varint(state.id);
    encodeRegion(out, state);
  }
  index.density.encode(out);
  encodeLimited(out, index.events, encodeMarker);
  encodeLimited(out, index.turns, encodeMarker);
  encodeLimited(out, index.verdicts, (to, verdict) => {
    to.varint(verdict.at);
    to.varint(verdict.id);
    to.raw(encodeValue(verdict.payload, MAX_VERDICT));
  });
  out.raw(encodeValue(index.summary, MAX_SUMMARY));
}

/** These share the index's block with everything else; a larger verdict is still whole in its record. */
const MAX_VERDICT = 4096;
const MAX_MARKER_TEXT = 64;
const MAX_SUMMARY = 1024 * 1024;

/** @throws Malformed when the bytes are no index */
export function decodeIndex(body: Uint8Array): TraceIndex {
  const from = new ByteReader(body);
  const closed = from.u8() === 1;
  const end = from.varint() as Instant;
  const chunks = Array.from({ length: from.count(19) }, () => decodeChunkInfo(from, 0));
  const tables = decodeRegion(from);
  const directory = decodeRegion(from);
  const keyframes = Array.from({ length: from.count(5) }, () => {
    const at = from.varint() as Instant;
    return { at, next: from.varint(), chunks: from.varint(), ...decodeRegion(from) };
  });
  const states = Array.from({ length: from.count(4) }, () => {
    const at = from.varint() as Instant;
    return { at, id: from.varint(), ...decodeRegion(from) };
  });
  const density = Density.decode(from);
  const events = decodeLimited(from, decodeMarker);
  const turns = decodeLimited(from, decodeMarker);
  const verdicts = decodeLimited(from, (here) => {
    const at = here.varint() as Instant;
    return { at, id: here.varint(), payload: decodeValue(here) };
  });
  const summary = decodeValue(from);
  return { closed, end, chunks, tables, directory, keyframes, states, density, events, turns, verdicts, summary };
}

function encodeRegion(out: ByteWriter, region: Region): void {
  out.varint(region.offset);
  out.varint(region.length);
}

const decodeRegion = (from: ByteReader): Region => {
  const offset = from.varint();
  return { offset, length: from.varint() };
};

function encodeLimited<T>(out: ByteWriter, list: Limited<T>, encode: (out: ByteWriter, item: T) => void): void {
  out.varint(list.items.length);
  out.varint(list.left);
  for (const item of list.items) encode(out, item);
}

function decodeLimited<T>(from: ByteReader, decode: (from: ByteReader) => T): Limited<T> {
  const count = from.varint();
  const left = from.varint();
  from.need(count * 3);
  return { items: Array.from({ length: count }, () => decode(from)), left };
}

function encodeMarker(out: ByteWriter, marker: Marker): void {
  out.varint(marker.at);
  out.varint(marker.id);
  out.u8(marker.kind);
  out.varint(marker.node + 1);
  if ('cell' in marker) {
    out.varint(marker.cell);
    out.raw(encodeValue(typeof marker.value === 'string' ? marker.value.slice(0, MAX_MARKER_TEXT) : marker.value));
  } else {
    out.varint(marker.word);
  }
}

function decodeMarker(from: ByteReader): Marker {
  const at = from.varint() as Instant;
  const id = from.varint();
  const kind = from.u8();
  const node = from.varint() - 1;
  if (kind !== CELL_MARKER) return { at, id, kind, node, word: from.varint() };
  const cell = from.varint();
  const value = decodeValue(from);
  if (typeof value !== 'number' && typeof value !== 'string') throw new Malformed('a cell that is neither number nor text');
  return { at, id, kind, node, cell, value };
}
