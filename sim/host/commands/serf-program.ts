import { ANY, formatAddress } from '../../../core/address.ts';
import type { Endpoint, Names } from '../../../core/names.ts';
import type { Notice } from '../../../core/protocol.ts';
import type { DiscoveredNotice } from '../../../core/serf/discovery.ts';
import type { MemberNotice } from '../../../core/serf/events.ts';
import type { DoneReply, JoinReply, MembersReply, SerfCommand } from '../../../core/serf/interface.ts';
import { type Duration, formatDuration, inSeconds, seconds, ZERO } from '../../../core/time.ts';
import type { ProcessApi, Program, ProgramPart, ScriptResult, Signal, SocketRefusal } from '../program.ts';
import { SIGNALS } from '../signals.ts';
import { type AgentOptions, type Placement, parseJoin } from './serf-agent-options.ts';
import { eventInfo } from './serf-event-info.ts';
import { handlerEnvironment, handlerInput, handles } from './serf-handler.ts';
import { bannerLine, inTerminal, isShownAt } from './serf-output.ts';
import { type AgentAnswer, type AgentRequest, RPC } from './serf-request.ts';

/** Lines of the log that `serf monitor` shows of the time before it. */
const RECENT = 512;
/** A departure asked for by a signal may take so long. */
const GRACE = seconds(3);
/** Of what a script prints the log is told so much, its end. */
const MOST_OUTPUT = 8 * 1024;

const Timer = { join: 0, retry: 1, grace: 2 } as const;

/** Why a command was given to Serf. */
type Purpose =
  | { readonly for: 'start' | 'retry' | 'discovery' | 'signal' }
  | { readonly for: 'shutdown'; readonly status: number }
  | { readonly for: 'request'; readonly request: number; readonly type: AgentRequest['type'] };

interface AgentState {
  /** Lines of the log from before the terminal shows it; undefined from then on. */
  early: string[] | undefined;
  recent: string[];
  /** The `serf monitor`s that listen, and what they want to hear of. */
  readonly monitors: Map<number, string>;
  readonly purposes: Map<number, Purpose>;
  /** Failed attempts of `-retry-join`. */
  attempts: number;
  /** Scripts under way by their tag, and what each was run for. */
  readonly scripts: Map<number, { readonly event: string; readonly script: string }>;
  nextScript: number;
  /** Whether a signal asked for a departure already. */
  leaving: boolean;
}

/** The parts of an agent in the order of their places, and who it is. */
export interface AgentParts {
  readonly parts: readonly ProgramPart[];
  /** The place of Serf among them. */
  readonly serf: number;
  readonly node: string;
  readonly names: Names;
}

/** A Serf agent: it starts the protocols, tells its terminal, joins as it was told, runs event handlers and serves the other commands. */
export class SerfAgent implements Program {
  readonly name = 'serf';
  readonly parts: readonly ProgramPart[];
  readonly state: AgentState = {
    early: [],
    recent: [],
    monitors: new Map(),
    purposes: new Map(),
    attempts: 0,
    scripts: new Map(),
    nextScript: 0,
    leaving: false,
  };

  private readonly options: AgentOptions;
  private readonly placement: Placement;
  private readonly serf: number;
  private readonly node: string;
  private readonly names: Names;

  constructor(options: AgentOptions, placement: Placement, { parts, serf, node, names }: AgentParts) {
    this.options = options;
    this.placement = placement;
    this.parts = parts;
    this.serf = serf;
    this.node = node;
    this.names = names;
  }

  starting(process: ProcessApi): void {
    if (this.placement.picked !== undefined) process.print(`==> ${this.placement.picked}`);
    process.print('==> Starting Serf agent...');
    this.log('[INFO] agent: Serf agent starting', process);
  }

  refused({ socket, problem }: SocketRefusal, process: ProcessApi): void {
    const protocol = socket.transport === 'stream' ? 'TCP' : 'UDP';
    const where = `${protocol.toLowerCase()} ${formatAddress(socket.address ?? ANY)}:${socket.port}`;
    const failure = `listen ${where}: bind: ${problem.toLowerCase()}`;
    if (socket.port !== RPC.port) {
      process.print(`==> Failed to start the Serf agent: Failed to start ${protocol} listener. Err: ${failure}`);
      return;
    }
    process.print('==> Starting Serf agent RPC...');
    process.print(`==> Error starting RPC listener: ${failure}`);
  }

