import { assert } from '../../core/assert.ts';
import type { Endpoint, NameId, Names } from '../../core/names.ts';
import type { Duration, Instant } from '../../core/time.ts';
import { type Journal, Kind, NOBODY } from '../engine/journal.ts';
import type { EventId, EventKind, Simulation } from '../engine/simulation.ts';
import type { Network } from '../network/network.ts';
import type { EchoReport, NetworkStreamEvent, SocketHandle, StreamHandle } from '../network/upcalls.ts';
import type { Randomness } from '../rng.ts';
import type { DiskVerb, HostAdversary } from './adversary.ts';
import { Alarms } from './alarms.ts';
import { localTime, setDrift, showsVirtualTime } from './clock.ts';
import type { Registry } from './commands/registry.ts';
import { beginning, type DiskFate, finish } from './disk.ts';
import { environmentFor, type HostSpec, type HostState, type Input, type ProcessState } from './host.ts';
import { Inbox } from './inbox.ts';
import type { Observer } from './observer.ts';
import type { RunningPart } from './out.ts';
import { Owners } from './owners.ts';
import type { Signal } from './program.ts';
import { ProgramProcess } from './program-process.ts';
import type { RunningProcess } from './running.ts';
import { type Shells, status as signalStatus } from './shells.ts';
import { emptyTimers, type TimerTableState } from './timers.ts';
import { ToolProcess } from './tool-process.ts';
import { Turn } from './turn.ts';

/** What the hosts of a world are made with. */
export interface HostsParts {
  readonly simulation: Simulation;
  readonly journal: Journal;
  readonly names: Names;
  readonly randomness: Randomness;
  readonly registry: Registry;
  /** By node number; undefined for a node that runs no commands, such as a router. */
  readonly specs: readonly (HostSpec | undefined)[];
  /** What a right wall clock shows at the start of the run, in seconds since 1970. */
  readonly epoch?: number;
  /** Absent when nothing befalls them. */
  readonly adversary?: HostAdversary;
}

export interface HostsState {
  /** By node number; null where the spec is undefined. */
  readonly hosts: readonly (HostState | null)[];
  timers: TimerTableState;
  nextOwner: number;
  nextJob: number;
  /** Whose each socket is, and its place among the owner's; -1 for a closed one. */
  readonly socketOwners: number[];
  readonly socketPlaces: number[];
  readonly streams: Map<number, number>;
}

/** 1 January 2000, when a scenario says nothing. */
const DEFAULT_EPOCH = 946_684_800;

/** What all processes of all hosts share: who they are, what is handed to them and when, signals, and how they end. */
export class Kernel {
  readonly parts: HostsParts;
  readonly state: HostsState;
  readonly epoch: number;
  /** By owner. Made again after a restore. */
  readonly runningParts: (RunningPart | undefined)[] = [];
  readonly owners = new Owners();
  readonly observers: Observer[] = [];
  private readonly runningProcesses: (RunningProcess | undefined)[] = [];
  private readonly turn: Turn;
  private readonly alarms: Alarms;
  private readonly diskKind: EventKind;
  private readonly inbox: Inbox;
  private readonly environments: readonly ReadonlyMap<string, string>[];
  private readonly words: { readonly written: NameId };
  private attached: { readonly network: Network; readonly shells: Shells } | undefined;

  constructor(parts: HostsParts, hosts: readonly (HostState | null)[]) {
    this.parts = parts;
    this.epoch = parts.epoch ?? DEFAULT_EPOCH;
    this.state = {
      hosts,
      timers: emptyTimers(),
      nextOwner: 0,
      nextJob: 1,
      socketOwners: [],
      socketPlaces: [],
      streams: new Map(),
    };
    this.turn = new Turn(parts.simulation);
    this.alarms = new Alarms(parts.simulation, this.state, (owner, kind, subject) => this.timerFired(owner, kind, subject));
    this.diskKind = parts.simulation.register('disk', (node, boots) => this.diskDone(node, boots));
    this.inbox = new Inbox(this);
    this.environments = parts.specs.map((spec) => (spec === undefined ? new Map() : environmentFor(spec)));
    this.words = { written: parts.names.id('written') };
  }

  attach(network: Network, shells: Shells): void {
    this.attached = { network, shells };
  }

  get network(): Network {
    assert(this.attached !== undefined, 'the hosts have a network before anything runs');
    return this.attached.network;
  }

  get shells(): Shells {
    assert(this.attached !== undefined, 'the hosts have shells before anything runs');
    return this.attached.shells;
  }

