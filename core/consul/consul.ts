import { formatAddress } from '../address.ts';
import { unreachable } from '../assert.ts';
import { isOperation, type Outcome } from '../kv/operation.ts';
import { arePairs, execute, type Pairs, readFrom, refill, snapshotOf } from '../kv/table.ts';
import type { Endpoint, NameId, Names } from '../names.ts';
import type { Boot, Out, Part, Protocol, StreamEvent, StreamId } from '../protocol.ts';
import { type Configuration, isMember, membersOf, type Server } from '../raft/configuration.ts';
import type { RaftCommand, RaftReply } from '../raft/interface.ts';
import type { Observer, StateMachine } from '../raft/machine.ts';
import type { Raft } from '../raft/raft.ts';
import type { Rng } from '../random.ts';
import type { MemberInfo } from '../serf/interface.ts';
import { listMembers } from '../serf/reports.ts';
import type { Serf } from '../serf/serf.ts';
import { between, type Duration, type Instant } from '../time.ts';
import type { Stats } from './autopilot.ts';
import { askHealth, autopilotTick, judgeHealth, visitHealth } from './autopilot-loop.ts';
import type { ConsulConfig } from './config.ts';
import { happened } from './events.ts';
import type { ConsulCommand, ConsulNotice, ConsulReply, RaftServers } from './interface.ts';
import { barrierPassed, deposed, elected, establish, jobAnswered, jobsDue, reconcileAll } from './leader.ts';
import { handedOver, lookForRemoval, prepareLeave, waitForRemoval } from './leaving.ts';
import type { ConsulMessage } from './message.ts';
import { carryOut, heldDue, requestAnswered } from './requests.ts';
import { callTimedOut, streamed } from './rpc.ts';
import { CONSUL_RULES, type ConsulRules } from './rules.ts';
import { readServer, type ServerMember } from './servers.ts';
import { type Asked, CELLS, Cell, type ConsulState, newState, TIMERS, Timer } from './state.ts';
import { surveyResumed } from './survey.ts';

/** The places of a server's parts in its process. */
export interface ConsulParts {
  readonly serf: Part;
  readonly raft: Part;
  readonly consul: Part;
}

export interface ConsulOptions {
  /** Its id and where its Raft is reached. */
  readonly self: Server;
  readonly config: ConsulConfig;
  readonly parts: ConsulParts;
  readonly serf: Serf;
  readonly names: Names;
  readonly random: Rng;
  /** What its Raft begins with when it has nothing: no term, no log, no snapshot. Undefined: it waits to be told. */
  readonly first?: Configuration;
  readonly rules?: ConsulRules;
}

/** The number of a command whose reply nobody waits for. */
const NOBODY = -1;

/**
 * A Consul server on top of its Serf and its Raft: it starts a cluster when enough servers know each other, and as the leader it makes Raft's configuration follow
 * gossip: who joins is added and, when healthy for long enough, votes; who leaves is removed; who fails stays, unless autopilot finds that it may go.
 *
 * Socket 0 is for the calls of servers to each other. It is Raft's state machine, a store of keys and values. What Serf announces it must be told by the
 * command `event`.
 */
export class Consul implements Protocol<ConsulMessage, ConsulCommand>, StateMachine, Observer {
  readonly state: ConsulState;
  readonly cells = CELLS;
  readonly timers = TIMERS;

  readonly self: Server;
  readonly config: ConsulConfig;
  readonly serf: Serf;
  readonly names: Names;
  readonly random: Rng;
  readonly rules: ConsulRules;
  private readonly parts: ConsulParts;
  private readonly first: Configuration | undefined;
  private consensus: Raft | undefined;

  constructor({ self, config, parts, serf, names, random, first, rules = CONSUL_RULES }: ConsulOptions) {
    this.state = newState(config.expect);
    this.self = self;
    this.config = config;
    this.parts = parts;
    this.serf = serf;
    this.names = names;
    this.random = random;
    this.first = first;
    this.rules = rules;
  }

  /** The Raft whose state machine and observer this is; given once, before anything starts. */
  set raft(raft: Raft) {
    this.consensus = raft;
    raft.observer = this;
  }

  get raft(): Raft {
    return this.consensus as Raft;
  }

  // Inputs.

