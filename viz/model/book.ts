import type { Instant } from '../../core/time.ts';
import { Kind } from '../../sim/engine/journal.ts';
import type { ReadOptions } from '../../sim/trace/file.ts';
import { openTrace } from '../../sim/trace/open.ts';
import type { Trace } from '../../sim/trace/reader.ts';
import type { ByteSource } from '../../sim/trace/sink.ts';
import { Describer, type Row } from './describe.ts';
import { factsOf, type RunFacts, verdictOf } from './facts.ts';
import { inflate } from './inflate.ts';
import { Page } from './page.ts';
import { Past, type PastPiece, readPast } from './past.ts';
import type { Earlier, Run, Verdict } from './run.ts';
import type { Look } from './why.ts';
import { type Piece, windowOf } from './window.ts';

/** An opened trace, or why it could not be opened. */
export type OpenedBook = { readonly book: Book } | { readonly problem: string };

/** What bounds that which is open at a time. */
export interface BookLimits {
  /** A run of so many records is opened as a whole. */
  readonly whole: number;
  /** Records of the neighbouring pages that a window shows at each end, so that what is in flight there is whole. */
  readonly margin: number;
  /** Bytes of pages that are kept in memory after they were read. */
  readonly kept: number;
}

/** Sixteen chunks as a whole; half a chunk at each end; about twenty chunks. */
const LIMITS: BookLimits = { whole: 262_144, margin: 8192, kept: 32 * 1024 * 1024 };
/** Chunks that the trace itself keeps. */
const KEPT_CHUNKS = 8;

/** Where to open a run: at a record by its number, or at an instant. */
export type Target = { readonly number: number } | { readonly instant: number };

/**
 * Opens a trace: its end and its tables are read, whatever its size.
 *
 * @param unpacking who expands blocks and takes their checksums; here and now when absent
 */
export async function openBook(
  source: ByteSource,
  limits: Partial<BookLimits> = {},
  unpacking: Pick<ReadOptions, 'inflate' | 'checksum'> = { inflate },
): Promise<OpenedBook> {
  const opened = await openTrace(source, { ...unpacking, kept: KEPT_CHUNKS });
  if (!opened.ok) return { problem: `This is no trace that can be read: ${opened.problem}.` };
  await opened.trace.cellsBefore(0);
  return { book: new Book(opened.trace, { ...LIMITS, ...limits }) };
}

/**
 * A trace whose pages are turned: its chunks are read when they are looked at, and the last ones are kept.
 *
 * A window is the chunk that is asked for with something of its neighbours; of a small run, all of it.
 */
export class Book {
  readonly trace: Trace;
  /** Records of the whole run. */
  readonly total: number;
  /** Number of the first record of each chunk, and at the end one more than there are records. */
  readonly firsts: Float64Array;
  private readonly limits: BookLimits;
  private readonly facts: RunFacts;
  private readonly contiguous: boolean;
  private readonly past = new Past();
  /** Pages in memory, in the order of their use, oldest first. */
  private readonly pages = new Map<number, Page>();
  private readonly loading = new Map<number, Promise<Page>>();
  private readonly centres = new WeakMap<Run, number>();
  private readonly describers = new WeakMap<Page, { readonly run: Run; readonly describer: Describer }>();

  constructor(trace: Trace, limits: BookLimits) {
    this.trace = trace;
    this.limits = limits;
    const { chunks } = trace;
    this.firsts = new Float64Array(chunks.length + 1);
    this.firsts[0] = 1;
    chunks.forEach(({ count }, place) => {
      this.firsts[place + 1] = (this.firsts[place] as number) + count;
    });
    this.total = (this.firsts[chunks.length] as number) - 1;
    this.contiguous = chunks.every(({ first }, place) => first === this.firsts[place]);
    this.facts = factsOf(trace, this.total, this.isWhole, this.numberOf);
  }

  /** Whether all of the run is open at once. */
  get isWhole(): boolean {
    return this.total <= this.limits.whole;
  }

  /**
   * The window around a record or an instant.
   *
   * @param signal ends the waiting, with a rejection, when somebody wants something else meanwhile
   */
  async open(target: Target, signal?: AbortSignal): Promise<Run> {
    if (this.isWhole) return this.openAll();
    const page = await this.page(this.placeOf(target));
    signal?.throwIfAborted();
    return this.windowAround(page);
  }

  /** The same at once; undefined when something must be read first. */
  openNow(target: Target): Run | undefined {
    const page = this.pages.get(this.placeOf(target));
    return this.isWhole || page === undefined ? undefined : this.windowAround(page);
  }

