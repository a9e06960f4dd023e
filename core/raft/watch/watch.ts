import type { NameId, Names } from '../../names.ts';
import { copyState } from '../../state.ts';
import type { Instant } from '../../time.ts';
import type { RaftConfig } from '../config.ts';
import type { RaftInvariant, RaftViolation } from '../invariants.ts';
import { lastIndexOf, lastTermOf } from '../log.ts';
import type { StateMachine } from '../machine.ts';
import type { RaftMessage } from '../message.ts';
import type { RaftState } from '../state.ts';
import { commitChanged } from './commits.ts';
import { configChanged, configsInLog, leaderInConfig, peersTracked } from './configs.ts';
import { durability } from './disk.ts';
import { campaigned, ledBy, sentVote, votes } from './elections.ts';
import { appliedChanged, snapshotChanged } from './executed.ts';
import { copyHistory } from './history.ts';
import { begun, entries, logChanged } from './logs.ts';
import { patience } from './patience.ts';
import { progress } from './progress.ts';
import { brokenPromise, type Promised } from './promises.ts';
import { extendLease, noteReads, type Right, sentForReads, served } from './reads.ts';
import type { ReferenceMachine } from './reference.ts';
import { type Seen, seenOf } from './seen.ts';
import { newWatchState, type WatchState } from './state.ts';

/** A server as it is watched: `Raft` is one. */
export interface Watched {
  readonly state: RaftState;
  readonly config: RaftConfig;
  readonly machine: Pick<StateMachine, 'snapshot'>;
}

/** What was done to a server: a message, or what else. `start` may be given by the world or by somebody's command to begin. */
export type Deed = RaftMessage | 'timer' | 'command' | 'written' | 'other';

/** Where servers disagree more often than this, nothing new is learnt. */
const MOST = 100;

/**
 * Watches the servers of one cluster and says when an invariant is broken. It is told after each input of a server and compares a few
 * numbers; only what changed is looked at closer, so it may always run along.
 *
 * It is no part of what it watches, and uses none of Raft's rules: it says anew what they come to.
 */
export class RaftWatch {
  state: WatchState = newWatchState();
  readonly reference: ReferenceMachine | undefined;
  private readonly names: Names;
  /** Those that are up. */
  private readonly live = new Map<NameId, Watched>();

  /** @param reference the state machine as it should be, where it is known */
  constructor(names: Names, reference?: ReferenceMachine) {
    this.names = names;
    this.reference = reference;
  }

  get violations(): readonly RaftViolation[] {
    return this.state.violations;
  }

  /** A server started, and has read its disk. @param now its own clock, where that is known */
  started(server: Watched, now?: Instant): void {
    const { state } = server;
    const { self } = state;
    const before = this.state.seen.get(self);
    const fresh = seenOf(state);
    this.live.set(self, server);
    this.state.ended.delete(self);
    this.state.seen.set(self, fresh);
    if (before !== undefined) {
      this.resumed(state, before, fresh);
      fresh.restartedAt = now;
    }
    begun(this, state, fresh, 0);
    // What is there from the very start was nobody's.
    entries(this, state, state.log.cut + 1, fresh.hasBegun && before?.hasBegun !== true, before === undefined);
    fresh.role = 'follower';
    this.looked(server, fresh, 'other', undefined);
  }

  /** What must have come through a stop. */
  private resumed(state: RaftState, before: Seen, fresh: Seen): void {
    fresh.hasBegun = before.hasBegun;
    fresh.given = before.given;
    fresh.confirmed = before.confirmed;
    fresh.hasForgotten ||= before.hasForgotten;
    fresh.lostIndex = state.amnesiac ? Math.max(before.lostIndex, before.durableIndex) : 0;
    if (state.amnesiac || state.role.role === 'stopped') return;
    fresh.durableTerm = before.durableTerm;
    fresh.durableIndex = before.durableIndex;
    fresh.durableSnapshot = before.durableSnapshot;
    this.judge(
      'TermMonotone',
      state.currentTerm >= before.durableTerm,
      () => `${this.name(state)} comes back in term ${state.currentTerm}, and had ${before.durableTerm} on its disk`,
    );
    const kept = Math.max(fresh.last, state.snapshot?.index ?? 0);
    this.judge(
      'DurableKept',
      kept >= before.durableIndex && (state.snapshot?.index ?? 0) >= before.durableSnapshot,
      () =>
        `${this.name(state)} comes back with entries up to ${kept} and a snapshot of ${state.snapshot?.index ?? 0}, and had ${before.durableIndex} and ${before.durableSnapshot} on its disk`,
    );
    votes(this, state, fresh);
  }

  /**
   * Something was done to a server.
   *
   * @param now its own clock, where that is known
   * @param isLate whether it stood still or was busy, and catches up
   */
  after(server: Watched, deed: Deed = 'other', now?: Instant, isLate = false): void {
    const { self } = server.state;
    const seen = this.state.seen.get(self);
    if (seen === undefined || this.live.get(self)?.state !== server.state) return this.started(server, now);
    this.looked(server, seen, deed, now, isLate);
  }

  /** A server has ended. Its disk still has what was durable. */
  ended(server: Watched): void {
    const { self } = server.state;
    if (this.live.get(self)?.state !== server.state) return;
    this.live.delete(self);
    this.state.ended.set(self, server.state);
  }

