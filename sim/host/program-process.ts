import { formatAddress } from '../../core/address.ts';
import { AssertionError, assert } from '../../core/assert.ts';
import type { Notice } from '../../core/protocol.ts';
import { restoreState } from '../../core/state.ts';
import type { Duration, Instant } from '../../core/time.ts';
import { Kind, NOBODY } from '../engine/journal.ts';
import { formatWallClock, wallSeconds } from './clock.ts';
import { filesBelow, recordsOf, replace, utf8Length } from './disk.ts';
import type { HostState, Input, ProcessState } from './host.ts';
import type { Kernel } from './kernel.ts';
import { RunningPart } from './out.ts';
import { absolute } from './path.ts';
import type { HostView, ProcessApi, Program, ScriptRun, SocketRefusal } from './program.ts';
import type { RunningProcess } from './running.ts';
import { ProcessHostView } from './view.ts';

/** A process made of protocols. */
export class ProgramProcess implements RunningProcess, ProcessApi {
  readonly kernel: Kernel;
  readonly node: number;
  readonly hostState: HostState;
  readonly record: ProcessState;
  readonly host: ProcessHostView;
  readonly program: Program;
  readonly running: readonly RunningPart[];

  /** Makes the program of a record, and what its protocols need. Nothing is started. */
  private constructor(kernel: Kernel, node: number, record: ProcessState, saved: boolean) {
    this.kernel = kernel;
    this.node = node;
    this.hostState = kernel.host(node);
    this.record = record;
    this.host = new ProcessHostView(kernel, node, record.files);
    const [command = '', ...args] = record.words;
    const program = kernel.parts.registry.find(command)?.program?.(args, this.host);
    assert(program !== undefined, () => `\`${command}\` makes no program`);
    this.program = program;
    record.name = program.name;
    if (saved) {
      restoreParts(record, program);
    } else {
      record.parts = program.parts.map(({ protocol }) => ({ owner: kernel.newOwner(), sockets: [], state: protocol.state }));
      record.own = program.state ?? null;
    }
    const directory = program.directory ?? `/var/lib/${program.name}`;
    this.running = program.parts.map((_, i) => {
      const state = record.parts[i];
      assert(state !== undefined, () => `${program.name} has other protocols than before`);
      const running = new RunningPart(this, state, i, directory);
      kernel.runningParts[state.owner] = running;
      return running;
    });
    kernel.register(this);
  }

  /** Starts a new process. */
  static launch(kernel: Kernel, node: number, record: ProcessState): ProgramProcess {
    const { journal, names, simulation } = kernel.parts;
    const process = new ProgramProcess(kernel, node, record, false);
    const { hostState } = process;
    hostState.processes.set(record.pid, record);
    const parts = process.running.map(({ name }) => name);
    const payload = { process: record.pid, command: record.words.join(' '), parts };
    simulation.cause = journal.record(Kind.start, node, NOBODY, names.id(record.name), 0, payload);
    const count = hostState.starts.get(record.name) ?? 0;
    hostState.starts.set(record.name, count + 1);
    process.program.starting?.(process);
    if (process.bind()) {
      for (const part of process.running) {
        if (kernel.isRunning(process)) part.start({ count, files: process.filesOf(part) });
      }
      if (kernel.isRunning(process)) process.program.started?.(process);
    }
    return process;
  }

  /** Makes a process again that was running when the world was saved. */
  static restored(kernel: Kernel, node: number, record: ProcessState): ProgramProcess {
    return new ProgramProcess(kernel, node, record, true);
  }

  get name(): string {
    return this.record.name;
  }

  /** What the disk has kept for a protocol. */
  private filesOf(part: RunningPart): ReadonlyMap<string, readonly unknown[]> {
    const { disk } = this.hostState;
    const { files = [] } = this.program.parts[this.running.indexOf(part)] ?? {};
    return new Map([...filesBelow(disk, part.filesIn), ...files.map((path) => [path, recordsOf(disk, path)] as const)]);
  }

  /** Binds all sockets of all protocols. When one is refused the process ends. */
  private bind(): boolean {
    const { kernel, node, program } = this;
    for (const [i, part] of program.parts.entries()) {
      const state = this.record.parts[i];
      for (const [place, socket] of part.sockets.entries()) {
        const handle = kernel.network.bind(node, socket);
        if (typeof handle === 'string') {
          this.refused({ part: part.name, socket, problem: handle });
          return false;
        }
        state?.sockets.push(handle);
        while (kernel.state.socketOwners.length <= handle) {
          kernel.state.socketOwners.push(-1);
          kernel.state.socketPlaces.push(-1);
        }
        kernel.state.socketOwners[handle] = state?.owner ?? -1;
        kernel.state.socketPlaces[handle] = place;
      }
    }
    kernel.survey(this);
    return kernel.isRunning(this);
  }

