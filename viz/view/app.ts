import type { Origin } from '../live/origin.ts';
import type { Book, Target } from '../model/book.ts';
import { type Cursor, cursorAfter, cursorAt, holds, stepBack, stepForward, stepOnNode } from '../model/cursor.ts';
import type { Row } from '../model/describe.ts';
import type { Span } from '../model/histogram.ts';
import type { Place } from '../model/link.ts';
import { advance, type Speed } from '../model/pace.ts';
import type { Picture } from '../model/picture.ts';
import { nameOf, type Run, textField } from '../model/run.ts';
import type { TracePlace } from '../model/source.ts';
import { keep, kept } from './memory.ts';
import { Pager } from './pager.ts';
import { Store } from './store.ts';

/** All that may change while a run is looked at. */
export interface State {
  /** What is open of the run: another object after a page of it was turned. */
  readonly picture: Picture;
  /** All of a large run in outline, once somebody asked for it and it was read: see `outlineOf`. */
  readonly outline: Picture | undefined;
  readonly cursor: Cursor;
  /** How long ago a crossing may have ended to be drawn still, in nanoseconds. */
  readonly trail: number;
  /** The selected host or router. */
  readonly node: number;
  readonly filter: string;
  readonly playing: boolean;
  readonly speed: Speed;
  /** Whether playing goes round: after the end of the focus, or of the run, it begins again. */
  readonly loop: boolean;
  /** The part of the run that the time line shows. */
  readonly span: Span;
  /** The part of the run that all views keep to; undefined while they show all of it. */
  readonly focus: Span | undefined;
  /** The part of the run that the space-time diagram shows; undefined until it was looked at. */
  readonly lens: Span | undefined;
  /** The picture on the stage. */
  readonly view: string;
  /** Numbers of the records after which somebody wants to come back, ascending. */
  readonly bookmarks: readonly number[];
}

/** A trace that was opened. */
export interface Opened {
  readonly book: Book;
  readonly place: TracePlace;
}

/** What the views share: the run, the state, and the ways in which a person changes it. */
export class App {
  readonly store: Store<State>;
  /** Aborted when another run is opened: what listens to the page for this one must end. */
  readonly closing: AbortSignal;
  /** Turns the pages of a run that is not open as a whole. */
  pager: Pager | undefined;
  /** The trace that is open; undefined while it is still being written. */
  trace: Opened | undefined;
  /** Where the run comes from, when it can be made again here. */
  readonly origin: Origin | undefined;
  private turning = new AbortController();

  /** @param trace where the run comes from; a run that is open as a whole needs none */
  constructor(picture: Picture, closing: AbortSignal, trace?: Opened, origin?: Origin) {
    this.closing = closing;
    this.origin = origin;
    const first: State = {
      picture,
      outline: undefined,
      cursor: { instant: 0 as never, position: 0 },
      trail: 0,
      node: firstTalker(picture),
      filter: '',
      playing: false,
      speed: 'paced',
      loop: false,
      span: { from: 0, to: Math.max(1, picture.run.end) },
      focus: undefined,
      lens: undefined,
      view: FIRST_VIEW,
      bookmarks: origin?.course === undefined ? (keptNumbers(bookmarksKey(picture.run, trace)) ?? []) : [],
    };
    this.store = new Store(first, (settled) => document.documentElement.toggleAttribute('data-drawing', !settled));
    closing.addEventListener('abort', () => this.turning.abort());
    this.trace = trace;
    this.pager = this.pagerOf(trace);
  }

  private pagerOf(trace: Opened | undefined): Pager | undefined {
    return trace === undefined || trace.book.isWhole
      ? undefined
      : new Pager(trace.book, trace.place, this.store, this.turning.signal);
  }

  /**
   * Shows more of a run that goes on.
   *
   * @param trace where the rest of it comes from, while it stands still
   */
  grow(picture: Picture, cursor: Cursor, trace?: Opened): void {
    this.turning.abort();
    this.turning = new AbortController();
    this.trace = trace;
    this.pager = this.pagerOf(trace);
    const { span, picture: before } = this.store.state;
    // Whoever saw the run to its end goes on to do so.
    const to = span.to >= before.run.end || span.to > picture.run.end ? Math.max(1, picture.run.end) : span.to;
    this.store.set({ picture, outline: undefined, cursor, trail: 0, span: { from: Math.min(span.from, to - 1), to } });
  }

  /** The run, or the window of it that is open. It changes: what belongs to the window must be asked for each time it is used. */
  get picture(): Picture {
    return this.store.state.picture;
  }

  /** The picture to take from what belongs to the whole run: lives and cells at any instant. Until its outline was read, the window that is open. */
  get whole(): Picture {
    this.pager?.outline();
    return this.store.state.outline ?? this.picture;
  }