  /** Reads what a window lacks at its ends; undefined when it lacks nothing. */
  async complete(run: Run, signal?: AbortSignal): Promise<Run | undefined> {
    const centre = this.centres.get(run);
    if (centre === undefined) return undefined;
    const last = run.records.first + run.records.count;
    const lacks = [centre - 1, centre + 1].filter(
      (place) =>
        this.trace.chunks[place] !== undefined &&
        (place < centre ? run.records.first === this.firsts[centre] : last === this.firsts[centre + 1]),
    );
    if (lacks.length === 0) return undefined;
    // The one that is needed for playing on comes first.
    for (const place of lacks.reverse()) {
      await this.page(place);
      signal?.throwIfAborted();
    }
    // Others may have taken its place meanwhile.
    return this.windowAround(await this.page(centre));
  }

  /**
   * The records of one chunk by themselves, without keeping them.
   *
   * @param texts whether what they carry is read, too
   */
  async chunkRun(place: number, texts: boolean): Promise<Run> {
    const { trace } = this;
    const info = trace.chunks[place];
    const chunk = await trace.chunk(place);
    const payloads = chunk !== undefined && texts ? await trace.payloadsOf(chunk) : undefined;
    const at = { place, first: this.firsts[place] ?? 1, count: info?.count ?? 0, begins: info?.from ?? 0 };
    const page = new Page(at, chunk, payloads, undefined);
    return this.window([{ page, from: 0, to: page.count }]);
  }

  /** The run without any of its records: what is known of it as a whole. */
  blankRun(): Run {
    return this.window([]);
  }

  /** The next record of a node, or the one before (direction −1), as actor or as peer; undefined when there is none. */
  async nextOnNode(number: number, node: number, direction: 1 | -1, signal?: AbortSignal): Promise<number | undefined> {
    let i = number + direction;
    while (i >= 1 && i <= this.total) {
      const place = this.placeOf({ number: i });
      const first = this.firsts[place] as number;
      const end = this.firsts[place + 1] as number;
      const chunk = await this.trace.chunk(place);
      signal?.throwIfAborted();
      for (; i >= first && i < end; i += direction) {
        if (chunk?.records.node(i - first) === node || chunk?.records.peer(i - first) === node) return i;
      }
    }
    return undefined;
  }

  /** The chunk that a record is in, for who follows causes. */
  async look(number: number): Promise<Look> {
    const place = this.placeOf({ number });
    const first = this.firsts[place] as number;
    const chunk = await this.trace.chunk(place);
    const records = chunk?.records;
    return {
      first,
      count: (this.firsts[place + 1] ?? first) - first,
      total: this.total,
      cause: (i) => (records === undefined ? 0 : this.numberOf(records.cause(i))),
      likeness: (i) => `${records?.kind[i]} ${records?.node(i)} ${records?.word[i]}`,
    };
  }

  /** Takes in a piece of what is lasting; whoever reads it hands all pieces over in order. */
  learn(piece: PastPiece): void {
    this.past.add(piece);
  }

  /** Reads all of what is lasting here and now. */
  async learnAll(): Promise<void> {
    for await (const piece of readPast(this.trace, this.firsts)) this.learn(piece);
  }

  /** Whether a window would show more of the past now than when it was opened. */
  isOutdated(run: Run): boolean {
    if (this.isWhole || run.lasting !== undefined) return false;
    return this.lasting !== undefined || this.past.before(run.records.first).length > run.past.length;
  }

  /** The same window with what was learnt since. */
  renew(run: Run): Run {
    const centre = this.centres.get(run);
    const page = centre === undefined ? undefined : this.pages.get(centre);
    return page === undefined ? run : this.windowAround(page);
  }

  /** A record in words; undefined when its page is not in memory: see `read`. */
  row(number: number): Row | undefined {
    const page = this.pages.get(this.placeOf({ number }));
    if (page === undefined) return undefined;
    return this.describe(page).describer.row(number - page.first);
  }

  /** The kind of a record; undefined when its page is not in memory. */
  kind(number: number): number | undefined {
    const page = this.pages.get(this.placeOf({ number }));
    return page === undefined ? undefined : this.describe(page).run.records.kind[number - page.first];
  }

  /** Brings a record's page into memory. */
  async read(number: number): Promise<void> {
    await this.page(this.placeOf({ number }));
  }

