import { type Acquaintance, companyOf } from '../../../core/gossip/gossip.ts';
import type { Endpoint, NameId, Names } from '../../../core/names.ts';
import type { Notice } from '../../../core/protocol.ts';
import type { DiscoveredNotice } from '../../../core/serf/discovery.ts';
import type { SerfNotice } from '../../../core/serf/events.ts';
import type { SerfCommand } from '../../../core/serf/interface.ts';
import { seconds, ZERO } from '../../../core/time.ts';
import type { ProcessApi, Program, ProgramPart, ScriptResult, Signal, SocketRefusal } from '../program.ts';
import { SIGNALS } from '../signals.ts';
import { type AgentState, newAgentState, type Purpose, Timer } from './serf-agent-state.ts';
import { answered, asked } from './serf-asking.ts';
import { banner, refusalText } from './serf-banner.ts';
import { handled, happened, responded, slow } from './serf-event.ts';
import type { Standing } from './serf-event-info.ts';
import { join, joinDiscovered, joined, joinedAtStart, joinedDiscovered, retried, retry } from './serf-joining.ts';
import { leave, left, shutDown } from './serf-leaving.ts';
import { lineRank, listen, log, rankOf, streamLog } from './serf-log.ts';
import type { Placement } from './serf-place.ts';
import { isPublic } from './serf-public.ts';
import { reload, reloaded } from './serf-reload.ts';
import type { AgentAnswer, AgentCall } from './serf-request.ts';
import { reaches } from './serf-rpc.ts';
import { type AgentSetup, type FullConfig, levelOf } from './serf-setup.ts';

/** A departure asked for by a signal may take so long. */
const GRACE = seconds(3);

/** The parts of an agent in the order of their places, and who it is. */
export interface AgentParts {
  readonly parts: readonly ProgramPart[];
  /** The places of memberlist and of Serf among them. */
  readonly gossip: number;
  readonly serf: number;
  readonly node: string;
  readonly names: Names;
  /** Who it is to other members, as its memberlist says. */
  readonly acquaintance: () => Acquaintance;
  /** What its protocols know of a member just now. */
  readonly standing: (member: NameId) => Standing;
}

/** A Serf agent: it starts the protocols, tells its terminal, joins as it was told, runs event handlers and serves the other commands. */
export class SerfAgent implements Program {
  readonly name = 'serf';
  readonly parts: readonly ProgramPart[];
  readonly state: AgentState;

  /** The words after `serf agent`. */
  readonly words: readonly string[];
  readonly setup: AgentSetup;
  readonly placement: Placement;
  readonly node: string;
  readonly names: Names;
  private readonly own: AgentParts;

  constructor(words: readonly string[], setup: AgentSetup, own: AgentParts) {
    const level = levelOf(setup.config);
    this.state = newAgentState(level, rankOf(level), setup.tags);
    this.words = words;
    this.setup = setup;
    this.placement = setup.placement;
    this.parts = own.parts;
    this.node = own.node;
    this.names = own.names;
    this.own = own;
  }

  /** Since the last reload. Most of it counts only at the start: that is in `setup`. */
  get config(): FullConfig {
    return this.state.reloaded ?? this.setup.config;
  }

  /** Whether user events of before a join are to be heard of. */
  get replays(): boolean {
    return this.setup.config.replay_on_join === true;
  }

  // Starting.

  starting(process: ProcessApi): void {
    for (const line of this.setup.says) process.print(`==> ${line}`);
    for (const line of [...this.setup.logs, '[INFO] agent: Serf agent starting']) this.log(line, process);
    if (this.setup.keys.length === 0 && isPublic(this.placement.advertise.address)) {
      this.log('[WARN] memberlist: Binding to public address without encryption!', process);
    }
  }

  refused(refusal: SocketRefusal, process: ProcessApi): void {
    process.print(`==> ${refusalText(refusal)}`);
  }

  started(process: ProcessApi): void {
    const { start_join: addresses = [] } = this.setup.config;
    process.print('==> Starting Serf agent RPC...');
    process.print('==> Serf agent running!');
    for (const line of banner(this.setup)) process.print(line);
    if (addresses.length === 0) {
      streamLog(this, process);
      return this.running(process);
    }
    process.print(`==> Joining cluster...(replay: ${this.replays})`);
    // Not before the protocols' first lines are in the log.
    process.setTimer(Timer.join, ZERO);
  }

  /** The terminal shows the log: time for what goes on beside it. */
  running(process: ProcessApi): void {
    if ((this.setup.config.retry_join ?? []).length > 0) process.setTimer(Timer.retry, ZERO);
  }

  /** All agents know each other, as members that have long been together. */
  converge(all: readonly { readonly program: Program; readonly process: ProcessApi }[]): void {
    const everybody = all.map(({ program }) => (program as SerfAgent).own.acquaintance());
    const company = companyOf(everybody, this.names);
    for (const { program, process } of all) {
      process.command((program as SerfAgent).own.gossip, process.nextId(), { command: 'acquaint', company });
    }
  }

  // What comes from the protocols, the host and the commands.

