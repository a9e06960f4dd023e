import { assert, unreachable } from '../../../core/assert.ts';
import { absolute, commandName } from '../path.ts';
import { builtins } from './builtins.ts';
import { codeOf, type Instruction, translate } from './compile.ts';
import { expandFields, expandStretches, expandText } from './expand.ts';
import {
  backgroundJob,
  environmentOf,
  type Frame,
  type Io,
  type JobState,
  newFrame,
  type Scope,
  type Sink,
  variablesOf,
} from './job.ts';
import { matches } from './pattern.ts';
import type { Redirect } from './syntax.ts';

/** What shells need of the host they run on. */
export interface ShellHost {
  now(): number;
  readText(path: string): string | undefined;
  /** Adds text at the end of a file, which need not exist; false when the disk is full. */
  appendText(path: string, text: string): boolean;
  /** Makes the file empty. */
  emptyFile(path: string): void;
  /** A finished line for the terminal. */
  printed(job: JobState, stream: 'stdout' | 'stderr', line: string): void;
  /**
   * Starts a command that is not part of the shell.
   *
   * @returns the process to wait for, which may be over already; undefined when there is no such command
   */
  start(job: JobState, words: readonly string[], assigned: ReadonlyMap<string, string>): number | undefined;
  newJobId(): number;
  /** Runs a job in the background, from now on known to the host. */
  adopt(job: JobState): void;
  ended(job: JobState): void;
}

/** Instructions at one instant after which a script is taken for an endless loop. */
const MOST_STEPS = 1_000_000;
/** Scripts that run scripts. */
const MOST_FRAMES = 50;

/** Runs a job until it waits for a process or is over. */
export function run(job: JobState, host: ShellHost): void {
  if (job.since !== host.now()) {
    job.since = host.now();
    job.steps = 0;
  }
  for (; job.waitsFor === null; job.steps++) {
    const frame = job.frames.at(-1);
    if (frame === undefined) {
      flush(job, host);
      host.ended(job);
      return;
    }
    if (frame.at >= frame.end) {
      leaveFrame(job);
    } else if (job.steps >= MOST_STEPS) {
      write(job, frame.io.error, `sh: stopped after ${MOST_STEPS} steps in which no time passed\n`, host);
      job.status = 255;
      job.frames.length = 0;
    } else {
      step(job, frame, codeOf(frame.text)[frame.at] as Instruction, host);
    }
  }
}

/** The process that a job waited for has ended. */
export function resume(job: JobState, status: number, host: ShellHost): void {
  assert(job.waitsFor !== null, () => `job ${job.id} waits for nothing`);
  job.waitsFor = null;
  job.status = status;
  run(job, host);
}

/** Writes to one of the sinks of a job. @returns false when the disk is full */
export function write(job: JobState, place: number, text: string, host: ShellHost): boolean {
  const sink = job.sinks[place] as Sink;
  switch (sink.type) {
    case 'terminal':
      toTerminal(job, sink.error, text, host);
      return true;
    case 'file':
      return text === '' || host.appendText(sink.path, text);
    case 'buffer':
      sink.text += text;
      return true;
    case 'nothing':
      return true;
    default:
      return unreachable(sink);
  }
}

/** The frame at work: the one whose command a job waits for. */
export function frameOf(job: JobState): Frame {
  const frame = job.frames.at(-1);
  assert(frame !== undefined, () => `job ${job.id} is over`);
  return frame;
}

function toTerminal(job: JobState, error: boolean, text: string, host: ShellHost): void {
  if (job.captured !== null) job.captured += text;
  const lines = (job.partial[error ? 1 : 0] + text).split('\n');
  job.partial[error ? 1 : 0] = lines.pop() ?? '';
  for (const line of lines) host.printed(job, error ? 'stderr' : 'stdout', line);
}

/** Prints a last line that has no line feed. */
function flush(job: JobState, host: ShellHost): void {
  const [output, error] = job.partial;
  job.partial = ['', ''];
  if (output !== '') host.printed(job, 'stdout', output);
  if (error !== '') host.printed(job, 'stderr', error);
}

