import { unreachable } from '../assert.ts';
import type { Endpoint, NameId, Names } from '../names.ts';
import type { Boot, Out, Protocol, Socket, StreamEvent, StreamId, WriteOutcome } from '../protocol.ts';
import type { Rng } from '../random.ts';
import { copyState } from '../state.ts';
import type { Instant } from '../time.ts';
import { admit } from './admission.ts';
import { answer, done, fail } from './answers.ts';
import { show, visitCells } from './cells.ts';
import type { RaftConfig } from './config.ts';
import type { Configuration, Server } from './configuration.ts';
import {
  becomeFollower,
  electionTimedOut,
  onPreVote,
  onPreVoteResponse,
  onTimeoutNow,
  onVote,
  onVoteResponse,
  ownVoteIsDurable,
  restartElection,
} from './election.ts';
import type { Content } from './entry.ts';
import { onAppend, onHeartbeat } from './follower.ts';
import { expireHandover, handOver } from './handover.ts';
import type { RaftCommand, ReadMode } from './interface.ts';
import { beatTimer, checkQuorum, onHeartbeatResponse, peerOf } from './leader.ts';
import type { Observer, StateMachine } from './machine.ts';
import { change, leaveJointNow } from './membership.ts';
import type { RaftMessage } from './message.ts';
import { type Progress, toProbe } from './progress.ts';
import { propose } from './proposals.ts';
import { onReadIndex, onReadIndexResponse, read } from './reads.ts';
import { commitTimer, onAppendResponse, ownLogIsDurable } from './replication.ts';
import { type RaftRules, RULES } from './rules.ts';
import { expireSentOn, onPropose, onProposeRefused } from './sending-on.ts';
import { wakeByCommand, wakeByMessage } from './silence.ts';
import { onSnapshot, onSnapshotResponse, takeSnapshot } from './snapshots.ts';
import { bootstrapNow, startUp } from './start.ts';
import { type Asked, newState, type RaftState } from './state.ts';
import { statusOf } from './status.ts';
import { flush, writeCameBack } from './storage.ts';
import { CELLS, Handed, TIMERS, Timer } from './tables.ts';
import { streamed, transmit } from './transport.ts';
import { isMessage, isStamp } from './wellformed.ts';

export type { RaftConfig } from './config.ts';
export { type Configuration, configuration, type Server } from './configuration.ts';
export type { RaftCommand, RaftNotice, RaftReply, RaftStatus } from './interface.ts';
export type { Observer, StateMachine } from './machine.ts';
export type { RaftMessage } from './message.ts';

/** An entry that is there from the start. */
export interface Past {
  readonly term: number;
  readonly content: Content;
}

export interface RaftOptions {
  readonly self: Server;
  readonly config: RaftConfig;
  readonly names: Names;
  readonly random: Rng;
  readonly machine: StateMachine;
  /** On a new disk: starts with this as the first entry of the log, as `bootstrap` would. The same on every server that is told so. */
  readonly bootstrap?: Configuration;
  /** What follows that first entry, and the term that was reached: a log of older times, as the figures of the paper have them. */
  readonly history?: { readonly entries: readonly Past[]; readonly term: number };
  /**
   * The cluster is to go on with these servers alone, after a majority was lost for good: all entries of the log count as committed, and log and
   * configuration begin anew (Consul's peers.json).
   */
  readonly recover?: Configuration;
  readonly rules?: RaftRules;
}

/**
 * Raft: a log that a majority of servers agree on, and a state machine that executes it (Ongaro and Ousterhout 2014; Ongaro's thesis).
 *
 * Socket 0 is for everything: whole messages, or with `transport: 'stream'` a connection each way to each peer. Files: `wal` and two for
 * snapshots. What is done is in the files beside this one; here inputs find their way.
 */
export class Raft implements Protocol<RaftMessage, RaftCommand> {
  readonly state: RaftState;
  readonly cells = CELLS;
  readonly timers = TIMERS;

  readonly self: Server;
  readonly config: RaftConfig;
  readonly names: Names;
  readonly random: Rng;
  readonly machine: StateMachine;
  readonly rules: RaftRules;
  readonly options: RaftOptions;
  /** Set by whoever is on top. */
  observer: Observer | undefined;
  /** Told of each read just before it is answered; set by those who judge that. */
  answering: ((asked: Asked, mode: ReadMode, now: Instant) => void) | undefined;
  /** The configuration that the cells show, to see without comparing that it is still the same. */
  shownConfig: Configuration | undefined;

  constructor(options: RaftOptions) {
    this.state = newState(options.self.name);
    this.options = options;
    this.self = options.self;
    this.config = options.config;
    this.names = options.names;
    this.random = options.random;
    this.machine = options.machine;
    this.rules = options.rules ?? RULES;
  }

