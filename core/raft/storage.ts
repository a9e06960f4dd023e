import type { Endpoint, NameId } from '../names.ts';
import type { Out, WriteOutcome } from '../protocol.ts';
import type { Instant } from '../time.ts';
import { type Entry, entriesBytes } from './entry.ts';
import { lastIndexOf, truncateFrom } from './log.ts';
import type { RaftMessage } from './message.ts';
import type { Raft } from './raft.ts';
import { SNAPSHOT_FILES, snapshotWritten } from './snapshots.ts';
import type { Batch, StorageState } from './state.ts';
import { stop } from './stop.ts';
import { transmit } from './transport.ts';

/** The write-ahead log: one record for all that changed together, so that a crash leaves all of it or nothing. */
export const WAL = 'wal';

/**
 * One record of the write-ahead log. Numbered without gaps, so that a missing one is noticed. What a checksum would find in a real file is a
 * record here that is none.
 */
export type WalRecord = HeadRecord | BatchRecord;

interface RecordBase {
  readonly sequence: number;
  readonly term: number;
  readonly vote: NameId | undefined;
  readonly entries: readonly Entry[];
  /** What was known to be committed, never beyond the entries that are on disk with this record. */
  readonly commit: number;
}

/** The log begins anew with these entries, after `cut`. */
export interface HeadRecord extends RecordBase {
  readonly type: 'head';
  readonly cut: number;
  readonly cutTerm: number;
  readonly amnesiac: boolean;
}

/** The log is cut at `from`, and goes on with these entries. */
export interface BatchRecord extends RecordBase {
  readonly type: 'batch';
  readonly from: number;
}

const RECORD_BYTES = 48;

/** A write's number tells what it was: these by batch, those of snapshots by snapshot. */
const Write = { log: 0, logSync: 1, snapshot: 2, snapshotSync: 3 } as const;
const KINDS = 4;

export const snapshotWrites = (number: number): readonly [write: number, sync: number] => [
  number * KINDS + Write.snapshot,
  number * KINDS + Write.snapshotSync,
];

/** Notes that the log has other entries from `index` on. */
export function logChanged(storage: StorageState, index: number): void {
  if (index < storage.unsavedFrom) storage.unsavedFrom = index;
}

/** Cuts the log at `index`: what is on the disk from there on counts no more, nor what is on its way there. */
export function cutLog({ state }: Raft, index: number): void {
  const { log, storage, configs } = state;
  truncateFrom(log, index);
  logChanged(storage, index);
  if (storage.durableIndex >= index) storage.durableIndex = index - 1;
  const { inflight } = storage;
  if (inflight !== undefined && inflight.last >= index) inflight.last = index - 1;
  while (configs.length > 0 && (configs[configs.length - 1] as number) >= index) configs.pop();
}

const isDirty = ({ state: { storage, log } }: Raft): boolean =>
  storage.unsavedVote ||
  storage.unsavedFrom <= lastIndexOf(log) ||
  storage.rewrite === 'reset' ||
  storage.rewrite === 'append reset';

/** Sends a message when all that this server knows now would survive a crash (Raft §5.1: updated on stable storage before responding). */
export function sendWhenDurable(raft: Raft, out: Out<RaftMessage>, endpoint: Endpoint, message: RaftMessage): void {
  const { storage } = raft.state;
  const dirty = isDirty(raft);
  if (!dirty && storage.inflight === undefined) transmit(raft, out, endpoint, message);
  else storage.outbox.push({ batch: storage.batch + (dirty ? 1 : 0), endpoint, message });
}

/**
 * Hands what changed to the disk, unless a write is under way: then it is gathered for the next. What was found at the start is synced before anything
 * is promised on it: a process before this one may have written it and ended.
 */