  spec(node: number): HostSpec {
    const spec = this.parts.specs[node];
    assert(spec !== undefined, () => `node ${node} runs no commands`);
    return spec;
  }

  host(node: number): HostState {
    const host = this.state.hosts[node];
    assert(host !== undefined && host !== null, () => `node ${node} runs no commands`);
    return host;
  }

  environment(node: number): ReadonlyMap<string, string> {
    return this.environments[node] ?? new Map();
  }

  now(host: HostState): Instant {
    return localTime(host.clock, this.parts.simulation.now);
  }

  /** Lets something happen when what is at work has returned. */
  later(run: () => void): void {
    this.turn.later(run);
  }

  settle(): void {
    this.turn.settle();
  }

  // Timers.

  setTimer(host: HostState, owner: number, kind: number, subject: number, after: Duration): void {
    this.alarms.set(host.clock, owner, kind, subject, after);
  }

  cancelTimer(owner: number, kind: number, subject: number): void {
    this.alarms.cancel(owner, kind, subject);
  }

  /** Sets a timer of one of the protocols of a process. */
  setPartTimer({ owner, process }: RunningPart, kind: number, subject: number, after: Duration): void {
    if (this.owners.isPrompt(owner)) this.alarms.setVirtual(owner, kind, subject, after);
    else this.setTimer(process.hostState, owner, kind, subject, after);
  }

  setDrift(node: number, drift: number): void {
    const host = this.host(node);
    const before = { ...host.clock };
    setDrift(host.clock, this.parts.simulation.now, drift);
    const processes = [...host.processes.values()];
    const owners = new Set(processes.flatMap(({ owner, parts }) => [owner, ...parts.map((part) => part.owner)]));
    this.alarms.retime(owners, before, host.clock);
    for (const record of processes) this.survey(this.running(record));
  }

  private timerFired(owner: number, kind: number, subject: number): void {
    const part = this.runningParts[owner];
    if (part !== undefined && this.owners.isPrompt(owner)) {
      this.alarms.take(owner, kind, subject);
      part.timeout(this.parts.simulation.now, kind, subject);
      return this.turn.settle();
    }
    const process = part === undefined ? this.runningProcesses[owner] : part.process;
    assert(process !== undefined, () => `a timer of ${owner}, which has ended`);
    if (this.inbox.waits(process)) {
      this.alarms.keep(owner, kind, subject);
      this.inbox.enqueue(process, { type: 'timer', owner, kind, subject });
      return;
    }
    this.alarms.take(owner, kind, subject);
    if (part === undefined) process.take({ type: 'timer', owner, kind, subject });
    else part.timeout(process.now, kind, subject);
    this.turn.settle();
  }

  // The disk.

  /** What becomes of an operation that is asked for now. */
  diskFate(node: number, verb: DiskVerb, path: string): DiskFate | undefined {
    const { adversary, simulation } = this.parts;
    if (adversary === undefined) return undefined;
    const { boots, disk } = this.host(node);
    const takes = verb === 'sync' ? disk.syncTime : disk.writeTime;
    return adversary.operation(node, boots, disk.asked, verb, path, beginning(disk, simulation.now), takes);
  }

  /** An operation was asked for that comes back at `due`. */
  diskWorks(node: number, due: Instant): void {
    const { simulation } = this.parts;
    simulation.schedule(due, this.diskKind, simulation.cause, node, this.host(node).boots, 0);
  }

  private diskDone(node: number, boots: number): void {
    const host = this.host(node);
    if (!host.up || host.boots !== boots) return; // it crashed meanwhile
    const next = host.disk.operations[0]?.ordinal as number;
    if (this.parts.adversary?.interrupts(node, boots, next, () => finish(host.disk)) === true) return;
    const { owner, write, path, outcome } = finish(host.disk);
    const part = this.runningParts[owner];
    if (part === undefined) return; // the process has ended, or it was a shell
    const { simulation, journal } = this.parts;
    const payload = journal.isHeard(Kind.written) ? { process: part.process.pid, file: path, outcome } : undefined;
    simulation.cause = journal.record(Kind.written, node, NOBODY, this.words.written, 0, payload);
    if (this.inbox.waits(part.process)) this.inbox.enqueue(part.process, { type: 'written', owner, write, outcome });
    else part.written(write, outcome);
    this.settle();
  }

  // What the network brings.

