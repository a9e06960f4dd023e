import { absolute, commandName } from '../path.ts';
import { builtins } from './builtins.ts';
import { type Instruction, translate } from './compile.ts';
import { expandFields, expandText } from './expand.ts';
import type { ShellHost } from './host.ts';
import { environmentOf, type Frame, type JobState, newFrame, variablesOf } from './job.ts';
import { complain, write } from './print.ts';
import { exit } from './scope.ts';

/** Scripts that run scripts. */
const MOST_FRAMES = 50;

export function runCommand(
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
