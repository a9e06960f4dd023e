import type { NameId, Names } from '../names.ts';
import type { Duration, Instant } from '../time.ts';
import type { RaftConfig } from './config.ts';
import { type Configuration, isVoter, type Server } from './configuration.ts';
import type { Entry } from './entry.ts';
import { History } from './history.ts';
import type { RaftInvariant, RaftViolation } from './invariants.ts';
import { entryAt, lastIndexOf, lastTermOf, termAt } from './log.ts';
import type { RaftMessage } from './message.ts';
import { brokenPromise } from './promises.ts';
import { configBelow, configsOf, configsSince, disjointQuorums, granters, stepProblem } from './quorums.ts';
import { type Seen, seenOf } from './seen.ts';
import type { Leader, RaftState } from './state.ts';

/** Where servers disagree more often than this, nothing new is learnt. */
const MOST = 100;

/**
 * Watches the servers of one cluster and says when an invariant is broken. It is told after each input of a server and compares a few
 * numbers; only what changed is looked at closer, so it may always run along.
 */
export class RaftWatch {
  readonly violations: RaftViolation[] = [];

  private readonly names: Names;
  private readonly activation: 'append' | 'apply';
  private readonly stepsDownWhenRemoved: boolean;
  private readonly isLoyal: boolean;
  private readonly electionTimeout: Duration;
  private readonly seen = new Map<NameId, Seen>();
  /** By term. */
  private readonly leaders = new Map<number, NameId>();
  private readonly history = new History();
  /** The highest index that any leader committed, and its term. */
  private highest = 0;

  constructor(names: Names, config: RaftConfig) {
    this.names = names;
    this.activation = config.activation;
    this.stepsDownWhenRemoved = config.stepsDownWhenRemoved;
    this.isLoyal = config.stickiness === 'window';
    this.electionTimeout = config.electionTimeout;
  }

  /** A server started, and has read its disk. */
  started(state: RaftState): void {
    const before = this.seen.get(state.self);
    const fresh = seenOf(state);
    if (before !== undefined && !state.amnesiac) {
      if (state.currentTerm < before.durableTerm)
        this.broken(
          'TermMonotone',
          `${this.name(state)} comes back in term ${state.currentTerm}, and had ${before.durableTerm} on its disk`,
        );
      fresh.given = before.given;
      this.votes(state, fresh);
    }
    this.seen.set(state.self, fresh);
    this.entries(state, state.log.cut + 1);
    this.looked(state, fresh);
  }

  /** Something was done to a server. */
  after(state: RaftState): void {
    const seen = this.seen.get(state.self);
    if (seen === undefined || seen.state !== state) return this.started(state);
    this.looked(state, seen);
  }

  private looked(state: RaftState, seen: Seen): void {
    const { log, role } = state;
    const last = lastIndexOf(log);
    const lastTerm = lastTermOf(log);
    // It may have led when it committed, and have stepped down for what it committed.
    const led = role.role === 'leader' || (seen.role === 'leader' && seen.term === state.currentTerm);
    if (seen.term !== state.currentTerm || seen.vote !== state.votedFor) this.votes(state, seen);
    const wasCut = seen.truncations !== log.truncations;
    if (seen.last !== last || seen.lastTerm !== lastTerm || wasCut || seen.cut > last) this.logChanged(state, seen, wasCut);
    if (seen.role !== role.role) this.roleChanged(state);
    const snapshot = state.snapshot?.index ?? 0;
    if (seen.commit !== state.commitIndex) this.commitChanged(state, seen, led);
    if (seen.snapshot !== snapshot) this.snapshotChanged(state, seen, snapshot);
    if (seen.configs !== state.configs.length || wasCut) this.configChanged(state);
    if (role.role === 'leader') this.leads(state, role, seen);
    if (!(snapshot <= state.lastApplied && state.lastApplied <= state.commitIndex && state.commitIndex <= last)) {
      this.broken(
        'IndexOrder',
        `${this.name(state)} has snapshot ${snapshot}, applied ${state.lastApplied}, commit ${state.commitIndex}, last ${last}`,
      );
    }
    this.remember(state, seen);
    seen.role = role.role;
    seen.commit = state.commitIndex;
    seen.last = last;
    seen.lastTerm = lastTerm;
    seen.cut = log.cut;
    seen.truncations = log.truncations;
    seen.snapshot = snapshot;
    seen.configs = state.configs.length;
    seen.isHandingOver = role.role === 'leader' && role.handover !== undefined;
  }