  /** The number of the last record that has happened; 0 before the first. */
  get number(): number {
    return this.picture.run.records.first - 1 + this.store.state.cursor.position;
  }

  /** To an instant, as one that drags the slider does: what happened within the slider's own precision stays visible. */
  seek(instant: number, precision = 0): void {
    this.goTo({ instant }, (run) => cursorAt(run.records, run.end, instant), { trail: precision, playing: false });
  }

  /** To just after the record at a place, which may lie outside of the window. */
  visit(place: number): void {
    this.visitNumber(place + this.picture.run.records.first);
  }

  /** To just after a record by its number; 0 is before the first. */
  visitNumber(number: number): void {
    const within = Math.max(0, Math.min(this.picture.run.total, Math.floor(number)));
    this.goTo({ number: within }, ({ records }) => cursorAfter(records, within - records.first + 1), {
      trail: 0,
      playing: false,
    });
  }

  step(direction: 1 | -1): void {
    const { records } = this.picture.run;
    const { cursor } = this.store.state;
    // Beyond the ends of the window.
    if (cursor.position === (direction === 1 ? records.count : Math.min(1, records.first - 1)))
      this.visitNumber(this.number + direction);
    else this.go(direction === 1 ? stepForward(records, cursor) : stepBack(records, cursor));
  }

  stepOnNode(direction: 1 | -1): void {
    const { cursor, node } = this.store.state;
    const next = stepOnNode(this.picture.run.records, cursor, node, direction);
    if (next !== cursor || this.pager === undefined) this.go(next);
    else void this.stepBeyond(node, direction);
  }

  private async stepBeyond(node: number, direction: 1 | -1): Promise<void> {
    const { cursor } = this.store.state;
    const number = await this.pager?.book.nextOnNode(this.number, node, direction, this.closing).catch(() => undefined);
    // Unless somebody went elsewhere meanwhile.
    if (number !== undefined && this.store.state.cursor === cursor) this.visitNumber(number);
  }

  stepToMarker(direction: 1 | -1): void {
    const here = this.number;
    let target: number | undefined;
    // The nearest of those ahead.
    const look = (number: number): void => {
      if (direction * (number - here) > 0 && (target === undefined || direction * (target - number) > 0)) target = number;
    };
    for (const { number } of this.picture.markers) look(number);
    for (const number of this.store.state.bookmarks) look(number);
    if (target !== undefined) this.visitNumber(target);
  }

  /** Makes or takes away a bookmark at the last event that has happened. */
  toggleBookmark(): void {
    const { number } = this;
    if (number === 0) return;
    const key = this.bookmarksKey();
    // Another tab may have made some meanwhile, and those stay.
    const known = key === undefined ? undefined : keptNumbers(key);
    const bookmarks = known ?? this.store.state.bookmarks;
    const rest = bookmarks.filter((each) => each !== number);
    const changed = rest.length < bookmarks.length ? rest : [...rest, number].toSorted((a, b) => a - b);
    this.store.set({ bookmarks: changed });
    if (key !== undefined) keep(key, changed.join(' '));
  }

  /** Numbers of events mean something in one run only, and in one that goes on until it goes back. */
  private bookmarksKey(): string | undefined {
    return this.origin?.course === undefined ? bookmarksKey(this.picture.run, this.trace) : undefined;
  }

  /** Brings a picture onto the stage. */
  show(view: string): void {
    this.store.set({ view });
  }

  /** Lets all views keep to a part of the run, or, with undefined, show all of it again. */
  focus(span: Span | undefined): void {
    const { end } = this.picture.run;
    const within = span && { from: Math.max(0, Math.min(span.from, span.to)), to: Math.min(end, Math.max(span.from, span.to)) };
    this.store.set({ focus: within !== undefined && within.to > within.from ? within : undefined });
  }

  /** Half or double the speed of playing, from real time when it was paced by events. */
  changeSpeed(factor: number): void {
    const { speed } = this.store.state;
    this.store.set({ speed: Math.max(SLOWEST, Math.min(FASTEST, speed === 'paced' ? factor : speed * factor)) });
  }

  select(node: number): void {
    this.store.set({ node });
  }

  /** At the end of the run, or of its part in focus, playing begins again from the start. */
  togglePlay(): void {
    const { playing, cursor, focus } = this.store.state;
    const { end, total } = this.picture.run;
    const over = focus === undefined ? cursor.instant >= end && this.number >= total : cursor.instant >= focus.to;
    const before = focus !== undefined && cursor.instant < focus.from;
    if (playing || !(over || before)) this.store.set({ playing: !playing });
    else this.rewind();
  }

  /** Plays from the start of the run, or of its part in focus. */
  private rewind(): void {
    const start = this.store.state.focus?.from ?? 0;
    this.goTo({ instant: start }, (run) => cursorAt(run.records, run.end, start), { playing: true });
  }