  private refused(refusal: SocketRefusal): void {
    if (this.program.refused === undefined) {
      const { transport, address, port } = refusal.socket;
      const where = `${address === undefined ? '*' : formatAddress(address)}:${port}`;
      this.print(`${this.name}: cannot bind ${transport} ${where}: ${refusal.problem}`);
    } else {
      this.program.refused(refusal, this);
    }
    this.end(1);
  }

  // What the kernel hands to it.

  take(input: Exclude<Input, { readonly type: 'datagram' | 'stream' | 'written' }>): void {
    const { program, kernel } = this;
    switch (input.type) {
      case 'timer':
        kernel.timerOfProcess(this);
        return program.timeout?.(input.kind, this);
      case 'signal':
        if (program.signal === undefined) kernel.signalEnds(this, input.signal);
        else program.signal(input.signal, this);
        return;
      case 'request':
        // Nobody would ever answer.
        if (program.request === undefined) this.answer(input.id, undefined);
        else program.request(input.id, input.request, this);
        return;
      case 'abandoned':
        return program.abandoned?.(input.id, this);
      case 'scripted':
        this.record.script = null;
        program.scripted?.(input.result, this);
        return this.nextScript();
      default:
        throw new AssertionError(`${this.name} is no command that waits for what was ${input.type}`);
    }
  }

  noticed(part: RunningPart, notice: Notice): void {
    if (this.program.notice === undefined) return;
    this.kernel.later(() => {
      if (this.kernel.isRunning(this)) this.program.notice?.(this.running.indexOf(part), notice, this);
    });
  }

  logged(line: string): void {
    if (this.program.log === undefined) return;
    this.kernel.later(() => {
      if (this.kernel.isRunning(this)) this.program.log?.(line, this);
    });
  }

  replied(id: number, result: unknown): void {
    if (!this.kernel.isRunning(this)) return;
    if (this.program.replied !== undefined) this.program.replied(id, result, this);
    else if (this.record.requests.has(id)) this.answer(id, result);
  }

  // What the program may do.

  get pid(): number {
    return this.record.pid;
  }

  look(): HostView {
    return new ProcessHostView(this.kernel, this.node, new Map());
  }

  write(path: string, text: string): boolean {
    const { kernel, node, hostState } = this;
    const request = { owner: -1, write: 0, now: kernel.parts.simulation.now };
    kernel.diskWorks(node, replace(hostState.disk, absolute(path), [text], utf8Length(text), request));
    return hostState.disk.operations.at(-1)?.outcome === 'ok';
  }

  get now(): Instant {
    return this.kernel.now(this.hostState);
  }

  wallClock(): string {
    return formatWallClock(wallSeconds(this.hostState.clock, this.kernel.epoch, this.kernel.parts.simulation.now));
  }

  print(text: string): void {
    this.kernel.shells.print(this.node, this.record.job, 'stdout', `${text}\n`);
  }

  nextId(): number {
    return this.hostState.nextId++;
  }

  command(part: number, id: number, command: unknown): void {
    const running = this.running[part];
    assert(running !== undefined, () => `${this.name} has no protocol ${part}`);
    running.command(id, command);
  }

  answer(id: number, answer: unknown, more = false): void {
    const asker = this.record.requests.get(id);
    if (asker === undefined) return;
    if (!more) {
      this.record.requests.delete(id);
      this.hostState.processes.get(asker)?.asked.delete(id);
    }
    this.kernel.later(() => this.kernel.tell(this.node, asker, { type: 'answered', answer, last: !more }));
  }

  script(run: ScriptRun): void {
    this.record.scripts.push(run);
    this.kernel.later(() => this.nextScript());
  }

  /** Starts the next script if none runs. */
  nextScript(): void {
    const { record, kernel } = this;
    if (!kernel.isRunning(this) || record.script !== null) return;
    const run = record.scripts.shift();
    if (run !== undefined) kernel.shells.runScript(this, run);
  }

  setTimer(kind: number, after: Duration): void {
    this.kernel.setTimer(this.hostState, this.record.owner, kind, 0, after);
  }

  cancelTimer(kind: number): void {
    this.kernel.cancelTimer(this.record.owner, kind, 0);
  }

  end(status: number): void {
    this.kernel.end(this, status, `exited with ${status}`);
  }
}

/** Gives the protocols of a program that was made again the state that they had. */
function restoreParts(record: ProcessState, program: Program): void {
  record.parts.forEach((saved, i) => {
    const protocol = program.parts[i]?.protocol;
    assert(protocol !== undefined, () => `${program.name} has other protocols than before`);
    restoreState(protocol.state, saved.state);
    saved.state = protocol.state;
  });
  if (record.own !== null && program.state !== undefined) {
    restoreState(program.state, record.own);
    record.own = program.state;
  }
}
