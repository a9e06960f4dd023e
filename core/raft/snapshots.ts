import type { Endpoint } from '../names.ts';
import type { Out, WriteOutcome } from '../protocol.ts';
import { copyState } from '../state.ts';
import type { Instant } from '../time.ts';
import { applyCommitted } from './apply.ts';
import { configuration } from './configuration.ts';
import type { Entry } from './entry.ts';
import { acknowledgeLeader } from './follower.ts';
import type { RaftNotice } from './interface.ts';
import { heardFrom } from './leader.ts';
import { compactTo, entryAt, lastIndexOf, resetLog, termAt } from './log.ts';
import type { RaftMessage, SnapshotChunk, SnapshotResponse } from './message.ts';
import { type Progress, toProbe, toSnapshot } from './progress.ts';
import type { Raft } from './raft.ts';
import { serveReads } from './reads.ts';
import type { Sessions } from './sessions.ts';
import { committedConfig } from './standing.ts';
import type { Incoming, Snapshot } from './state.ts';
import { sendWhenDurable, snapshotWrites } from './storage.ts';
import { transmit } from './transport.ts';

/** The two files that snapshots alternate between, so that the one before is there until the next is safe. */
export const SNAPSHOT_FILES = ['snapshot-0', 'snapshot-1'] as const;

/** A piece that was not answered for so many heartbeats is sent again. */
const RESEND_AFTER = 3;

/** Makes a snapshot when enough was applied since the last (Raft §7). */
export function takeSnapshotIfDue(raft: Raft, out: Out<RaftMessage>): void {
  const { snapshotThreshold } = raft.config;
  const { lastApplied, snapshot } = raft.state;
  if (snapshotThreshold > 0 && lastApplied - (snapshot?.index ?? 0) >= snapshotThreshold) takeSnapshot(raft, out);
}

/** Makes a snapshot of what was applied. @returns false when there is nothing new, or another is being written */
export function takeSnapshot(raft: Raft, out: Out<RaftMessage>): boolean {
  const { state, machine } = raft;
  const index = state.lastApplied;
  if (state.writing !== undefined || index <= (state.snapshot?.index ?? 0)) return false;
  const { data, bytes } = machine.snapshot();
  const { config, index: configIndex } = committedConfig(raft);
  const { term, at } = entryAt(state.log, index) as Entry;
  writeSnapshot(
    raft,
    { index, term, config: configuration(config), configIndex, at, data, sessions: copySessions(state), bytes },
    out,
  );
  return true;
}

export function writeSnapshot(raft: Raft, snapshot: Snapshot, out: Out<RaftMessage>): void {
  const { state } = raft;
  const { storage } = state;
  const number = storage.nextSnapshotWrite++;
  const [replace, sync] = snapshotWrites(number);
  const file = SNAPSHOT_FILES[storage.nextSnapshotFile];
  state.writing = snapshot;
  storage.snapshotWrite = number;
  out.replace(file, [snapshot], snapshot.bytes, replace);
  out.sync(file, sync);
}

/** Sessions go on from those of a snapshot. */
export const copySessions = (from: { readonly sessions: Sessions } | undefined): Sessions =>
  from === undefined ? new Map() : copyState(from.sessions);

/** A write of a snapshot came back. One that failed is given up: the one before is still there. */
export function snapshotWritten(
  raft: Raft,
  now: Instant,
  number: number,
  isSync: boolean,
  outcome: WriteOutcome,
  out: Out<RaftMessage>,
): void {
  const { state } = raft;
  const { storage, writing, incoming } = state;
  if (number !== storage.snapshotWrite || writing === undefined) return;
  if (outcome === 'ok' && !isSync) return;
  state.writing = undefined;
  storage.snapshotWrite = undefined;
  const isReceived = incoming?.complete === true;
  if (outcome !== 'ok') {
    out.log(`[ERR] raft: failed to write snapshot: ${outcome === 'full' ? 'no space left on device' : 'input/output error'}`);
    if (isReceived) refuse(raft, incoming, out);
    return;
  }
  storage.nextSnapshotFile = storage.nextSnapshotFile === 0 ? 1 : 0;
  if (isReceived) install(raft, now, writing, incoming, out);
  else compact(raft, writing, isRecovery(raft, number) ? 0 : raft.config.snapshotTrailing, out);
  takeSnapshotIfDue(raft, out); // meanwhile much may have been applied
}

/**
 * Whether a snapshot is the one by which a cluster goes on with other servers: the first of a life that was told to. Nothing of the log before may stay, as
 * its configurations count no more.
 */
