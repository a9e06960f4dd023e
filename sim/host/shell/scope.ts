import { assert } from '../../../core/assert.ts';
import { absolute } from '../path.ts';
import { expandText } from './expand.ts';
import type { ShellHost } from './host.ts';
import { type Frame, type Io, type JobState, type Scope, variablesOf } from './job.ts';
import { complain } from './print.ts';
import type { Redirect } from './syntax.ts';

/** Opens the files of redirections, in their order, for the commands up to `leaveScope`. @returns false when one cannot be opened */
export function open(job: JobState, frame: Frame, redirects: readonly Redirect[], host: ShellHost): boolean {
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

/** Begins a stage of a pipeline: it reads what the stage before it wrote, and unless it is the last, what it writes is kept. */
export function beginStage(job: JobState, frame: Frame, last: boolean, end: number): void {
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

/** Ends a stage of a pipeline and keeps what it wrote for the next one. */
export function endStage(job: JobState, frame: Frame): void {
  const scope = frame.scopes.at(-1);
  assert(scope?.type === 'stage', 'a stage is on top of the stack when it ends');
  const sink = job.sinks[frame.io.output];
  const wrote = !scope.last && sink?.type === 'buffer' ? sink.text : null;
  leaveScope(job, frame);
  frame.piped = wrote;
}

/** Undoes what the innermost scope changed. */
export function leaveScope(job: JobState, frame: Frame): void {
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

/** `exit` ends the innermost shell: a stage of a pipeline, or the script. */
export function exit(job: JobState, frame: Frame): void {
  for (let scope = frame.scopes.at(-1); scope !== undefined; scope = frame.scopes.at(-1)) {
    if (scope.type === 'stage') {
      frame.at = scope.end;
      return;
    }
    leaveScope(job, frame);
  }
  frame.at = frame.end;
}