  /** After Raft has started. */
  start(now: Instant, _boot: Boot, out: Out<ConsulMessage>): void {
    const { electionTimeout } = this.raft.config;
    if (this.first !== undefined && this.isNew) {
      const { voters, learners } = this.first;
      this.ask(now, { for: 'bootstrap' }, { command: 'bootstrap', voters, learners }, out);
    }
    out.cell(this.self.name, Cell.expect, this.state.expect);
    out.cell(this.self.name, Cell.keys, this.state.table.size);
    out.setTimer(Timer.lonely, 0, Math.floor(electionTimeout * (1 + this.random.fraction())) as Duration);
  }

  receive(): void {}

  stream(now: Instant, stream: StreamId, event: StreamEvent<ConsulMessage>, out: Out<ConsulMessage>): void {
    streamed(this, now, stream, event, out);
  }

  timeout(now: Instant, kind: number, subject: number, out: Out<ConsulMessage>): void {
    switch (kind) {
      case Timer.call:
        return callTimedOut(this, now, subject, out);
      case Timer.survey:
        return surveyResumed(this, now, out);
      case Timer.held:
        return heldDue(this, now, subject, out);
      case Timer.reconcile:
        return this.state.leadership === undefined ? undefined : reconcileAll(this, now, out);
      case Timer.establish:
        return establish(this, now, out);
      case Timer.stats:
        return askHealth(this, now, out);
      case Timer.health:
        return judgeHealth(this, now, out);
      case Timer.autopilot:
        return autopilotTick(this, now, out);
      case Timer.jobs:
        return jobsDue(this, now, out);
      case Timer.removal:
        return lookForRemoval(this, now, out);
      case Timer.lonely:
        return this.tellLonely(out);
    }
  }

  command(now: Instant, id: number, command: ConsulCommand, out: Out<ConsulMessage>): void {
    switch (command.command) {
      case 'event':
        return happened(this, now, command.event, command.members, out);
      case 'request': {
        const { request, stale } = command;
        if (stale === true) return out.reply(id, this.answerAlone(request));
        return carryOut(this, now, { origin: { by: 'command', id }, request, since: now }, out);
      }
      case 'prepare-leave':
        return prepareLeave(this, now, id, out);
      case 'await-removal':
        return waitForRemoval(this, now, id, out);
      case 'write':
        out.replace(command.file, [command.text], command.text.length, 0);
        return out.sync(command.file, 0);
      default:
        return unreachable(command);
    }
  }

  written(): void {}

  project(visit: (subject: number, field: number, value: number | string) => void): void {
    const { expect, table } = this.state;
    visit(this.self.name, Cell.expect, expect);
    visit(this.self.name, Cell.keys, table.size);
    if (this.state.leadership !== undefined) visitHealth(this, (field, value) => visit(this.self.name, field, value));
  }

  /** What the library says once when its election timer finds nothing to campaign for. */
  private tellLonely(out: Out<ConsulMessage>): void {
    const { config, leader, role } = this.raft.status();
    if (leader !== undefined || role !== 'follower') return;
    const others = membersOf(config).filter(({ name }) => name !== this.self.name);
    const { bootstrap, loneServerLeads } = this.config;
    if (others.length === 0 && !loneServerLeads && !bootstrap)
      out.log('[WARN] raft: EnableSingleNode disabled, and no known peers. Aborting election.');
    else if (membersOf(config).length === 0) out.log('[WARN] raft: no known peers, aborting election');
    else if (!isMember(config, this.self.name)) out.log('[WARN] raft: not part of stable configuration, aborting election');
  }

  /** What this server answers without asking the leader. */
  answerAlone(request: Extract<ConsulCommand, { command: 'request' }>['request']): ConsulReply {
    if (request.type === 'configuration') return { ok: true, result: this.raftServers() };
    if (request.type !== 'kv') return { ok: false, error: 'No cluster leader' };
    return { ok: true, result: this.query(request.operation) };
  }

  // What Raft asks of its state machine.

  apply(_index: number, _at: Instant, command: unknown, _now: Instant, out: Out<never>): Outcome {
    if (!isOperation(command)) return null;
    return this.changing(out, () => execute(this.state.table, command));
  }

