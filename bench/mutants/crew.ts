import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Progress } from './hunt.ts';
import type { Done, Job } from './worker.ts';

const WORKER = fileURLToPath(new URL('worker.js', import.meta.url));
/** After so long without a word a process is taken to be in an endless loop: much longer than any run, on a machine with other things to do. */
const SILENCE = 600_000;
/** How much longer by the clock than in CPU time. */
const PATIENCE = 10;

/** A job that did not come back: its process ended by itself, or nothing was heard of it for too long. */
export interface Lost {
  readonly lost: string;
}

/** Processes for jobs, one process for each, so that rules stay what they are and CPU time can be told apart. */
export class Crew {
  private readonly running = new Set<ChildProcess>();

  /** @param heard of runs that were made, now and then @returns what came of it, when it is done */
  run(job: Job, heard: (progress: Progress) => void = () => {}): Promise<Done | Lost> {
    return new Promise((resolve) => {
      const child = fork(WORKER, [], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
      this.running.add(child);
      let done: Done | undefined;
      let silent = false;
      const limit = setTimeout(
        () => {
          silent = true;
          child.kill('SIGKILL');
        },
        SILENCE + 2 * job.reducing * PATIENCE * 1000,
      );
      child.on('message', (message: Done | Progress) => {
        limit.refresh();
        if ('hunted' in message) done = message;
        else heard(message);
      });
      child.once('exit', (code, signal) => {
        clearTimeout(limit);
        this.running.delete(child);
        const end = silent ? 'a run did not end' : `its process ended ${signal === null ? `with ${code}` : `by ${signal}`}`;
        resolve(done ?? { lost: end });
      });
      child.send(job);
    });
  }

  /** Ends all that is under way. */
  stop(): void {
    for (const child of this.running) child.kill('SIGKILL');
  }
}

/** Does something about each of a list, so many at a time. */
export async function inTurn<T>(list: readonly T[], atATime: number, what: (each: T) => Promise<void>): Promise<void> {
  const rest = [...list];
  const hand = async (): Promise<void> => {
    for (let each = rest.shift(); each !== undefined; each = rest.shift()) await what(each);
  };
  await Promise.all(Array.from({ length: atATime }, hand));
}
