import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Done, Job } from './worker.ts';

const WORKER = fileURLToPath(new URL('worker.js', import.meta.url));
/** How much longer than its CPU time a job may take by the clock, on a machine with other things to do. */
const PATIENCE = 10;

/** The longest that a timer waits, in milliseconds. */
const LONGEST = 2 ** 31 - 1;

/** A job that did not come back: its process ended by itself, or nothing was heard of it for too long. */
export interface Lost {
  readonly lost: string;
}

/** Processes for jobs, one process for each, so that rules stay what they are and CPU time can be told apart. */
export class Crew {
  private readonly running = new Set<ChildProcess>();

  /** @returns what came of it, when it is done */
  run(job: Job): Promise<Done | Lost> {
    return new Promise((resolve) => {
      const child = fork(WORKER, [], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
      this.running.add(child);
      const patience = (job.budget + 2 * job.reducing + 10) * PATIENCE * 1000;
      const limit = setTimeout(() => child.kill('SIGKILL'), Math.min(patience, LONGEST));
      let done: Done | undefined;
      child.once('message', (message) => {
        done = message as Done;
      });
      child.once('exit', (code, signal) => {
        clearTimeout(limit);
        this.running.delete(child);
        resolve(done ?? { lost: signal === null ? `its process ended with ${code}` : `its process ended by ${signal}` });
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
