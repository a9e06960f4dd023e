import { type Book, openBook } from '../model/book.ts';
import type { Answer, Errand } from '../model/errand.ts';
import { exportEvents } from '../model/export.ts';
import { readOutline } from '../model/outline.ts';
import { readPast } from '../model/past.ts';
import { search } from '../model/search.ts';
import { sourceOf } from '../model/source.ts';

/*
 * Runs errands through a whole trace beside the page, which stays alive meanwhile. It opens the trace by itself: only results cross over.
 */

let book: Promise<Book | undefined> = Promise.resolve(undefined);
const cancelled = new Set<number>();

const answer = (message: Answer, transfer: Transferable[] = []): void => postMessage(message, { transfer });

addEventListener('message', ({ data }: MessageEvent<Errand>) => {
  switch (data.type) {
    case 'open':
      book = openBook(sourceOf(data.place)).then((opened) => ('book' in opened ? opened.book : undefined));
      break;
    case 'cancel':
      cancelled.add(data.errand);
      break;
    default:
      void run(data);
  }
});

async function run(errand: Extract<Errand, { readonly errand: number }>): Promise<void> {
  const opened = await book;
  if (opened === undefined) return;
  const number = errand.errand;
  if (errand.type === 'search') {
    for await (const found of search(opened, errand.filter)) {
      if (cancelled.has(number)) return;
      answer({ type: 'found', errand: number, found }, [found.numbers.buffer]);
    }
  } else if (errand.type === 'export') {
    try {
      for await (const piece of exportEvents(opened, errand.order)) {
        if (cancelled.has(number)) return;
        answer({ type: 'export', errand: number, piece });
      }
    } catch (error) {
      answer({ type: 'problem', errand: number, says: error instanceof Error ? error.message : String(error) });
    }
  } else if (errand.type === 'outline') {
    for await (const piece of readOutline(opened.trace, opened.firsts)) {
      if (cancelled.has(number)) return;
      answer({ type: 'outline', errand: number, piece }, [piece.at.buffer, piece.after.buffer, piece.cell.buffer]);
    }
  } else {
    for await (const piece of readPast(opened.trace, opened.firsts)) {
      if (cancelled.has(number)) return;
      answer({ type: 'past', errand: number, piece });
    }
  }
  answer({ type: 'done', errand: number });
}
