import { assert } from '../../core/assert.ts';
import type { Endpoint } from '../../core/names.ts';
import { Kind, NOBODY } from '../engine/journal.ts';
import type { Network } from '../network/network.ts';
import type { EchoReport, NetworkStreamEvent, SocketHandle, StreamHandle, Upcalls } from '../network/upcalls.ts';
import { formatWallClock, jump, wallSeconds } from './clock.ts';
import { corrupt, loseUnsynced, readText, recordsOf, wipe } from './disk.ts';
import { installFiles, newHost, type ProcessState } from './host.ts';
import { type HostsParts, type HostsState, Kernel } from './kernel.ts';
import type { Observer } from './observer.ts';
import { absolute } from './path.ts';
import type { Program, Signal } from './program.ts';
import type { ProgramProcess } from './program-process.ts';
import { quote } from './shell/quote.ts';
import { Shells } from './shells.ts';

export type { HostSpec } from './host.ts';
export type { HostsParts } from './kernel.ts';
export { ProtocolError } from './out.ts';

/** A process as the outside sees it. */
export interface ProcessInfo {
  readonly pid: number;
  readonly kind: 'program' | 'tool';
  readonly name: string;
  /** Its command line. */
  readonly words: readonly string[];
  readonly paused: boolean;
}

/**
 * The hosts of a world: their processes, shells, clocks and disks. They are up when they are made.
 *
 * Every method is to be called from outside of what runs: between two events, or from the handler of an event of one's own, with
 * the simulation's cause set to what it follows from.
 */
export class Hosts implements Upcalls {
  readonly state: HostsState;
  private readonly kernel: Kernel;
  private readonly shells: Shells;

  constructor(parts: HostsParts) {
    const hosts = parts.specs.map((spec) => (spec === undefined ? null : newHost(spec)));
    this.kernel = new Kernel(parts, hosts);
    this.shells = new Shells(this.kernel);
    this.state = this.kernel.state;
  }

  /** The network that they are on; to be called once, before anything runs. */
  attach(network: Network): void {
    this.kernel.attach(network, this.shells);
  }

  /** The first boot of all nodes, at the start of the run. */
  start(): void {
    this.kernel.parts.specs.forEach((_, node) => {
      this.booted(node, []);
    });
  }

  /**
   * Types a command line, which was checked, at a host's terminal.
   *
   * @returns the number of the job, or undefined when the host is down
   */
  run(node: number, line: string): number | undefined {
    if (!this.isUp(node)) return undefined;
    const { simulation } = this.kernel.parts;
    const before = simulation.cause;
    const job = this.shells.type(node, line);
    simulation.cause = before;
    this.kernel.settle();
    return job;
  }

  /** The power fails: processes and shells are gone, and with them what was not synced to the disk. */
  crash(node: number): void {
    const { simulation, journal, names } = this.kernel.parts;
    const before = simulation.cause;
    simulation.cause = journal.record(Kind.crash, node, NOBODY, names.id('crash'), 0, {});
    const host = this.kernel.state.hosts[node];
    if (host !== null && host !== undefined) {
      assert(host.up, () => `node ${node} is down already`);
      host.up = false;
      host.interrupted = [...host.processes.values()].filter(({ kind }) => kind === 'program').map(({ words }) => [...words]);
      this.kernel.forgetAll(host);
      const { adversary } = this.kernel.parts;
      loseUnsynced(host.disk, (path, writers) => adversary?.tear(node, host.boots, path, writers));
    }
    this.kernel.network.down(node);
    simulation.cause = before;
  }

  /**
   * The node comes back. Its disk is as the crash left it.
   *
   * @param restart whether the programs that ran when it crashed are started again, as a service manager does
   */
  boot(node: number, restart = true): void {
    const host = this.kernel.state.hosts[node];
    let again: readonly string[] = [];
    if (host !== null && host !== undefined) {
      assert(!host.up, () => `node ${node} is up already`);
      host.up = true;
      host.boots++;
      const own = new Set(this.kernel.spec(node).boot);
      if (restart) again = host.interrupted.map((words) => words.map(quote).join(' ')).filter((line) => !own.has(line));
      host.interrupted = [];
    }
    this.kernel.network.up(node);
    this.booted(node, again);
  }

  private booted(node: number, again: readonly string[]): void {
    const { simulation, journal, names, specs } = this.kernel.parts;
    const before = simulation.cause;
    const count = this.kernel.state.hosts[node]?.boots ?? this.kernel.network.boots(node);
    simulation.cause = journal.record(Kind.boot, node, NOBODY, names.id('boot'), 0, { count });
    for (const line of [...(specs[node]?.boot ?? []), ...again]) this.run(node, line);
    simulation.cause = before;
  }

  /** @returns false when there is no such process */
  signal(node: number, pid: number, signal: Signal): boolean {
    const record = this.kernel.host(node).processes.get(pid);
    if (record === undefined) return false;
    this.kernel.signal(this.kernel.running(record), signal);
    this.kernel.settle();
    return true;
  }