  start(now: Instant, boot: Boot, out: Out<RaftMessage>): void {
    startUp(this, now, boot, out);
    this.settle(now, out);
  }

  receive(now: Instant, _socket: Socket, from: Endpoint, message: RaftMessage, out: Out<RaftMessage>): void {
    this.handle(now, message, from, out);
    this.settle(now, out);
  }

  stream(now: Instant, stream: StreamId, event: StreamEvent<RaftMessage>, out: Out<RaftMessage>): void {
    const what = streamed(this, stream, event, out);
    if (what === undefined) return;
    if ('message' in what) this.handle(now, what.message, what.from, out);
    else this.unreachable(what.broken);
    this.settle(now, out);
  }

  timeout(now: Instant, kind: number, subject: number, out: Out<RaftMessage>): void {
    this.ring(now, kind, subject, out);
    this.settle(now, out);
  }

  command(now: Instant, id: number, command: RaftCommand, out: Out<RaftMessage>): void {
    this.carryOut(now, { by: 'command', id }, command, out);
    this.settle(now, out);
  }

  /**
   * As `command`, for the part on top: `observer.answered` is told, perhaps at once. May be called in the middle of a call of Raft. The command is
   * copied, as both keep what was asked in the state of one process.
   */
  ask(now: Instant, id: number, command: RaftCommand, out: Out<RaftMessage>): void {
    this.carryOut(now, { by: 'observer', id }, copyState(command), out);
    this.settle(now, out);
  }

  written(now: Instant, write: number, outcome: WriteOutcome, out: Out<RaftMessage>): void {
    if (this.state.role.role === 'stopped') return;
    if (writeCameBack(this, now, write, outcome, out)) {
      ownVoteIsDurable(this, now, out);
      ownLogIsDurable(this, now, out);
    }
    this.settle(now, out);
  }

  project(visit: (subject: number, field: number, value: number | string) => void): void {
    visitCells(this, (field, value) => visit(this.self.name, field, value));
  }

  restored(): void {
    this.shownConfig = undefined;
  }

  /** What this server knows of itself and its cluster. */
  status() {
    return statusOf(this);
  }

  /** After every input: what changed goes to disk and is shown. */
  private settle(now: Instant, out: Out<RaftMessage>): void {
    if (this.state.role.role !== 'stopped') flush(this, now, out);
    show(this, out);
  }

  private handle(now: Instant, message: RaftMessage, endpoint: Endpoint, out: Out<RaftMessage>): void {
    const { state } = this;
    if (state.role.role === 'stopped' || !isMessage(message, this.config.cluster, this.names)) return;
    if (message.to !== state.self || message.from === state.self) return;
    if (this.config.quiescence) wakeByMessage(this, now, message, out);
    switch (message.type) {
      case 'pre-vote':
        return onPreVote(this, now, message, endpoint, out);
      case 'vote':
        return onVote(this, now, message, endpoint, out);
      case 'pre-vote-response':
        return onPreVoteResponse(this, now, message, out);
      case 'read-index':
        return onReadIndex(this, now, message, endpoint, out);
      case 'read-index-response':
        return onReadIndexResponse(this, now, message, out);
      case 'append':
      case 'heartbeat':
      case 'snapshot':
        return this.fromLeader(now, message, endpoint, out);
      case 'timeout-now':
        return onTimeoutNow(this, now, message, out);
      case 'propose':
        return onPropose(this, now, message, endpoint, out);
      case 'propose-refused':
        return onProposeRefused(this, now, message, out);
      case 'hello':
        return;
      default:
    }
    if (message.term > state.currentTerm) return becomeFollower(this, now, message.term, undefined, out);
    if (message.type === 'vote-response') return onVoteResponse(this, now, message, out);
    const { role } = state;
    const peer = role.role === 'leader' && message.term === state.currentTerm ? peerOf(role, message.from) : undefined;
    if (peer !== undefined) this.fromFollower(now, message, peer, out);
  }

  private fromLeader(
    now: Instant,
    message: Extract<RaftMessage, { type: 'append' | 'heartbeat' | 'snapshot' }>,
    endpoint: Endpoint,
    out: Out<RaftMessage>,
  ): void {
    const { state } = this;
    const { term } = message;
    if (term < state.currentTerm) return this.outdated(now, message, endpoint, out);
    if (term > state.currentTerm) becomeFollower(this, now, term, message.from, out);
    switch (message.type) {
      case 'append':
        return onAppend(this, now, message, endpoint, out);
      case 'heartbeat':
        return onHeartbeat(this, now, message, endpoint, out);
      case 'snapshot':
        return onSnapshot(this, now, message, endpoint, out);
      default:
        return unreachable(message);
    }
  }