  started(process: ProcessApi): void {
    const { bind, advertise } = this.placement;
    const { discover, profile, join, replay } = this.options;
    process.print('==> Starting Serf agent RPC...');
    process.print('==> Serf agent running!');
    process.print(bannerLine('Node name', `'${this.node}'`));
    process.print(bannerLine('Bind addr', `'${formatAddress(bind.address)}:${bind.port}'`));
    if (this.options.advertise !== undefined) {
      process.print(bannerLine('Advertise addr', `'${formatAddress(advertise.address)}:${advertise.port}'`));
    }
    process.print(bannerLine('RPC addr', `'${formatAddress(RPC.address)}:${RPC.port}'`));
    process.print(bannerLine('Encrypted', 'false'));
    process.print(bannerLine('Snapshot', 'false'));
    process.print(bannerLine('Profile', profile));
    if (discover !== undefined) process.print(bannerLine('mDNS cluster', discover));
    if (join.length === 0) return this.stream(process);
    process.print(`==> Joining cluster...(replay: ${replay})`);
    // Not before the protocols' first lines are in the log.
    process.setTimer(Timer.join, ZERO);
  }

  notice(_part: number, notice: Notice, process: ProcessApi): void {
    switch (notice.type) {
      case 'discovered':
        return this.join((notice as DiscoveredNotice).addresses, { for: 'discovery' }, this.options.replay, process);
      case 'member-join':
      case 'member-leave':
      case 'member-failed':
      case 'member-update':
      case 'member-reap':
        return this.happened(notice as MemberNotice, process);
    }
  }

  /** A line for the log: of a protocol, or of the agent itself. */
  log(line: string, process: ProcessApi): void {
    const { state } = this;
    const stamped = `${process.wallClock()} ${line}`;
    state.recent.push(stamped);
    if (state.recent.length > RECENT) state.recent.shift();
    for (const [id, level] of state.monitors) {
      if (isShownAt(level, line)) answer(process, id, { type: 'line', line: stamped }, true);
    }
    if (!isShownAt(this.options.level, line)) return;
    if (state.early === undefined) process.print(inTerminal(stamped));
    else state.early.push(stamped);
  }

  request(id: number, request: unknown, process: ProcessApi): void {
    const asked = request as AgentRequest;
    const purpose: Purpose = { for: 'request', request: id, type: asked.type };
    switch (asked.type) {
      case 'members':
        return this.command({ command: 'members' }, purpose, process);
      case 'join': {
        const unknown = asked.addresses.find((text) => parseJoin(text, this.placement.bind.port) === undefined);
        if (unknown === undefined) return this.join(this.endpoints(asked.addresses), purpose, asked.replay, process);
        return answer(process, id, { type: 'failed', error: `lookup ${unknown}: no such host` });
      }
      case 'leave':
        this.log('[INFO] agent.ipc: Graceful leave triggered', process);
        return this.leave(purpose, process);
      case 'force-leave':
        return this.forceLeave(asked.node, asked.prune, purpose, process);
      case 'monitor':
        return this.monitor(id, asked.level, process);
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
        return this.joinedAtStart(this.joined(result, process), process);
      case 'retry':
        return this.retried(this.joined(result, process), process);
      case 'discovery':
        return this.joinedDiscovered(this.joined(result, process), process);
      case 'signal':
        return this.left(result, undefined, process);
      case 'shutdown':
        this.log('[INFO] agent: shutdown complete', process);
        return process.end(purpose.status);
      case 'request':
        return this.answered(purpose, result, process);
    }
  }

  timeout(kind: number, process: ProcessApi): void {
    const { join, replay } = this.options;
    switch (kind) {
      case Timer.join:
        return this.join(this.endpoints(join), { for: 'start' }, replay, process);
      case Timer.retry:
        return this.retry(process);
      case Timer.grace:
        return this.shutDown(1, process);
    }
  }

