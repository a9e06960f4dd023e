import type { Instant } from '../../core/time.ts';
import { type Book, openBook } from '../model/book.ts';
import { cursorAt } from '../model/cursor.ts';
import { type PastPiece, readPast } from '../model/past.ts';
import { pictureOf } from '../model/picture.ts';
import type { Recipe } from '../model/recipe.ts';
import { fieldOf, type Run } from '../model/run.ts';
import { sourceOf, type TracePlace } from '../model/source.ts';
import type { App } from '../view/app.ts';
import { onDesk, showOnDesk, suited } from '../view/stage.ts';
import type { Act, Entry, Judged, Standing } from './messages.ts';
import { linkOf, type Origin, type Shell } from './origin.ts';
import { simulator } from './simulator.ts';

/** How fast a run may go, in multiples of real time. */
export const PACES = [1, 10, 100, 1000, Number.POSITIVE_INFINITY] as const;

/** A run that goes on is shown anew so often at most; and it is not shown for more than a part of the time. */
const PERIOD_MS = 150;
const SHARE = 3;

/** What is open of a run while it goes on, and while it waits: little, so that the page is never busy for long. */
const GOING = { whole: 8192, margin: 1024 };
const WAITING = { whole: 65_536 };

/** How long the world goes on by itself after a command was typed while it stood still: so long that most have answered. */
const ANSWER_NS = 1e9;

/** What is to be seen of a run that goes on. */
export interface Going {
  readonly running: boolean;
  readonly pace: number;
  readonly now: number;
  readonly entries: readonly Entry[];
}

/** Steers a run that goes on, and brings what has happened into the picture. */
export class Course {
  private readonly recipe: Recipe;
  private readonly shell: Shell;
  private readonly listeners: ((going: Going) => void)[] = [];
  private app: App | undefined;
  private origin: Origin | undefined;
  private going: Going = { running: false, pace: 10, now: 0, entries: [] };
  /** Of the trace so far, which only grows. */
  private pieces: PastPiece[] = [];
  private run = 0;
  private shown: object | undefined;
  /** What there was to show when the page was laid out. */
  private suited: readonly string[] = [];
  private loop: Promise<void> | undefined;

  constructor(recipe: Recipe, shell: Shell) {
    this.recipe = recipe;
    this.shell = shell;
  }

  async attach(app: App, origin: Origin): Promise<void> {
    this.origin = origin;
    this.adopt(app);
    await this.refresh(true);
  }

  private adopt(app: App): void {
    this.app = app;
    this.suited = suited(app.picture, app);
    app.closing.addEventListener('abort', () => {
      if (this.app === app) void simulator.call('pace', { speed: 0 }).catch(() => undefined);
    });
    // Whoever looks elsewhere wants the run to wait.
    app.store.watch(({ cursor }) => {
      if (this.app === app && this.going.running && this.shown !== undefined && cursor !== this.shown) void this.pause();
    });
  }

  get state(): Going {
    return this.going;
  }

  watch(listener: (going: Going) => void): void {
    this.listeners.push(listener);
    listener(this.going);
  }

  setPace(pace: number): void {
    this.tell({ pace });
    if (this.going.running) void simulator.call('pace', { speed: pace });
  }

  async toggle(): Promise<void> {
    if (this.going.running) await this.pause();
    else await this.go();
  }

  /** Lets it go on, until it is paused or, when an instant is given, comes there. */
  async go(until?: number, pace = this.going.pace): Promise<void> {
    await this.loop;
    this.tell({ running: true });
    this.shown = undefined;
    await simulator.call('pace', { speed: pace, ...(until === undefined ? {} : { until }) });
    this.loop = this.follow().finally(() => {
      this.loop = undefined;
    });
    if (until !== undefined) await this.loop;
  }

  async pause(): Promise<void> {
    if (!this.going.running) return;
    this.tell({ running: false });
    await simulator.call('pace', { speed: 0 });
    await this.loop;
    await this.refresh(true);
  }

  /** @returns what was done, in words; and what is wrong with the command line that was typed */
  async act(act: Act): Promise<{ readonly says: string; readonly wrong: string }> {
    const { says, wrong } = await simulator.call('act', { act });
    if (act.type === 'do' && act.inputs.some((input) => fieldOf(input, 'kind') === 'command') && !this.going.running)
      await this.go(this.going.now + ANSWER_NS, Number.POSITIVE_INFINITY);
    else if (!this.going.running) await this.refresh(true);
    return { says: says.join('; '), wrong: wrong.join(' ') };
  }