  private remember({ storage }: RaftState, seen: Seen): void {
    const { durableTerm, durableVote } = storage;
    seen.durableTerm = durableTerm;
    if (durableVote !== undefined && (seen.given?.term !== durableTerm || seen.given.vote !== durableVote))
      seen.given = { term: durableTerm, vote: durableVote };
  }

  /** A server hands a message to the network. @param now its own clock, where that is known */
  sent(state: RaftState, message: RaftMessage, now?: Instant): void {
    const broken = brokenPromise(state, message, this.isLoyal ? this.electionTimeout : undefined, now);
    if (broken !== undefined)
      this.broken(broken.invariant, `${this.name(state)} ${broken.says} (to ${this.names.text(message.to)})`);
  }

  /** Only a vote that is on disk may have been given: one that a crash took was not. */
  private votes(state: RaftState, seen: Seen): void {
    const { currentTerm, votedFor } = state;
    if (currentTerm < seen.term)
      this.broken('TermMonotone', `${this.name(state)} goes from term ${seen.term} back to ${currentTerm}`);
    const { given } = seen;
    if (given !== undefined && given.term === currentTerm && votedFor !== given.vote) {
      const now = votedFor === undefined ? 'has forgotten it' : `votes for ${this.names.text(votedFor)}`;
      this.broken(
        'VoteOnce',
        `${this.name(state)} voted for ${this.names.text(given.vote)} in term ${currentTerm}, and now ${now}`,
      );
    }
    seen.term = currentTerm;
    seen.vote = votedFor;
  }

  private logChanged(state: RaftState, seen: Seen, wasCut: boolean): void {
    const { log, role } = state;
    let from = Math.min(seen.last, lastIndexOf(log)) + 1;
    if (wasCut) {
      from = Math.min(from, log.truncatedFrom);
      if (log.truncatedFrom <= seen.commit)
        this.broken(
          'NoCommittedTruncation',
          `${this.name(state)} cuts its log at ${log.truncatedFrom}, and ${seen.commit} is committed`,
        );
      if (seen.role === 'leader' && role.role === 'leader')
        this.broken('LeaderAppendOnly', `${this.name(state)} leads and cuts its log at ${log.truncatedFrom}`);
    }
    this.entries(state, Math.max(from, log.cut + 1));
    if (role.role === 'leader' && seen.isHandingOver && role.handover !== undefined) {
      for (let i = from; i <= lastIndexOf(log); i++) {
        if (entryAt(log, i)?.type === 'command')
          this.broken('TransferQuiet', `${this.name(state)} hands over and takes entry ${i}`);
      }
    }
  }

  /** Entries of a log, from an index on, against all that are known. */
  private entries(state: RaftState, from: number): void {
    const { log, currentTerm } = state;
    const last = lastIndexOf(log);
    for (let i = from; i <= last; i++) {
      const entry = entryAt(log, i) as Entry;
      const previous = termAt(log, i - 1) as number;
      if (entry.term < previous || entry.term > currentTerm)
        this.broken(
          'LogTermsSorted',
          `${this.name(state)} in term ${currentTerm} has entry ${i} of term ${entry.term} after one of term ${previous}`,
        );
      const before = entryAt(log, i - 1);
      if (before !== undefined && entry.at < before.at)
        this.broken('TimestampMonotone', `${this.name(state)} has entry ${i} at ${entry.at} after one at ${before.at}`);
      if (entry.term !== previous && entry.type !== 'noop' && !(i === 1 && entry.term === 1))
        this.broken('NoopFirst', `${this.name(state)} has a ${entry.type} as first entry of term ${entry.term}`);
      if (!this.history.holds(entry, previous))
        this.broken('LogMatching', `${this.name(state)} has another entry ${i} of term ${entry.term} than a server before it`);
    }
  }