  scripted({ tag, status, output }: ScriptResult, process: ProcessApi): void {
    const run = this.state.scripts.get(tag);
    this.state.scripts.delete(tag);
    if (run === undefined) return;
    if (output.length > MOST_OUTPUT) {
      const much = `generated ${output.length} bytes of output, truncated to ${MOST_OUTPUT}`;
      this.log(`[WARN] agent: Script '${run.script}' ${much}`, process);
    }
    const kept = output.slice(-MOST_OUTPUT).replace(/\n$/, '');
    this.log(`[DEBUG] agent: Event '${run.event}' script output: ${kept}`, process);
    if (status !== 0) this.log(`[ERR] agent: Error invoking script '${run.script}': exit status ${status}`, process);
  }

  signal(signal: Signal, process: ProcessApi): void {
    const word = { INT: 'interrupt', TERM: 'terminated', HUP: 'hangup' }[signal as string];
    // Go's runtime dies of the others.
    if (word === undefined) return process.end(128 + SIGNALS[signal]);
    process.print(`==> Caught signal: ${word}`);
    if (signal === 'HUP') return process.print('==> Reloading configuration...');
    if (signal === 'TERM' || this.state.leaving) return this.shutDown(1, process);
    this.state.leaving = true;
    process.print('==> Gracefully shutting down agent...');
    process.setTimer(Timer.grace, GRACE);
    this.leave({ for: 'signal' }, process);
  }

  // The log in the terminal.

  /** From here on the terminal shows the log. */
  private stream(process: ProcessApi): void {
    const { early = [] } = this.state;
    this.state.early = undefined;
    process.print('\n==> Log data will now stream in as it occurs:\n');
    for (const line of early) process.print(inTerminal(line));
    if (this.options.retryJoin.length > 0) process.setTimer(Timer.retry, ZERO);
  }

  private monitor(id: number, level: string, process: ProcessApi): void {
    this.state.monitors.set(id, level);
    for (const line of this.state.recent) {
      // The level stands after date and time.
      if (isShownAt(level, line.slice(line.indexOf('[')))) answer(process, id, { type: 'line', line }, true);
    }
  }

  // Joining.

  private endpoints(addresses: readonly string[]): Endpoint[] {
    return addresses.flatMap((text) => {
      const place = parseJoin(text, this.placement.bind.port);
      return place === undefined ? [] : [this.names.endpoint(place.address, place.port)];
    });
  }

  private join(addresses: readonly Endpoint[], purpose: Purpose, replay: boolean, process: ProcessApi): void {
    const written = addresses.map((to) => `${formatAddress(this.names.address(to))}:${this.names.port(to)}`);
    this.log(`[INFO] agent: joining: [${written.join(' ')}] replay: ${replay}`, process);
    this.command({ command: 'join', addresses }, purpose, process);
  }

  /** What a join came to, which the log is told. */
  private joined(result: unknown, process: ProcessApi): JoinOutcome {
    const { contacted, problems, error } = result as JoinReply;
    const outcome: JoinOutcome = {
      contacted,
      error: contacted > 0 ? undefined : (error ?? problems.at(-1)?.problem ?? 'no address'),
    };
    if (outcome.contacted > 0) this.log(`[INFO] agent: joined: ${outcome.contacted} nodes`, process);
    if (outcome.error !== undefined) this.log(`[WARN] agent: error joining: ${outcome.error}`, process);
    return outcome;
  }

  private joinedAtStart({ contacted, error }: JoinOutcome, process: ProcessApi): void {
    if (error !== undefined) {
      process.print(`==> ${error}`);
      return this.shutDown(1, process);
    }
    process.print(`    Join completed. Synced with ${contacted} initial agents`);
    this.stream(process);
  }

  private joinedDiscovered({ contacted, error }: JoinOutcome, process: ProcessApi): void {
    if (error !== undefined) this.log(`[ERR] agent.mdns: Failed to join: ${error}`, process);
    if (contacted > 0) this.log(`[INFO] agent.mdns: Joined ${contacted} hosts`, process);
  }

  private retry(process: ProcessApi): void {
    const { retryJoin, replay } = this.options;
    this.log(`[INFO] agent: Joining cluster...(replay: ${replay})`, process);
    this.join(this.endpoints(retryJoin), { for: 'retry' }, replay, process);
  }