  toggleLoop(): void {
    this.store.set({ loop: !this.store.state.loop });
  }

  /** Plays on for so many wall milliseconds. */
  play(elapsed: number): void {
    const { cursor, speed, focus, loop } = this.store.state;
    const { run } = this.picture;
    const { records } = run;
    const limit = focus?.to ?? run.end;
    const next = advance(records, run.end, cursor, elapsed, speed);
    const trail = speed === 'paced' ? 0 : speed * 250e6;
    const instant = Math.min(next.instant, limit);
    if (holds(run, { instant }) || records.first + records.count > run.total) {
      const reached = instant < next.instant ? cursorAt(records, run.end, instant) : next;
      const over = reached.instant >= limit && (focus !== undefined || this.numberAt(reached) >= run.total);
      // Its end has been shown when the next round begins.
      if (over && loop && cursor.instant >= limit) this.rewind();
      else this.store.set({ cursor: reached, trail, playing: loop || !over });
    } else {
      this.goTo({ instant }, (opened) => cursorAt(opened.records, opened.end, instant), { trail });
    }
  }

  private numberAt({ position }: Cursor): number {
    return this.picture.run.records.first - 1 + position;
  }

  /** Where a link leads; what it names and the run has not is left as it is. */
  follow(place: Place): void {
    const { topology, total } = this.picture.run;
    const node = topology.nodes.findIndex(({ name }) => name === place.host);
    const { instant, position = -1 } = place;
    const target = position >= 0 && position <= total ? { number: position } : { instant };
    const aim = (run: Run): Cursor => {
      const { records, end } = run;
      const cursor = cursorAt(records, end, instant);
      const exact = cursorAfter(records, position - records.first + 1);
      // The event's number decides among those of one instant; between two records both agree on the number only.
      const agreed =
        'number' in target && holds(run, target) && (exact.instant === cursor.instant || exact.position === cursor.position);
      return agreed ? { instant: cursor.instant, position: exact.position } : cursor;
    };
    this.goTo(target, aim, {
      trail: 0,
      playing: false,
      filter: place.filter ?? '',
      focus: place.focus,
      view: place.view ?? FIRST_VIEW,
      ...(node < 0 ? {} : { node }),
    });
  }

  /** The link to what is looked at now. */
  place(): Place {
    const { cursor, node, filter, focus, view } = this.store.state;
    return {
      instant: cursor.instant,
      position: this.number,
      host: nameOf(this.picture.run, node),
      filter,
      ...(focus === undefined ? {} : { focus }),
      ...(view === FIRST_VIEW ? {} : { view }),
    };
  }

  /**
   * A record in words; undefined while it must be read.
   *
   * @param then told when it has been read
   */
  row(number: number, then: () => void): Row | undefined {
    const { run, describer } = this.picture;
    const place = number - run.records.first;
    if (place >= 0 && place < run.records.count) return describer.row(place);
    const book = this.pager?.book;
    const known = book?.row(number);
    if (known === undefined) book?.read(number).then(then, () => undefined);
    return known;
  }

  /** The kind of a record; undefined while it must be read. */
  kind(number: number): number | undefined {
    const { records } = this.picture.run;
    const place = number - records.first;
    return place >= 0 && place < records.count ? records.kind[place] : this.pager?.book.kind(number);
  }

  private go(cursor: Cursor): void {
    this.pager?.stay();
    this.store.set({ cursor, trail: 0, playing: false });
  }

  /** Goes to where `aim` says in the window that holds a target, and turns the page for it if need be. */
  private goTo(target: Target, aim: (run: Run) => Cursor, change: Partial<State>): void {
    const { run } = this.picture;
    if (this.pager === undefined || holds(run, target)) {
      this.pager?.stay();
      this.store.set({ ...change, cursor: aim(run) });
    } else {
      this.pager.go({ target, aim, change });
    }
  }
}

/** The picture that the stage begins with. */
export const FIRST_VIEW = 'network';

const SLOWEST = 1e-6;
const FASTEST = 1e4;

const bookmarksKey = ({ scenario, seed }: Run, trace: Opened | undefined): string =>
  `bookmarks.${scenario}.${seed}.${textField(trace?.book.trace.summary, 'fingerprint')}`;

/** Numbers that this browser keeps; undefined when it keeps none. */
const keptNumbers = (key: string): readonly number[] | undefined =>
  kept(key)
    ?.split(' ')
    .map(Number)
    .filter((number) => Number.isInteger(number) && number > 0);

/** The host whose terminal is worth looking at first: the one with the most on it, the first of equals. */
function firstTalker({ run, terminals }: Picture): number {
  const sizes = run.topology.nodes.map((_, node) => terminals.size(node));
  return Math.max(0, sizes.indexOf(Math.max(...sizes)));
}