  /** Goes back to an instant; what was done later is undone. */
  async fork(at: number): Promise<void> {
    await this.pause();
    this.shell.busy('Going there …');
    await simulator.call('fork', { at }, { progress: (part) => this.shell.busy(`Going there … ${Math.floor(100 * part)} %`) });
    this.shell.busy(undefined);
    await this.refresh(true);
  }

  /** The run so far, repeated from its start and judged. */
  async save(): Promise<Judged> {
    await this.pause();
    this.shell.busy('Repeating the run …');
    try {
      return await simulator.call(
        'save',
        {},
        { progress: (part) => this.shell.busy(`Repeating the run … ${Math.floor(100 * part)} %`) },
      );
    } finally {
      this.shell.busy(undefined);
    }
  }

  /** What makes the run so far. */
  recipeSoFar(): Recipe {
    const { entries, now } = this.going;
    return { ...this.recipe, interventions: entries.map(({ input }) => input), ...(now > 0 ? { until: now } : {}) };
  }

  private tell(change: Partial<Going>): void {
    this.going = { ...this.going, ...change };
    for (const listener of this.listeners) listener(this.going);
  }

  private async follow(): Promise<void> {
    while (this.going.running && this.app?.closing.aborted === false) {
      const begun = performance.now();
      const paused = await this.refresh(false);
      if (paused) {
        this.tell({ running: false });
        await this.refresh(true);
        return;
      }
      const took = performance.now() - begun;
      await new Promise((resolve) => setTimeout(resolve, Math.max(PERIOD_MS - took, SHARE * took)));
    }
  }

  /** @param whole whether all of a small run is opened, as when it stands still @returns whether it stands still */
  private async refresh(whole: boolean): Promise<boolean> {
    const standing = await simulator.call('look', {});
    const { app } = this;
    if (app === undefined || app.closing.aborted) return true;
    const place = { blob: standing.trace };
    const read = await openBook(sourceOf(place), whole ? WAITING : GOING);
    if ('problem' in read) throw new Error(read.problem);
    const { book } = read;
    await this.learn(book, standing);
    await breath();
    const run = sameAs(app.picture.run, await book.open({ instant: standing.now }));
    await breath();
    const picture = pictureOf(run, app.picture);
    // What the frame would make first is made before it, a piece at a time.
    for (const make of [() => picture.members, () => picture.markers, () => picture.nodes]) {
      await breath();
      make();
    }
    const panels = suited(picture, app, this.suited);
    await breath();
    if (app.closing.aborted) return true;
    if (this.origin !== undefined && panels.length !== this.suited.length) {
      await this.layOut(place, this.origin, standing.now);
      return standing.paused;
    }
    const cursor = cursorAt(run.records, run.end, standing.now);
    this.shown = cursor;
    app.grow(picture, cursor, whole ? { book, place } : undefined);
    this.tell({ now: standing.now, entries: standing.entries });
    if (whole) this.shell.busy(undefined);
    if (whole && this.origin !== undefined) this.origin.link = await linkOf(this.recipeSoFar(), undefined);
    return standing.paused;
  }

  /** Lays the page out anew, for what could not be shown before: the first members, a log. */
  private async layOut(trace: TracePlace, origin: Origin, now: number): Promise<void> {
    const { app } = this;
    const front = onDesk();
    this.app = undefined;
    this.shown = undefined;
    const { position: _, ...look } = app?.place() ?? { position: 0 };
    const next = await this.shell.show(trace, origin, { ...look, instant: now as Instant });
    if (next === undefined) return;
    this.adopt(next);
    if (front !== undefined) showOnDesk(front);
  }

  /** Lets a book know what lasts of what is before its window: read once, as the trace only grows. */
  private async learn(book: Book, standing: Standing): Promise<void> {
    if (standing.run !== this.run) this.pieces = [];
    this.run = standing.run;
    if (book.isWhole) return;
    for await (const piece of readPast(book.trace, book.firsts, this.pieces.length)) this.pieces.push(piece);
    for (const piece of this.pieces) book.learn(piece);
  }
}

/** Lets the browser do what waits, so that the page is never busy for long at a stretch. */
const breath = (): Promise<void> => new Promise((resolve) => setTimeout(resolve));

/** Lets a run that has grown keep what has not changed, so that what was made of it need not be made again. */
function sameAs(before: Run, run: Run): Run {
  const { topology, table } = before;
  return Object.assign(run, { topology, ...(table.count === run.table.count ? { table } : {}) });
}