  datagram(socket: SocketHandle, from: Endpoint, message: unknown): void {
    const owner = this.state.socketOwners[socket] as number;
    const part = this.runningParts[owner];
    if (part === undefined) return;
    const place = this.state.socketPlaces[socket] as number;
    if (this.owners.isPrompt(owner)) part.receive(this.parts.simulation.now, place, from, message);
    else if (this.inbox.waits(part.process, true))
      this.inbox.enqueue(part.process, { type: 'datagram', owner, place, from, message });
    else part.receive(part.process.now, place, from, message);
    this.turn.settle();
  }

  streamed(stream: StreamHandle, event: NetworkStreamEvent): void {
    const { streams, socketOwners, socketPlaces } = this.state;
    if (event.type === 'accepted') streams.set(stream, socketOwners[event.socket] as number);
    const owner = streams.get(stream);
    const part = owner === undefined ? undefined : this.runningParts[owner];
    if (owner === undefined || part === undefined) return;
    if (event.type === 'reset' || event.type === 'refused' || event.type === 'unreachable' || event.type === 'timed-out') {
      streams.delete(stream);
    }
    const given = event.type === 'accepted' ? { ...event, socket: socketPlaces[event.socket] as never } : event;
    if (this.inbox.waits(part.process, true)) this.inbox.enqueue(part.process, { type: 'stream', owner, stream, event: given });
    else part.streamed(stream, given);
    this.settle();
  }

  echoed(node: number, report: EchoReport): void {
    const host = this.host(node);
    for (const record of host.processes.values()) {
      if (record.kind === 'tool' && echoId(record.pid) === report.id) {
        const { id: _, sentAt, ...answer } = report;
        this.deliver(this.running(record), { type: 'echoed', answer: { ...answer, sentAt: localTime(host.clock, sentAt) } });
        break;
      }
    }
    this.settle();
  }

  // Processes.

  running(record: ProcessState): RunningProcess {
    const process = this.runningProcesses[record.owner];
    assert(process !== undefined, () => `process ${record.pid} has ended`);
    return process;
  }

  /** The oldest program of that name that runs on a host, and is reached at an address if one is given. */
  program(node: number, name: string, address?: string): ProgramProcess | undefined {
    for (const record of this.host(node).processes.values()) {
      if (record.kind !== 'program' || record.name !== name) continue;
      const running = this.running(record) as ProgramProcess;
      if (address === undefined || (running.program.serves?.(address) ?? true)) return running;
    }
    return undefined;
  }

  /** All programs that run, by their hosts and then in the order in which they were started. */
  programs(): ProgramProcess[] {
    const records = this.state.hosts.flatMap((host) => [...(host?.processes.values() ?? [])]);
    return records.filter(({ kind }) => kind === 'program').map((record) => this.running(record) as ProgramProcess);
  }

  newOwner(): number {
    return this.state.nextOwner++;
  }

  register(process: RunningProcess): void {
    this.runningProcesses[process.record.owner] = process;
    this.survey(process);
  }

  /** Notes how the protocols of a process take what comes for them; to be called whenever that has changed. */
  survey({ record, hostState }: RunningProcess): void {
    const prompt = this.parts.adversary === undefined && !record.held && showsVirtualTime(hostState.clock);
    for (const { owner, sockets } of record.parts) this.owners.set(owner, prompt, sockets);
  }

  /** Hands an input to a process, or queues it while the process cannot take it. */
  deliver(process: RunningProcess, input: Exclude<Input, { readonly type: 'datagram' | 'stream' | 'written' }>): void {
    if (this.inbox.waits(process)) this.inbox.enqueue(process, input);
    else process.take(input);
  }

  /** Gives a queued input to what it is for. */
  handOver(process: RunningProcess, input: Input): void {
    switch (input.type) {
      case 'datagram':
        return this.runningParts[input.owner]?.receive(process.now, input.place, input.from, input.message);
      case 'stream':
        return this.runningParts[input.owner]?.streamed(input.stream, input.event);
      case 'written':
        return this.runningParts[input.owner]?.written(input.write, input.outcome);
      case 'timer': {
        const { owner, kind, subject } = input;
        // Cancelled or set anew by something that was handed over before.
        if (!this.alarms.takeKept(owner, kind, subject)) return;
        const part = this.runningParts[owner];
        if (part === undefined) process.take(input);
        else part.timeout(process.now, kind, subject);
        return;
      }
      default:
        return process.take(input);
    }
  }

