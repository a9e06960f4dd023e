import type { Call, Calls, FromWorker, Mistake, ToWorker } from './messages.ts';

/** The simulator could not do what it was asked, and why; with the mistakes of a text, where it had some. */
export class SimulatorError extends Error {
  override name = 'SimulatorError';
  readonly mistakes: readonly Mistake[];

  constructor(problem: string, mistakes: readonly Mistake[]) {
    super(problem);
    this.mistakes = mistakes;
  }
}

interface Waiting {
  readonly resolve: (answer: never) => void;
  readonly reject: (error: Error) => void;
  readonly progress: ((part: number) => void) | undefined;
}

export interface CallOptions {
  /** Gives up: the call then rejects. */
  readonly signal?: AbortSignal;
  /** Told how far a long call has come, from 0 to 1. */
  readonly progress?: (part: number) => void;
}

/** The simulator in a thread of its own, which is started when it is asked for the first time. */
class Simulator {
  private worker: Promise<Worker> | undefined;
  private readonly waiting = new Map<number, Waiting>();
  private last = 0;

  /** @throws SimulatorError */
  call<C extends Call>(call: C, ask: Calls[C]['ask'], { signal, progress }: CallOptions = {}): Promise<Calls[C]['answer']> {
    const id = ++this.last;
    return new Promise((resolve, reject) => {
      this.waiting.set(id, { resolve: resolve as Waiting['resolve'], reject, progress });
      this.send({ id, call, ask } as ToWorker);
      signal?.addEventListener('abort', () => this.send({ cancel: id }), { once: true });
      if (signal?.aborted === true) this.send({ cancel: id });
    });
  }

  private send(message: ToWorker): void {
    this.worker ??= this.start();
    this.worker.then(
      (worker) => worker.postMessage(message),
      (error: Error) => this.fail(error.message),
    );
  }

  private async start(): Promise<Worker> {
    const worker = await madeWorker();
    worker.onmessage = ({ data }: MessageEvent<FromWorker>) => this.take(data);
    worker.onerror = ({ message }) => this.fail(message);
    return worker;
  }

  private fail(why: string): void {
    for (const { reject } of this.waiting.values()) reject(new SimulatorError(`The simulator failed: ${why}`, []));
    this.waiting.clear();
    this.worker = undefined;
  }

  private take(message: FromWorker): void {
    const waiting = this.waiting.get(message.id);
    if ('part' in message) {
      waiting?.progress?.(message.part);
      return;
    }
    this.waiting.delete(message.id);
    if ('problem' in message) waiting?.reject(new SimulatorError(message.problem, message.mistakes));
    else waiting?.resolve(message.answer as never);
  }
}

/** The program of the worker is packed text in the page, so that the page is one file; while the viewer is developed it is a file. */
async function madeWorker(): Promise<Worker> {
  const packed = document.querySelector('#simulator')?.textContent ?? '';
  if (packed === '') return new Worker(new URL('./live.worker.ts', import.meta.url), { type: 'module' });
  const bytes = Uint8Array.from(atob(packed), (letter) => letter.charCodeAt(0));
  const program = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('deflate-raw'));
  const url = URL.createObjectURL(new Blob([await new Response(program).blob()], { type: 'text/javascript' }));
  const worker = new Worker(url);
  URL.revokeObjectURL(url);
  return worker;
}

export const simulator = new Simulator();