function step(job: JobState, frame: Frame, instruction: Instruction, host: ShellHost): void {
  const next = frame.at + 1;
  switch (instruction.do) {
    case 'run':
      frame.at = next;
      return runCommand(job, frame, instruction, host);
    case 'jump':
      frame.at = instruction.to;
      return;
    case 'branch':
      frame.at = (job.status === 0) === (instruction.when === 'zero') ? instruction.to : next;
      return;
    case 'status':
      job.status = instruction.status;
      break;
    case 'invert':
      job.status = job.status === 0 ? 1 : 0;
      break;
    case 'open':
      frame.at = open(job, frame, instruction.redirects, host) ? next : instruction.otherwise;
      return;
    case 'close':
      leaveScope(job, frame);
      break;
    case 'begin-stage':
      beginStage(job, frame, instruction.last, instruction.end);
      break;
    case 'end-stage':
      endStage(job, frame);
      break;
    case 'begin-words':
      frame.scopes.push({ type: 'words', words: expandFields(instruction.words, variablesOf(job, frame)), at: 0 });
      break;
    case 'next-word': {
      const scope = frame.scopes.at(-1);
      assert(scope?.type === 'words', 'the words of a `for` are on top of the stack');
      const word = scope.words[scope.at++];
      if (word === undefined) {
        if (scope.words.length === 0) job.status = 0;
        frame.scopes.pop();
        frame.at = instruction.otherwise;
        return;
      }
      frame.variables.set(instruction.name, word);
      break;
    }
    case 'match': {
      const variables = variablesOf(job, frame);
      const text = expandText(instruction.word, variables);
      const matched = instruction.patterns.some((pattern) => matches(expandStretches(pattern, variables), text));
      frame.at = matched ? next : instruction.otherwise;
      return;
    }
    case 'begin-loop':
      frame.scopes.push({ type: 'loop', status: 0 });
      break;
    case 'keep-status': {
      const scope = frame.scopes.at(-1);
      assert(scope?.type === 'loop', 'the loop is on top of the stack when its body ends');
      scope.status = job.status;
      break;
    }
    case 'end-loop': {
      const scope = frame.scopes.pop();
      assert(scope?.type === 'loop', 'the loop is on top of the stack when it ends');
      job.status = scope.status;
      break;
    }
    case 'unwind':
      while (frame.scopes.length > instruction.depth) leaveScope(job, frame);
      break;
    case 'spawn':
      spawn(job, frame, instruction.end, host);
      frame.at = instruction.end;
      return;
    default:
      return unreachable(instruction);
  }
  frame.at = next;
}

function runCommand(
  job: JobState,
  frame: Frame,
  { assignments, words, line }: Extract<Instruction, { do: 'run' }>,
  host: ShellHost,
): void {
  const variables = variablesOf(job, frame);
  const [path, ...args] = expandFields(words, variables);
  const name = path === undefined ? undefined : commandName(path);
  const assigned = new Map(assignments.map(({ name: variable, value }) => [variable, expandText(value, variables)]));
  if (name === undefined) {
    for (const [variable, value] of assigned) frame.variables.set(variable, value);
    job.status = 0;
    return;
  }
  const builtin = builtins.get(name);
  if (builtin !== undefined) {
    let full = false;
    const status = builtin.run({
      job,
      frame,
      args,
      assigned,
      write: (text) => {
        full = !write(job, frame.io.output, text, host);
      },
      complain: (text) => write(job, frame.io.error, `${frame.name}: ${line}: ${text}\n`, host),
      hasFile: (path, notEmpty) => (host.readText(absolute(path))?.length ?? -1) >= (notEmpty ? 1 : 0),
      exit: () => exit(job, frame),
    });
    job.status = status;
    if (full) complain(job, frame, line, `${name}: I/O error`, 1, host);
  } else if (name === 'sh') {
    runShell(job, frame, args, assigned, line, host);
  } else if (name.includes('/')) {
    runFile(job, frame, name, args, assigned, line, host);
  } else {
    const pid = host.start(job, [name, ...args], assigned);
    if (pid === undefined) complain(job, frame, line, `${name}: not found`, 127, host);
    else job.waitsFor = pid;
  }
}

/** `sh FILE …` and `sh -c TEXT …`; a shell without either would read commands, of which there are none. */
function runShell(
  job: JobState,
  frame: Frame,
  args: readonly string[],
  assigned: ReadonlyMap<string, string>,
  line: number,
  host: ShellHost,
): void {
  const [first, ...rest] = args;
  if (first === '-c') {
    const [text = '', name = 'sh', ...others] = rest;
    enter(job, frame, text, name, others, assigned, host);
  } else if (first !== undefined) {
    runFile(job, frame, first, rest, assigned, line, host);
  }
}

function runFile(
  job: JobState,
  frame: Frame,
  path: string,
  args: readonly string[],
  assigned: ReadonlyMap<string, string>,
  line: number,
  host: ShellHost,
): void {
  const text = host.readText(absolute(path));
  if (text === undefined) {
    complain(job, frame, line, `${path}: not found`, 127, host);
  } else {
    enter(job, frame, text, path, args, assigned, host);
  }
}