  private roleChanged(state: RaftState): void {
    const { role, currentTerm, self } = state;
    if (role.role === 'leader') {
      const other = this.leaders.get(currentTerm);
      if (other !== undefined && other !== self)
        this.broken('ElectionSafety', `term ${currentTerm} has two leaders, ${this.names.text(other)} and ${this.name(state)}`);
      this.leaders.set(currentTerm, self);
      this.complete(state);
    }
    if (role.role === 'leader' || role.role === 'candidate' || role.role === 'pre-candidate') {
      const { committed, before, active } = configsOf(state, this.activation);
      const isLeaving = before !== undefined && isVoter(before, self);
      if (!isVoter(active, self) && !isLeaving) this.broken('LearnerInert', `${this.name(state)} is ${role.role} and no voter`);
      if (before === undefined && !isVoter(committed, self))
        this.broken('LearnerInert', `${this.name(state)} is ${role.role} and no voter of what is committed`);
    }
  }

  /** A leader has all that is committed. */
  private complete(state: RaftState): void {
    const { highest } = this;
    const entry = this.history.committedAt(highest);
    if (highest === 0 || entry === undefined || entry.term > state.currentTerm) return;
    const term = (state.snapshot?.index ?? 0) >= highest ? entry.term : termAt(state.log, highest);
    if (term !== entry.term && highest > state.log.cut)
      this.broken(
        'LeaderCompleteness',
        `${this.name(state)} leads in term ${state.currentTerm} without entry ${highest} of term ${entry.term}, which is committed`,
      );
  }

  private commitChanged(state: RaftState, seen: Seen, led: boolean): void {
    const { commitIndex, log, currentTerm } = state;
    if (commitIndex < seen.commit)
      this.broken('CommitMonotone', `${this.name(state)} goes from commit ${seen.commit} back to ${commitIndex}`);
    if (led) {
      const termThere = termAt(log, commitIndex);
      if (termThere !== currentTerm && seen.role === 'leader')
        this.broken(
          'CommitCurrentTerm',
          `${this.name(state)} leads in term ${currentTerm} and commits ${commitIndex} of term ${termThere}`,
        );
      this.quorum(state, seen.commit);
    } else if (commitIndex > Math.max(this.highest, state.snapshot?.index ?? 0, this.activation === 'apply' ? 1 : 0)) {
      this.broken(
        'FollowerCommitSound',
        `${this.name(state)} takes ${commitIndex} for committed, and no leader has committed more than ${this.highest}`,
      );
    }
    for (let i = Math.max(seen.commit, log.cut) + 1; i <= commitIndex; i++) {
      const entry = entryAt(log, i) as Entry;
      const other = this.history.commit(entry);
      if (other !== undefined)
        this.broken(
          'StateMachineSafety',
          `${this.name(state)} commits entry ${i} of term ${entry.term}, and one of term ${other.term} was committed there`,
        );
    }
    if (led && commitIndex > this.highest) {
      this.highest = commitIndex;
      for (const { state: other } of this.seen.values()) {
        if (other.role.role === 'leader' && other.currentTerm > currentTerm) this.complete(other);
      }
      this.trim();
    }
  }

  /** What a leader commits is durable on a majority, in each half. Servers that are down still have their disks. */
  private quorum(state: RaftState, commitBefore: number): void {
    const { commitIndex, log } = state;
    const term = termAt(log, commitIndex);
    const { active, before } = configsOf(state, this.activation);
    // A configuration may have come into the log, or have been applied, with this very input: then one before has decided.
    const candidates = this.activation === 'append' ? [active, before] : configsSince(state, commitBefore);
    const decides = candidates.some((config) => config !== undefined && this.isOnMajority(config, commitIndex, term));
    if (!decides)
      this.broken('CommitHasQuorum', `${this.name(state)} commits ${commitIndex} of term ${term}, which is on too few disks`);
  }

  private isOnMajority({ voters, outgoing }: Configuration, index: number, term: number | undefined): boolean {
    const isIn = (servers: readonly Server[]): boolean => {
      let count = 0;
      for (const { name } of servers) if (this.hasDurable(name, index, term)) count++;
      return 2 * count > servers.length;
    };
    return isIn(voters) && (outgoing.length === 0 || isIn(outgoing));
  }

  private hasDurable(name: NameId, index: number, term: number | undefined): boolean {
    const state = this.seen.get(name)?.state;
    if (state === undefined) return false;
    if ((state.snapshot?.index ?? 0) >= index || state.log.cut >= index) return true;
    return state.storage.durableIndex >= index && termAt(state.log, index) === term;
  }