  private looked(server: Watched, seen: Seen, deed: Deed, now: Instant | undefined, isLate = false): void {
    const { state, config } = server;
    const { log, role } = state;
    const last = lastIndexOf(log);
    const lastTerm = lastTermOf(log);
    this.state.moment++;
    noteReads(this, state, seen);
    extendLease(state, seen, deed);
    // It may have led when it committed, and have stepped down for what it committed.
    const led = role.role === 'leader' || (seen.role === 'leader' && seen.term === state.currentTerm);
    campaigned(this, server, seen, deed, now);
    if (now !== undefined) patience(this, server, seen, deed, now, isLate);
    if (seen.term !== state.currentTerm || seen.vote !== state.votedFor) votes(this, state, seen);
    const wasCut = seen.truncations !== log.truncations;
    durability(this, state, seen, wasCut);
    if (seen.last !== last || seen.lastTerm !== lastTerm || wasCut || seen.cut > last) {
      const isOwn = typeof deed === 'string' && begun(this, state, seen, seen.last);
      logChanged(this, state, seen, wasCut, isOwn);
    }
    if (seen.role !== role.role) ledBy(this, server);
    const snapshot = state.snapshot?.index ?? 0;
    if (seen.commit !== state.commitIndex) commitChanged(this, server, seen, led);
    if (seen.applied !== state.lastApplied) appliedChanged(this, server, seen);
    if (seen.snapshot !== snapshot) snapshotChanged(this, server, seen, snapshot);
    if (seen.configs !== state.configs.length || wasCut) configChanged(this, server);
    if (seen.configs !== state.configs.length || wasCut || seen.snapshot !== snapshot) configsInLog(this, state);
    if (role.role === 'leader') {
      progress(this, server, role);
      if (seen.role !== 'leader' || seen.configs !== state.configs.length || wasCut || seen.applied !== state.lastApplied)
        peersTracked(this, server, role);
      if (config.stepsDownWhenRemoved && seen.commit === state.commitIndex) leaderInConfig(this, server);
    }
    if (!(snapshot <= state.lastApplied && state.lastApplied <= state.commitIndex && state.commitIndex <= last)) {
      this.broken(
        'IndexOrder',
        `${this.name(state)} has snapshot ${snapshot}, applied ${state.lastApplied}, commit ${state.commitIndex}, last ${last}`,
      );
    }
    this.state.exercised.IndexOrder++;
    remember(state, seen);
    seen.role = role.role;
    seen.last = last;
    seen.lastTerm = lastTerm;
    seen.snapshot = snapshot;
    seen.isHandingOver = role.role === 'leader' && role.handover !== undefined;
  }

  /** A server hands a message to the network. @param now its own clock, where that is known */
  sent(server: Watched, message: RaftMessage, now?: Instant): void {
    const { state, config } = server;
    this.state.moment++;
    sentVote(this, state, message);
    sentForReads(this, server, message, now);
    const loyalFor = config.stickiness === 'window' ? config.electionTimeout : undefined;
    const promise = brokenPromise(state, message, loyalFor, now);
    if (promise !== undefined) this.promised(state, promise, message.to);
  }

  private promised(state: RaftState, { invariant, broken }: Promised, to: NameId): void {
    this.judge(invariant, broken === undefined, () => `${this.name(state)} ${broken} (to ${this.names.text(to)})`);
  }

  /** A server is about to answer a read. */
  served(server: Watched, right: Right): void {
    served(this, server, right);
  }

  /** The order was given to go on without a majority: nothing that was committed counts any more. */
  forget(): void {
    const { exercised, violations } = this.state;
    this.state = { ...newWatchState(), exercised, violations };
    this.live.clear();
  }

  /** Everything that it remembers, as plain data that shares nothing that changes. */
  save(): WatchState {
    const { history, ...rest } = this.state;
    return { ...copyState(rest), history: copyHistory(history) };
  }

  /** Makes it what it was when it was saved. @param live the servers that are up now, made anew with the states that they had */
  restore(saved: WatchState, live: Iterable<Watched>): void {
    const { history, ...rest } = saved;
    this.state = { ...copyState(rest), history: copyHistory(history) };
    this.live.clear();
    for (const server of live) this.live.set(server.state.self, server);
  }

  // What its parts need.

  stateOf(name: NameId): RaftState | undefined {
    return this.live.get(name)?.state ?? this.state.ended.get(name);
  }

  /** Of all servers, those that are down among them. */
  states(): RaftState[] {
    return [...this.state.seen.keys()].flatMap((name) => this.stateOf(name) ?? []);
  }

  servers(): Iterable<Watched> {
    return this.live.values();
  }

  name({ self }: RaftState): string {
    return this.names.text(self);
  }

  text(name: NameId): string {
    return this.names.text(name);
  }

  /** Notes that an invariant had something to judge, and what came of it. */
  judge(invariant: RaftInvariant, holds: boolean, says: () => string): void {
    this.state.exercised[invariant]++;
    if (!holds) this.broken(invariant, says());
  }

  broken(invariant: RaftInvariant, says: string): void {
    const { violations } = this.state;
    if (violations.length < MOST) violations.push({ invariant, says });
  }
}

function remember({ storage, commitIndex, lastApplied, log, configs, snapshot }: RaftState, seen: Seen): void {
  // What was found at the start is safe when it was synced once more.
  if (storage.unsynced !== true) {
    const { durableTerm, durableVote } = storage;
    seen.durableTerm = durableTerm;
    seen.durableIndex = storage.durableIndex;
    seen.durableSnapshot = snapshot?.index ?? 0;
    if (durableVote !== undefined && (seen.given?.term !== durableTerm || seen.given.vote !== durableVote))
      seen.given = { term: durableTerm, vote: durableVote };
  }
  seen.commit = commitIndex;
  seen.applied = lastApplied;
  seen.cut = log.cut;
  seen.truncations = log.truncations;
  seen.configs = configs.length;
}