  /** A leader of an older term is told of the newer one; nothing else of the answer counts (Raft §5.1). */
  private outdated(now: Instant, { from }: RaftMessage, endpoint: Endpoint, out: Out<RaftMessage>): void {
    const { state, config, rules } = this;
    if (state.role.role === 'candidate' && rules.heedsOutdatedLeader()) becomeFollower(this, now, state.currentTerm, from, out);
    const ends = { cluster: config.cluster, from: state.self, to: from, term: state.currentTerm };
    transmit(this, out, endpoint, { type: 'append-response', ...ends, ok: false, index: 0, hintIndex: 0, hintTerm: 0 });
  }

  private fromFollower(
    now: Instant,
    message: Extract<RaftMessage, { type: 'append-response' | 'heartbeat-response' | 'snapshot-response' }>,
    peer: Progress,
    out: Out<RaftMessage>,
  ): void {
    switch (message.type) {
      case 'append-response':
        return onAppendResponse(this, now, peer, message, out);
      case 'heartbeat-response':
        return onHeartbeatResponse(this, now, peer, message.round, out);
      case 'snapshot-response':
        return onSnapshotResponse(this, now, peer, message, out);
      default:
        return unreachable(message);
    }
  }

  private ring(now: Instant, kind: number, subject: number, out: Out<RaftMessage>): void {
    const { role } = this.state;
    if (role.role === 'stopped') return;
    switch (kind) {
      case Timer.election:
        return electionTimedOut(this, now, out);
      case Timer.heartbeat:
        return beatTimer(this, now, subject, out);
      case Timer.commit: {
        const peer = role.role === 'leader' ? peerOf(role, subject as NameId) : undefined;
        return peer === undefined ? undefined : commitTimer(this, now, peer, out);
      }
      case Timer.quorum:
        return checkQuorum(this, now, out);
      case Timer.transfer:
        if (subject === Handed.proposal) return expireSentOn(this, now, out);
        return role.role === 'leader' ? expireHandover(this, now, role, out) : undefined;
      default:
    }
  }

  private carryOut(now: Instant, asked: Asked, command: RaftCommand, out: Out<RaftMessage>): void {
    if (this.config.quiescence && command.command !== 'status') wakeByCommand(this, now, out);
    switch (command.command) {
      case 'propose': {
        const { payload, bytes, session } = command;
        if (session !== undefined && !isStamp(session)) return fail(this, now, asked, 'not understood', out);
        if (this.rules.clientRestartsTimer()) restartElection(this, now, out);
        return propose(this, now, asked, { type: 'command', payload, session }, bytes, out);
      }
      case 'register':
        return propose(this, now, asked, { type: 'register' }, 0, out);
      case 'keep-alive':
        return propose(this, now, asked, { type: 'keep-alive', client: command.client }, 0, out);
      case 'barrier':
        return propose(this, now, asked, { type: 'barrier' }, 0, out);
      case 'read':
        return read(this, now, asked, command, out);
      case 'change':
        return change(this, now, asked, command, out);
      case 'admit':
        return admit(this, now, asked, command, out);
      case 'leave-joint':
        return leaveJointNow(this, now, asked, out);
      case 'transfer':
        return handOver(this, now, asked, command.target, out);
      case 'bootstrap':
        return bootstrapNow(this, now, asked, command, out);
      case 'forget-leader':
        return this.forgetLeader(now, asked, out);
      case 'snapshot':
        if (!takeSnapshot(this, out)) return fail(this, now, asked, 'nothing new', out);
        return answer(this, now, asked, done(this.state.lastApplied, undefined), out);
      case 'status':
        return answer(this, now, asked, done(this.state.lastApplied, statusOf(this)), out);
      default:
        return unreachable(command);
    }
  }

  /** Not where voters promise loyalty for a lease. */
  private forgetLeader(now: Instant, asked: Asked, out: Out<RaftMessage>): void {
    const { state, config } = this;
    if (config.leaseReads) return fail(this, now, asked, 'lease reads', out);
    if (state.role.role === 'follower') {
      becomeFollower(this, now, state.currentTerm, undefined, out);
      state.lastHeard = undefined;
    }
    answer(this, now, asked, done(state.lastApplied, undefined), out);
  }

  /** A connection broke: what was under way on it may be lost. */
  private unreachable(endpoint: Endpoint): void {
    const { role } = this.state;
    if (role.role !== 'leader') return;
    const peer = role.peers.find((each) => each.endpoint === endpoint);
    if (peer?.mode === 'replicate') toProbe(peer);
  }
}
