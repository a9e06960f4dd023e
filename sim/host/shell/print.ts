import { unreachable } from '../../../core/assert.ts';
import type { ShellHost } from './host.ts';
import type { Frame, JobState, Sink } from './job.ts';

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

/** The shell itself says what is wrong with a command. */
export function complain(job: JobState, frame: Frame, line: number, says: string, status: number, host: ShellHost): void {
  write(job, frame.io.error, `${frame.name}: ${line}: ${says}\n`, host);
  job.status = status;
}

/** Prints a last line that has no line feed. */
export function flush(job: JobState, host: ShellHost): void {
  const [output, error] = job.partial;
  job.partial = ['', ''];
  if (output !== '') host.printed(job, 'stdout', output);
  if (error !== '') host.printed(job, 'stderr', error);
}

function toTerminal(job: JobState, error: boolean, text: string, host: ShellHost): void {
  if (job.captured !== null) job.captured += text;
  const lines = (job.partial[error ? 1 : 0] + text).split('\n');
  job.partial[error ? 1 : 0] = lines.pop() ?? '';
  for (const line of lines) host.printed(job, error ? 'stderr' : 'stdout', line);
}
