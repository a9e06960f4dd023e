import { assert } from '../../core/assert.ts';
import type { WriteOutcome } from '../../core/protocol.ts';
import { type Duration, type Instant, LAST_INSTANT, ZERO } from '../../core/time.ts';

/** What a host's disk is like. */
export interface DiskSpec {
  /** Bytes that fit; absent for no limit. What would not fit ends as `full`. */
  readonly capacity?: number;
  /** How long an append, replace or truncate takes to come back; 0 by default, as the page cache takes it. */
  readonly write?: Duration;
  /** How long a sync takes: 0 by default; 100 µs to 1 ms on flash, about 10 ms on a turning disk. */
  readonly sync?: Duration;
}

/** What becomes of an operation that does not go as the disk's own times say. */
export interface DiskFate {
  /** How much later it comes back. */
  readonly delay: Duration;
  /** `full` and `error`: nothing is done. */
  readonly outcome: WriteOutcome;
  /** A sync that comes back well and made nothing durable. */
  readonly lies: boolean;
}

/** How much of what was appended to a file since its last sync a crash leaves. */
export interface Tear {
  /** So many records, from the first on. */
  readonly kept: number;
  /** Whether the last of these is damaged: it was being written. */
  readonly damaged: boolean;
}

/**
 * What a file holds in place of a record whose checksum does not hold, because a crash tore it or the medium rotted.
 * A protocol must not write it as a record of its own.
 */
const DAMAGED = null;

/** A file: records in order. A text is a file whose records are pieces of it. */
interface FileState {
  records: unknown[];
  /** Bytes of each record. */
  sizes: number[];
  /** Which operation since the boot appended each record; -1 for those of earlier boots, and for those that came in one step. */
  writers: number[];
  /** What a crash leaves: nothing, the first `kept` of these records, or, if they were changed below that, `shadow`. */
  durable: boolean;
  kept: number;
  shadow: Image | null;
}

/** What a file held at some moment. */
interface Image {
  readonly records: readonly unknown[];
  readonly sizes: readonly number[];
}

/** Something that the disk does, in the order in which it was asked for. */
export interface DiskOperation {
  /** Its place among the operations since the host booted, from 0. */
  readonly ordinal: number;
  /** Whose it is and what to call it when it is done; -1 for nobody's. */
  readonly owner: number;
  readonly write: number;
  readonly path: string;
  readonly outcome: WriteOutcome;
  /** For a sync: how many records it makes durable, of the file as it is or, once that was changed below, of `image`. */
  syncs: number | null;
  image: Image | null;
  readonly due: Instant;
}

/**
 * A host's disk. Writes are seen by readers at once; they survive a crash of the host when a sync asked for after them has
 * come back. A process that dies loses nothing. Nothing is written back by itself: what was never synced is lost.
 */
export interface DiskState {
  readonly files: Map<string, FileState>;
  /** Bytes of all files as readers see them. */
  used: number;
  readonly capacity: number | null;
  readonly writeTime: Duration;
  readonly syncTime: Duration;
  /** How many operations were asked for since the host booted. */
  asked: number;
  /** Asked for and not yet done, earliest first. */
  readonly operations: DiskOperation[];
}

export function newDisk({ capacity, write = ZERO, sync = ZERO }: DiskSpec = {}): DiskState {
  return { files: new Map(), used: 0, capacity: capacity ?? null, writeTime: write, syncTime: sync, asked: 0, operations: [] };
}

/** Who asks for a write, and when. */
export interface Request {
  readonly owner: number;
  readonly write: number;
  readonly now: Instant;
  /** Absent when all goes well. */
  readonly fate?: DiskFate | undefined;
}

/** When the disk would begin with an operation that is asked for now: it does one after another. */
export function beginning(disk: DiskState, now: Instant): Instant {
  const before = disk.operations.at(-1)?.due ?? now;
  return before > now ? before : now;
}

/** Adds a record at the end of a file. @returns when it will come back; its outcome is in the operation */
export function append(disk: DiskState, path: string, record: unknown, bytes: number, request: Request): Instant {
  const outcome = outcomeOf(disk, bytes, request);
  if (outcome !== 'ok') return queue(disk, path, outcome, null, disk.writeTime, request);
  const file = openFile(disk, path);
  file.records.push(record);
  file.sizes.push(bytes);
  file.writers.push(disk.asked);
  disk.used += bytes;
  return queue(disk, path, 'ok', null, disk.writeTime, request);
}

