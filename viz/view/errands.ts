import type { Answer, Errand } from '../model/errand.ts';
import type { ExportOrder } from '../model/export.ts';
import type { OutlinePiece } from '../model/outline.ts';
import type { PastPiece } from '../model/past.ts';
import type { Found } from '../model/search.ts';
import type { TracePlace } from '../model/source.ts';
import TraceWorker from './trace.worker.ts?worker&inline';

/** A worker that has nothing to do for so long is let go, with all that it has read: the next errand has one of its own. */
const IDLE_MS = 2000;

/** Sends a worker through a whole trace. */
export class Errands {
  private readonly place: TracePlace;
  private worker: Worker | undefined;
  private readonly waiting = new Map<number, (answer: Answer) => void>();
  private last = 0;
  private idling: ReturnType<typeof setTimeout> | undefined;

  /** @param closing ends the worker */
  constructor(place: TracePlace, closing: AbortSignal) {
    this.place = place;
    closing.addEventListener('abort', () => this.letGo());
  }

  /**
   * Looks for the records that a filter lets through.
   *
   * @param heard told what was found, piece by piece, until everything was looked at
   * @returns what ends it before
   */
  search(filter: string, heard: (found: Found) => void): () => void {
    return this.start(
      (errand) => ({ type: 'search', errand, filter }),
      (answer) => answer.type === 'found' && heard(answer.found),
    );
  }

  /** Reads what is lasting: see `readPast`. */
  past(heard: (piece: PastPiece) => void, done: () => void): void {
    this.start(
      (errand) => ({ type: 'past', errand }),
      (answer) => {
        if (answer.type === 'past') heard(answer.piece);
        else if (answer.type === 'done') done();
      },
    );
  }

  /** Reads all changes of cells: see `readOutline`. */
  outline(done: (pieces: readonly OutlinePiece[]) => void): void {
    const pieces: OutlinePiece[] = [];
    this.start(
      (errand) => ({ type: 'outline', errand }),
      (answer) => {
        if (answer.type === 'outline') pieces.push(answer.piece);
        else if (answer.type === 'done') done(pieces);
      },
    );
  }

  /**
   * Writes events of the whole trace: see `exportEvents`.
   *
   * @param heard told how far it has come, from 0 to 1
   * @returns what was written, as a file, and how many events are in it
   * @throws Error when the filter has a mistake; the signal's reason when it was stopped
   */
  export(order: ExportOrder, heard: (part: number) => void, stop: AbortSignal): Promise<{ file: Blob; count: number }> {
    return new Promise((resolve, reject) => {
      const parts: Blob[] = [];
      let count = 0;
      const cancel = this.start(
        (errand) => ({ type: 'export', errand, order }),
        (answer) => {
          if (answer.type === 'export') {
            // A browser keeps blobs outside of the page's memory.
            parts.push(new Blob([answer.piece.text]));
            count += answer.piece.count;
            heard(answer.piece.part);
          } else if (answer.type === 'problem') reject(new Error(answer.says));
          else if (answer.type === 'done') resolve({ file: new Blob(parts), count });
        },
      );
      stop.addEventListener('abort', () => {
        cancel();
        reject(stop.reason);
      });
    });
  }

  private start(make: (errand: number) => Errand, heard: (answer: Answer) => void): () => void {
    const errand = ++this.last;
    const end = (): void => {
      this.waiting.delete(errand);
      clearTimeout(this.idling);
      if (this.waiting.size === 0) this.idling = setTimeout(() => this.letGo(), IDLE_MS);
    };
    this.waiting.set(errand, (answer) => {
      heard(answer);
      if (answer.type === 'done') end();
    });
    clearTimeout(this.idling);
    this.worker ??= this.open();
    this.worker.postMessage(make(errand));
    return () => {
      if (!this.waiting.has(errand)) return;
      end();
      const cancel: Errand = { type: 'cancel', errand };
      this.worker?.postMessage(cancel);
    };
  }

  private open(): Worker {
    const worker = new TraceWorker();
    worker.addEventListener('message', ({ data }: MessageEvent<Answer>) => this.waiting.get(data.errand)?.(data));
    const open: Errand = { type: 'open', place: this.place };
    worker.postMessage(open);
    return worker;
  }

  private letGo(): void {
    clearTimeout(this.idling);
    this.worker?.terminate();
    this.worker = undefined;
  }
}