  /** Pauses one process, or all of the host; its kernel goes on answering. */
  pause(node: number, pid?: number): void {
    for (const record of this.chosen(node, pid)) this.signal(node, record.pid, 'STOP');
  }

  resume(node: number, pid?: number): void {
    for (const record of this.chosen(node, pid)) this.signal(node, record.pid, 'CONT');
  }

  /** Whether a disk has done all that it was asked for. */
  isDiskIdle(node: number): boolean {
    return this.kernel.host(node).disk.operations.length === 0;
  }

  /** The medium of a disk rots: a record of a file is damaged, if there is one; -1 is the last. */
  corrupt(node: number, path: string, record: number): void {
    corrupt(this.kernel.host(node).disk, absolute(path), record);
  }

  /** A host gets a new disk, with the files on it that it had at first. */
  wipe(node: number): void {
    const { disk } = this.kernel.host(node);
    wipe(disk);
    installFiles(disk, this.kernel.spec(node));
  }

  /** Kills a process and starts the same command line again, in a job of its own. */
  restart(node: number, pid: number): void {
    const record = this.kernel.host(node).processes.get(pid);
    if (record === undefined) return;
    this.signal(node, pid, 'KILL');
    this.run(node, record.words.map(quote).join(' '));
  }

  /** Makes a host's clock gain so many parts per million from now on, or lose when negative; pending timers follow it. */
  setDrift(node: number, drift: number): void {
    this.kernel.setDrift(node, drift);
  }

  /** How many parts per million a host's clock gains. */
  drift(node: number): number {
    return this.kernel.host(node).clock.drift;
  }

  /** Sets a host's wall clock forward, or back when negative, by so many nanoseconds. */
  jumpClock(node: number, by: number): void {
    jump(this.kernel.host(node).clock, by);
  }

  /** Makes the programs that run know each other, those of one name, as if they had long run together; and shows what they know. */
  converge(): void {
    const named = new Map<string, ProgramProcess[]>();
    for (const process of this.kernel.programs()) named.set(process.name, [...(named.get(process.name) ?? []), process]);
    for (const all of named.values()) {
      const [first] = all;
      if (first?.program.converge === undefined) continue;
      first.program.converge(all.map((process) => ({ program: process.program, process })));
      for (const process of all) for (const part of process.running) part.converged();
    }
    this.kernel.settle();
  }

  // What can be seen of them.

  /** Who looks at everything that protocols are given and do. Nobody is part of the run. */
  get observers(): Observer[] {
    return this.kernel.observers;
  }

  isUp(node: number): boolean {
    return this.kernel.state.hosts[node]?.up ?? true;
  }

  /** In the order in which they were started. */
  processes(node: number): readonly ProcessInfo[] {
    const records = this.kernel.state.hosts[node]?.processes.values() ?? [];
    return [...records].map(({ pid, kind, name, words, paused }) => ({ pid, kind, name, words, paused }));
  }

  /** The oldest program of that name on a host, to look at. */
  program(node: number, name: string): Program | undefined {
    return this.kernel.state.hosts[node] === null ? undefined : this.kernel.program(node, name)?.program;
  }

  /** Whether a job has not ended. */
  isAtWork(node: number, job: number): boolean {
    return this.kernel.state.hosts[node]?.jobs.has(job) ?? false;
  }

  /** Whether a file has such a record, counted from the end when negative. */
  holds(node: number, path: string, record: number): boolean {
    const { length } = recordsOf(this.kernel.host(node).disk, absolute(path));
    return record < length && record >= -length;
  }

  /** A file's text; undefined when there is none or it is no text. */
  file(node: number, path: string): string | undefined {
    return readText(this.kernel.host(node).disk, absolute(path));
  }

  wallClock(node: number): string {
    const { clock } = this.kernel.host(node);
    return formatWallClock(wallSeconds(clock, this.kernel.epoch, this.kernel.parts.simulation.now));
  }

  /** Makes again what is not state; to be called after `state` was restored. */
  restored(): void {
    this.kernel.restored();
  }

  /** What observers remember, in their order. */
  saveObservers(): object[] {
    return this.observers.map((observer) => observer.saved?.() ?? {});
  }

  /** Tells observers that everything was restored; to be called when it has been. @param saved as they remembered it, if they were there */
  restoreObservers(saved: readonly object[]): void {
    const parts = this.kernel.programs().flatMap(({ running }) => running);
    for (const [i, observer] of this.observers.entries()) observer.restored?.(parts, saved[i]);
  }

  // What the network hands up.

  datagram(socket: SocketHandle, from: Endpoint, _to: Endpoint, message: unknown, _bytes: number): void {
    this.kernel.datagram(socket, from, message);
  }

  streamed(stream: StreamHandle, event: NetworkStreamEvent): void {
    this.kernel.streamed(stream, event);
  }

  echoed(node: number, report: EchoReport): void {
    this.kernel.echoed(node, report);
  }

  private chosen(node: number, pid: number | undefined): readonly ProcessState[] {
    const all = [...this.kernel.host(node).processes.values()];
    return pid === undefined ? all : all.filter((record) => record.pid === pid);
  }
}
