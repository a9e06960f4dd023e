import { axisBottom, scaleLinear, select } from 'd3';
import { formatInstant } from '../../core/time.ts';
import { lengthText } from '../model/clock.ts';
import { type FaultBand, stretchesOf } from '../model/faults.ts';
import type { Span } from '../model/histogram.ts';
import type { Picture } from '../model/picture.ts';
import type { Marker, MarkerType } from '../model/run.ts';
import type { App } from './app.ts';
import { drawn, element } from './element.ts';
import { pointIn } from './surface.ts';
import { colours, onThemeChange } from './theme.ts';

const BAR = 4;
const MARKERS = 14;
const AXIS = 18;
/** Room at both ends, so that what happens at the first instant is seen whole. */
const INSET = 6;
/** Nothing is to be seen below this many nanoseconds. */
const SHORTEST = 1000;

/** The time line: how much happened when, what stands out, and the slider over it. */
export function mountTimeline(root: HTMLElement, app: App): void {
  /** A run that goes on grows. */
  const end = (): number => app.picture.run.end;
  const canvas = element('canvas', { 'aria-hidden': 'true' });
  const axis = drawn('svg', { class: 'axis', 'aria-hidden': 'true' });
  const hand = element('div', { class: 'hand' });
  const ghost = element('div', { class: 'ghost', hidden: true }, element('span'));
  const slider = element(
    'div',
    {
      class: 'timeline',
      role: 'slider',
      tabindex: 0,
      'aria-label': 'Instant',
      'aria-valuemin': 0,
      'aria-valuemax': end(),
      'aria-orientation': 'horizontal',
      onkeydown: onKey,
      onpointerdown: onPress,
      onpointermove: onMove,
      onpointerleave: () => {
        ghost.hidden = true;
      },
    },
    canvas,
    axis,
    ghost,
    hand,
  );
  root.append(slider);

  /** Where drawing up a focus began. */
  let brushed: number | undefined;
  const scale = () => {
    const { span } = app.store.state;
    return scaleLinear([span.from / 1e9, span.to / 1e9], [INSET, slider.clientWidth - INSET]);
  };
  const pixel = (): number => {
    const { span } = app.store.state;
    return (span.to - span.from) / Math.max(1, slider.clientWidth - 2 * INSET);
  };
  const instantAt = (event: MouseEvent): number =>
    Math.round(scale().invert(event.clientX - slider.getBoundingClientRect().left) * 1e9);

  function draw(): void {
    const width = slider.clientWidth;
    const height = slider.clientHeight - AXIS;
    if (width === 0 || height <= 0) return;
    const context = sized(canvas, width, height);
    if (context === null) return;
    const { span } = app.store.state;
    const parts = partsNow();
    const { records, drops } = app.picture.density.over(span, parts);
    const most = Math.max(1, ...records);
    const base = height - 9;
    const palette = colours();
    // By the logarithm, so that a single event beside thousands can be seen.
    const tall = (count: number, room: number): number =>
      count === 0 ? 0 : Math.max(2, (room * Math.log1p(count)) / Math.log1p(most));
    context.clearRect(0, 0, width, height);
    records.forEach((count, i) => {
      const x = INSET + (i * (width - 2 * INSET)) / parts;
      const up = tall(count, base - MARKERS - 4);
      context.fillStyle = palette.accent;
      context.globalAlpha = 0.55;
      context.fillRect(x, base - up, BAR - 1, up);
      context.globalAlpha = 1;
      context.fillStyle = palette.failed;
      context.fillRect(x, base + 2, BAR - 1, tall(drops[i] as number, 7));
    });
    context.fillStyle = palette.line;
    context.fillRect(0, base, width, 1);
    const { focus, lens } = app.store.state;
    // Made once: it asks the page for its layout, and there are thousands of markers.
    const along = scale();
    const x = (at: number): number => along(at / 1e9);
    if (focus !== undefined) {
      // What is outside of the focus is veiled, and its bounds stand like brackets.
      context.fillStyle = palette.panel;
      context.globalAlpha = 0.78;
      context.fillRect(0, 0, Math.max(0, x(focus.from)), height);
      context.fillRect(Math.min(width, x(focus.to)), 0, width, height);
      context.globalAlpha = 1;
      context.fillStyle = palette.accent;
      for (const [at, side] of [
        [x(focus.from), 0],
        [x(focus.to), -5],
      ] as const) {
        context.fillRect(at - 1, MARKERS, 2, height - MARKERS);
        context.fillRect(at + side, MARKERS, 5, 2);
        context.fillRect(at + side, height - 2, 5, 2);
      }
    }
    if (lens !== undefined && app.store.state.view === 'spacetime') {
      context.fillStyle = palette.accent;
      const left = Math.max(0, x(lens.from));
      context.fillRect(left, height - 2, Math.max(3, Math.min(width, x(lens.to)) - left), 2);
    }
    drawFaults(context, app.picture.faults, x, base);
    drawBookmarks(
      context,
      app.store.state.bookmarks.map((number) => bookmarkAt(app, number)),
      x,
    );
    drawMarkers(context, app.picture.markers, x, width);
    const ticks = axisBottom(along)
      .ticks(Math.max(2, Math.floor(width / 110)))
      .tickSizeOuter(0)
      .tickSize(4)
      .tickFormat((value) => tickText(Number(value), span));
    axis.setAttribute('width', String(width));
    axis.setAttribute('height', String(AXIS));
    select(axis)
      .selectAll('g')
      .data([0])
      .join('g')
      .call(ticks as never);
    // The last label would be cut by the edge of the page.
    select(axis)
      .selectAll<SVGTextElement, number>('.tick text')
      .attr('text-anchor', (seconds) => (along(seconds) > width - 24 ? 'end' : 'middle'))
      // And the one before it would run into it.
      .attr('visibility', (seconds, i, all) =>
        i === all.length - 2 && isCramped(along(seconds), all, width) ? 'hidden' : 'visible',
      );
  }

  function showHand(): void {
    const { cursor } = app.store.state;
    const x = scale()(cursor.instant / 1e9);
    hand.style.transform = `translateX(${Math.max(-2, Math.min(slider.clientWidth + 2, x))}px)`;
    hand.classList.toggle('outside', x < 0 || x > slider.clientWidth);
    slider.setAttribute('aria-valuemax', String(end()));
    slider.setAttribute('aria-valuenow', String(cursor.instant));
    slider.setAttribute('aria-valuetext', `${formatInstant(cursor.instant, 6)} seconds, event ${cursor.position}`);
  }

  const partsNow = (): number => Math.max(1, Math.floor((slider.clientWidth - 2 * INSET) / BAR));

  /** Whether another picture has anything to draw that the one before had not: another window of the same run mostly has not. */
  function isOther(picture: Picture, before: Picture): boolean {
    if (picture === before) return false;
    const { run, faults, density } = picture;
    const same = run.end === before.run.end && run.overview === before.run.overview && faults === before.faults;
    const numbers = app.store.state.bookmarks;
    return !(same && numbers.length === 0 && density.isSteady(app.store.state.span, partsNow()));
  }

  /** With the shift key, or on the axis, a new focus is drawn up. */
  function onPress(event: PointerEvent): void {
    if (event.button !== 0) return;
    slider.setPointerCapture(event.pointerId);
    brushed = event.shiftKey || pointIn(slider, event).y > slider.clientHeight - AXIS ? instantAt(event) : undefined;
    if (brushed === undefined) seek(event);
  }

  function onMove(event: PointerEvent): void {
    if (slider.hasPointerCapture(event.pointerId)) {
      if (brushed === undefined) seek(event);
      else if (Math.abs(instantAt(event) - brushed) > 3 * pixel()) app.focus({ from: brushed, to: instantAt(event) });
    }
    const instant = Math.max(0, Math.min(end(), instantAt(event)));
    ghost.hidden = false;
    ghost.style.transform = `translateX(${event.clientX - slider.getBoundingClientRect().left}px)`;
    ghost.firstElementChild?.replaceChildren(`${formatInstant(instant as never, decimals(app.store.state.span))} s`);
  }

  /** Near a marker, its own instant is meant. */
  function seek(event: PointerEvent): void {
    const instant = instantAt(event);
    const reach = 4 * pixel();
    const near = event.offsetY < MARKERS + 4 ? app.picture.markers.filter(({ at }) => Math.abs(at - instant) <= reach) : [];
    const best = near.toSorted((a, b) => Math.abs(a.at - instant) - Math.abs(b.at - instant))[0];
    if (best === undefined) app.seek(instant, pixel());
    else app.visitNumber(best.number);
  }

  function onKey(event: KeyboardEvent): void {
    const { span, cursor } = app.store.state;
    const length = span.to - span.from;
    const moves: Readonly<Record<string, number>> = {
      ArrowRight: cursor.instant + length / 100,
      ArrowUp: cursor.instant + length / 100,
      ArrowLeft: cursor.instant - length / 100,
      ArrowDown: cursor.instant - length / 100,
      PageUp: cursor.instant + length / 10,
      PageDown: cursor.instant - length / 10,
      Home: 0,
      End: end(),
    };
    const to = moves[event.key];
    if (to === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    app.seek(to, pixel());
  }

  slider.addEventListener(
    'wheel',
    (event) => {
      event.preventDefault();
      const { span } = app.store.state;
      if (Math.abs(event.deltaX) > Math.abs(event.deltaY)) app.store.set({ span: moved(span, event.deltaX * pixel(), end()) });
      else app.store.set({ span: zoomed(span, Math.exp(event.deltaY / 400), instantAt(event), end()) });
    },
    { passive: false },
  );
  new ResizeObserver(() => {
    draw();
    showHand();
  }).observe(slider);
  onThemeChange(draw, app.closing);
  app.store.watch((state, before) => {
    let span = state.span;
    // A cursor that leaves the picture takes it along.
    if (state.cursor !== before.cursor && (state.cursor.instant < span.from || state.cursor.instant > span.to)) {
      span = moved(span, state.cursor.instant - (span.from + span.to) / 2, end());
      app.store.set({ span });
    }
    if (span !== before.span || state.span !== before.span || isOther(state.picture, before.picture)) draw();
    showHand();
  });
}

/** Shows more (factor above 1) or less of the run, keeping an instant where it is. */
export function zoomed(span: Span, factor: number, around: number, end: number): Span {
  const length = Math.max(SHORTEST, Math.min(Math.max(1, end), (span.to - span.from) * factor));
  const part = (around - span.from) / (span.to - span.from);
  return within(around - part * length, length, end);
}

const moved = (span: Span, by: number, end: number): Span => within(span.from + by, span.to - span.from, end);

function within(from: number, length: number, end: number): Span {
  const start = Math.max(0, Math.min(Math.max(1, end) - length, from));
  return { from: start, to: start + length };
}

function sized(canvas: HTMLCanvasElement, width: number, height: number): CanvasRenderingContext2D | null {
  canvas.width = Math.round(width * devicePixelRatio);
  canvas.height = Math.round(height * devicePixelRatio);
  canvas.style.height = `${height}px`;
  const context = canvas.getContext('2d');
  context?.setTransform(devicePixelRatio, 0, 0, devicePixelRatio, 0, 0);
  return context;
}

/** When a bookmarked event happened; undefined while it lies outside of the window that is open. */
function bookmarkAt({ picture: { run } }: App, number: number): number | undefined {
  return run.records.at[number - run.records.first];
}

function drawBookmarks(
  context: CanvasRenderingContext2D,
  instants: readonly (number | undefined)[],
  x: (at: number) => number,
): void {
  context.fillStyle = colours().accent;
  for (const at of instants) {
    if (at === undefined) continue;
    const left = x(at);
    context.beginPath();
    for (const [dx, dy] of [
      [-4, 0],
      [4, 0],
      [4, 13],
      [0, 9],
      [-4, 13],
    ] as const)
      context.lineTo(left + dx, dy);
    context.closePath();
    context.fill();
  }
}

/** Stretches in which something was broken, as a stripe above the bars. */
function drawFaults(
  context: CanvasRenderingContext2D,
  faults: readonly FaultBand[],
  x: (at: number) => number,
  base: number,
): void {
  context.fillStyle = colours().failed;
  for (const { from, to } of stretchesOf(faults, { from: 0, to: Number.POSITIVE_INFINITY })) {
    context.globalAlpha = 0.1;
    context.fillRect(x(from), MARKERS + 2, Math.max(2, x(to) - x(from)), base - MARKERS - 2);
    context.globalAlpha = 0.7;
    context.fillRect(x(from), MARKERS + 2, Math.max(2, x(to) - x(from)), 2);
  }
  context.globalAlpha = 1;
}

/** The later, the more it matters: of several markers in one place only that is drawn. */
const WEIGHT: readonly MarkerType[] = [
  'command',
  'boot',
  'held',
  'leader',
  'pause',
  'stop',
  'inconclusive',
  'fault',
  'crash',
  'violated',
];

/** Markers as small shapes in a row of their own. */
function drawMarkers(
  context: CanvasRenderingContext2D,
  markers: readonly Marker[],
  x: (at: number) => number,
  width: number,
): void {
  const palette = colours();
  const heaviest = new Map<number, MarkerType>();
  for (const { at, type } of markers) {
    const place = Math.round(x(at));
    const there = heaviest.get(place);
    if (there === undefined || WEIGHT.indexOf(type) > WEIGHT.indexOf(there)) heaviest.set(place, type);
  }
  for (const [place, type] of heaviest) {
    if (place < 0 || place > width) continue;
    context.save();
    context.translate(place, MARKERS / 2);
    context.lineWidth = 1.8;
    context.beginPath();
    switch (type) {
      case 'command':
        context.fillStyle = palette.muted;
        context.moveTo(-4, -4);
        context.lineTo(4, -4);
        context.lineTo(0, 4);
        context.closePath();
        context.fill();
        break;
      case 'leader':
        context.fillStyle = palette.accent;
        context.moveTo(-4, 4);
        context.lineTo(4, 4);
        context.lineTo(0, -4);
        context.closePath();
        context.fill();
        break;
      case 'held':
        context.strokeStyle = palette.alive;
        context.moveTo(-4, 0);
        context.lineTo(-1, 4);
        context.lineTo(4, -4);
        context.stroke();
        break;
      case 'boot':
        context.fillStyle = palette.alive;
        context.arc(0, 0, 3.5, 0, 2 * Math.PI);
        context.fill();
        break;
      case 'pause':
      case 'stop':
      case 'inconclusive':
        context.strokeStyle = palette.suspect;
        context.rect(-3, -3, 6, 6);
        context.stroke();
        break;
      default:
        context.strokeStyle = palette.failed;
        context.moveTo(-3.5, -3.5);
        context.lineTo(3.5, 3.5);
        context.moveTo(3.5, -3.5);
        context.lineTo(-3.5, 3.5);
        context.stroke();
    }
    context.restore();
  }
}

/** As many decimals as tell two neighbouring pixels apart. */
const decimals = (span: Span): number => Math.max(0, Math.min(9, Math.ceil(-Math.log10((span.to - span.from) / 1e12))));

function tickText(seconds: number, span: Span): string {
  if (seconds === 0) return '0';
  return span.to - span.from >= 60e9 ? lengthText((seconds * 1e9) as never) : `${Number(seconds.toFixed(9))} s`;
}

/** Whether the label at a place and the last one, which ends at the edge of the page, have too little room. */
const isCramped = (x: number, all: ArrayLike<SVGTextElement>, width: number): boolean => {
  const last = all[all.length - 1];
  return last?.getAttribute('text-anchor') === 'end' && x > width - 110;
};
