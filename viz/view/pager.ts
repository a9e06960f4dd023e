import type { Book, Target } from '../model/book.ts';
import type { Cursor } from '../model/cursor.ts';
import { hasOutline, outlineOf } from '../model/outline.ts';
import { pictureOf } from '../model/picture.ts';
import type { Run } from '../model/run.ts';
import type { Found } from '../model/search.ts';
import type { TracePlace } from '../model/source.ts';
import type { State } from './app.ts';
import { Errands } from './errands.ts';
import type { Store } from './store.ts';

/** Somewhere that a person wants to go. */
interface Journey {
  readonly target: Target;
  /** Where the cursor comes to rest in the window of the target. */
  readonly aim: (run: Run) => Cursor;
  /** What else changes on arrival. */
  readonly change: Partial<State>;
}

/** The page rests so long before what a window lacks at its ends is read: whoever scrubs is not held up by it. */
const REST_MS = 250;

/**
 * Turns the pages of a run that is too large to be open at once.
 *
 * While a page is read only the last wish counts, and the picture stays as it was. A window comes first with its own chunk only; with the ends of
 * its neighbours it is shown once more when the page rests.
 */
export class Pager {
  readonly book: Book;
  private readonly store: Store<State>;
  private readonly closing: AbortSignal;
  private readonly errands: Errands;
  private outlining: 'wanted' | 'read' | undefined;
  private wanted: Journey | undefined;
  private working = false;
  private resting: ReturnType<typeof setTimeout> | undefined;

  constructor(book: Book, place: TracePlace, store: Store<State>, closing: AbortSignal) {
    this.book = book;
    this.store = store;
    this.closing = closing;
    this.errands = new Errands(place, closing);
    this.errands.past(
      (piece) => book.learn(piece),
      () => {
        this.renew();
        this.draft();
      },
    );
    this.rest();
  }

  /** To a window that is not open, at once if it is in memory. */
  go(journey: Journey): void {
    const now = this.book.openNow(journey.target);
    if (now !== undefined) {
      this.wanted = undefined;
      this.show(now, journey);
      return;
    }
    this.wanted = journey;
    if (!this.working) void this.work();
  }

  /** The person wants to stay where the page is, after all. */
  stay(): void {
    this.wanted = undefined;
  }

  /** Looks through the whole run: see `Errands.search`. */
  search(filter: string, heard: (found: Found) => void): () => void {
    return this.errands.search(filter, heard);
  }

  /** Somebody shows what the outline of the run is needed for: it is read once, after what lasts. */
  outline(): void {
    if (this.outlining !== undefined || !hasOutline(this.book.trace)) return;
    this.outlining = 'wanted';
    this.draft();
  }

  private draft(): void {
    const { lasting } = this.book;
    if (this.outlining !== 'wanted' || lasting === undefined) return;
    this.outlining = 'read';
    this.errands.outline((pieces) => {
      const { picture } = this.store.state;
      this.store.set({ outline: pictureOf(outlineOf(picture.run, lasting, pieces), picture) });
    });
  }

  private async work(): Promise<void> {
    this.working = true;
    while (this.wanted !== undefined && !this.closing.aborted) {
      const journey: Journey = this.wanted;
      const run = await this.book.open(journey.target);
      if (this.closing.aborted) return;
      // Somebody who scrubs sees what lies on the way.
      if (this.wanted !== undefined) this.show(run, journey);
      if (this.wanted === journey) this.wanted = undefined;
    }
    this.working = false;
  }

  private show(run: Run, { aim, change }: Journey): void {
    const picture = pictureOf(run, this.store.state.picture);
    this.store.set({ picture, cursor: aim(run), ...change });
    this.rest();
  }

  private rest(): void {
    clearTimeout(this.resting);
    this.resting = setTimeout(() => void this.fill(), REST_MS);
  }

  private async fill(): Promise<void> {
    const { run } = this.store.state.picture;
    const better = await this.book.complete(run);
    if (better !== undefined) this.replace(run, better);
  }

  private renew(): void {
    const { run } = this.store.state.picture;
    if (this.book.isOutdated(run)) this.replace(run, this.book.renew(run));
  }

  /** Shows the same place in another window. */
  private replace(old: Run, run: Run): void {
    const { picture, cursor } = this.store.state;
    if (this.closing.aborted || picture.run !== old || run === old) return;
    const position = cursor.position + old.records.first - run.records.first;
    this.store.set({ picture: pictureOf(run, picture), cursor: { instant: cursor.instant, position } });
  }
}
