import { type Cursor, cursorAfter, cursorAt, stepBack, stepForward, stepOnNode } from '../model/cursor.ts';
import type { Span } from '../model/histogram.ts';
import type { Place } from '../model/link.ts';
import type { Speed } from '../model/pace.ts';
import type { Picture } from '../model/picture.ts';
import { nameOf } from '../model/run.ts';
import { Store } from './store.ts';

/** All that may change while a run is looked at. */
export interface State {
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
}

/** What the views share: the run, the state, and the ways in which a person changes it. */
export class App {
  readonly picture: Picture;
  readonly store: Store<State>;
  /** Aborted when another run is opened: what listens to the page for this one must end. */
  readonly closing: AbortSignal;

  constructor(picture: Picture, closing: AbortSignal) {
    this.picture = picture;
    this.closing = closing;
    this.store = new Store<State>({
      cursor: { instant: 0 as never, position: 0 },
      trail: 0,
      node: firstTalker(picture),
      filter: '',
      playing: false,
      speed: 'paced',
      span: { from: 0, to: Math.max(1, picture.run.end) },
    });
  }

  /** To an instant, as one that drags the slider does: what happened within the slider's own precision stays visible. */
  seek(instant: number, precision = 0): void {
    const { records, end } = this.picture.run;
    this.go(cursorAt(records, end, instant), precision);
  }

  /** To just after a record. */
  visit(record: number): void {
    this.go(cursorAfter(this.picture.run.records, record + 1), 0);
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
    const { position } = this.store.state.cursor;
    const { markers } = this.picture;
    const target =
      direction === 1
        ? markers.find(({ record }) => record >= position)
        : markers.findLast(({ record }) => record < position - 1);
    if (target !== undefined) this.visit(target.record);
  }

  select(node: number): void {
    this.store.set({ node });
  }

  /** At the end of the run, playing begins again from the start. */
  togglePlay(): void {
    const { playing, cursor } = this.store.state;
    const { records, end } = this.picture.run;
    const over = cursor.instant >= end && cursor.position >= records.count;
    this.store.set({ playing: !playing, ...(over && !playing ? { cursor: cursorAt(records, end, -1) } : {}) });
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
      ...(node < 0 ? {} : { node }),
    });
  }

  /** The link to what is looked at now. */
  place(): Place {
    const { cursor, node, filter } = this.store.state;
    return { instant: cursor.instant, position: cursor.position, host: nameOf(this.picture.run, node), filter };
  }

  private go(cursor: Cursor, trail: number): void {
    this.store.set({ cursor, trail, playing: false });
  }
}

/** The host whose terminal is worth looking at first: the one with the most on it, the first of equals. */
function firstTalker({ run, terminals }: Picture): number {
  const sizes = run.topology.nodes.map((_, node) => terminals.size(node));
  return Math.max(0, sizes.indexOf(Math.max(...sizes)));
}