const isRecovery = ({ options }: Raft, number: number): boolean => options.recover !== undefined && number === 0;

/** The log before a snapshot is forgotten, but for the trailing entries. */
function compact(raft: Raft, snapshot: Snapshot, trailing: number, out: Out<RaftMessage>): void {
  const { state } = raft;
  keep(raft, snapshot);
  const cut = Math.min(snapshot.index, lastIndexOf(state.log) - trailing);
  if (cut > state.log.cut) {
    compactTo(state.log, cut);
    state.storage.rewrite = 'compact';
  }
  tell(snapshot, 'taken', out);
}

function keep({ state }: Raft, snapshot: Snapshot): void {
  const { storage } = state;
  state.snapshot = snapshot;
  state.configs = state.configs.filter((index) => index > snapshot.index);
  storage.durableIndex = Math.max(storage.durableIndex, snapshot.index);
}

function tell({ index }: Snapshot, how: 'taken' | 'installed', out: Out<RaftMessage>): void {
  const notice: RaftNotice = { type: 'raft-snapshot', index, how };
  out.announce(notice);
}

/** What a follower needs is compacted: begins to send it the snapshot. @returns whether there is one */
export function beginSnapshot(raft: Raft, now: Instant, peer: Progress, out: Out<RaftMessage>): boolean {
  const { snapshot, role } = raft.state;
  if (snapshot === undefined || role.role !== 'leader') return false;
  toSnapshot(peer, { id: role.nextTransfer++, index: snapshot.index, term: snapshot.term, offset: 0, sentAt: now });
  sendChunk(raft, now, peer, out);
  return true;
}

/** Sends the piece that is due, or the last one again. */
function sendChunk(raft: Raft, now: Instant, peer: Progress, out: Out<RaftMessage>): void {
  const { state, config } = raft;
  const { snapshot } = state;
  const { transfer } = peer;
  if (snapshot === undefined || transfer === undefined) return;
  const { snapshotChunk } = config;
  const total = snapshot.bytes;
  const lastPiece = Math.max(0, Math.ceil(total / snapshotChunk) - 1) * snapshotChunk;
  const offset = Math.min(transfer.offset, lastPiece);
  const length = Math.min(snapshotChunk, total - offset);
  const done = offset + length >= total;
  transfer.sentAt = now;
  transmit(raft, out, peer.endpoint, {
    type: 'snapshot',
    cluster: config.cluster,
    from: state.self,
    to: peer.name,
    term: state.currentTerm,
    id: transfer.id,
    lastIndex: snapshot.index,
    lastTerm: snapshot.term,
    config: snapshot.config,
    configIndex: snapshot.configIndex,
    at: snapshot.at,
    offset,
    length,
    total,
    done,
    data: done ? snapshot.data : undefined,
    sessions: done ? snapshot.sessions : undefined,
  });
}

/** Sends a piece again that was not answered; and begins anew when there is a newer snapshot by now. */
export function resendSnapshot(raft: Raft, now: Instant, peer: Progress, out: Out<RaftMessage>): void {
  const { transfer } = peer;
  if (transfer === undefined || now - transfer.sentAt < RESEND_AFTER * raft.config.heartbeatInterval) return;
  if (transfer.index === raft.state.snapshot?.index) sendChunk(raft, now, peer, out);
  else beginSnapshot(raft, now, peer, out);
}

/** A follower says how much of a snapshot it has. */
export function onSnapshotResponse(
  raft: Raft,
  now: Instant,
  peer: Progress,
  message: SnapshotResponse,
  out: Out<RaftMessage>,
): void {
  const { transfer } = peer;
  heardFrom(peer, now);
  if (transfer === undefined || message.id !== transfer.id) return;
  if (!message.ok) {
    peer.transfer = undefined;
    toProbe(peer);
    peer.paused = true; // until it answers a heartbeat
    return;
  }
  if (transfer.index !== raft.state.snapshot?.index) {
    beginSnapshot(raft, now, peer, out);
    return;
  }
  const { nextOffset } = message;
  const isNews = nextOffset > transfer.offset || (nextOffset === 0 && transfer.offset > 0);
  if (!isNews || nextOffset > raft.state.snapshot.bytes) return;
  transfer.offset = nextOffset;
  if (nextOffset < raft.state.snapshot.bytes) sendChunk(raft, now, peer, out);
}