  /** The number of a record by its number in the file: another one only where records were lost or never written. */
  readonly numberOf = (id: number): number => {
    if (this.contiguous) return id > 0 && id <= this.total ? id : 0;
    const { chunks } = this.trace;
    let low = 0;
    let high = chunks.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((chunks[middle]?.first as number) <= id) low = middle + 1;
      else high = middle;
    }
    const chunk = chunks[low - 1];
    return chunk === undefined || id >= chunk.first + chunk.count ? 0 : (this.firsts[low - 1] as number) + id - chunk.first;
  };

  /** The chunk of a record; of an instant the last chunk that begins by then. */
  placeOf(target: Target): number {
    const { chunks } = this.trace;
    const reached = (place: number): boolean =>
      'number' in target
        ? (this.firsts[place] as number) <= target.number
        : (chunks[place]?.from as number) <= (target.instant as Instant);
    let low = 0;
    let high = chunks.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (reached(middle)) low = middle + 1;
      else high = middle;
    }
    return Math.max(0, low - 1);
  }

  /** The page of a chunk, from memory or read. */
  private page(place: number): Promise<Page> {
    const known = this.pages.get(place);
    if (known !== undefined) {
      this.pages.delete(place);
      this.pages.set(place, known);
      return Promise.resolve(known);
    }
    let loading = this.loading.get(place);
    if (loading === undefined) {
      loading = this.load(place).finally(() => this.loading.delete(place));
      this.loading.set(place, loading);
    }
    return loading;
  }

  private async load(place: number): Promise<Page> {
    const { trace } = this;
    const info = trace.chunks[place];
    const first = this.firsts[place] ?? 1;
    const [chunk, before, payloads] = await Promise.all([
      trace.chunk(place),
      this.cellsBefore(place),
      info === undefined ? undefined : trace.payloadsOf({ info }),
    ]);
    const page = new Page({ place, first, count: info?.count ?? 0, begins: info?.from ?? 0 }, chunk, payloads, before);
    this.pages.set(place, page);
    let size = 0;
    for (const each of this.pages.values()) size += each.size;
    for (const [oldest, each] of this.pages) {
      if (size <= this.limits.kept || this.isWhole || oldest === place) break;
      this.pages.delete(oldest);
      size -= each.size;
    }
    return page;
  }

  /** What the cells showed when a chunk began, from the nearest page in memory or keyframe on. */
  private async cellsBefore(place: number) {
    if (this.facts.table.count === 0) return undefined;
    let nearest: Page | undefined;
    for (const page of this.pages.values()) if (page.place <= place && page.place >= (nearest?.place ?? 0)) nearest = page;
    const known = nearest?.before === undefined ? undefined : { place: nearest.place, cells: nearest.before };
    return known?.place === place ? known.cells : this.trace.cellsBefore(place, known);
  }

  private async openAll(): Promise<Run> {
    const pages: Page[] = [];
    for (let place = 0; place < this.trace.chunks.length; place++) pages.push(await this.page(place));
    const run = this.window(pages.map((page) => ({ page, from: 0, to: page.count })));
    // The index need not have all of them.
    const verdicts: Verdict[] = [];
    run.records.kind.forEach((kind, i) => {
      if (kind === Kind.verdict) verdicts.push(verdictOf(run.records.at[i] as Instant, i + 1, run.payload(i)));
    });
    return { ...run, verdicts };
  }

  /** The page and the ends of those beside it, as far as they are in memory. */
  private windowAround(page: Page): Run {
    const { margin } = this.limits;
    const centre = page.place;
    const before = this.pages.get(centre - 1);
    const after = this.pages.get(centre + 1);
    const pieces: Piece[] = [{ page, from: 0, to: page.count }];
    if (before !== undefined) pieces.unshift({ page: before, from: Math.max(0, before.count - margin), to: before.count });
    if (after !== undefined) pieces.push({ page: after, from: 0, to: Math.min(margin, after.count) });
    const run = this.window(pieces);
    this.centres.set(run, centre);
    return run;
  }

  private window(pieces: readonly Piece[]): Run {
    const { facts, numberOf, trace } = this;
    const first = pieces[0] === undefined ? 1 : pieces[0].page.first + pieces[0].from;
    const gaps = [...trace.problems.map((problem) => `${problem.charAt(0).toUpperCase()}${problem.slice(1)}.`), ...facts.lacks];
    const past = (): readonly Earlier[] => (this.isWhole ? [] : this.past.before(first));
    return windowOf({ facts, tables: trace.tables, pieces, numberOf, past, lasting: this.lasting, gaps });
  }

  /** What lasts in all of a large run, once all of it is known. */
  get lasting(): readonly Earlier[] | undefined {
    const known = !this.isWhole && this.past.chunks === this.trace.chunks.length;
    return known ? this.past.entries : undefined;
  }

  private describe(page: Page): { readonly run: Run; readonly describer: Describer } {
    let known = this.describers.get(page);
    if (known === undefined) {
      const run = this.window([{ page, from: 0, to: page.count }]);
      known = { run, describer: new Describer(run) };
      this.describers.set(page, known);
    }
    return known;
  }
}