export function flush(raft: Raft, now: Instant, out: Out<RaftMessage>): void {
  const { state, config, rules } = raft;
  const { storage, log } = state;
  const hasNews = isDirty(raft) || storage.rewrite !== 'none';
  if (storage.inflight !== undefined || !(hasNews || storage.unsynced === true)) return;
  const { rewrite, sequence } = storage;
  const term = state.currentTerm;
  const vote = rules.recordsVote(state.votedFor);
  const last = lastIndexOf(log);
  const commit = config.commitHint ? Math.min(state.commitIndex, last) : 0;
  const write = ++storage.batch * KINDS;
  if (storage.unsynced === true && state.snapshot !== undefined)
    out.sync(SNAPSHOT_FILES[1 - storage.nextSnapshotFile] as string, write + Write.log);
  if (hasNews) storage.sequence++;
  if (!hasNews) {
    // All is there, and only has to stay.
  } else if (rewrite === 'none') {
    const from = storage.unsavedFrom;
    const entries = log.entries.slice(from - log.cut - 1);
    if (term !== storage.durableTerm && rules.recordsTermFirst()) termFirst(storage, term, from, out);
    const record: BatchRecord = { type: 'batch', sequence: storage.sequence - 1, term, vote, from, entries, commit };
    out.append(WAL, record, RECORD_BYTES + entriesBytes(entries), write + Write.log);
  } else {
    const { cut, cutTerm } = log;
    const entries = log.entries.slice();
    const record: HeadRecord = { type: 'head', sequence, term, vote, cut, cutTerm, entries, commit, amnesiac: state.amnesiac };
    const bytes = RECORD_BYTES + entriesBytes(entries);
    if (rewrite === 'append reset') out.append(WAL, record, bytes, write + Write.log);
    else out.replace(WAL, [record], bytes, write + Write.log);
  }
  out.sync(WAL, write + Write.logSync);
  storage.inflight = { since: now, term, vote: state.votedFor, last, rewrite, failed: false };
  storage.unsavedFrom = last + 1;
  storage.unsavedVote = false;
  storage.rewrite = 'none';
}

/** A record of a new term with the vote of the one before. Its write has number 0, as no batch has. */
function termFirst(storage: StorageState, term: number, from: number, out: Out<RaftMessage>): void {
  const sequence = storage.sequence++ - 1;
  const record: BatchRecord = { type: 'batch', sequence, term, vote: storage.durableVote, from, entries: [], commit: 0 };
  out.append(WAL, record, RECORD_BYTES, Write.log);
}

/** Takes the record that a crash tore off the file, before anything is added to it. Its write has number 0, as no batch has. */
export const truncateTorn = (good: number, out: Out<RaftMessage>): void => out.truncate(WAL, good, Write.log);

/** A write came back. @returns whether more is durable now than before */
export function writeCameBack(raft: Raft, now: Instant, write: number, outcome: WriteOutcome, out: Out<RaftMessage>): boolean {
  const { storage } = raft.state;
  const kind = write % KINDS;
  if (kind === Write.snapshot || kind === Write.snapshotSync) {
    snapshotWritten(raft, now, Math.floor(write / KINDS), kind === Write.snapshotSync, outcome, out);
    return false;
  }
  const { inflight } = storage;
  if (write === Write.log && outcome !== 'ok') stop(raft, now, out, 'the log could not be repaired');
  if (inflight === undefined || Math.floor(write / KINDS) !== storage.batch) return false;
  if (outcome !== 'ok') {
    const isOptional = outcome === 'full' && (inflight.rewrite === 'compact' || inflight.rewrite === 'reset');
    if (isOptional && kind === Write.log) inflight.failed = true;
    else stop(raft, now, out, outcome === 'full' ? 'no space left on device' : 'input/output error');
    return false;
  }
  if (kind !== Write.logSync) return false;
  storage.inflight = undefined;
  if (storage.unsynced === true) storage.unsynced = false;
  if (inflight.failed) {
    retry(raft, inflight);
    return false;
  }
  storage.durableTerm = inflight.term;
  storage.durableVote = inflight.vote;
  storage.durableIndex = Math.max(storage.durableIndex, inflight.last); // a snapshot may have gone further
  release(raft, out);
  return true;
}

/** The file could not be made anew for want of room: it is as it was, and what changed is added to it. */
function retry({ state }: Raft, { rewrite }: Batch): void {
  const { storage } = state;
  storage.sequence--;
  storage.unsavedVote = true;
  logChanged(storage, storage.durableIndex + 1);
  if (rewrite === 'reset' || storage.unsavedFrom <= state.log.cut) storage.rewrite = 'append reset';
}

/** Sends what waited for the batches that are durable now. */
function release(raft: Raft, out: Out<RaftMessage>): void {
  const { storage } = raft.state;
  const { outbox, batch } = storage;
  let sent = 0;
  while (sent < outbox.length) {
    const next = outbox[sent] as (typeof outbox)[number];
    if (next.batch > batch) break;
    sent++;
    transmit(raft, out, next.endpoint, next.message);
  }
  if (sent === 1) outbox.shift();
  else if (sent > 0) outbox.splice(0, sent);
}

/** Forgets answers of an earlier term: whoever waits for them is answered by the new one. */
export function dropWaiting({ storage }: { readonly storage: StorageState }): void {
  storage.outbox.length = 0;
}
