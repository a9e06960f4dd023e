import type { Endpoint } from '../names.ts';
import type { Out } from '../protocol.ts';
import type { Instant } from '../time.ts';
import { applyCommitted } from './apply.ts';
import { becomeFollower, heardLeader } from './election.ts';
import type { Entry } from './entry.ts';
import { type LogState, lastIndexOf, lastIndexUpToTerm, termAt } from './log.ts';
import { noticeAppended, noticeRolledBack } from './membership.ts';
import type { Append, Heartbeat, RaftMessage } from './message.ts';
import type { Raft } from './raft.ts';
import { askAgain } from './reads.ts';
import { fallAsleep } from './silence.ts';
import { cutLog, logChanged, sendWhenDurable } from './storage.ts';
import { transmit } from './transport.ts';

/** A message of the leader of this term: whoever is asking for votes in it has lost. @returns whether to go on */
export function acknowledgeLeader(raft: Raft, now: Instant, from: number, out: Out<RaftMessage>): boolean {
  const { state } = raft;
  // Two leaders in one term are no follower's affair: the invariants tell of it.
  if (state.role.role === 'leader') return false;
  if (state.role.role !== 'follower' || state.role.leader !== from)
    becomeFollower(raft, now, state.currentTerm, from as never, out);
  heardLeader(raft, now, out);
  return true;
}

/** Entries, or the news that some are committed (Raft §5.3). */
export function onAppend(raft: Raft, now: Instant, message: Append, endpoint: Endpoint, out: Out<RaftMessage>): void {
  const { state, rules } = raft;
  const { log } = state;
  const { prevIndex, prevTerm, entries } = message;
  if (!acknowledgeLeader(raft, now, message.from, out)) return;
  if (state.amnesiac) state.forgottenUpTo ??= message.commit;
  // What is committed equals any leader's log.
  if (prevIndex < state.commitIndex && prevIndex + entries.length <= state.commitIndex)
    return accept(raft, message, state.commitIndex, endpoint, out);
  const ownTerm = prevIndex < state.commitIndex ? prevTerm : termAt(log, prevIndex);
  if (!rules.matchesPrevious(ownTerm, prevTerm)) return reject(raft, message, endpoint, out);
  const end = prevIndex + entries.length;
  if (!take(raft, now, entries, end, out)) return;
  const commit = rules.followerCommit(state.commitIndex, message.commit, end, lastIndexOf(log));
  if (commit !== state.commitIndex) {
    state.commitIndex = Math.min(commit, lastIndexOf(log));
    applyCommitted(raft, now, out);
  }
  accept(raft, message, end, endpoint, out);
}

/** Adds the entries that are missing, over those that conflict. @returns false when that would undo what is committed */
function take(raft: Raft, now: Instant, entries: readonly Entry[], end: number, out: Out<RaftMessage>): boolean {
  const { state, rules } = raft;
  const { log } = state;
  let missing = entries.length;
  let conflict = 0;
  for (let i = 0; i < entries.length; i++) {
    const { index, term } = entries[i] as Entry;
    if (index <= log.cut) continue;
    const own = termAt(log, index);
    if (own === undefined || rules.conflictsAt(own, term)) {
      missing = i;
      if (own !== undefined) conflict = index;
      break;
    }
  }
  const cut = rules.firstToCut(conflict, end, lastIndexOf(log));
  if (cut > 0) {
    if (cut <= state.commitIndex) {
      out.log(`[ERR] raft: entry ${cut} conflicts with one that is committed`);
      return false;
    }
    cutLog(raft, cut);
    noticeRolledBack(raft, now, out);
  }
  for (let i = missing; i < entries.length; i++) {
    const entry = entries[i] as Entry;
    if (entry.index !== lastIndexOf(log) + 1) continue;
    log.entries.push(entry);
    logChanged(state.storage, entry.index);
    if (entry.type === 'config') noticeAppended(raft, now, entry.index, out);
  }
  return true;
}

/** Confirms what is the same as the leader's; when this server will still know it after a crash. */
function accept(raft: Raft, { cluster, from, term }: Append, index: number, endpoint: Endpoint, out: Out<RaftMessage>): void {
  const message = {
    type: 'append-response',
    cluster,
    from: raft.state.self,
    to: from,
    term,
    ok: true,
    index,
    hintIndex: 0,
    hintTerm: 0,
  } as const;
  sendWhenDurable(raft, out, endpoint, message);
}

/** Says that an append does not fit, and where at best the logs may agree. */
function reject(
  raft: Raft,
  { cluster, from, term, prevIndex, prevTerm }: Append,
  endpoint: Endpoint,
  out: Out<RaftMessage>,
): void {
  const { state, config } = raft;
  const { log } = state;
  const ends = { cluster, from: state.self, to: from, term, ok: false, index: prevIndex };
  const { hintIndex, hintTerm } = hint(log, config.rejectHints, prevIndex, prevTerm);
  transmit(raft, out, endpoint, { type: 'append-response', ...ends, hintIndex, hintTerm });
}

/** The last entry that may be the leader's too: none of a later term than its own there. */
function hint(
  log: LogState,
  kind: 'terms' | 'last index' | 'none',
  prevIndex: number,
  prevTerm: number,
): { hintIndex: number; hintTerm: number } {
  if (kind === 'none') return { hintIndex: 0, hintTerm: 0 };
  if (kind === 'last index') return { hintIndex: Math.min(prevIndex - 1, lastIndexOf(log)), hintTerm: 0 };
  const index = lastIndexUpToTerm(log, Math.min(prevIndex, lastIndexOf(log)), prevTerm);
  return { hintIndex: index, hintTerm: termAt(log, index) ?? 0 };
}

/** The leader is there, and says what of this log is committed. */
export function onHeartbeat(raft: Raft, now: Instant, message: Heartbeat, endpoint: Endpoint, out: Out<RaftMessage>): void {
  const { state, config } = raft;
  if (!acknowledgeLeader(raft, now, message.from, out)) return;
  const commit = Math.min(message.commit, lastIndexOf(state.log));
  if (commit > state.commitIndex) {
    state.commitIndex = commit;
    applyCommitted(raft, now, out);
  }
  if (state.forwarded.length > 0) askAgain(raft, endpoint, out);
  fallAsleep(raft, message, out);
  const { cluster } = config;
  const { from, term, round } = message;
  transmit(raft, out, endpoint, { type: 'heartbeat-response', cluster, from: state.self, to: from, term, round });
}
