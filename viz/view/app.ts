import { type Cursor, cursorAfter, cursorAt, stepBack, stepForward, stepOnNode } from '../model/cursor.ts';
import type { Span } from '../model/histogram.ts';
import type { Place } from '../model/link.ts';
import type { Speed } from '../model/pace.ts';
import type { Picture } from '../model/picture.ts';
import { nameOf, type Run } from '../model/run.ts';
import { keep, kept } from './memory.ts';
import { Store } from './store.ts';

/** All that may change while a run is looked at. */
export interface State {
  /** What is open of the run: another object after a page of it was turned. */
  readonly picture: Picture;
  readonly cursor: Cursor;
  /** How long ago a crossing may have ended to be drawn still, in nanoseconds. */
  readonly trail: number;
  /** The selected host or router. */
  readonly node: number;
  readonly filter: string;
  readonly playing: boolean;
  readonly speed: Speed;
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

/** What the views share: the run, the state, and the ways in which a person changes it. */
export class App {
  readonly store: Store<State>;
  /** Aborted when another run is opened: what listens to the page for this one must end. */
  readonly closing: AbortSignal;

  constructor(picture: Picture, closing: AbortSignal) {
    this.closing = closing;
    this.store = new Store<State>({
      picture,
      cursor: { instant: 0 as never, position: 0 },
      trail: 0,
      node: firstTalker(picture),
      filter: '',
      playing: false,
      speed: 'paced',
      span: { from: 0, to: Math.max(1, picture.run.end) },
      focus: undefined,
      lens: undefined,
      view: FIRST_VIEW,
      bookmarks: keptBookmarks(picture.run),
    });
  }

  /** The run, or the window of it that is open. It changes: what belongs to the window must be asked for each time it is used. */
  get picture(): Picture {
    return this.store.state.picture;
  }

  /** The number of the last record that has happened; 0 before the first. */
  get number(): number {
    return this.picture.run.records.first - 1 + this.store.state.cursor.position;
  }

  /** To an instant, as one that drags the slider does: what happened within the slider's own precision stays visible. */
  seek(instant: number, precision = 0): void {
    const { records, end } = this.picture.run;
    this.go(cursorAt(records, end, instant), precision);
  }

  /** To just after the record at a place, which may lie outside of the window. */
  visit(place: number): void {
    this.go(cursorAfter(this.picture.run.records, place + 1), 0);
  }

  /** To just after a record by its number. */
  visitNumber(number: number): void {
    this.visit(number - this.picture.run.records.first);
  }

  step(direction: 1 | -1): void {
    const { records } = this.picture.run;
    const { cursor } = this.store.state;
    this.go(direction === 1 ? stepForward(records, cursor) : stepBack(records, cursor), 0);
  }

  stepOnNode(direction: 1 | -1): void {
    const { cursor, node } = this.store.state;
    this.go(stepOnNode(this.picture.run.records, cursor, node, direction), 0);
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
    const { bookmarks } = this.store.state;
    const { number } = this;
    if (number === 0) return;
    const rest = bookmarks.filter((each) => each !== number);
    const changed = rest.length < bookmarks.length ? rest : [...rest, number].toSorted((a, b) => a - b);
    this.store.set({ bookmarks: changed });
    keep(bookmarksKey(this.picture.run), changed.join(' '));
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
    const { playing, cursor } = this.store.state;
    const { records, end } = this.picture.run;
    const { focus } = this.store.state;
    const over = focus === undefined ? cursor.instant >= end && cursor.position >= records.count : cursor.instant >= focus.to;
    const before = focus !== undefined && cursor.instant < focus.from;
    const start = cursorAt(records, end, focus?.from ?? -1);
    this.store.set({ playing: !playing, ...((over || before) && !playing ? { cursor: start } : {}) });
  }

  /** Where a link leads; what it names and the run has not is left as it is. */
  follow(place: Place): void {
    const { records, end, topology } = this.picture.run;
    const node = topology.nodes.findIndex(({ name }) => name === place.host);
    const exact = place.position === undefined ? undefined : cursorAfter(records, place.position);
    const cursor = cursorAt(records, end, place.instant);
    // The event's number decides among those of one instant; between two records both agree on the number only.
    const agreed = exact !== undefined && (exact.instant === cursor.instant || exact.position === cursor.position);
    this.store.set({
      cursor: agreed ? { instant: cursor.instant, position: exact.position } : cursor,
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
      position: cursor.position,
      host: nameOf(this.picture.run, node),
      filter,
      ...(focus === undefined ? {} : { focus }),
      ...(view === FIRST_VIEW ? {} : { view }),
    };
  }

  private go(cursor: Cursor, trail: number): void {
    this.store.set({ cursor, trail, playing: false });
  }
}

/** The picture that the stage begins with. */
export const FIRST_VIEW = 'network';

const SLOWEST = 1e-6;
const FASTEST = 1e4;

const bookmarksKey = (run: Run): string => `bookmarks.${run.scenario}.${run.seed}`;

const keptBookmarks = (run: Run): readonly number[] =>
  (kept(bookmarksKey(run)) ?? '')
    .split(' ')
    .map(Number)
    .filter((number) => Number.isInteger(number) && number > 0);

/** The host whose terminal is worth looking at first: the one with the most on it, the first of equals. */
function firstTalker({ run, terminals }: Picture): number {
  const sizes = run.topology.nodes.map((_, node) => terminals.size(node));
  return Math.max(0, sizes.indexOf(Math.max(...sizes)));
}