  query(query: unknown): Outcome {
    return readFrom(this.state.table, query);
  }

  snapshot(): { readonly data: Pairs; readonly bytes: number } {
    return snapshotOf(this.state.table);
  }

  isSnapshot(data: unknown): boolean {
    return arePairs(data);
  }

  restore(data: unknown, _now: Instant, out: Out<never>): void {
    this.changing(out, () => refill(this.state.table, data));
  }

  /** Does something to the table, and shows it. */
  private changing<T>(out: Out<never>, change: () => T): T {
    const { table } = this.state;
    const before = table.size;
    const result = change();
    if (table.size !== before) this.own(out).cell(this.self.name, Cell.keys, table.size);
    return result;
  }

  // What Raft tells.

  answered(id: number, reply: RaftReply, now: Instant, raftOut: Out<never>): void {
    const out = this.own(raftOut);
    const asked = this.state.asked.get(id);
    if (asked === undefined) return;
    this.state.asked.delete(id);
    switch (asked.for) {
      case 'barrier':
        return barrierPassed(this, now, reply, out);
      case 'bootstrap':
        if (reply.outcome !== 'ok') out.log(`[ERR] consul: Failed to bootstrap cluster: ${reply.problem}`);
        return;
      case 'job':
        return jobAnswered(this, now, reply, out);
      case 'request':
        return requestAnswered(this, now, asked, reply, out);
      default:
        return handedOver(this, now, asked, reply, out);
    }
  }

  elected(term: number, now: Instant, out: Out<never>): void {
    elected(this, now, term, this.own(out));
  }

  deposed(_term: number, _now: Instant, out: Out<never>): void {
    deposed(this, this.own(out));
  }

  follows(leader: NameId | undefined, _now: Instant, out: Out<never>): void {
    if (leader !== undefined && leader !== this.self.name)
      this.own(out).log(`[INFO] consul: New leader elected: ${this.names.text(leader)}`);
  }

  // What follows serves the files beside this one.

  /** The `Out` of this part, in the middle of a call of another. */
  private own(out: Out<never>): Out<ConsulMessage> {
    return out.of(this.parts.consul) as Out<unknown> as Out<ConsulMessage>;
  }

  ask(now: Instant, asked: Asked, command: RaftCommand, out: Out<ConsulMessage>): void {
    const id = this.state.next++;
    this.state.asked.set(id, asked);
    this.raft.ask(now, id, command, out.of(this.parts.raft));
  }

  /** Tells gossip that a failed member has left. */
  forceLeave(now: Instant, node: NameId, out: Out<ConsulMessage>): void {
    this.serf.command(now, NOBODY, { command: 'force-leave', node, prune: false }, out.of(this.parts.serf));
  }

  announce(notice: ConsulNotice, out: Out<ConsulMessage>): void {
    out.announce(notice);
  }

  /** The servers among all members, in whatever status they are. */
  servers(): ServerMember[] {
    return listMembers(this.serf).flatMap((member) => this.read(member));
  }

  private read(member: MemberInfo): ServerMember[] {
    const server = readServer(member, this.names);
    return server === undefined ? [] : [server];
  }

  server(name: NameId): ServerMember | undefined {
    return this.servers().find((server) => server.name === name);
  }

  serversByName(): Map<NameId, ServerMember> {
    return new Map(this.servers().map((server) => [server.name, server]));
  }

  /** Whether its Raft has never had anything to do with a cluster. */
  get isNew(): boolean {
    const { term, lastIndex } = this.raft.status();
    return term === 0 && lastIndex === 0;
  }

  countPeers(): number {
    return membersOf(this.raft.status().config).length;
  }

  raftServers(): RaftServers {
    const { config, leader } = this.raft.status();
    return { config, leader };
  }

  /** How its Raft is. */
  stats(now: Instant): Stats {
    const { role, lastContact, lastTerm, lastIndex } = this.raft.status();
    const since = lastContact === undefined ? -1 : between(lastContact, now);
    return { lastContact: role === 'leader' ? 0 : since, lastTerm, lastIndex };
  }

  /** `10.0.0.1:8300` */
  where(endpoint: Endpoint): string {
    return `${formatAddress(this.names.address(endpoint))}:${this.names.port(endpoint)}`;
  }
}
