import { assert } from '../../../core/assert.ts';
import type { Code } from './compile.ts';
import { DEFAULT_SEPARATORS, type Variables } from './expand.ts';

/** A shell at work: a command line that somebody typed, a script, or a part of one in the background. Plain data. */
export interface JobState {
  readonly id: number;
  /** The job under whose number its lines appear on the host's terminal; null when they do not. */
  readonly terminal: number | null;
  /** Scripts inside each other; the last one is at work. */
  readonly frames: Frame[];
  readonly sources: Source[];
  readonly sinks: Sink[];
  /** `$?`. */
  status: number;
  /** Instructions carried out at the instant `since`. */
  steps: number;
  since: number;
  /** The process whose end it waits for. */
  waitsFor: number | null;
  /** `$!`: the process of the last command that was put in the background; 0 before. */
  background: number;
  /** What it wrote after the last line feed, of standard output and of standard error. */
  partial: [string, string];
  /** What it wrote, when somebody wants it. */
  captured: string | null;
  /** The process that it is run for, and the tag of the script there. */
  readonly runFor: { readonly pid: number; readonly tag: number } | null;
}

/** Where a script is. */
export interface Frame {
  readonly text: string;
  /** The instruction that comes next, and the one where it is over. */
  at: number;
  readonly end: number;
  /** `$0`. */
  readonly name: string;
  args: string[];
  variables: Map<string, string>;
  exported: Set<string>;
  scopes: Scope[];
  io: Io;
  /** What the last stage of a pipeline wrote, for the next one. */
  piped: string | null;
}

/** Which of the job's sources and sinks the three descriptors are. */
export interface Io {
  readonly input: number;
  readonly output: number;
  readonly error: number;
}

export interface Source {
  readonly text: string;
  /** How much has been read. */
  at: number;
}

export type Sink =
  | { readonly type: 'terminal'; readonly error: boolean }
  | { readonly type: 'file'; readonly path: string }
  | { readonly type: 'buffer'; text: string }
  | { readonly type: 'nothing' };

/** What an inner command changed for its duration. */
export type Scope =
  | ({ readonly type: 'files' } & Outer)
  | ({ readonly type: 'stage'; readonly last: boolean; readonly end: number } & Outer & {
        readonly variables: Map<string, string>;
        readonly exported: Set<string>;
      })
  | { readonly type: 'words'; readonly words: readonly string[]; at: number }
  | { readonly type: 'loop'; status: number };

interface Outer {
  readonly io: Io;
  readonly sources: number;
  readonly sinks: number;
}

export interface NewJob {
  readonly id: number;
  readonly text: string;
  readonly code: Code;
  readonly environment: ReadonlyMap<string, string>;
  readonly terminal: number | null;
  readonly stdin?: string;
  readonly captured?: boolean;
  readonly runFor?: { readonly pid: number; readonly tag: number };
}

export function newJob({ id, text, code, environment, terminal, stdin = '', captured = false, runFor }: NewJob): JobState {
  return {
    id,
    terminal,
    frames: [newFrame({ text, code, name: 'sh', args: [], environment, io: { input: 0, output: 0, error: 1 } })],
    sources: [{ text: stdin, at: 0 }],
    sinks: [
      { type: 'terminal', error: false },
      { type: 'terminal', error: true },
    ],
    status: 0,
    steps: 0,
    since: -1,
    waitsFor: null,
    background: 0,
    partial: ['', ''],
    captured: captured ? '' : null,
    runFor: runFor ?? null,
  };
}

export interface NewFrame {
  readonly text: string;
  readonly code: Code;
  readonly name: string;
  readonly args: readonly string[];
  readonly environment: ReadonlyMap<string, string>;
  readonly io: Io;
}

export function newFrame({ text, code, name, args, environment, io }: NewFrame): Frame {
  return {
    text,
    at: 0,
    end: code.length,
    name,
    args: [...args],
    variables: new Map(environment),
    exported: new Set(environment.keys()),
    scopes: [],
    io,
    piped: null,
  };
}

/** The instructions from `at + 1` up to `end` as a job of their own: same variables and files, nothing to read. */
export function backgroundJob(job: JobState, frame: Frame, id: number, end: number): JobState {
  return {
    id,
    terminal: job.terminal,
    frames: [
      {
        ...frame,
        at: frame.at + 1,
        end,
        args: [...frame.args],
        variables: new Map(frame.variables),
        exported: new Set(frame.exported),
        scopes: [],
        io: { ...frame.io, input: 0 },
        piped: null,
      },
    ],
    sources: [{ text: '', at: 0 }],
    // A pipe that nobody reads any more when the background job is done swallows what it is given.
    sinks: job.sinks.map((sink) => (sink.type === 'buffer' ? { type: 'nothing' } : { ...sink })),
    status: 0,
    steps: 0,
    since: -1,
    waitsFor: null,
    background: 0,
    partial: ['', ''],
    captured: null,
    runFor: null,
  };
}

/** The frame at work: the one whose command a job waits for. */
export function frameOf(job: JobState): Frame {
  const frame = job.frames.at(-1);
  assert(frame !== undefined, () => `job ${job.id} is over`);
  return frame;
}

/** What a frame passes on to the commands it runs: the exported variables, and those assigned before the command. */
export function environmentOf(frame: Frame, assigned?: ReadonlyMap<string, string>): Map<string, string> {
  const environment = new Map<string, string>();
  for (const name of frame.exported) {
    const value = frame.variables.get(name);
    if (value !== undefined) environment.set(name, value);
  }
  for (const [name, value] of assigned ?? []) environment.set(name, value);
  return environment;
}

export function variablesOf(job: JobState, frame: Frame): Variables {
  return {
    args: frame.args,
    separators: frame.variables.get('IFS') ?? DEFAULT_SEPARATORS,
    value(name) {
      if (name === '?') return String(job.status);
      if (name === '#') return String(frame.args.length);
      if (name === '!') return job.background === 0 ? '' : String(job.background);
      if (name === '0') return frame.name;
      return /^\d$/.test(name) ? frame.args[Number(name) - 1] : frame.variables.get(name);
    },
  };
}

/** Takes the next line of standard input without its line feed; `whole` is false for a last line that had none. */
export function takeLine(job: JobState, frame: Frame): { readonly line: string; readonly whole: boolean } {
  const source = job.sources[frame.io.input] as Source;
  const feed = source.text.indexOf('\n', source.at);
  const end = feed < 0 ? source.text.length : feed;
  const line = source.text.slice(source.at, end);
  source.at = feed < 0 ? end : end + 1;
  return { line, whole: feed >= 0 };
}

/** Takes all that is left of standard input. */
export function takeInput(job: JobState, frame: Frame): string {
  const source = job.sources[frame.io.input] as Source;
  const text = source.text.slice(source.at);
  source.at = source.text.length;
  return text;
}