  private retried({ contacted, error }: JoinOutcome, process: ProcessApi): void {
    const { retryMax, retryInterval } = this.options;
    if (error === undefined) return this.log(`[INFO] agent: Join completed. Synced with ${contacted} initial agents`, process);
    this.state.attempts++;
    if (retryMax > 0 && this.state.attempts > retryMax) {
      this.log('[ERR] agent: maximum retry join attempts made, exiting', process);
      return this.shutDown(1, process);
    }
    this.log(`[WARN] agent: Join failed: ${error}, retrying in ${goDuration(retryInterval)}`, process);
    process.setTimer(Timer.retry, retryInterval);
  }

  // Leaving.

  private leave(purpose: Purpose, process: ProcessApi): void {
    this.log('[INFO] agent: requesting graceful leave from Serf', process);
    this.command({ command: 'leave' }, purpose, process);
  }

  private forceLeave(member: string, prune: boolean, purpose: Purpose, process: ProcessApi): void {
    this.log(`[INFO] agent: Force leaving node: ${member}`, process);
    this.command({ command: 'force-leave', node: this.names.id(member), prune }, purpose, process);
  }

  private left(result: unknown, request: number | undefined, process: ProcessApi): void {
    const { error } = result as DoneReply;
    if (error !== undefined) {
      if (request === undefined) process.print(`==> Error: ${error}`);
      else answer(process, request, { type: 'failed', error });
      return;
    }
    if (request !== undefined) answer(process, request, { type: 'done' });
    this.shutDown(0, process);
  }

  private shutDown(status: number, process: ProcessApi): void {
    this.log('[INFO] agent: requesting serf shutdown', process);
    this.command({ command: 'shutdown' }, { for: 'shutdown', status }, process);
  }

  // Events.

  private happened(event: MemberNotice, process: ProcessApi): void {
    this.log(`[INFO] agent: Received event: ${event.type}`, process);
    for (const id of this.state.monitors.keys()) {
      for (const line of eventInfo(event)) answer(process, id, { type: 'line', line }, true);
    }
    for (const handler of this.options.handlers) {
      if (!handles(handler, event)) continue;
      const tag = this.state.nextScript++;
      this.state.scripts.set(tag, { event: event.type, script: handler.script });
      process.script({
        tag,
        script: handler.script,
        environment: handlerEnvironment(event.type, { name: this.node, tags: this.options.tags }),
        stdin: handlerInput(event.members),
        shown: true,
      });
    }
  }

  // Commands to Serf.

  private command(command: SerfCommand, purpose: Purpose, process: ProcessApi): void {
    const id = process.nextId();
    this.state.purposes.set(id, purpose);
    process.command(this.serf, id, command);
  }

  private answered({ request, type }: Extract<Purpose, { for: 'request' }>, result: unknown, process: ProcessApi): void {
    switch (type) {
      case 'members':
        return answer(process, request, { type: 'members', members: (result as MembersReply).members });
      case 'join': {
        const { contacted, error } = this.joined(result, process);
        return answer(process, request, error === undefined ? { type: 'joined', contacted } : { type: 'failed', error });
      }
      case 'leave':
        return this.left(result, request, process);
      default: {
        const { error } = result as DoneReply;
        return answer(process, request, error === undefined ? { type: 'done' } : { type: 'failed', error });
      }
    }
  }
}

interface JoinOutcome {
  readonly contacted: number;
  /** Absent when anybody was contacted. */
  readonly error: string | undefined;
}

function answer(process: ProcessApi, request: number, what: AgentAnswer, more = false): void {
  process.answer(request, what, more);
}

/** A duration as Go writes it: `30s`, `1m30s`, `1h0m0s`. */
function goDuration(duration: Duration): string {
  const all = Math.floor(inSeconds(duration));
  if (all < 60) return formatDuration(duration);
  const rest = formatDuration((duration % seconds(60)) as Duration);
  const hours = Math.floor(all / 3600);
  return `${hours > 0 ? `${hours}h` : ''}${Math.floor(all / 60) % 60}m${rest}`;
}
