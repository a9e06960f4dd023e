import { assert } from '../../core/assert.ts';
import type { Endpoint, NameId } from '../../core/names.ts';
import type {
  Boot,
  Notice,
  Out,
  Part,
  Protocol,
  Socket,
  SocketSpec,
  StreamEvent,
  StreamId,
  WriteOutcome,
} from '../../core/protocol.ts';
import { type Duration, formatInstant, type Instant } from '../../core/time.ts';
import { Kind, NOBODY } from '../engine/journal.ts';
import type { SocketHandle, StreamHandle } from '../network/upcalls.ts';
import type { DiskVerb } from './adversary.ts';
import { append, type Request, replace, sync, truncate } from './disk.ts';
import type { PartState } from './host.ts';
import type { Kernel } from './kernel.ts';
import type { ObservedPart, Observer, ProtocolInput } from './observer.ts';
import type { ProgramPart } from './program.ts';
import type { ProgramProcess } from './program-process.ts';

/** A protocol threw: a bug of its own, or of Partita. `cause` is what it threw. */
export class ProtocolError extends Error {
  override name = 'ProtocolError';
  readonly node: number;
  readonly host: string;
  readonly program: string;
  readonly protocol: string;
  readonly at: Instant;

  constructor(place: { node: number; host: string; program: string; protocol: string; at: Instant }, thrown: unknown) {
    const what = thrown instanceof Error ? `${thrown.name}: ${thrown.message}` : String(thrown);
    super(`${place.protocol} of ${place.program} on ${place.host} failed at ${formatInstant(place.at)} s: ${what}`, {
      cause: thrown,
    });
    this.node = place.node;
    this.host = place.host;
    this.program = place.program;
    this.protocol = place.protocol;
    this.at = place.at;
  }
}

/**
 * One protocol of a running process: hands its inputs in, and carries the calls that it makes out at once. There is one object per
 * protocol, made when the process starts, so that an effect allocates nothing.
 */
export class RunningPart implements Out<never>, ObservedPart {
  readonly process: ProgramProcess;
  readonly record: PartState;
  readonly protocol: Protocol<never, never>;
  /** As in the process and the record, which are far away. */
  readonly owner: number;
  readonly node: number;
  readonly place: number;
  readonly name: string;
  private readonly kernel: Kernel;
  private readonly observers: readonly Observer[];
  private readonly directory: string;
  private readonly specs: readonly SocketSpec[];
  private readonly fields: readonly NameId[];
  private readonly timers: readonly NameId[];

  constructor(process: ProgramProcess, record: PartState, place: number, directory: string) {
    const { names } = process.kernel.parts;
    const part = process.program.parts[place] as ProgramPart;
    this.kernel = process.kernel;
    this.observers = process.kernel.observers;
    this.node = process.node;
    this.place = place;
    this.owner = record.owner;
    this.process = process;
    this.record = record;
    this.protocol = part.protocol;
    this.name = part.name;
    this.directory = `${directory}/${part.name}`;
    this.specs = part.sockets;
    this.fields = part.protocol.cells.map((field) => names.id(`${part.name}.${field}`));
    this.timers = part.protocol.timers.map((timer) => names.id(timer));
  }

  get filesIn(): string {
    return this.directory;
  }

  get pid(): number {
    return this.process.pid;
  }

  get late(): boolean {
    const { held, lagging } = this.process.record;
    return held || lagging;
  }

  get program(): string {
    return this.process.name;
  }

  /** Tells those who watch what the protocol shows now, which it was given and did not tell itself. */
  show(): void {
    const { journal } = this.process.kernel.parts;
    if (journal.sinks.length === 0) return;
    this.protocol.project?.((subject, field, value) => {
      journal.show(this.process.node, subject as NameId, this.fields[field] as NameId, value);
    });
  }

  // What the protocol is told. Whatever it throws ends the run.

  start(boot: Boot): void {
    const { now } = this.process;
    const input = this.observers.length === 0 ? undefined : this.feeding(now, { type: 'start', boot });
    try {
      this.protocol.start(now, boot, this);
    } catch (error) {
      throw this.failed(error);
    }
    if (input !== undefined) this.fed(now, input);
  }

  receive(now: Instant, place: number, from: Endpoint, message: unknown): void {
    const socket = place as Socket;
    const input = this.observers.length === 0 ? undefined : this.feeding(now, { type: 'receive', socket, from, message });
    try {
      this.protocol.receive(now, socket, from, message as never, this);
    } catch (error) {
      throw this.failed(error);
    }
    if (input !== undefined) this.fed(now, input);
  }

  streamed(handle: number, event: StreamEvent<unknown>): void {
    const { now } = this.process;
    const stream = handle as StreamId;
    const input = this.observers.length === 0 ? undefined : this.feeding(now, { type: 'stream', stream, event });
    try {
      this.protocol.stream(now, stream, event as StreamEvent<never>, this);
    } catch (error) {
      throw this.failed(error);
    }
    if (input !== undefined) this.fed(now, input);
  }

  timeout(now: Instant, kind: number, subject: number): void {
    const { journal, simulation } = this.kernel.parts;
    const payload = journal.isHeard(Kind.timer) ? { process: this.process.pid, subject } : undefined;
    const word = this.timers[kind];
    assert(word !== undefined, () => `${this.name} has no timer ${kind}`);
    simulation.cause = journal.record(Kind.timer, this.node, NOBODY, word, 0, payload);
    const input = this.observers.length === 0 ? undefined : this.feeding(now, { type: 'timeout', kind, subject });
    try {
      this.protocol.timeout(now, kind, subject, this);
    } catch (error) {
      throw this.failed(error);
    }
    if (input !== undefined) this.fed(now, input);
  }

