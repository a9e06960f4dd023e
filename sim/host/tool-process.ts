import type { Address } from '../../core/address.ts';
import { AssertionError, assert } from '../../core/assert.ts';
import type { Duration, Instant } from '../../core/time.ts';
import type { InterfaceView, NeighbourView, RouteView } from '../network/view.ts';
import { formatWallClock, wallSeconds } from './clock.ts';
import type { Command, ProcessView, Started, ToolApi } from './commands/registry.ts';
import { readText } from './disk.ts';
import type { HostState, Input, ProcessState } from './host.ts';
import { echoId, type Kernel } from './kernel.ts';
import { absolute } from './path.ts';
import type { Signal } from './program.ts';
import type { RunningProcess } from './running.ts';
import { ProcessHostView } from './view.ts';

/** A command at work. */
export class ToolProcess implements RunningProcess, ToolApi {
  readonly kernel: Kernel;
  readonly node: number;
  readonly hostState: HostState;
  readonly record: ProcessState;
  readonly host: ProcessHostView;
  readonly command: Command;

  constructor(kernel: Kernel, node: number, record: ProcessState) {
    this.kernel = kernel;
    this.node = node;
    this.hostState = kernel.host(node);
    this.record = record;
    this.host = new ProcessHostView(kernel, node, record.files);
    const command = kernel.parts.registry.find(record.words[0] ?? '');
    assert(command !== undefined, () => `no command is called ${record.words[0]}`);
    this.command = command;
  }

  begin(): Started {
    return this.command.start(this.record.words.slice(1), this);
  }

  take(input: Exclude<Input, { readonly type: 'datagram' | 'stream' | 'written' }>): void {
    const { command } = this;
    const state = this.record.own as never;
    switch (input.type) {
      case 'timer':
        this.kernel.timerOfProcess(this);
        return command.timeout?.(state, input.kind, this);
      case 'signal':
        if (command.signal === undefined) this.kernel.signalEnds(this, input.signal);
        else command.signal(state, input.signal, this);
        return;
      case 'echoed':
        return command.echoed?.(state, input.answer, this);
      case 'answered':
        return command.answered?.(state, input.answer, input.last, this);
      case 'disconnected':
        if (command.disconnected === undefined) this.end(1);
        else command.disconnected(state, this);
        return;
      default:
        throw new AssertionError(`${this.record.name} is no program: nothing is ${input.type} for it`);
    }
  }

  get pid(): number {
    return this.record.pid;
  }

  get now(): Instant {
    return this.kernel.now(this.hostState);
  }

  wallClock(): string {
    return formatWallClock(wallSeconds(this.hostState.clock, this.kernel.epoch, this.kernel.parts.simulation.now));
  }

  write(text: string): void {
    this.kernel.shells.print(this.node, this.record.job, 'stdout', text);
  }

  print(text: string): void {
    this.write(`${text}\n`);
  }

  complain(text: string): void {
    this.kernel.shells.print(this.node, this.record.job, 'stderr', `${text}\n`);
  }

  input(): string {
    return this.kernel.shells.takeInput(this.node, this.record.job);
  }

  variable(name: string): string | undefined {
    return this.record.environment.get(name);
  }

  read(path: string): string | undefined {
    return readText(this.hostState.disk, absolute(path));
  }

  processes(): readonly ProcessView[] {
    return [...this.hostState.processes.values()].map(({ pid, name }) => ({ pid, name }));
  }

  kill(pid: number, signal: Signal): boolean {
    const record = this.hostState.processes.get(pid);
    if (record === undefined) return false;
    this.kernel.later(() => this.kernel.signal(this.kernel.running(record), signal));
    return true;
  }

  interfaces(): readonly InterfaceView[] {
    return this.kernel.network.interfaces(this.node);
  }

  neighbours(): readonly NeighbourView[] {
    return this.kernel.network.neighbours(this.node);
  }

  routes(): readonly RouteView[] {
    return this.kernel.network.routes(this.node);
  }

  echo(to: Address, options: { readonly sequence: number; readonly bytes: number; readonly ttl: number }): boolean {
    return this.kernel.network.echo(this.node, to, { id: echoId(this.pid), ...options });
  }

  request(program: string, request: unknown, address?: string): boolean {
    const target = this.kernel.program(this.node, program, address);
    if (target === undefined) return false;
    const id = this.hostState.nextId++;
    target.record.requests.set(id, this.pid);
    this.record.asked.set(id, target.pid);
    this.kernel.later(() => this.kernel.tell(this.node, target.pid, { type: 'request', id, request }));
    return true;
  }

  setTimer(kind: number, after: Duration): void {
    this.kernel.setTimer(this.hostState, this.record.owner, kind, 0, after);
  }

  cancelTimer(kind: number): void {
    this.kernel.cancelTimer(this.record.owner, kind, 0);
  }

  die(signal: Signal): void {
    this.kernel.signalEnds(this, signal);
  }

  end(status: number): void {
    assert(this.record.own !== null, () => `${this.record.name} ends while it starts; it returns its status instead`);
    this.kernel.end(this, status, `exited with ${status}`);
  }
}
