import { type Acquaintance, companyOf } from '../../../core/gossip/gossip.ts';
import type { NameId, Names } from '../../../core/names.ts';
import type { Notice } from '../../../core/protocol.ts';
import type { DiscoveredNotice } from '../../../core/serf/discovery.ts';
import type { MemberNotice } from '../../../core/serf/events.ts';
import type { DoneReply, MembersReply, SerfCommand } from '../../../core/serf/interface.ts';
import { seconds, ZERO } from '../../../core/time.ts';
import type { ProcessApi, Program, ProgramPart, ScriptResult, Signal, SocketRefusal } from '../program.ts';
import { SIGNALS } from '../signals.ts';
import { type AgentOptions, type Placement, parseJoin } from './serf-agent-options.ts';
import { type AgentState, newAgentState, type Purpose, Timer } from './serf-agent-state.ts';
import { banner, refusalText } from './serf-banner.ts';
import { handled, happened } from './serf-event.ts';
import type { Standing } from './serf-event-info.ts';
import { join, joinDiscovered, joined, joinedAtStart, joinedDiscovered, retried, retry } from './serf-joining.ts';
import { forceLeave, leave, left, shutDown } from './serf-leaving.ts';
import { log, monitor, streamLog } from './serf-log.ts';
import { isPublic } from './serf-public.ts';
import type { AgentAnswer, AgentRequest } from './serf-request.ts';

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
  readonly state: AgentState = newAgentState();

  readonly options: AgentOptions;
  readonly placement: Placement;
  readonly node: string;
  readonly names: Names;
  private readonly own: AgentParts;

  constructor(options: AgentOptions, placement: Placement, own: AgentParts) {
    this.options = options;
    this.placement = placement;
    this.parts = own.parts;
    this.node = own.node;
    this.names = own.names;
    this.own = own;
  }

  // Starting.

  starting(process: ProcessApi): void {
    if (this.placement.picked !== undefined) process.print(`==> ${this.placement.picked}`);
    process.print('==> Starting Serf agent...');
    this.log('[INFO] agent: Serf agent starting', process);
    if (isPublic(this.placement.advertise.address)) {
      this.log('[WARN] memberlist: Binding to public address without encryption!', process);
    }
  }

  refused(refusal: SocketRefusal, process: ProcessApi): void {
    process.print(`==> ${refusalText(refusal)}`);
  }

  started(process: ProcessApi): void {
    process.print('==> Starting Serf agent RPC...');
    process.print('==> Serf agent running!');
    for (const line of banner(this.node, this.options, this.placement)) process.print(line);
    if (this.options.join.length === 0) {
      streamLog(this, process);
      return this.running(process);
    }
    process.print(`==> Joining cluster...(replay: ${this.options.replay})`);
    // Not before the protocols' first lines are in the log.
    process.setTimer(Timer.join, ZERO);
  }

  /** The terminal shows the log: time for what goes on beside it. */
  running(process: ProcessApi): void {
    if (this.options.retryJoin.length > 0) process.setTimer(Timer.retry, ZERO);
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

  notice(_part: number, notice: Notice, process: ProcessApi): void {
    switch (notice.type) {
      case 'discovered':
        return joinDiscovered(this, (notice as DiscoveredNotice).addresses, process);
      case 'member-join':
      case 'member-leave':
      case 'member-failed':
      case 'member-update':
      case 'member-reap':
        return happened(this, notice as MemberNotice, process);
    }
  }

  /** A line for the log: of a protocol, or of the agent itself. */
  log(line: string, process: ProcessApi): void {
    log(this, line, process);
  }

  request(id: number, request: unknown, process: ProcessApi): void {
    const asked = request as AgentRequest;
    const purpose: Purpose = { for: 'request', request: id, type: asked.type };
    switch (asked.type) {
      case 'members':
        return this.command({ command: 'members' }, purpose, process);
      case 'join': {
        const unknown = asked.addresses.find((text) => parseJoin(text, this.placement.bind.port) === undefined);
        if (unknown === undefined) return join(this, asked.addresses, purpose, asked.replay, process);
        return this.answer(id, { type: 'failed', error: `lookup ${unknown}: no such host` }, process);
      }
      case 'leave':
        this.log('[INFO] agent.ipc: Graceful leave triggered', process);
        return leave(this, purpose, process);
      case 'force-leave':
        return forceLeave(this, asked, purpose, process);
      case 'monitor':
        return monitor(this, id, asked.level, process);
    }
  }

  abandoned(id: number): void {
    this.state.monitors.delete(id);
  }

  replied(id: number, result: unknown, process: ProcessApi): void {
    const purpose = this.state.purposes.get(id);
    this.state.purposes.delete(id);
    switch (purpose?.for) {
      case 'start':
        return joinedAtStart(this, joined(this, result, process), process);
      case 'retry':
        return retried(this, joined(this, result, process), process);
      case 'discovery':
        return joinedDiscovered(this, joined(this, result, process), process);
      case 'signal':
        return left(this, result, undefined, process);
      case 'shutdown':
        this.log('[INFO] agent: shutdown complete', process);
        return process.end(purpose.status);
      case 'request':
        return this.answerRequest(purpose, result, process);
    }
  }

  timeout(kind: number, process: ProcessApi): void {
    switch (kind) {
      case Timer.join:
        return join(this, this.options.join, { for: 'start' }, this.options.replay, process);
      case Timer.retry:
        return retry(this, process);
      case Timer.grace:
        return shutDown(this, 1, process);
    }
  }

  scripted(result: ScriptResult, process: ProcessApi): void {
    handled(this, result, process);
  }

  signal(signal: Signal, process: ProcessApi): void {
    const word = { INT: 'interrupt', TERM: 'terminated', HUP: 'hangup' }[signal as string];
    // Go's runtime dies of the others.
    if (word === undefined) return process.end(128 + SIGNALS[signal]);
    process.print(`==> Caught signal: ${word}`);
    if (signal === 'HUP') return process.print('==> Reloading configuration...');
    if (signal === 'TERM' || this.state.leaving) return shutDown(this, 1, process);
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

  standing(member: string): Standing {
    return this.own.standing(this.names.id(member));
  }

  private answerRequest({ request, type }: Extract<Purpose, { for: 'request' }>, result: unknown, process: ProcessApi): void {
    switch (type) {
      case 'members':
        return this.answer(request, { type: 'members', members: (result as MembersReply).members }, process);
      case 'join': {
        const { contacted, error } = joined(this, result, process);
        return this.answer(request, error === undefined ? { type: 'joined', contacted } : { type: 'failed', error }, process);
      }
      case 'leave':
        return left(this, result, request, process);
      default: {
        const { error } = result as DoneReply;
        return this.answer(request, error === undefined ? { type: 'done' } : { type: 'failed', error }, process);
      }
    }
  }
}
