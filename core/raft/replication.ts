import type { Out } from '../protocol.ts';
import type { Duration, Instant } from '../time.ts';
import { admissionGoesOn } from './admission.ts';
import type { Entry } from './entry.ts';
import { caughtUp } from './handover.ts';
import { advanceCommit, heardFrom, sendToAll } from './leader.ts';
import { lastIndexOf, lastIndexUpToTerm, slice, termAt } from './log.ts';
import type { AppendResponse, RaftMessage } from './message.ts';
import { addInflight, freeInflight, isFull, type Progress, toProbe, toReplicate } from './progress.ts';
import type { Raft } from './raft.ts';
import { beginSnapshot } from './snapshots.ts';
import type { Leader } from './state.ts';
import { Timer } from './tables.ts';
import { transmit } from './transport.ts';

const NO_ENTRIES: readonly Entry[] = Object.freeze([]);

/**
 * Sends a follower the next entries that it lacks, if that is allowed now (Raft §5.3).
 *
 * @param evenEmpty whether an append without entries is worth sending
 * @returns whether more may be sent at once
 */
export function sendAppend(raft: Raft, now: Instant, peer: Progress, evenEmpty: boolean, out: Out<RaftMessage>): boolean {
  const { state, config, rules } = raft;
  const { log } = state;
  if (peer.mode === 'snapshot' || peer.paused) return false;
  const prevIndex = peer.next - 1;
  const prevTerm = termAt(log, prevIndex);
  if (rules.needsSnapshot(prevTerm)) return beginSnapshot(raft, now, peer, out);
  const sendable = config.writesBeforeSending ? state.storage.durableIndex : lastIndexOf(log);
  const full = peer.mode === 'replicate' && isFull(peer, config.maxInflight, config.maxInflightBytes);
  const most = full ? 0 : Math.min(config.maxEntries, sendable - prevIndex);
  if (most <= 0 && !evenEmpty) return false;
  // What a mutant calls compacted is not there to be sent.
  const entries = most <= 0 || peer.next <= log.cut ? NO_ENTRIES : slice(log, peer.next, most, config.maxMessageBytes);
  transmit(raft, out, peer.endpoint, {
    type: 'append',
    cluster: config.cluster,
    from: state.self,
    to: peer.name,
    term: state.currentTerm,
    prevIndex,
    prevTerm: prevTerm ?? 0,
    entries,
    commit: state.commitIndex,
  });
  peer.sentCommit = state.commitIndex;
  const { length } = entries;
  if (length === 0) return false;
  if (peer.mode === 'probe') peer.paused = true;
  else {
    peer.next += length;
    addInflight(peer, peer.next - 1, sizeOf(entries));
  }
  return true;
}

function sizeOf(entries: readonly Entry[]): number {
  let bytes = 0;
  for (let i = 0; i < entries.length; i++) bytes += (entries[i] as Entry).bytes;
  return bytes;
}

/** Tells followers at once what is committed: those to whom it is news and who may have the entries. */
export function commitNews(raft: Raft, now: Instant, role: Leader, out: Out<RaftMessage>): void {
  if (raft.config.commitNews !== 'immediate') return;
  const { commitIndex } = raft.state;
  const { peers } = role;
  for (let i = 0; i < peers.length; i++) {
    const peer = peers[i] as Progress;
    if (isNews(peer, commitIndex)) sendAppend(raft, now, peer, true, out);
  }
}

const isNews = ({ sentCommit, next }: Progress, commitIndex: number): boolean =>
  commitIndex > sentCommit && sentCommit < next - 1;

/** HashiCorp's leader sends each follower an append at random intervals, with or without entries; only these say what is committed. */
export function armCommitTimer({ config, random }: Raft, { name }: Progress, out: Out<RaftMessage>): void {
  if (config.commitNews !== 'timeout') return;
  out.setTimer(Timer.commit, name, Math.floor(config.commitTimeout * (1 + random.fraction())) as Duration);
}

export function commitTimer(raft: Raft, now: Instant, peer: Progress, out: Out<RaftMessage>): void {
  sendAppend(raft, now, peer, true, out);
  armCommitTimer(raft, peer, out);
}

/** A follower says how far it has the log, or that an append did not fit. */
export function onAppendResponse(raft: Raft, now: Instant, peer: Progress, message: AppendResponse, out: Out<RaftMessage>): void {
  const { state } = raft;
  const role = state.role as Leader;
  heardFrom(peer, now);
  const { index } = message;
  if (index > lastIndexOf(state.log)) return; // it cannot have what was never sent
  if (!message.ok) return rejected(raft, now, peer, message, out);
  if (index < peer.match || (index === peer.match && peer.mode !== 'probe')) return;
  const wasPaused =
    peer.paused || (peer.mode === 'replicate' && isFull(peer, raft.config.maxInflight, raft.config.maxInflightBytes));
  peer.match = index;
  if (peer.next <= index) peer.next = index + 1;
  if (peer.mode === 'probe' || (peer.mode === 'snapshot' && index >= state.log.cut)) toReplicate(peer);
  else freeInflight(peer, index);
  const advanced = advanceCommit(raft, now, out);
  if (state.role !== role) return;
  if (!advanced && wasPaused) sendAppend(raft, now, peer, isNews(peer, state.commitIndex), out);
  while (sendAppend(raft, now, peer, false, out));
  caughtUp(raft, role, peer, out);
  admissionGoesOn(raft, now, role, out);
}

/** The logs part somewhere before: looks for it further down (Raft §5.3), by as much as the follower's hint allows. */
function rejected(raft: Raft, now: Instant, peer: Progress, message: AppendResponse, out: Out<RaftMessage>): void {
  const { state, config } = raft;
  const { index, hintIndex, hintTerm } = message;
  if (peer.mode === 'snapshot') return;
  if (peer.mode === 'replicate') {
    if (index <= peer.match) return;
    toProbe(peer);
  } else {
    if (index !== peer.next - 1) return; // an answer to an earlier probe
    const hint =
      config.rejectHints === 'none' ? index - 1 : hintTerm > 0 ? lastIndexUpToTerm(state.log, hintIndex, hintTerm) : hintIndex;
    const next = Math.max(Math.min(index, hint + 1), peer.match + 1);
    // It has lost what it once acknowledged. Asked again at once it would say the same again, and so on as fast as the network is.
    if (next === peer.next) return;
    peer.next = next;
    peer.paused = false;
  }
  sendAppend(raft, now, peer, true, out);
}

/** The own disk has more now: it counts for the commit index, and may be what was waited for before sending. */
export function ownLogIsDurable(raft: Raft, now: Instant, out: Out<RaftMessage>): void {
  const { role } = raft.state;
  if (role.role !== 'leader') return;
  advanceCommit(raft, now, out);
  if (raft.config.writesBeforeSending && raft.state.role === role) sendToAll(raft, now, role, out);
}