/** A piece of a snapshot (Raft §7). Pieces are taken in order; whatever else comes is told what is missing. */
export function onSnapshot(raft: Raft, now: Instant, message: SnapshotChunk, endpoint: Endpoint, out: Out<RaftMessage>): void {
  const { state } = raft;
  const { from, term, id, lastIndex, lastTerm, offset, length, total, done } = message;
  if (!acknowledgeLeader(raft, now, from, out)) return;
  if (lastIndex <= state.commitIndex) return confirm(raft, message, endpoint, state.commitIndex, out);
  const known = state.incoming;
  const isSame = known !== undefined && known.from === from && known.term === term && known.id === id;
  if (known?.complete === true) return isSame ? respond(raft, known, true, out) : undefined;
  if (!isSame && offset > 0) return respond(raft, { from, endpoint, term, id, offset: 0, complete: false }, true, out);
  const incoming = isSame ? known : { from, endpoint, term, id, offset: 0, complete: false };
  state.incoming = incoming;
  if (offset !== incoming.offset) return respond(raft, incoming, true, out);
  incoming.offset += length;
  if (!done || incoming.offset < total) return respond(raft, incoming, true, out);
  const { data, config, configIndex, at, sessions } = message;
  if (sessions === undefined || !raft.machine.isSnapshot(data)) return refuse(raft, incoming, out);
  if (termAt(state.log, lastIndex) === lastTerm) {
    state.incoming = undefined;
    catchUp(raft, now, lastIndex, out);
    return confirm(raft, message, endpoint, lastIndex, out);
  }
  incoming.complete = true;
  respond(raft, incoming, true, out);
  writeSnapshot(raft, { index: lastIndex, term: lastTerm, config, configIndex, at, data, sessions, bytes: total }, out);
}

/** The log has all that the snapshot covers: it is committed, and nothing needs to be replaced. */
function catchUp(raft: Raft, now: Instant, index: number, out: Out<RaftMessage>): void {
  raft.state.commitIndex = Math.max(raft.state.commitIndex, index);
  applyCommitted(raft, now, out);
}

/** A received snapshot is on disk: it takes the place of log and state, unless the log has caught up meanwhile. */
function install(raft: Raft, now: Instant, snapshot: Snapshot, { from, endpoint, term }: Incoming, out: Out<RaftMessage>): void {
  const { state, machine, rules } = raft;
  const { storage, log } = state;
  const { index } = snapshot;
  state.incoming = undefined;
  const message = { cluster: raft.config.cluster, from, term };
  if (index <= state.commitIndex) return confirm(raft, message, endpoint, state.commitIndex, out);
  if (termAt(log, index) === snapshot.term) {
    catchUp(raft, now, index, out);
    keep(raft, snapshot);
    return confirm(raft, message, endpoint, index, out);
  }
  resetLog(log, index, snapshot.term);
  state.snapshot = snapshot;
  state.configs = [];
  storage.unsavedFrom = index + 1;
  storage.durableIndex = index;
  storage.rewrite = 'reset';
  if (storage.inflight !== undefined) storage.inflight.last = 0;
  const newTerm = rules.termAfterSnapshot(state.currentTerm, snapshot.term);
  if (newTerm !== state.currentTerm) {
    state.currentTerm = newTerm;
    state.votedFor = undefined;
    storage.unsavedVote = true;
  }
  state.commitIndex = index;
  state.lastApplied = index;
  state.sessions = copySessions(snapshot);
  if (rules.installsData()) machine.restore(snapshot.data, now, out as Out<never>);
  raft.observer?.configured?.(snapshot.config, snapshot.configIndex, 'committed', now, out as Out<never>);
  tell(snapshot, 'installed', out);
  serveReads(raft, now, out);
  confirm(raft, message, endpoint, index, out);
}

function confirm(
  raft: Raft,
  { cluster, from, term }: Pick<SnapshotChunk, 'cluster' | 'from' | 'term'>,
  endpoint: Endpoint,
  index: number,
  out: Out<RaftMessage>,
): void {
  if (term !== raft.state.currentTerm) return;
  const ends = { cluster, from: raft.state.self, to: from, term };
  sendWhenDurable(raft, out, endpoint, { type: 'append-response', ...ends, ok: true, index, hintIndex: 0, hintTerm: 0 });
}

function respond(raft: Raft, { from, endpoint, term, id, offset }: Incoming, ok: boolean, out: Out<RaftMessage>): void {
  if (term !== raft.state.currentTerm) return;
  const ends = { cluster: raft.config.cluster, from: raft.state.self, to: from, term };
  transmit(raft, out, endpoint, { type: 'snapshot-response', ...ends, id, ok, nextOffset: offset });
}

function refuse(raft: Raft, incoming: Incoming, out: Out<RaftMessage>): void {
  raft.state.incoming = undefined;
  respond(raft, incoming, false, out);
}
