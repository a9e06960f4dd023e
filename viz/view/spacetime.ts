import { type Quadtree, quadtree } from 'd3';
import { formatInstant } from '../../core/time.ts';
import { Kind } from '../../sim/engine/journal.ts';
import { Axis, type AxisType, lensAround, withinSpan, zoomedLens } from '../model/axis.ts';
import { countText } from '../model/clock.ts';
import { type Cone, type ConeType, coneOf, MOST_COLLECTED } from '../model/cone.ts';
import { currentRecord } from '../model/cursor.ts';
import type { Span } from '../model/histogram.ts';
import { firstChoice, type LaneChoice, lanesOf, placed } from '../model/lanes.ts';
import { nameOf, wordOf } from '../model/run.ts';
import { gapsOf, receiverOf, type Scene, sceneOf } from '../model/spacetime.ts';
import type { App, State } from './app.ts';
import { element } from './element.ts';
import { type Diagram, LamportPainter, laneY, pixelX, type Sheet } from './lamport.ts';
import { laneMenu } from './lane-menu.ts';
import { pointIn, Surface } from './surface.ts';
import { colours } from './theme.ts';
import { choiceOf, MOST_ROWS, type TableData, twinOf } from './twin.ts';

const TOP = 30;
const LOWEST_LANE = 11;
const HIGHEST_LANE = 130;
/** Pixels for an event when the diagram is opened. */
const FIRST_ROOM = 14;
const LEAST_EVENTS = 16;
/** So far from a mark a click still means it. */
const REACH = 12;
/** Along a line, a click is looked for at points so many pixels apart. */
const GRAIN = 14;
const MOST_POINTS = 60_000;

/** A place on the canvas that means a record. */
type Point = readonly [x: number, y: number, place: number];

const AXIS_NAMES: Readonly<Record<AxisType, string>> = {
  linear: 'Linear time',
  order: 'Order of events',
  spread: 'Gaps evened out',
};
const CONE_NAMES = { off: 'No highlight', cause: 'Causes and effects', before: 'Happened before and after' } as const;

