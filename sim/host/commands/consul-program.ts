import type { ConsulClient } from '../../../core/consul/client.ts';
import type { Consul } from '../../../core/consul/consul.ts';
import type { ConsulCommand, ConsulReply } from '../../../core/consul/interface.ts';
import type { Names } from '../../../core/names.ts';
import type { Notice } from '../../../core/protocol.ts';
import type { Raft, RaftNotice } from '../../../core/raft/raft.ts';
import type { SerfNotice } from '../../../core/serf/events.ts';
import type { DoneReply, MembersReply, SerfCommand } from '../../../core/serf/interface.ts';
import type { Serf } from '../../../core/serf/serf.ts';
import { type Duration, ZERO } from '../../../core/time.ts';
import type { ProcessApi, Program, ProgramPart, Signal, SocketRefusal } from '../program.ts';
import { SIGNALS } from '../signals.ts';
import { consulBanner, refusalText } from './consul-banner.ts';
import { infoSections } from './consul-info.ts';
import { join, joined, joinedAtStart, retried, retry } from './consul-joining.ts';
import { drained, leave, leaveGoesOn, signalled, Timer } from './consul-leaving.ts';
import { PEERS_INFO } from './consul-peers.ts';
import type { AgentAnswer, AgentRequest } from './consul-request.ts';
import { type ConsulSetup, startProblem } from './consul-setup.ts';
import { lineRank, rankOf } from './serf-log.ts';
import { inTerminal } from './serf-output.ts';

/** Why a command was given to one of the protocols. */
export type Purpose =
  | { readonly for: 'start' | 'retry'; readonly addresses: readonly string[] }
  | { readonly for: 'prepare' | 'serf-leave' | 'removal' }
  | { readonly for: 'shutdown'; readonly status: number }
  | { readonly for: 'request'; readonly request: number; readonly asked: AgentRequest };

export interface ConsulAgentState {
  readonly purposes: Map<number, Purpose>;
  /** A departure is under way: by whom it was asked for. */
  leaving: { readonly requests: number[]; readonly bySignal: boolean } | undefined;
  /** Failed attempts of `-retry-join`. */
  attempts: number;
  /** It ends, and takes no more orders. */
  ending: boolean;
}

/** The parts of an agent and who it is. */
export interface ConsulAgentParts {
  readonly parts: readonly ProgramPart[];
  readonly places: { readonly serf: number; readonly raft: number | undefined; readonly consul: number };
  readonly directory: string;
  /** What the agent is, and the Raft of a server. */
  readonly consul: Consul | ConsulClient;
  readonly server: { readonly consul: Consul; readonly raft: Raft } | undefined;
  readonly serf: Serf;
  readonly node: string;
  readonly names: Names;
}

/** A Consul agent, a server or none: it starts the protocols, tells its terminal, joins as it was told, leaves in order, and serves the other commands. */
export class ConsulAgent implements Program {
  readonly name = 'consul';
  readonly parts: readonly ProgramPart[];
  readonly directory: string;
  readonly state: ConsulAgentState = { purposes: new Map(), leaving: undefined, attempts: 0, ending: false };

  readonly setup: ConsulSetup;
  readonly own: ConsulAgentParts;
  private readonly rank: number;

  constructor(setup: ConsulSetup, own: ConsulAgentParts) {
    this.setup = setup;
    this.own = own;
    this.parts = own.parts;
    this.directory = own.directory;
    this.rank = rankOf(setup.settings.log_level.toUpperCase());
  }

  starting(process: ProcessApi): void {
    for (const line of this.setup.says) process.print(line);
    process.print('==> Starting Consul agent...');
    for (const line of consulBanner(this.setup)) process.print(line);
    process.print('\n==> Log data will now stream in as it occurs:\n');
  }

  refused(refusal: SocketRefusal, process: ProcessApi): void {
    process.print(`==> ${refusalText(refusal, this.setup.server)}`);
  }

  started(process: ProcessApi): void {
    const { recovery, behaviour, settings } = this.setup;
    const { isFirst, servers, infoFile, peersFile } = recovery;
    if (servers !== undefined && this.own.server?.consul.isNew === true) {
      const why = 'refused to recover cluster with no initial state, this is probably an operator error';
      process.print(`==> ${startProblem(`recovery failed: ${why}`)}`);
      return process.end(1);
    }
    if (this.own.server !== undefined && isFirst && !this.setup.dev && !behaviour.peersAlways) {
      this.writes(infoFile, PEERS_INFO, process);
      if (process.look().file(peersFile) !== undefined) this.writes(peersFile, '', process);
    }
    if (servers !== undefined) this.say('[INFO] consul: found peers.json file, recovering Raft configuration...', process);
    process.print('==> Consul agent running!');
    if ((settings.start_join ?? []).length > 0) process.setTimer(Timer.join, ZERO);
    if ((settings.retry_join ?? []).length > 0) process.setTimer(Timer.retry, ZERO);
  }

  notice(part: number, announced: Notice, process: ProcessApi): void {
    if (part === this.own.places.raft) return this.raftNotice(announced as RaftNotice, process);
    const notice = announced as SerfNotice;
    switch (notice.type) {
      case 'member-join':
      case 'member-leave':
      case 'member-failed':
      case 'member-update':
      case 'member-reap':
        return this.consul({ command: 'event', event: notice.type, members: notice.members.map(({ name }) => name) }, process);
      default:
    }
  }