  notice(_part: number, announced: Notice, process: ProcessApi): void {
    const notice = announced as SerfNotice | DiscoveredNotice;
    switch (notice.type) {
      case 'discovered':
        return joinDiscovered(this, notice.addresses, process);
      case 'query-ack':
        return this.tell(notice.command, { type: 'ack', from: notice.from }, true, process);
      case 'query-response':
        return this.tell(notice.command, { type: 'response', from: notice.from, payload: notice.payload }, true, process);
      case 'query-closed':
        return this.tell(notice.command, { type: 'done' }, false, process);
      case 'serf-shutdown':
        this.log('[WARN] agent: Serf shutdown detected, quitting', process);
        return shutDown(this, 0, process);
      default:
        return happened(this, notice, process);
    }
  }

  hears(line: string): boolean {
    return lineRank(line) >= this.state.audible;
  }

  /** A line for the log: of a protocol, or of the agent itself. */
  log(line: string, process: ProcessApi): void {
    log(this, line, process);
  }

  serves(address: string): boolean {
    return reaches(address, this.setup.config.rpc_addr);
  }

  request(id: number, called: unknown, process: ProcessApi): void {
    const { request, token } = called as AgentCall;
    const secret = this.setup.config.rpc_auth;
    if (token === secret) return asked(this, id, request, process);
    if (token !== '') return this.answer(id, { type: 'denied', error: 'Invalid authentication token' }, process);
    this.log('[WARN] agent.ipc: Client sending commands before auth', process);
    this.answer(id, { type: 'failed', error: 'Authentication required' }, process);
  }

  abandoned(id: number): void {
    const { monitors, queries } = this.state;
    if (monitors.delete(id)) listen(this);
    for (const [command, request] of queries) if (request === id) queries.delete(command);
  }

  replied(id: number, result: unknown, process: ProcessApi): void {
    const purpose = this.state.purposes.get(id);
    this.state.purposes.delete(id);
    switch (purpose?.for) {
      case 'start':
        return joinedAtStart(this, joined(this, purpose.addresses, result, process), process);
      case 'retry':
        return retried(this, joined(this, purpose.addresses, result, process), process);
      case 'discovery':
        return joinedDiscovered(this, joined(this, purpose.addresses, result, process), result, process);
      case 'signal':
        return left(this, result, undefined, process);
      case 'reload':
        return reloaded(result, process);
      case 'respond':
        return responded(this, purpose.name, result, process);
      case 'shutdown':
        this.log('[INFO] agent: shutdown complete', process);
        return process.end(purpose.status);
      case 'request':
        return answered(this, id, purpose, result, process);
    }
  }

  timeout(kind: number, process: ProcessApi): void {
    switch (kind) {
      case Timer.join: {
        const { start_join: addresses = [] } = this.setup.config;
        return join(this, addresses, { for: 'start', addresses }, this.replays, process);
      }
      case Timer.retry:
        return retry(this, process);
      case Timer.grace:
        return shutDown(this, 1, process);
      case Timer.slow:
        return slow(this, process);
    }
  }

  scripted(result: ScriptResult, process: ProcessApi): void {
    handled(this, result, process);
  }

  signal(signal: Signal, process: ProcessApi): void {
    const word = { INT: 'interrupt', TERM: 'terminated', HUP: 'hangup' }[signal as string];
    // Go's runtime dies of the others.
    if (word === undefined) return process.end(128 + SIGNALS[signal]);
    if (this.state.leaving) return shutDown(this, 1, process);
    process.print(`==> Caught signal: ${word}`);
    if (signal === 'HUP') return reload(this, process);
    const { skip_leave_on_interrupt: skips, leave_on_terminate: leaves } = this.config;
    if (signal === 'INT' ? skips === true : leaves !== true) return shutDown(this, 1, process);
    this.state.leaving = true;
    process.print('==> Gracefully shutting down agent...');
    process.setTimer(Timer.grace, GRACE);
    leave(this, { for: 'signal' }, process);
  }

  // What the files beside this one need.

  command(command: SerfCommand, purpose: Purpose, process: ProcessApi): void {
    const id = process.nextId();
    this.state.purposes.set(id, purpose);
    process.command(this.own.serf, id, command);
  }

  /** The last answer to a request. */
  answer(request: number, answer: AgentAnswer, process: ProcessApi): void {
    process.answer(request, answer);
  }

  /** Something came of a query. */
  private tell(command: number, answer: AgentAnswer, more: boolean, process: ProcessApi): void {
    const request = this.state.queries.get(command);
    if (!more) this.state.queries.delete(command);
    if (request !== undefined) process.answer(request, answer, more);
  }

  /** Nobody was at these addresses, which multicast DNS had found. */
  undiscovered(addresses: readonly Endpoint[], process: ProcessApi): void {
    const part = this.parts.findIndex(({ name }) => name === 'discovery');
    if (part >= 0) process.command(part, process.nextId(), { command: 'retry', addresses });
  }

  standing(member: string): Standing {
    return this.own.standing(this.names.id(member));
  }
}
