import type { Instant } from '../../core/time.ts';
import { Kind, kindsOf, type Sink } from '../engine/journal.ts';

/** A command line that was typed, or a script that ran visibly, with what it has printed. */
export interface Job {
  readonly job: number;
  readonly node: number;
  readonly at: Instant;
  readonly command: string;
  readonly lines: string[];
  /** Its exit status; absent while it runs. */
  status: number | undefined;
}

/** A line on a terminal: a command as it was typed, or something that it printed. */
export interface TerminalLine {
  readonly at: Instant;
  readonly node: number;
  readonly job: number;
  readonly typed: boolean;
  readonly text: string;
}

interface TerminalsState {
  readonly jobs: Map<number, Job>;
  version: number;
}

/** What was typed and printed on the hosts' terminals, as the journal tells it. */
export class Terminals implements Sink {
  readonly kinds = kindsOf(Kind.command, Kind.output, Kind.exit);
  readonly state: TerminalsState = { jobs: new Map(), version: 0 };

  private readonly listener: ((line: TerminalLine) => void) | undefined;

  /** @param listener told each line as it appears */
  constructor(listener?: (line: TerminalLine) => void) {
    this.listener = listener;
  }

  /** In the order in which they were started. */
  get jobs(): ReadonlyMap<number, Job> {
    return this.state.jobs;
  }

  /** Rises with every line and every end of a job. */
  get version(): number {
    return this.state.version;
  }

  record(
    _id: number,
    at: Instant,
    kind: number,
    node: number,
    _peer: number,
    _cause: number,
    _word: number,
    size: number,
    payload: unknown,
  ): void {
    switch (kind) {
      case Kind.command: {
        const { job, line } = payload as { job: number; line: string };
        this.state.jobs.set(job, { job, node, at, command: line, lines: [], status: undefined });
        this.state.version++;
        this.listener?.({ at, node, job, typed: true, text: line });
        return;
      }
      case Kind.output: {
        const { job, text } = payload as { job: number; text: string };
        this.jobs.get(job)?.lines.push(text);
        this.state.version++;
        this.listener?.({ at, node, job, typed: false, text });
        return;
      }
      case Kind.exit: {
        const { job } = payload as { job: number };
        const ended = this.jobs.get(job);
        if (ended !== undefined) ended.status = size;
        this.state.version++;
        return;
      }
    }
  }

  cell(): void {}

  /** The jobs of a node whose command line begins with `prefix`. */
  *of(node: number, prefix = ''): Generator<Job> {
    for (const job of this.jobs.values()) if (job.node === node && job.command.trimStart().startsWith(prefix)) yield job;
  }
}