/** Replaces a whole file in one step, as a rename over it does: a crash leaves the old or the new one. */
export function replace(disk: DiskState, path: string, records: readonly unknown[], bytes: number, request: Request): Instant {
  // A rename needs room for both.
  const outcome = outcomeOf(disk, bytes, request);
  if (outcome !== 'ok') return queue(disk, path, outcome, null, disk.writeTime, request);
  const file = openFile(disk, path);
  keepImages(disk, path, file);
  const sizes = divide(bytes, records.length);
  disk.used += total(sizes) - total(file.sizes);
  file.records = [...records];
  file.sizes = sizes;
  file.writers = records.map(() => -1);
  file.kept = 0;
  return queue(disk, path, 'ok', null, disk.writeTime, request);
}

/** Keeps the first `length` records of a file; a shorter file, or none, stays as it is. */
export function truncate(disk: DiskState, path: string, length: number, request: Request): Instant {
  const outcome = request.fate?.outcome ?? 'ok';
  const file = disk.files.get(path);
  if (outcome === 'ok' && file !== undefined && length < file.records.length) {
    keepImages(disk, path, file);
    disk.used -= total(file.sizes) - total(file.sizes.slice(0, length));
    file.records.length = length;
    file.sizes.length = length;
    file.writers.length = length;
    file.kept = Math.min(file.kept, length);
  }
  return queue(disk, path, outcome, null, disk.writeTime, request);
}

/** Makes what was written to the file so far survive a crash, once it comes back well. */
export function sync(disk: DiskState, path: string, request: Request): Instant {
  const outcome = request.fate?.outcome ?? 'ok';
  const honest = outcome === 'ok' && request.fate?.lies !== true;
  const syncs = honest ? (disk.files.get(path)?.records.length ?? null) : null;
  return queue(disk, path, outcome, syncs, disk.syncTime, request);
}

/** Carries out the earliest operation, whose time has come. */
export function finish(disk: DiskState): DiskOperation {
  const operation = disk.operations.shift();
  assert(operation !== undefined, 'the disk finishes only what it was asked for');
  const file = disk.files.get(operation.path);
  if (operation.syncs !== null && file !== undefined) {
    file.durable = true;
    if (operation.image === null) {
      file.kept = operation.syncs;
      file.shadow = null;
    } else {
      file.shadow = operation.image;
    }
  }
  return operation;
}

/**
 * The host lost its power: what was not synced is gone, and nothing that was asked for comes back.
 *
 * @param tear what is left of the records that were appended since the last sync, given the operations that wrote them; not asked about a
 * file that was replaced or truncated since, which comes back as it was
 */
export function loseUnsynced(disk: DiskState, tear?: (path: string, writers: readonly number[]) => Tear | undefined): void {
  disk.operations.length = 0;
  disk.asked = 0;
  for (const [path, file] of disk.files) {
    const unsynced = file.shadow === null ? file.writers.slice(file.kept) : [];
    const torn = unsynced.length === 0 || unsynced.includes(-1) ? undefined : tear?.(path, unsynced);
    if (!file.durable && torn === undefined) {
      disk.files.delete(path);
      continue;
    }
    const left = file.kept + (torn?.kept ?? 0);
    file.records = file.shadow === null ? file.records.slice(0, left) : [...file.shadow.records];
    file.sizes = file.shadow === null ? file.sizes.slice(0, left) : [...file.shadow.sizes];
    if (torn?.damaged === true) file.records[left - 1] = DAMAGED;
    file.writers = file.records.map(() => -1);
    file.durable = true;
    file.kept = file.records.length;
    file.shadow = null;
  }
  disk.used = 0;
  for (const file of disk.files.values()) disk.used += total(file.sizes);
}

/**
 * The medium rots: the checksum of a record does not hold any more. Without effect if there is no such record.
 *
 * @param record its place in the file, from 0; counted from the end when negative, -1 for the last
 */