  private snapshotChanged(state: RaftState, seen: Seen, index: number): void {
    if (index < seen.snapshot)
      this.broken('SnapshotSound', `${this.name(state)} goes from snapshot ${seen.snapshot} back to ${index}`);
    const entry = this.history.committedAt(index);
    if (entry !== undefined && state.snapshot !== undefined && entry.term !== state.snapshot.term)
      this.broken(
        'SnapshotSound',
        `${this.name(state)} has a snapshot of ${index} in term ${state.snapshot.term}, and term ${entry.term} is committed`,
      );
  }

  private leads(state: RaftState, role: Leader, seen: Seen): void {
    const { log, currentTerm } = state;
    for (const peer of role.peers) {
      if (peer.next <= peer.match)
        this.broken(
          'NextAboveMatch',
          `${this.name(state)} would send ${this.names.text(peer.name)} ${peer.next} next, and it has ${peer.match}`,
        );
      const other = this.seen.get(peer.name)?.state;
      if (
        other === undefined ||
        other.amnesiac ||
        other.currentTerm !== currentTerm ||
        peer.match <= other.log.cut ||
        peer.match <= log.cut
      )
        continue;
      if (other.storage.durableIndex < peer.match || termAt(other.log, peer.match) !== termAt(log, peer.match))
        this.broken(
          'MatchSound',
          `${this.name(state)} believes that ${this.names.text(peer.name)} has ${peer.match}, and it has ${other.storage.durableIndex}`,
        );
    }
    if (
      !this.stepsDownWhenRemoved ||
      seen.commit !== state.commitIndex ||
      state.configs.some((index) => index > state.commitIndex)
    )
      return;
    const { active } = configsOf(state, this.activation);
    if (!isVoter(active, state.self))
      this.broken('LeaderInConfig', `${this.name(state)} leads, and the committed configuration has it not as a voter`);
  }

  private configChanged(state: RaftState): void {
    const { role, log, configs, commitIndex } = state;
    const index = configs.at(-1);
    const entry = index === undefined ? undefined : entryAt(log, index);
    if (index === undefined || entry?.type !== 'config') return;
    const previousIndex = configs.at(-2) ?? state.snapshot?.configIndex ?? 0;
    const before = configBelow(state);
    if (before !== undefined && before.voters.length > 0) {
      const problem = stepProblem(before, entry.config);
      if (problem !== undefined) this.broken('ConfigStep', `${this.name(state)} has a configuration at ${index} that ${problem}`);
    }
    if (role.role === 'leader' && entry.term === state.currentTerm) {
      if (previousIndex > Math.max(this.highest, commitIndex))
        this.broken(
          'OneUncommittedConfig',
          `${this.name(state)} has configurations at ${previousIndex} and ${index}, and neither is committed`,
        );
      if (commitIndex < role.termStart)
        this.broken(
          'OwnTermBeforeConfig',
          `${this.name(state)} changes the configuration at ${index} before it commits an entry of term ${state.currentTerm}`,
        );
    }
    this.intersect();
  }

  /** Whether the servers, as their disks are, could elect two leaders in one term. */
  private intersect(): void {
    const states = [...this.seen.values()].map(({ state }) => state);
    if (states.length > 7) return;
    for (const first of states) {
      for (const second of states) {
        if (first.self >= second.self) continue;
        const one = configsOf(first, this.activation).active;
        const two = configsOf(second, this.activation).active;
        if (one === two) continue;
        if (disjointQuorums(granters(first, one, states), one, granters(second, two, states), two))
          this.broken('QuorumIntersection', `${this.name(first)} and ${this.name(second)} could both be elected in one term`);
      }
    }
  }

  private trim(): void {
    let least = Number.POSITIVE_INFINITY;
    for (const { state } of this.seen.values()) least = Math.min(least, state.log.cut, state.commitIndex);
    this.history.trim(least);
  }

  private name({ self }: RaftState): string {
    return this.names.text(self);
  }

  private broken(invariant: RaftInvariant, says: string): void {
    if (this.violations.length < MOST) this.violations.push({ invariant, says });
  }
}