/** Runs a script inside the job. A text that was written during the run may be wrong; then it says so as a shell would. */
function enter(
  job: JobState,
  frame: Frame,
  text: string,
  name: string,
  args: readonly string[],
  assigned: ReadonlyMap<string, string>,
  host: ShellHost,
): void {
  const translated = translate(text);
  if (!translated.ok) {
    write(job, frame.io.error, `${name}: ${translated.problem.line}: ${translated.problem.says}\n`, host);
    job.status = 2;
  } else if (job.frames.length >= MOST_FRAMES) {
    write(job, frame.io.error, `${name}: more than ${MOST_FRAMES} scripts inside each other\n`, host);
    job.status = 2;
  } else {
    const environment = environmentOf(frame, assigned);
    job.frames.push(newFrame({ text, code: translated.code, name, args, environment, io: { ...frame.io } }));
    job.status = 0;
  }
}

/** The shell itself says what is wrong with a command. */
function complain(job: JobState, frame: Frame, line: number, says: string, status: number, host: ShellHost): void {
  write(job, frame.io.error, `${frame.name}: ${line}: ${says}\n`, host);
  job.status = status;
}

/** `exit` ends the innermost shell: a stage of a pipeline, or the script. */
function exit(job: JobState, frame: Frame): void {
  for (let scope = frame.scopes.at(-1); scope !== undefined; scope = frame.scopes.at(-1)) {
    if (scope.type === 'stage') {
      frame.at = scope.end;
      return;
    }
    leaveScope(job, frame);
  }
  frame.at = frame.end;
}

/** A script is over: what it opened was closed by its own instructions or by `exit`. */
function leaveFrame(job: JobState): void {
  const frame = job.frames.pop();
  assert(frame !== undefined && frame.scopes.length === 0, () => `job ${job.id} leaves a script that is still inside something`);
}

function spawn(job: JobState, frame: Frame, end: number, host: ShellHost): void {
  const child = backgroundJob(job, frame, host.newJobId(), end);
  host.adopt(child);
  job.background = child.waitsFor ?? job.background;
  job.status = 0;
}

function open(job: JobState, frame: Frame, redirects: readonly Redirect[], host: ShellHost): boolean {
  const scope: Scope = { type: 'files', io: frame.io, sources: job.sources.length, sinks: job.sinks.length };
  let io: Io = frame.io;
  for (const redirect of redirects) {
    if (redirect.type === 'duplicate') {
      const of = redirect.of === 1 ? io.output : io.error;
      io = redirect.descriptor === 1 ? { ...io, output: of } : { ...io, error: of };
      continue;
    }
    const name = expandText(redirect.file, variablesOf(job, frame));
    const path = absolute(name);
    if (redirect.type === 'read') {
      const text = path === '/dev/null' ? '' : host.readText(path);
      if (text === undefined) {
        complain(job, frame, redirect.line, `cannot open ${name}: No such file`, 2, host);
        job.sources.length = scope.sources;
        job.sinks.length = scope.sinks;
        return false;
      }
      io = { ...io, input: job.sources.push({ text, at: 0 }) - 1 };
    } else {
      const place = job.sinks.push(path === '/dev/null' ? { type: 'nothing' } : { type: 'file', path }) - 1;
      if (path !== '/dev/null') {
        if (redirect.type === 'write') host.emptyFile(path);
        else host.appendText(path, '');
      }
      io = redirect.descriptor === 1 ? { ...io, output: place } : { ...io, error: place };
    }
  }
  frame.scopes.push(scope);
  frame.io = io;
  return true;
}

function beginStage(job: JobState, frame: Frame, last: boolean, end: number): void {
  frame.scopes.push({
    type: 'stage',
    last,
    end,
    io: frame.io,
    sources: job.sources.length,
    sinks: job.sinks.length,
    variables: new Map(frame.variables),
    exported: new Set(frame.exported),
  });
  if (frame.piped !== null) frame.io = { ...frame.io, input: job.sources.push({ text: frame.piped, at: 0 }) - 1 };
  if (!last) frame.io = { ...frame.io, output: job.sinks.push({ type: 'buffer', text: '' }) - 1 };
  frame.piped = null;
}

function endStage(job: JobState, frame: Frame): void {
  const scope = frame.scopes.at(-1);
  assert(scope?.type === 'stage', 'a stage is on top of the stack when it ends');
  const sink = job.sinks[frame.io.output];
  const wrote = !scope.last && sink?.type === 'buffer' ? sink.text : null;
  leaveScope(job, frame);
  frame.piped = wrote;
}

function leaveScope(job: JobState, frame: Frame): void {
  const scope = frame.scopes.pop();
  assert(scope !== undefined, () => `job ${job.id} leaves nothing`);
  if (scope.type === 'words' || scope.type === 'loop') return;
  frame.io = scope.io;
  job.sources.length = scope.sources;
  job.sinks.length = scope.sinks;
  if (scope.type === 'stage') {
    frame.variables = scope.variables;
    frame.exported = scope.exported;
  }
}