  private raftNotice(notice: RaftNotice, process: ProcessApi): void {
    const { recovery } = this.setup;
    if (notice.type === 'raft-stopped') return process.end(1); // it has logged why
    if (notice.type !== 'raft-snapshot' || recovery.servers === undefined || process.look().file(recovery.peersFile) === '')
      return;
    this.writes(recovery.peersFile, '', process);
    this.say('[INFO] consul: deleted peers.json file after successful recovery', process);
  }

  hears(line: string): boolean {
    return lineRank(line) >= this.rank;
  }

  log(line: string, process: ProcessApi): void {
    process.print(inTerminal(`${process.wallClock()} ${line.replace(/\n$/, '')}`));
  }

  request(id: number, called: unknown, process: ProcessApi): void {
    const asked = called as AgentRequest;
    const purpose: Purpose = { for: 'request', request: id, asked };
    const { names } = this.own;
    switch (asked.type) {
      case 'members':
        return this.serf({ command: 'members' }, purpose, process);
      case 'join':
        return join(this, asked.addresses, purpose, process);
      case 'leave':
        return leave(this, id, process);
      case 'force-leave':
        this.say(`[INFO] agent: Force leaving node: ${asked.node}`, process);
        return this.serf({ command: 'force-leave', node: names.id(asked.node), prune: asked.prune }, purpose, process);
      case 'info':
        return this.answer(id, { type: 'info', sections: infoSections(this, process.now) }, process);
      case 'consul': {
        const command: ConsulCommand = { command: 'request', request: asked.request, stale: asked.stale };
        return this.consul(command, process, purpose);
      }
    }
  }

  replied(id: number, result: unknown, process: ProcessApi): void {
    const purpose = this.state.purposes.get(id);
    this.state.purposes.delete(id);
    switch (purpose?.for) {
      case 'start':
        return joinedAtStart(this, joined(this, purpose.addresses, result, process), process);
      case 'retry':
        return retried(this, joined(this, purpose.addresses, result, process), process);
      case 'prepare':
      case 'serf-leave':
      case 'removal':
        return leaveGoesOn(this, purpose.for, result, process);
      case 'shutdown':
        return process.end(purpose.status);
      case 'request':
        return this.answered(purpose.request, purpose.asked, result, process);
    }
  }

  private answered(request: number, asked: AgentRequest, result: unknown, process: ProcessApi): void {
    switch (asked.type) {
      case 'members':
        return this.answer(request, { type: 'members', members: (result as MembersReply).members }, process);
      case 'join': {
        const { contacted, error } = joined(this, asked.addresses, result, process);
        return this.answer(request, error === undefined ? { type: 'joined', contacted } : { type: 'failed', error }, process);
      }
      case 'consul': {
        const { consul, names } = this.own;
        const members = consul.servers().map(({ name }) => names.text(name));
        return this.answer(request, { type: 'consul', reply: result as ConsulReply, members }, process);
      }
      default: {
        const { error } = result as DoneReply;
        return this.answer(request, error === undefined ? { type: 'done' } : { type: 'failed', error }, process);
      }
    }
  }

  timeout(kind: number, process: ProcessApi): void {
    switch (kind) {
      case Timer.join: {
        const { start_join: addresses = [] } = this.setup.settings;
        return join(this, addresses, { for: 'start', addresses }, process);
      }
      case Timer.retry:
        return retry(this, process);
      case Timer.drain:
        return drained(this, process);
      case Timer.grace:
        this.say('[INFO] agent: Timeout on graceful leave. Exiting', process);
        return this.shutDown(1, process);
    }
  }

  signal(signal: Signal, process: ProcessApi): void {
    const word = { INT: 'interrupt', TERM: 'terminated', HUP: 'hangup' }[signal as string];
    // Go's runtime dies of the others.
    if (word === undefined) return process.end(128 + SIGNALS[signal]);
    signalled(this, signal, word, process);
  }

  // What the files beside this one need.

  serf(command: SerfCommand, purpose: Purpose, process: ProcessApi): void {
    this.gives(this.own.places.serf, command, purpose, process);
  }

  consul(command: ConsulCommand, process: ProcessApi, purpose?: Purpose): void {
    this.gives(this.own.places.consul, command, purpose, process);
  }

  private gives(part: number, command: object, purpose: Purpose | undefined, process: ProcessApi): void {
    const id = process.nextId();
    if (purpose !== undefined) this.state.purposes.set(id, purpose);
    process.command(part, id, command);
  }

  private writes(file: string, text: string, process: ProcessApi): void {
    this.consul({ command: 'write', file, text }, process);
  }

  answer(request: number, answer: AgentAnswer, process: ProcessApi): void {
    process.answer(request, answer);
  }

  /** A line for the log from the agent itself. */
  say(line: string, process: ProcessApi): void {
    if (this.hears(line)) this.log(line, process);
  }

  /** Ends without a word to the others, unless they know already. */
  shutDown(status: number, process: ProcessApi): void {
    if (this.state.ending) return;
    this.state.ending = true;
    this.say('[INFO] agent: Requesting shutdown', process);
    this.say(`[INFO] consul: shutting down ${this.own.server === undefined ? 'client' : 'server'}`, process);
    this.serf({ command: 'shutdown' }, { for: 'shutdown', status }, process);
  }

  get leaveDrainTime(): Duration {
    return (this.setup.settings.performance?.leave_drain_time ?? 5e9) as Duration;
  }
}
