import { existsSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import { digestState } from '../../core/state.ts';
import type { Plan } from '../scenario/plan.ts';
import type { Crew } from './crew.ts';
import type { Job, Lost, Message, Results, ThreadData } from './jobs.ts';
import { Pulse } from './pulse.ts';

export interface PoolOptions {
  /** The scenario's file. */
  readonly path: string;
  /** What it was read as: each thread reads it by itself. */
  readonly plan: Plan;
  /** Of the campaign. */
  readonly seed: number | string;
  readonly workers: number;
  /** Milliseconds after which a thread that does not get on is given up. */
  readonly patience: number;
  /** Megabytes that a thread may hold in memory. */
  readonly memory: number;
}

/** Threads that load different plans from one scenario: it is made anew each time it is read. */
export class UnlikePlans extends Error {}

/** What a job comes to, and the number of the thread that did it. */
export interface Answered<T extends keyof Results> {
  readonly answer: Results[T] | Lost;
  readonly by: number;
}

interface Task {
  readonly job: Job;
  /** Not to be done by this thread, if there is another. */
  readonly avoids: number | undefined;
  readonly resolve: (answer: Answered<keyof Results>) => void;
  readonly reject: (error: unknown) => void;
}

interface Thread {
  readonly id: number;
  readonly worker: Worker;
  readonly pulse: Pulse;
  ready: boolean;
  /** When it has loaded the scenario, or ended. */
  readonly settled: Promise<void>;
  /** What it was given, the first of which it does. */
  readonly tasks: Task[];
  /** Its ticks when they were last looked at, and since when they are what they are. */
  ticks: number;
  since: number;
  lost: Lost['lost'] | undefined;
}

/** Milliseconds in which a thread that is well gets on, also where it has little of a processor. */
const LEAST_PATIENCE = 500;

/** Milliseconds between two looks at the threads. */
const LOOK = 100;
const MEGABYTE = 2 ** 20;
/** Megabytes that a thread takes which holds nothing special. */
const USUAL = 150;

/** A thread gets its next job while it does the one before. */
const AHEAD = 2;

/** Milliseconds that loading a scenario may take when nobody waits for it any more. */
const LOADING = 5_000;

/** The built file also when this one is run from its source. */
const ENTRY = ['./thread.js', '../../dist/sim/node/thread.js']
  .map((path) => new URL(path, import.meta.url))
  .find((url) => existsSync(url));

/**
 * Threads that do jobs about one scenario. One that gets stuck, or holds too much memory, is lost with its job and replaced.
 */
export class Pool implements Crew {
  private readonly options: PoolOptions;
  private readonly threads: Thread[] = [];
  private readonly queue: Task[] = [];
  private readonly watch: NodeJS.Timeout;
  /** Milliseconds after which a thread that does not get on is given up. */
  private patience: number;
  private readonly digest: string;
  private closed = false;
  private nextId = 0;
  /** Bytes that the process held when there were no threads. */
  private readonly atFirst = process.memoryUsage.rss();

  constructor(options: PoolOptions) {
    this.options = options;
    this.patience = options.patience;
    this.digest = digestState(options.plan).hex();
    for (let thread = 0; thread < options.workers; thread++) this.start();
    this.watch = setInterval(() => this.look(), LOOK);
  }

  /** Jobs that keep all threads busy. */
  get appetite(): number {
    return this.options.workers * AHEAD;
  }

  /** @throws what the scenario is refused for, `UnlikePlans` */
  async do<T extends keyof Results>(job: Job & { readonly type: T }): Promise<Results[T] | Lost> {
    return (await this.doElsewhere<T>(job, undefined)).answer;
  }

  /**
   * Does a job on another thread than one, if there is another.
   *
   * @throws what the scenario is refused for, `UnlikePlans`
   */
  async doElsewhere<T extends keyof Results>(job: Job & { readonly type: T }, avoids: number | undefined): Promise<Answered<T>> {
    const answered = await new Promise<Answered<keyof Results>>((resolve, reject) => {
      this.queue.push({ job, avoids, resolve, reject });
      this.feed();
    });
    return answered as Answered<T>;
  }

  /** Takes back what has not begun. */
  drop(): void {
    this.queue.length = 0;
  }

  hurry(share: number): void {
    this.patience = Math.max(LEAST_PATIENCE, this.options.patience * share);
  }

  /** Ends all threads, whatever they do. Nothing more is answered. */
  async close(): Promise<void> {
    this.closed = true;
    clearInterval(this.watch);
    // One that loads a module has a folder to clean up.
    await Promise.race([Promise.all(this.threads.map(({ settled }) => settled)), wait(LOADING)]);
    await Promise.all(this.threads.map(({ worker }) => worker.terminate()));
  }

  private start(): void {
    if (ENTRY === undefined) throw new Error('Partita is not built. Run: npm run build');
    const { path, seed, memory } = this.options;
    const pulse = new Pulse();
    const data: ThreadData = { path, seed, memory, pulse: pulse.memory };
    const worker = new Worker(ENTRY, {
      workerData: data,
      // An engine that cannot get a large piece of memory ends the whole process: a thread is to be stopped long before that.
      resourceLimits: { maxOldGenerationSizeMb: 4 * memory + 1_024, maxYoungGenerationSizeMb: 64 },
    });
    const id = this.nextId++;
    const settled = new Promise<void>((resolve) => {
      worker.once('message', () => resolve());
      worker.once('exit', () => resolve());
    });
    const thread: Thread = { id, worker, pulse, ready: false, settled, tasks: [], ticks: 0, since: now(), lost: undefined };
    this.threads.push(thread);
    worker.on('message', (message: Message) => this.heard(thread, message));
    worker.on('error', (error: NodeJS.ErrnoException) => this.fell(thread, error));
    worker.on('exit', () => this.gone(thread, ''));
  }

  private heard(thread: Thread, message: Message): void {
    if (message.type === 'ready') {
      if (this.digest !== message.digest) return this.fail(new UnlikePlans());
      thread.ready = true;
    } else {
      thread.since = now();
      thread.tasks.shift()?.resolve({ answer: message.result, by: thread.id });
    }
    this.feed();
  }

  private fell(thread: Thread, error: NodeJS.ErrnoException): void {
    if (error.code === 'ERR_WORKER_OUT_OF_MEMORY') thread.lost = 'memory';
    // It could not even load the scenario.
    else if (!thread.ready) return this.fail(error);
    this.gone(thread, error.message);
  }

  /** A thread has ended: the job that it was doing is lost, and the others are for another thread. */
  private gone(thread: Thread, says: string): void {
    const place = this.threads.indexOf(thread);
    if (place < 0 || this.closed) return;
    this.threads.splice(place, 1);
    const [task, ...rest] = thread.tasks;
    this.queue.unshift(...rest);
    this.start();
    task?.resolve({ answer: { lost: thread.lost ?? 'died', says, at: thread.pulse.shown }, by: thread.id });
    this.feed();
  }

  private fail(error: unknown): void {
    for (const task of [...this.threads.flatMap(({ tasks }) => tasks), ...this.queue]) task.reject(error);
    void this.close();
  }

  private feed(): void {
    for (let ahead = 1; ahead <= AHEAD; ahead++) {
      for (const thread of this.threads) {
        if (!thread.ready || thread.tasks.length >= ahead) continue;
        const place = this.queue.findIndex(({ avoids }) => avoids !== thread.id || this.threads.length === 1);
        const [task] = place < 0 ? [] : this.queue.splice(place, 1);
        if (task === undefined) continue;
        if (thread.tasks.length === 0) thread.since = now();
        thread.tasks.push(task);
        thread.worker.postMessage(task.job);
      }
    }
  }

  private look(): void {
    const { memory, workers } = this.options;
    const isFull = (process.memoryUsage.rss() - this.atFirst) / MEGABYTE > memory + workers * USUAL;
    for (const thread of this.threads) {
      const { ticks } = thread.pulse;
      if (thread.tasks.length === 0 || ticks !== thread.ticks) {
        thread.ticks = ticks;
        thread.since = now();
      } else if (thread.lost === undefined) {
        const still = now() - thread.since;
        // One that gets on looks after its memory by itself.
        if (still > this.patience) thread.lost = 'endless';
        else if (isFull && still > LOOK) thread.lost = 'memory';
        if (thread.lost !== undefined) void thread.worker.terminate();
      }
    }
  }
}

const now = (): number => performance.now();
const wait = (milliseconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, milliseconds).unref());