  signal(process: RunningProcess, signal: Signal): void {
    if (signal === 'KILL') this.end(process, signalStatus(signal), 'killed by KILL');
    else if (signal === 'STOP') this.inbox.pause(process);
    else if (signal === 'CONT') this.inbox.resume(process);
    else this.deliver(process, { type: 'signal', signal });
  }

  /** What a signal does that the process has no answer to. */
  signalEnds(process: RunningProcess, signal: Signal): void {
    this.end(process, signalStatus(signal), `killed by ${signal}`);
  }

  isRunning(process: RunningProcess): boolean {
    return this.runningProcesses[process.record.owner] === process;
  }

  /** A process is over: the kernel closes what it had open and tells those who wait for it. */
  end(process: RunningProcess, status: number, how: string): void {
    if (!this.isRunning(process)) return;
    const { record, node } = process;
    const { simulation } = this.parts;
    const before = simulation.cause;
    if (record.kind === 'program') simulation.cause = this.note(Kind.stop, node, record, { how });
    for (const { owner, sockets } of record.parts) {
      for (const [stream, streamOwner] of this.state.streams) {
        if (streamOwner !== owner) continue;
        this.state.streams.delete(stream);
        this.network.close(stream as StreamHandle);
      }
      for (const socket of sockets) this.network.unbind(socket as SocketHandle);
    }
    this.forgetProcess(record);
    this.host(node).processes.delete(record.pid);
    this.disconnect(node, record);
    this.later(() => this.shells.processEnded(node, record.job, status));
    simulation.cause = before;
  }

  /** A command ended without ever waiting, or became a program: nobody is told. */
  vanish(process: RunningProcess): void {
    const { record, node } = process;
    this.forgetProcess(record);
    this.host(node).processes.delete(record.pid);
    this.disconnect(node, record);
  }

  /** Nobody answers what a process was asked, and nobody wants the answers to what it asked. */
  private disconnect(node: number, record: ProcessState): void {
    const { processes } = this.host(node);
    for (const [id, asker] of record.requests) {
      processes.get(asker)?.asked.delete(id);
      this.later(() => this.tell(node, asker, { type: 'disconnected' }));
    }
    for (const [id, asked] of record.asked) {
      processes.get(asked)?.requests.delete(id);
      this.later(() => this.tell(node, asked, { type: 'abandoned', id }));
    }
  }

  /** Gives an input to a process of a host, if it is still there. */
  tell(node: number, pid: number, input: Exclude<Input, { readonly type: 'datagram' | 'stream' | 'written' }>): void {
    const record = this.host(node).processes.get(pid);
    if (record !== undefined) this.deliver(this.running(record), input);
  }

  /** The kernel of the host is gone, and with it all that its processes had. */
  forgetAll(host: HostState): void {
    for (const record of host.processes.values()) {
      for (const { owner } of record.parts) {
        for (const [stream, streamOwner] of this.state.streams) if (streamOwner === owner) this.state.streams.delete(stream);
      }
      this.forgetProcess(record);
    }
    host.processes.clear();
    host.jobs.clear();
  }

  private forgetProcess(record: ProcessState): void {
    for (const { owner, sockets } of [...record.parts, { owner: record.owner, sockets: [] }]) {
      this.alarms.cancelAll(owner);
      for (const socket of sockets) this.state.socketOwners[socket] = -1;
      const part = this.runningParts[owner];
      if (part !== undefined) for (const observer of this.observers) observer.ended?.(part);
      this.runningParts[owner] = undefined;
    }
    this.runningProcesses[record.owner] = undefined;
  }

  /** Writes something about a process into the journal. */
  note(kind: number, node: number, record: ProcessState, more: object): EventId {
    const { journal, names } = this.parts;
    return journal.record(kind, node, NOBODY, names.id(record.name), 0, { process: record.pid, ...more });
  }

  /** A timer of a process itself, not of one of its protocols, has come. */
  timerOfProcess({ node, record }: RunningProcess): void {
    this.parts.simulation.cause = this.note(Kind.timer, node, record, { subject: 0 });
  }

  /** Makes again what is not state. */
  restored(): void {
    this.turn.clear();
    this.runningParts.length = 0;
    this.runningProcesses.length = 0;
    this.state.hosts.forEach((host, node) => {
      for (const record of host?.processes.values() ?? []) {
        if (record.kind === 'program') ProgramProcess.restored(this, node, record);
        else this.register(new ToolProcess(this, node, record));
      }
    });
  }
}

/** The identifier of a process's echo requests: the low 16 bits of its number, as `ping` takes it. */
export const echoId = (pid: number): number => pid & 0xffff;