export function corrupt(disk: DiskState, path: string, record: number): void {
  const file = disk.files.get(path);
  const place = record < 0 ? (file?.records.length ?? 0) + record : record;
  if (file !== undefined && place >= 0 && place < file.records.length) file.records[place] = DAMAGED;
}

/** The disk is replaced by an empty one. What was asked for comes back, and does nothing. */
export function wipe(disk: DiskState): void {
  disk.files.clear();
  disk.used = 0;
  for (const operation of disk.operations) operation.syncs = null;
}

/** The records of each file below a directory, by their names in it. */
export function filesBelow(disk: DiskState, directory: string): ReadonlyMap<string, readonly unknown[]> {
  const found = new Map<string, readonly unknown[]>();
  for (const [path, file] of disk.files) {
    if (path.startsWith(`${directory}/`)) found.set(path.slice(directory.length + 1), file.records);
  }
  return found;
}

/** The names of the files in a directory, which ends with a slash, in alphabetical order. */
export function namesIn(disk: DiskState, directory: string): string[] {
  const names: string[] = [];
  for (const path of disk.files.keys()) {
    const name = path.startsWith(directory) ? path.slice(directory.length) : '';
    if (name !== '' && !name.includes('/')) names.push(name);
  }
  return names.sort();
}

/** The records of a file; none when there is none. */
export const recordsOf = (disk: DiskState, path: string): readonly unknown[] => disk.files.get(path)?.records ?? [];

/** A file as text; undefined when there is none, or when its records are no text. */
export function readText(disk: DiskState, path: string): string | undefined {
  const records = disk.files.get(path)?.records;
  return records?.every((record) => typeof record === 'string') ? records.join('') : undefined;
}

/** Puts a file on the disk as if it had always been there. */
export function install(disk: DiskState, path: string, text: string): void {
  const sizes = [utf8Length(text)];
  disk.files.set(path, { records: [text], sizes, writers: [-1], durable: true, kept: 1, shadow: null });
  disk.used += total(sizes);
}

/** How many bytes a text takes in UTF-8. */
export function utf8Length(text: string): number {
  let bytes = 0;
  for (const character of text) {
    const code = character.codePointAt(0) as number;
    bytes += code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x1_0000 ? 3 : 4;
  }
  return bytes;
}

function openFile(disk: DiskState, path: string): FileState {
  let file = disk.files.get(path);
  if (file === undefined) {
    file = { records: [], sizes: [], writers: [], durable: false, kept: 0, shadow: null };
    disk.files.set(path, file);
  }
  return file;
}

/** Before records are taken away: saves what a crash must leave and what syncs under way are about to make durable. */
function keepImages(disk: DiskState, path: string, file: FileState): void {
  if (file.durable && file.shadow === null) file.shadow = imageOf(file, file.kept);
  for (const operation of disk.operations) {
    if (operation.path === path && operation.syncs !== null) operation.image ??= imageOf(file, operation.syncs);
  }
}

const imageOf = (file: FileState, length: number): Image => ({
  records: file.records.slice(0, length),
  sizes: file.sizes.slice(0, length),
});

function queue(
  disk: DiskState,
  path: string,
  outcome: WriteOutcome,
  syncs: number | null,
  takes: Duration,
  request: Request,
): Instant {
  const { owner, write, now, fate } = request;
  const due = Math.min(beginning(disk, now) + takes + (fate?.delay ?? 0), LAST_INSTANT) as Instant;
  disk.operations.push({ ordinal: disk.asked++, owner, write, path, outcome, syncs, image: null, due });
  return due;
}

function outcomeOf(disk: DiskState, bytes: number, { fate }: Request): WriteOutcome {
  if (fate !== undefined && fate.outcome !== 'ok') return fate.outcome;
  return disk.capacity === null || disk.used + bytes <= disk.capacity ? 'ok' : 'full';
}

const total = (sizes: readonly number[]): number => sizes.reduce((sum, size) => sum + size, 0);

/** Shares of a file's size for its records: equal, the last one takes the rest. */
function divide(bytes: number, parts: number): number[] {
  const share = parts === 0 ? 0 : Math.floor(bytes / parts);
  return Array.from({ length: parts }, (_, i) => (i === parts - 1 ? bytes - share * (parts - 1) : share));
}