  command(id: number, command: unknown): void {
    const { now } = this.process;
    const input = this.observers.length === 0 ? undefined : this.feeding(now, { type: 'command', id, command });
    try {
      this.protocol.command(now, id, command as never, this);
    } catch (error) {
      throw this.failed(error);
    }
    if (input !== undefined) this.fed(now, input);
  }

  written(write: number, outcome: WriteOutcome): void {
    const { now } = this.process;
    const input = this.observers.length === 0 ? undefined : this.feeding(now, { type: 'written', write, outcome });
    try {
      this.protocol.written(now, write, outcome, this);
    } catch (error) {
      throw this.failed(error);
    }
    if (input !== undefined) this.fed(now, input);
  }

  /** Its state was made what it would be if it had long run. */
  converged(): void {
    this.show();
    if (this.observers.length > 0) this.fed(this.process.now, { type: 'converged' });
  }

  private feeding(now: Instant, input: ProtocolInput): ProtocolInput {
    for (const observer of this.observers) observer.feeding?.(this, now, input);
    return input;
  }

  private fed(now: Instant, input: ProtocolInput): void {
    for (const observer of this.observers) observer.fed?.(this, now, input);
  }

  private failed(error: unknown): ProtocolError {
    const { node, kernel } = this.process;
    const host = kernel.spec(node).name;
    const place = { node, host, program: this.process.name, protocol: this.name, at: kernel.parts.simulation.now };
    return new ProtocolError(place, error);
  }

  // What the protocol does.

  send(socket: Socket, to: Endpoint, message: never, bytes: number): boolean {
    const known = this.kernel.owners.handle(this.owner, socket);
    const handle = known < 0 ? this.handle(socket) : (known as SocketHandle);
    const accepted = this.kernel.network.send(handle, to, message, bytes);
    if (this.observers.length > 0) for (const each of this.observers) each.sent?.(this, to, message, bytes, accepted);
    return accepted;
  }

  open(socket: Socket, to: Endpoint): StreamId {
    const { kernel, node } = this.process;
    const stream = kernel.network.connect(node, this.specs[socket]?.address, to);
    kernel.state.streams.set(stream, this.record.owner);
    return stream as number as StreamId;
  }

  transmit(stream: StreamId, message: never, bytes: number): void {
    this.process.kernel.network.transmit(stream as number as StreamHandle, message, bytes);
    if (this.observers.length > 0) for (const each of this.observers) each.transmitted?.(this, stream, message, bytes);
  }

  close(stream: StreamId): void {
    const { kernel } = this.process;
    if (kernel.state.streams.delete(stream)) kernel.network.close(stream as number as StreamHandle);
  }

  setTimer(kind: number, subject: number, after: Duration): void {
    this.kernel.setPartTimer(this, kind, subject, after);
  }

  cancelTimer(kind: number, subject: number): void {
    this.kernel.cancelTimer(this.owner, kind, subject);
  }

  append(file: string, record: unknown, bytes: number, write: number): void {
    const { kernel, node, hostState } = this.process;
    kernel.diskWorks(node, append(hostState.disk, this.path(file), record, bytes, this.request('append', file, write)));
  }

  replace(file: string, records: readonly unknown[], bytes: number, write: number): void {
    const { kernel, node, hostState } = this.process;
    kernel.diskWorks(node, replace(hostState.disk, this.path(file), records, bytes, this.request('replace', file, write)));
  }

  truncate(file: string, length: number, write: number): void {
    const { kernel, node, hostState } = this.process;
    kernel.diskWorks(node, truncate(hostState.disk, this.path(file), length, this.request('truncate', file, write)));
  }

  sync(file: string, write: number): void {
    const { kernel, node, hostState } = this.process;
    kernel.diskWorks(node, sync(hostState.disk, this.path(file), this.request('sync', file, write)));
  }

  reply(command: number, result: unknown): void {
    this.process.kernel.later(() => this.process.replied(command, result));
  }

  cell(subject: number, field: number, value: number | string): void {
    const name = this.fields[field];
    assert(name !== undefined, () => `${this.name} has no cell ${field}`);
    this.kernel.parts.journal.cell(this.node, subject as NameId, name, value);
    if (this.observers.length > 0) for (const each of this.observers) each.showed?.(this, subject, field, value);
  }

  announce(notice: Notice): void {
    const { kernel, node } = this.process;
    const { journal, names } = kernel.parts;
    journal.record(Kind.notice, node, NOBODY, names.id(notice.type), 0, notice);
    if (this.observers.length > 0) for (const each of this.observers) each.announced?.(this, notice);
    this.process.noticed(this, notice);
  }

  log(line: string): void {
    if (this.process.program.hears?.(line) === false) return;
    const { kernel, node, pid } = this.process;
    const { journal, names } = kernel.parts;
    journal.record(Kind.log, node, NOBODY, names.id(this.process.name), 0, { process: pid, line });
    this.process.logged(line);
  }

  of(part: Part): Out<never> {
    const other = this.process.running[part];
    assert(other !== undefined, () => `${this.process.name} has no protocol ${part}`);
    return other;
  }

  private handle(socket: Socket): SocketHandle {
    const handle = this.record.sockets[socket];
    assert(handle !== undefined, () => `${this.name} has no socket ${socket}`);
    return handle as SocketHandle;
  }

  /** A path of the protocol's own is below its directory, an absolute one is that of the host. */
  private path(file: string): string {
    return file.startsWith('/') ? file : `${this.directory}/${file}`;
  }

  private request(verb: DiskVerb, file: string, write: number): Request {
    const { kernel, node } = this.process;
    return {
      owner: this.record.owner,
      write,
      now: kernel.parts.simulation.now,
      fate: kernel.diskFate(node, verb, this.path(file)),
    };
  }
}