/** The space-time diagram: a lane for each node, messages between them, and what follows from what. */
export function mountSpacetime(root: HTMLElement, app: App): void {
  let axisType: AxisType = 'spread';
  let coneType: ConeType | 'off' = 'cause';
  let choice: LaneChoice = firstChoice(app.picture.run.topology);
  let scrolled = 0;
  /** The event that the lanes were last scrolled to. */
  let revealed: number | undefined;
  let diagram: Diagram | undefined;
  let sheet: Sheet | undefined;
  let points: Quadtree<Point> | undefined;
  /** Of what the scene was made, to make it again only when that has changed. */
  let made: readonly unknown[] = [];
  let scene: Pick<Diagram, 'scene' | 'gaps' | 'lanes' | 'axis'> | undefined;
  /** What was done to the lanes last, in words; until the cursor moves on. */
  let laneSaid = '';
  let coned: { readonly key: string; readonly cone: Cone } | undefined;

  const summary = element('p', { class: 'unseen', id: 'spacetime-text' });
  const status = element('output', { class: 'found' });
  const tip = element('div', { class: 'tip', hidden: true });
  const picture = element('div', { class: 'picture' });
  const tools = element('div', { class: 'tools', role: 'toolbar', 'aria-label': 'Space-time diagram' });
  root.append(tools, picture, summary);
  const surface = new Surface(picture, { label: 'Space-time diagram', summary, until: app.closing }, paint);
  picture.append(tip);
  const twin = twinOf(root, picture, app, table);
  tools.append(
    choiceOf('Time axis', AXIS_NAMES, axisType, (value) => {
      axisType = value;
      surface.touch();
    }),
    choiceOf('Highlight', CONE_NAMES, coneType, (value) => {
      coneType = value;
      surface.touch();
    }),
    laneMenu(
      app,
      () => choice,
      (changed) => {
        choice = changed;
        surface.touch();
      },
    ),
    status,
    twin,
  );

  const whole = (): Span => app.store.state.focus ?? { from: 0, to: Math.max(1, app.picture.run.end) };

  /** What is in sight: what was chosen, or some events around the cursor. */
  function lensNow({ lens, cursor }: State): Span {
    const { records } = app.picture.run;
    return withinSpan(
      lens ?? lensAround(records, cursor.position, Math.max(LEAST_EVENTS, Math.floor(surface.width / FIRST_ROOM)), whole()),
      whole(),
    );
  }

  function sceneNow(width: number): Pick<Diagram, 'scene' | 'gaps' | 'lanes' | 'axis'> {
    const { state } = app.store;
    const { run, packets, nodes } = app.picture;
    const lens = lensNow(state);
    const key = [run, lens.from, lens.to, axisType, choice, width, choice.busy ? state.node : -1];
    if (scene !== undefined && key.every((each, i) => each === made[i])) return scene;
    made = key;
    const axis = new Axis(run.records, lens, axisType);
    const busy = new Set(run.records.node.subarray(axis.begin, axis.end));
    for (const peer of run.records.peer.subarray(axis.begin, axis.end)) busy.add(peer);
    const lanes = lanesOf(run.topology, choice, (node) => busy.has(node) || node === state.node);
    scene = {
      lanes,
      axis,
      scene: sceneOf(run, packets, axis, lanes, Math.max(1, Math.floor(width))),
      gaps: gapsOf(run, axis, lanes, (position, node) => nodes.at(position, node).condition),
    };
    points = undefined;
    return scene;
  }

  function coneNow(place: number | undefined): Cone | undefined {
    if (coneType === 'off' || place === undefined) return undefined;
    const { records } = app.picture.run;
    const key = `${coneType} ${place + records.first} ${records.first} ${records.count}`;
    if (coned?.key !== key) coned = { key, cone: coneOf(records, place, coneType) };
    // Where nothing is to be highlighted, nothing is dimmed.
    return coned.cone.past.size + coned.cone.future.size === 0 ? undefined : coned.cone;
  }

  function paint(context: CanvasRenderingContext2D): void {
    const { state } = app.store;
    const { run } = app.picture;
    const left = Math.min(132, Math.max(64, surface.width * 0.16));
    const frame = { left, right: surface.width - 14, top: TOP, bottom: surface.height - 6 };
    const now = sceneNow(frame.right - frame.left);
    const room = frame.bottom - frame.top;
    const lane = Math.max(LOWEST_LANE, Math.min(HIGHEST_LANE, room / Math.max(1, now.lanes.nodes.length)));
    const place = state.playing ? undefined : currentRecord(run.records, state.cursor);
    if (place !== revealed) {
      revealed = place;
      const own = now.lanes.laneOf[run.records.node[place ?? -1] ?? -1] ?? -1;
      // The lane of the event that was chosen comes into sight.
      if (own >= 0 && (own * lane < scrolled || (own + 1) * lane > scrolled + room)) scrolled = (own + 0.5) * lane - room / 2;
    }
    scrolled = Math.max(0, Math.min(lane * now.lanes.nodes.length - room, scrolled));
    sheet = { ...frame, lane, scrolled };
    diagram = {
      run,
      ...now,
      faults: app.picture.faults,
      linear: axisType === 'linear',
      cone: coneNow(place),
      current: place,
      instant: state.cursor.instant,
      position: state.cursor.position,
      node: state.node,
    };
    points = undefined;
    // What is in sight at first stays in sight, and can be focused on.
    if (state.lens === undefined) app.store.set({ lens: now.axis.lens });
    const { fontFamily } = getComputedStyle(surface.canvas);
    new LamportPainter(context, colours(), diagram, sheet).paint({ sans: fontFamily, mono: fontFamily });
    tell(diagram);
  }

  function tell({ scene: { detail, messages, events }, axis, cone, run, current }: Diagram): void {
    const { from, to } = axis.lens;
    const how = { messages: '', bundles: ', messages that run alike as one line', density: ', too many to be drawn one by one' }[
      detail
    ];
    const counts = `${countText(messages)} messages, ${countText(events)} events${how}`;
    const shown = cone?.more === true ? `${counts} · the first ${countText(MOST_COLLECTED)} highlighted` : counts;
    status.replaceChildren(laneSaid === '' ? shown : laneSaid);
    const spoken = `From ${formatInstant(from as never, 6)} to ${formatInstant(to as never, 6)} seconds: ${counts}.`;
    const about =
      cone === undefined || current === undefined
        ? ''
        : ` ${nameOf(run, run.records.node[current] as number)}'s event follows from ${cone.past.size} and led to ${cone.future.size} others.`;
    if (summary.textContent !== spoken + about) summary.textContent = spoken + about;
  }

  /** The records that can be pointed at. */
  function pointsNow(): Quadtree<Point> | undefined {
    if (diagram === undefined || sheet === undefined) return undefined;
    if (points !== undefined) return points;
    const list: Point[] = [];
    for (const { place, lane, x } of diagram.scene.marks) list.push([pixelX(sheet, x), laneY(sheet, lane), place]);
    for (const line of diagram.scene.lines) {
      if (list.length > MOST_POINTS) break;
      const [x1, y1, x2, y2] = [pixelX(sheet, line.x1), laneY(sheet, line.from), pixelX(sheet, line.x2), laneY(sheet, line.to)];
      const steps = Math.max(1, Math.min(60, Math.ceil(Math.hypot(x2 - x1, y2 - y1) / GRAIN)));
      for (let i = 0; i <= steps; i++) {
        const part = i / steps;
        list.push([x1 + (x2 - x1) * part, y1 + (y2 - y1) * part, part < 0.5 ? line.start : line.end]);
      }
    }
    points = quadtree<Point>(
      list,
      ([x]) => x,
      ([, y]) => y,
    );
    return points;
  }

  /** The node whose lane is under a pointer. */
  const laneAt = (event: MouseEvent): number | undefined => {
    if (sheet === undefined || diagram === undefined) return undefined;
    const { y } = pointIn(surface.canvas, event);
    return diagram.lanes.nodes[Math.floor((y - sheet.top + sheet.scrolled) / sheet.lane)];
  };

  const hit = (event: MouseEvent): number | undefined => {
    const { x, y } = pointIn(surface.canvas, event);
    return pointsNow()?.find(x, y, REACH)?.[2];
  };

  function setLens(lens: Span): void {
    app.store.set({ lens: withinSpan(lens, whole()) });
  }

  const zoom = (factor: number, around: number): void => {
    if (diagram !== undefined) setLens(zoomedLens(diagram.axis, factor, around, whole()));
  };
  const pan = (part: number): void => {
    if (diagram === undefined) return;
    const { axis } = diagram;
    const from = axis.invert(part);
    setLens({ from, to: from + (axis.lens.to - axis.lens.from) });
  };

  /** The lane of the selected node, and the event to begin from. */
  function toLane(direction: 1 | -1): void {
    if (diagram === undefined) return;
    const { nodes, laneOf } = diagram.lanes;
    const lane = laneOf[app.store.state.node] ?? -1;
    const next = nodes[lane < 0 ? 0 : lane + direction];
    if (next !== undefined) app.select(next);
  }

  /** Changes the order of the lanes, and says where one of them is now. */
  function arrange(changed: LaneChoice, node: number): void {
    choice = changed;
    const { nodes } = sceneNow(sheet === undefined ? 1 : sheet.right - sheet.left).lanes;
    laneSaid = `${nameOf(app.picture.run, node)} has lane ${nodes.indexOf(node) + 1} of ${nodes.length}`;
    surface.touch();
  }

  /** Moves the lane of the selected node past its neighbour in sight. */
  function moveLane(direction: 1 | -1): void {
    if (diagram === undefined) return;
    const { node } = app.store.state;
    const { nodes, laneOf } = diagram.lanes;
    const lane = laneOf[node] ?? -1;
    const other = lane < 0 ? undefined : nodes[lane + direction];
    if (other !== undefined) arrange(placed(choice, node, other), node);
  }

  /** To the other end of the message that the cursor rests on. */
  function follow(): void {
    const { run } = app.picture;
    const place = currentRecord(run.records, app.store.state.cursor);
    if (place === undefined) return;
    const kind = run.records.kind[place];
    const [ahead] = kind === Kind.send ? [...coneOf(run.records, place, 'cause').future] : [];
    const other = ahead ?? (run.records.cause[place] as number) - run.records.first;
    if (other < 0) return;
    app.visit(other);
    app.select(run.records.node[other] as number);
  }

  const KEYS: Readonly<Record<string, () => void>> = {
    ArrowRight: () => app.stepOnNode(1),
    ArrowLeft: () => app.stepOnNode(-1),
    ArrowDown: () => toLane(1),
    ArrowUp: () => toLane(-1),
    Enter: follow,
    '+': () => zoom(0.5, 0.5),
    '-': () => zoom(2, 0.5),
    w: () => zoom(0.5, 0.5),
    s: () => zoom(2, 0.5),
    a: () => pan(-0.25),
    d: () => pan(0.25),
    PageDown: () => pan(0.8),
    PageUp: () => pan(-0.8),
  };
  const MOVES: Readonly<Record<string, () => void>> = { ArrowDown: () => moveLane(1), ArrowUp: () => moveLane(-1) };
  surface.canvas.addEventListener('keydown', (event) => {
    const act = (event.shiftKey ? MOVES[event.key] : undefined) ?? KEYS[event.key];
    if (act === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    event.stopPropagation();
    act();
  });

  surface.canvas.addEventListener(
    'wheel',
    (event) => {
      if (sheet === undefined || diagram === undefined) return;
      event.preventDefault();
      const { x } = pointIn(surface.canvas, event);
      const part = (x - sheet.left) / (sheet.right - sheet.left);
      if (x < sheet.left || event.shiftKey) {
        scrolled += event.deltaY;
        surface.touch();
      } else if (Math.abs(event.deltaX) > Math.abs(event.deltaY)) pan(event.deltaX / (sheet.right - sheet.left));
      else zoom(Math.exp(event.deltaY / 400), Math.max(0, Math.min(1, part)));
    },
    { passive: false },
  );

  let grabbed:
    | {
        readonly x: number;
        readonly y: number;
        readonly lens: Span;
        readonly axis: Axis;
        readonly scrolled: number;
        /** The node whose lane was taken by its name. */
        readonly node: number | undefined;
        moved: boolean;
      }
    | undefined;
  surface.canvas.addEventListener('pointerdown', (event) => {
    if (event.button !== 0 || diagram === undefined) return;
    surface.canvas.setPointerCapture(event.pointerId);
    grabbed = {
      x: event.clientX,
      y: event.clientY,
      lens: diagram.axis.lens,
      axis: diagram.axis,
      scrolled,
      node: sheet !== undefined && pointIn(surface.canvas, event).x < sheet.left ? laneAt(event) : undefined,
      moved: false,
    };
  });
  surface.canvas.addEventListener('pointermove', (event) => {
    if (grabbed !== undefined && sheet !== undefined) {
      const by = event.clientX - grabbed.x;
      if (Math.abs(by) + Math.abs(event.clientY - grabbed.y) > 4) grabbed.moved = true;
      if (!grabbed.moved) return;
      tip.hidden = true;
      if (grabbed.node !== undefined) {
        const there = laneAt(event);
        if (there !== undefined && there !== grabbed.node) arrange(placed(choice, grabbed.node, there), grabbed.node);
        return;
      }
      const from = grabbed.axis.invert(-by / (sheet.right - sheet.left));
      setLens({ from, to: from + (grabbed.lens.to - grabbed.lens.from) });
      scrolled = grabbed.scrolled - (event.clientY - grabbed.y);
      surface.touch();
      return;
    }
    point(event);
  });
  surface.canvas.addEventListener('pointerup', (event) => {
    const was = grabbed;
    grabbed = undefined;
    if (was === undefined || was.moved || sheet === undefined || diagram === undefined) return;
    const place = hit(event);
    const { x } = pointIn(surface.canvas, event);
    const node = laneAt(event);
    if (place !== undefined && x >= sheet.left) {
      app.visit(place);
      app.select(diagram.run.records.node[place] as number);
    } else if (x < sheet.left && node !== undefined) app.select(node);
    else if (x >= sheet.left) app.seek(Math.round(diagram.axis.invert((x - sheet.left) / (sheet.right - sheet.left))));
  });
  surface.canvas.addEventListener('pointerleave', () => {
    tip.hidden = true;
  });

  /** Says what is under the pointer. */
  function point(event: PointerEvent): void {
    const place = hit(event);
    tip.hidden = place === undefined;
    const named = sheet !== undefined && pointIn(surface.canvas, event).x < sheet.left && laneAt(event) !== undefined;
    surface.canvas.style.cursor = named ? 'grab' : place === undefined ? '' : 'pointer';
    if (place === undefined) return;
    const row = app.picture.describer.row(place);
    tip.replaceChildren(
      element('b', {}, row.node),
      ` ${row.kind} `,
      element('span', { class: 'muted mono' }, row.time),
      element('div', {}, row.text),
    );
    const { x, y } = pointIn(surface.canvas, event);
    tip.style.left = `${Math.min(x + 12, surface.width - 250)}px`;
    tip.style.top = `${y > surface.height - 70 ? y - 58 : y + 14}px`;
  }

  function table(): TableData {
    const { run } = app.picture;
    const { scene: shown, axis } = sceneNow(Math.max(1, surface.width));
    return tableOf(app, shown, axis, (place) => wordOf(run, run.records.word[place] as number));
  }

  app.store.watch((state, before) => {
    if (!surface.seen) return;
    if (state.cursor !== before.cursor || state.node !== before.node) laneSaid = '';
    const lens = lensNow(state);
    const { instant } = state.cursor;
    if (state.focus !== before.focus && state.focus !== undefined) app.store.set({ lens: state.focus });
    // A cursor that leaves the picture takes it along.
    else if (state.cursor !== before.cursor && state.lens !== undefined && (instant < lens.from || instant > lens.to)) {
      const from = instant - (lens.to - lens.from) * (instant > lens.to ? 0.75 : 0.25);
      setLens({ from, to: from + (lens.to - lens.from) });
    }
    surface.touch();
  });
}

/** The messages in sight, when they were sent, and what became of them. */
function tableOf(app: App, scene: Scene, axis: Axis, word: (place: number) => string): TableData {
  const { run } = app.picture;
  const { at, node } = run.records;
  const seconds = (place: number): string => formatInstant(at[place] as never, 6);
  const link = (place: number) => ({ text: seconds(place), act: () => app.visit(place) });
  const lines = scene.lines.toSorted((a, b) => a.start - b.start).slice(0, MOST_ROWS);
  return {
    caption: `Messages from ${formatInstant(axis.lens.from as never, 6)} s to ${formatInstant(axis.lens.to as never, 6)} s`,
    columns: ['Sent (s)', 'Message', 'From', 'To', 'Ended (s)', 'How'],
    rows: lines.map(({ start, end, lost, count }) => [
      link(start),
      count > 1 ? `${word(start)} and ${count - 1} like it` : word(start),
      nameOf(run, node[start] as number),
      nameOf(run, receiverOf(run, start, end)),
      link(end),
      lost ? `lost: ${word(end)}` : 'arrived',
    ]),
    more: scene.lines.length - lines.length,
  };
}
