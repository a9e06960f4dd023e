import type { Out } from '../protocol.ts';
import type { Instant } from '../time.ts';
import { answer, done, fail } from './answers.ts';
import type { Entry } from './entry.ts';
import { entryAt } from './log.ts';
import { noticeCommitted, regain } from './membership.ts';
import type { RaftMessage } from './message.ts';
import type { Raft } from './raft.ts';
import { serveReads } from './reads.ts';
import { answerOrigin } from './sending-on.ts';
import { expireSessions, isExpired, openSession, type Recall, remember } from './sessions.ts';
import { takeSnapshotIfDue } from './snapshots.ts';

/** Executes what is committed, in order, each entry once (Raft §5.3), and answers who waits for it. */
export function applyCommitted(raft: Raft, now: Instant, out: Out<RaftMessage>): void {
  const { state } = raft;
  while (state.lastApplied < state.commitIndex) {
    const entry = entryAt(state.log, state.lastApplied + 1);
    if (entry === undefined) break;
    state.lastApplied++;
    const result = execute(raft, now, entry, out);
    answerProposer(raft, now, entry, result, out);
    if (entry.origin !== undefined) answerOrigin(raft, now, entry, result, out);
  }
  regain(raft);
  serveReads(raft, now, out);
  takeSnapshotIfDue(raft, out);
}

/** What an entry comes to, for whoever proposed it. */
function execute(raft: Raft, now: Instant, entry: Entry, out: Out<RaftMessage>): Recall {
  const { state, config, machine } = raft;
  switch (entry.type) {
    case 'command':
      return executeOnce(raft, now, entry, out);
    case 'read':
      return { type: 'answered', answer: machine.query(entry.query) };
    case 'config':
      noticeCommitted(raft, now, entry.config, entry.index, out);
      return NOTHING;
    case 'register':
      expireSessions(state.sessions, entry.at, config.sessionTimeToLive, config.maxSessions - 1);
      state.sessions.set(entry.index, openSession(entry.at));
      return { type: 'answered', answer: entry.index };
    case 'keep-alive': {
      const session = state.sessions.get(entry.client);
      if (session === undefined || isExpired(session, entry.at, config.sessionTimeToLive)) return EXPIRED;
      session.lastActive = entry.at;
      return NOTHING;
    }
    default:
      return NOTHING;
  }
}

const NOTHING: Recall = { type: 'answered', answer: undefined };
const EXPIRED: Recall = { type: 'refused', problem: 'session expired' };

/** A command of a session is executed once, and answered again as often as it is asked for (thesis §6.3). */
function executeOnce(raft: Raft, now: Instant, entry: Entry & { type: 'command' }, out: Out<RaftMessage>): Recall {
  const { state, config, machine, rules } = raft;
  const { index, at, payload, session: stamp } = entry;
  if (stamp === undefined) return { type: 'answered', answer: machine.apply(index, at, payload, now, out as Out<never>) };
  const session = state.sessions.get(stamp.client);
  const found = session !== undefined && isExpired(session, at, config.sessionTimeToLive) ? undefined : session;
  const recalled = rules.recall(found, stamp);
  if (found === undefined || recalled.type === 'refused') return recalled;
  found.lastActive = at;
  if (recalled.type === 'answered') return recalled;
  const result = machine.apply(index, at, payload, now, out as Out<never>);
  remember(found, stamp, result);
  return { type: 'answered', answer: result };
}

function answerProposer(raft: Raft, now: Instant, entry: Entry, result: Recall, out: Out<RaftMessage>): void {
  const { proposals } = raft.state;
  const first = proposals[0];
  if (first === undefined || first.index > entry.index) return;
  proposals.shift();
  if (result.type === 'refused') fail(raft, now, first, result.problem, out);
  else answer(raft, now, first, done(entry.index, result.type === 'answered' ? result.answer : undefined), out);
}
