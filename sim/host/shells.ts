import { assert } from '../../core/assert.ts';
import { START } from '../../core/time.ts';
import { Kind, NOBODY } from '../engine/journal.ts';
import type { DiskVerb } from './adversary.ts';
import { append, type Request, readText, replace, utf8Length } from './disk.ts';
import type { ProcessState } from './host.ts';
import type { Kernel } from './kernel.ts';
import type { ScriptRun, Signal } from './program.ts';
import { ProgramProcess } from './program-process.ts';
import { codeOf, translate } from './shell/compile.ts';
import type { ShellHost } from './shell/host.ts';
import { resume, run } from './shell/interpreter.ts';
import { environmentOf, frameOf, type JobState, newJob, takeInput } from './shell/job.ts';
import { write } from './shell/print.ts';
import { SIGNALS } from './signals.ts';
import { ToolProcess } from './tool-process.ts';

/** The exit status that a shell shows for a command that died by a signal. */
export const status = (signal: Signal): number => 128 + SIGNALS[signal];

/** The shells of all hosts: jobs, what they print, and the commands that they start. */
export class Shells {
  private readonly kernel: Kernel;
  private readonly hosts: ShellHost[];

  constructor(kernel: Kernel) {
    this.kernel = kernel;
    this.hosts = kernel.parts.specs.map((_, node) => new NodeShell(kernel, node));
  }

  /** Somebody types a command line at a host's terminal. @returns the job's number */
  type(node: number, line: string): number {
    const id = this.kernel.state.nextJob++;
    this.journalCommand(node, id, line);
    const environment = this.kernel.environment(node);
    const job = newJob({ id, text: line, code: codeOf(line), environment, terminal: id });
    this.kernel.host(node).jobs.set(id, job);
    run(job, this.shell(node));
    return id;
  }

  /** Runs a script for a process; its result comes back as an input. */
  runScript(process: ProgramProcess, { tag, script, environment, stdin, shown }: ScriptRun): void {
    const { node, record, pid } = process;
    const translated = translate(script);
    if (!translated.ok) {
      const output = `sh: ${translated.problem.line}: ${translated.problem.says}\n`;
      record.script = 0;
      this.kernel.later(() => this.kernel.tell(node, pid, { type: 'scripted', result: { tag, status: 2, output } }));
      return;
    }
    const id = this.kernel.state.nextJob++;
    if (shown) this.journalCommand(node, id, script);
    const job = newJob({
      id,
      text: script,
      code: translated.code,
      environment: new Map([...record.environment, ...environment]),
      terminal: shown ? id : null,
      stdin,
      captured: true,
      runFor: { pid, tag },
    });
    record.script = id;
    this.kernel.host(node).jobs.set(id, job);
    run(job, this.shell(node));
  }

  /** The process that a job waited for is over. */
  processEnded(node: number, id: number, exit: number): void {
    const job = this.kernel.host(node).jobs.get(id);
    if (job !== undefined) resume(job, exit, this.shell(node));
  }

  /** A process writes where its job writes. */
  print(node: number, id: number, stream: 'stdout' | 'stderr', text: string): void {
    const job = this.kernel.host(node).jobs.get(id);
    assert(job !== undefined, () => `a process prints, but nobody waits for it: ${text}`);
    const { io } = frameOf(job);
    write(job, stream === 'stdout' ? io.output : io.error, text, this.shell(node));
  }

  takeInput(node: number, id: number): string {
    const job = this.kernel.host(node).jobs.get(id);
    assert(job !== undefined, 'a process reads, but nobody waits for it');
    return takeInput(job, frameOf(job));
  }

  private journalCommand(node: number, job: number, line: string): void {
    const { journal, names, simulation } = this.kernel.parts;
    const word = /^\s*(\S*)/.exec(line)?.[1] ?? '';
    simulation.cause = journal.record(Kind.command, node, NOBODY, names.id(word), 0, { job, line });
  }

