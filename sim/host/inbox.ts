import type { Instant } from '../../core/time.ts';
import { Kind } from '../engine/journal.ts';
import type { EventKind } from '../engine/simulation.ts';
import type { Input } from './host.ts';
import type { Kernel } from './kernel.ts';
import type { RunningProcess } from './running.ts';

/** What comes for processes that cannot take it yet: because they stand still, or because their host is busy. */
export class Inbox {
  private readonly kernel: Kernel;
  private readonly lateKind: EventKind;

  constructor(kernel: Kernel) {
    this.kernel = kernel;
    this.lateKind = kernel.parts.simulation.register('late input', (node, pid, boots) => this.lateInput(node, pid, boots));
  }

  /** Whether what comes for a process now has to queue; `network` where the network brings it. */
  waits({ node, record }: RunningProcess, network = false): boolean {
    if (record.held || (network && record.lagging)) return true;
    const { adversary } = this.kernel.parts;
    if (adversary === undefined) return false;
    const { now } = this.kernel.parts.simulation;
    record.held = adversary.lateness(now, node, record.pid, record.late, false) > 0;
    if (network && !record.held) record.lagging = adversary.lateness(now, node, record.pid, record.late, true) > 0;
    return record.held || (network && record.lagging);
  }

  /** Queues an input, behind those that came before; when the host is busy it is taken only after a while. */
  enqueue({ node, record }: RunningProcess, input: Input): void {
    const network = input.type === 'datagram' || input.type === 'stream';
    const { simulation, adversary } = this.kernel.parts;
    const lateness = adversary?.lateness(simulation.now, node, record.pid, record.late, network) ?? 0;
    const ready = Math.max(record.ready, simulation.now + lateness) as Instant;
    record.inputs.push({ '~cause': simulation.cause, input, ready });
    if (ready === simulation.now) return;
    record.late++;
    record.ready = ready;
    simulation.schedule(ready, this.lateKind, simulation.cause, node, record.pid, this.kernel.host(node).boots);
  }

  private lateInput(node: number, pid: number, boots: number): void {
    const host = this.kernel.host(node);
    const record = host.processes.get(pid);
    if (record === undefined || host.boots !== boots) return;
    this.catchUp(this.kernel.running(record));
    this.kernel.settle();
  }

  /** Stops a process: it does nothing until it is resumed; what comes for it queues. */
  pause(process: RunningProcess): void {
    const { record, node } = process;
    if (record.paused) return;
    record.paused = true;
    record.held = true;
    this.kernel.survey(process);
    this.kernel.note(Kind.pause, node, record, {});
  }

  /** Lets a process go on with what has come for it, in order; signals first, as they interrupt whatever else it would do. */
  resume(process: RunningProcess): void {
    const { record, node } = process;
    if (!record.paused) return;
    record.paused = false;
    const { simulation } = this.kernel.parts;
    const before = simulation.cause;
    simulation.cause = this.kernel.note(Kind.resume, node, record, {});
    const signals = record.inputs.filter(({ input }) => input.type === 'signal');
    const others = record.inputs.filter(({ input }) => input.type !== 'signal');
    record.inputs.splice(0, record.inputs.length, ...signals, ...others);
    this.kernel.later(() => this.catchUp(process));
    simulation.cause = before;
  }

  /** Hands over one queued input, lets what follows from it happen, and goes on. */
  private catchUp(process: RunningProcess): void {
    const { record } = process;
    if (record.paused || !this.kernel.isRunning(process)) return;
    const queued = record.inputs[0];
    if (queued === undefined) {
      record.held = false;
      record.lagging = false;
      return this.kernel.survey(process);
    }
    if (queued.ready > this.kernel.parts.simulation.now) return; // an event comes when it is
    record.inputs.shift();
    this.kernel.parts.simulation.cause = queued['~cause'];
    this.kernel.handOver(process, queued.input);
    this.kernel.later(() => this.catchUp(process));
  }
}
