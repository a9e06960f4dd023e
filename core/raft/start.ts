import type { Boot, Out } from '../protocol.ts';
import { add, type Duration, type Instant, START } from '../time.ts';
import { answer, done, fail } from './answers.ts';
import { applyCommitted } from './apply.ts';
import { load } from './boot.ts';
import { type Configuration, configuration, isVoter } from './configuration.ts';
import { restartElection } from './election.ts';
import { configBytes, makeEntry } from './entry.ts';
import type { RaftCommand } from './interface.ts';
import { lastIndexOf, lastTermOf } from './log.ts';
import { noticeAppended } from './membership.ts';
import type { RaftMessage } from './message.ts';
import type { Raft } from './raft.ts';
import { copySessions, writeSnapshot } from './snapshots.ts';
import type { Asked } from './state.ts';
import { stop } from './stop.ts';
import { logChanged, truncateTorn } from './storage.ts';

/** Requests of one life are numbered apart from those of another, so that a late answer is not taken for a fresh one. */
const LIFE = 0x1_0000_0000;

/** Begins with what the disk kept, or not at all. */
export function startUp(raft: Raft, now: Instant, boot: Boot, out: Out<RaftMessage>): void {
  const { state, config, machine, names, rules, random, options } = raft;
  const { storage } = state;
  const found = load(boot.files, names, (data) => machine.isSnapshot(data));
  if ('refusal' in found) return stop(raft, now, out, found.refusal);
  for (const warning of found.warnings) out.log(`[WARN] raft: ${warning}`);
  state.nextRequest = (boot.count % LIFE) * LIFE;
  state.currentTerm = found.term;
  state.votedFor = rules.rememberedVote(found.vote);
  state.log = found.log;
  state.snapshot = found.snapshot;
  state.amnesiac = found.amnesiac || (found.isEmpty && rules.hasForgotten(boot.count));
  state.configs = configIndices(raft);
  storage.sequence = found.nextSequence;
  storage.nextSnapshotFile = found.nextSnapshotFile;
  storage.durableTerm = found.term;
  storage.durableVote = state.votedFor;
  storage.durableIndex = lastIndexOf(found.log);
  storage.unsavedFrom = storage.durableIndex + 1;
  if (!found.isEmpty) storage.unsynced = true;
  state.commitIndex = found.snapshot?.index ?? 0;
  state.lastApplied = state.commitIndex;
  state.sessions = copySessions(found.snapshot);
  machine.restore(found.snapshot?.data, now, out as Out<never>);
  if (found.keep !== undefined) truncateTorn(found.keep, out);
  if (found.isEmpty || found.isDropped) storage.rewrite = 'reset';
  if (state.amnesiac)
    out.log('[WARN] raft: the disk is empty and this server ran before: it takes no part in elections until it has joined anew');
  else if (found.isEmpty && options.bootstrap !== undefined) bootstrap(raft, now, options.bootstrap, out);
  if (options.recover !== undefined && !found.isEmpty) recover(raft, now, options.recover, out);
  else if (found.commit > state.commitIndex) {
    state.commitIndex = found.commit;
    applyCommitted(raft, now, out);
  }
  // Whoever was loyal to a leader before it stopped has forgotten it.
  state.quietUntil = config.leaseReads && boot.count > 0 ? add(now, config.electionTimeout) : START;
  const phase = Math.floor(random.fraction() * config.heartbeatInterval) as Duration;
  state.origin = (now - phase) as Instant;
  restartElection(raft, now, out);
}

function configIndices({ state: { log, snapshot } }: Raft): number[] {
  const indices: number[] = [];
  for (const { type, index } of log.entries) if (type === 'config' && index > (snapshot?.index ?? 0)) indices.push(index);
  return indices;
}

/** The first entry of every log: who is in the cluster. Equal wherever it is made. */
function bootstrap(raft: Raft, now: Instant, config: Configuration, out: Out<RaftMessage>): void {
  const { state } = raft;
  state.currentTerm = 1;
  state.storage.unsavedVote = true;
  const first = configuration(config);
  state.log.entries.push({ type: 'config', config: first, index: 1, term: 1, at: START, bytes: configBytes(first) });
  logChanged(state.storage, 1);
  noticeAppended(raft, now, 1, out);
  remember(raft);
  // Where configurations act when applied, nobody could ever campaign: it counts as committed (etcd).
  if (raft.config.activation !== 'apply') return;
  state.commitIndex = 1;
  applyCommitted(raft, now, out);
}

/** Puts into the log what it is to have from the start. Nothing of it counts as committed. */
function remember({ state, options: { history } }: Raft): void {
  if (history === undefined) return;
  for (const { term, content } of history.entries)
    state.log.entries.push(makeEntry(content, { index: lastIndexOf(state.log) + 1, term, at: START, bytes: 0 }));
  state.currentTerm = Math.max(history.term, lastTermOf(state.log));
}

/** A cluster is started by command: only on a server that knows of none (HashiCorp's BootstrapCluster). */
export function bootstrapNow(
  raft: Raft,
  now: Instant,
  asked: Asked,
  { voters, learners = [] }: Extract<RaftCommand, { command: 'bootstrap' }>,
  out: Out<RaftMessage>,
): void {
  const { state } = raft;
  const config = configuration({ voters, learners });
  if (state.role.role === 'stopped') return fail(raft, now, asked, 'stopped', out);
  const isNew = state.currentTerm === 0 && lastIndexOf(state.log) === 0 && !state.amnesiac;
  if (!isNew) return fail(raft, now, asked, 'not empty', out);
  if (voters.length === 0) return fail(raft, now, asked, 'no voter left', out);
  if (!isVoter(config, state.self)) return fail(raft, now, asked, 'unknown server', out);
  bootstrap(raft, now, config, out);
  answer(raft, now, asked, done(1, undefined), out);
}

/**
 * Goes on with other servers, without asking anybody (HashiCorp's RecoverCluster): the whole log counts as committed, and a snapshot of it names
 * them. Who gave the order keeps it until the snapshot is announced: a crash before undoes it.
 */
function recover(raft: Raft, now: Instant, servers: Configuration, out: Out<RaftMessage>): void {
  const { state, machine } = raft;
  state.commitIndex = lastIndexOf(state.log);
  applyCommitted(raft, now, out);
  const index = state.lastApplied;
  const term = lastTermOf(state.log);
  const at = state.log.entries.at(-1)?.at ?? state.snapshot?.at ?? START;
  // Twice, as one is kept and one is on its way to the disk.
  const make = () => ({
    index,
    term,
    config: configuration(servers),
    configIndex: 1,
    at,
    ...machine.snapshot(),
    sessions: copySessions(state),
  });
  state.snapshot = make();
  state.configs = [];
  writeSnapshot(raft, make(), out);
}