  private shell(node: number): ShellHost {
    const shell = this.hosts[node];
    assert(shell !== undefined, () => `there is no node ${node}`);
    return shell;
  }
}

/** What the shells of one host may do to it. */
class NodeShell implements ShellHost {
  private readonly kernel: Kernel;
  private readonly node: number;

  constructor(kernel: Kernel, node: number) {
    this.kernel = kernel;
    this.node = node;
  }

  now(): number {
    return this.kernel.parts.simulation.now;
  }

  readText(path: string): string | undefined {
    return readText(this.kernel.host(this.node).disk, path);
  }

  appendText(path: string, text: string): boolean {
    const { disk } = this.kernel.host(this.node);
    const due = append(disk, path, text, utf8Length(text), this.request('append', path));
    this.kernel.diskWorks(this.node, due);
    return disk.operations.at(-1)?.outcome === 'ok';
  }

  emptyFile(path: string): void {
    const due = replace(this.kernel.host(this.node).disk, path, [], 0, this.request('replace', path));
    this.kernel.diskWorks(this.node, due);
  }

  printed(job: JobState, stream: 'stdout' | 'stderr', line: string): void {
    if (job.terminal === null) return;
    const { journal, names } = this.kernel.parts;
    journal.record(Kind.output, this.node, NOBODY, names.id(stream), line.length, { job: job.terminal, text: line });
  }

  start(job: JobState, words: readonly string[], assigned: ReadonlyMap<string, string>): number | undefined {
    const { kernel, node } = this;
    const host = kernel.host(node);
    const { simulation } = kernel.parts;
    const before = simulation.cause;
    const [name = ''] = words;
    if (kernel.parts.registry.find(name) === undefined) return undefined;
    const record: ProcessState = {
      pid: host.nextPid++,
      kind: 'tool',
      name,
      words,
      job: job.id,
      environment: environmentOf(frameOf(job), assigned),
      owner: kernel.newOwner(),
      parts: [],
      own: null,
      paused: false,
      held: false,
      lagging: false,
      late: 0,
      ready: START,
      inputs: [],
      files: new Map(),
      requests: new Map(),
      asked: new Map(),
      scripts: [],
      script: null,
    };
    const tool = new ToolProcess(kernel, node, record);
    host.processes.set(record.pid, record);
    kernel.register(tool);
    const started = tool.begin();
    switch (started.type) {
      case 'waits':
        record.own = started.state;
        break;
      case 'ended':
        kernel.vanish(tool);
        // What it did to other processes comes before the next command.
        kernel.later(() => kernel.shells.processEnded(node, job.id, started.status));
        break;
      case 'program':
        kernel.vanish(tool);
        ProgramProcess.launch(kernel, node, { ...record, kind: 'program', files: new Map() });
        simulation.cause = before;
        break;
    }
    return record.pid;
  }

  newJobId(): number {
    return this.kernel.state.nextJob++;
  }

  adopt(job: JobState): void {
    this.kernel.host(this.node).jobs.set(job.id, job);
    run(job, this);
  }

  ended(job: JobState): void {
    const host = this.kernel.host(this.node);
    host.jobs.delete(job.id);
    if (job.terminal === job.id) {
      const { journal, names } = this.kernel.parts;
      journal.record(Kind.exit, this.node, NOBODY, names.id('exit'), job.status, { job: job.id });
    }
    if (job.runFor === null) return;
    const { pid, tag } = job.runFor;
    const result = { tag, status: job.status, output: job.captured ?? '' };
    this.kernel.later(() => this.kernel.tell(this.node, pid, { type: 'scripted', result }));
  }

  private request(verb: DiskVerb, path: string): Request {
    const { kernel, node } = this;
    return { owner: -1, write: 0, now: kernel.parts.simulation.now, fate: kernel.diskFate(node, verb, path) };
  }
}
