import { formatInstant } from '../../core/time.ts';
import { type Chart, chartsOf, endsOf, type Series } from '../model/charts.ts';
import { lengthText } from '../model/clock.ts';
import { stretchesOf } from '../model/faults.ts';
import type { Span } from '../model/histogram.ts';
import { BeliefMatrix } from '../model/matrix.ts';
import type { Palette } from '../model/palette.ts';
import type { Picture } from '../model/picture.ts';
import type { App } from './app.ts';
import { drawn, element } from './element.ts';
import { hasRaft, raftOf } from './raft.ts';
import { pointIn, Surface } from './surface.ts';
import { colours } from './theme.ts';
import { MOST_ROWS, type TableData, twinOf } from './twin.ts';

const PARTS = 180;
const LEFT = 58;
const RIGHT = 14;
const AXIS = 20;
const TITLE = 16;

/** Charts of the run, or of the part in focus: one below the other over the same time, with faults as bands behind all of them. */
export function mountCharts(root: HTMLElement, app: App): void {
  const summary = element('p', { class: 'unseen', id: 'charts-text' });
  const status = element('output', { class: 'found' });
  const picture = element('div', { class: 'picture' });
  const keys = element('p', { class: 'legend' });
  const tools = element('div', { class: 'tools', role: 'toolbar', 'aria-label': 'Charts' });
  root.append(tools, picture, keys, summary);
  const surface = new Surface(picture, { label: 'Charts over time', summary, until: app.closing }, paint);
  tools.append(status, twinOf(root, picture, app, table));
  let made: { readonly picture: Picture; readonly span: Span; readonly charts: readonly Chart[] } | undefined;
  let matrix: { readonly picture: Picture; readonly matrix: BeliefMatrix } | undefined;

  const spanNow = (): Span => app.store.state.focus ?? { from: 0, to: Math.max(1, app.picture.run.end) };

  function chartsNow(): readonly Chart[] {
    const now = app.picture;
    const span = spanNow();
    if (made?.picture === now && made.span.from === span.from && made.span.to === span.to) return made.charts;
    const { run, nodes, members } = now;
    // A matrix of their own, so that the one on the stage stays where it is.
    if (matrix?.picture !== now) matrix = { picture: now, matrix: new BeliefMatrix(run, members) };
    const beliefs = members.observers.length === 0 ? undefined : matrix.matrix;
    const charts = chartsOf({ run, nodes, members, matrix: beliefs, raft: hasRaft(now) ? raftOf(now) : undefined }, span, PARTS);
    made = { picture: now, span, charts };
    showKeys(charts);
    return charts;
  }

  function showKeys(charts: readonly Chart[]): void {
    keys.replaceChildren(
      ...charts.flatMap(({ series }) => series.map((each) => element('span', {}, strokeMark(each), each.name))),
    );
  }

  const partAt = (instant: number): number => {
    const { from, to } = spanNow();
    return Math.max(0, Math.min(PARTS - 1, Math.floor(((instant - from) / (to - from)) * PARTS)));
  };
  const valueText = ({ unit }: Chart, { values, low }: Series, part: number): string => {
    const value = values[part] as number;
    if (Number.isNaN(value)) return 'none';
    return low === undefined ? `${short(value)}${unit}` : `${short(low[part] as number)} to ${short(value)}${unit}`;
  };

  function paint(context: CanvasRenderingContext2D): void {
    const charts = chartsNow();
    const { instant } = app.store.state.cursor;
    const span = spanNow();
    const frame = { left: LEFT, right: surface.width - RIGHT, height: (surface.height - AXIS) / charts.length };
    const x = (at: number): number => frame.left + ((at - span.from) / (span.to - span.from)) * (frame.right - frame.left);
    const palette = colours();
    const font = getComputedStyle(surface.canvas).fontFamily;
    charts.forEach((chart, i) => {
      const top = i * frame.height + TITLE;
      paintChart(context, palette, chart, { ...frame, top, bottom: (i + 1) * frame.height - 6 }, font);
    });
    const bottom = surface.height - AXIS;
    for (const { from, to } of stretchesOf(app.picture.faults, span)) {
      context.fillStyle = palette.failed;
      context.globalAlpha = 0.09;
      context.fillRect(x(from), 0, Math.max(2, x(to) - x(from)), bottom);
      context.globalAlpha = 1;
    }
    paintAxis(context, palette, span, x, surface.height, font);
    if (instant >= span.from && instant <= span.to) {
      context.fillStyle = palette.accent;
      context.fillRect(x(instant) - 1, 0, 2, bottom);
    }
    tell(charts);
  }

  /** The values at the cursor. */
  function tell(charts: readonly Chart[]): void {
    const part = partAt(app.store.state.cursor.instant);
    const said = charts
      .map((chart) => `${chart.title}: ${chart.series.map((each) => `${each.name} ${valueText(chart, each, part)}`).join(', ')}`)
      .join(' · ');
    const faults = app.picture.faults
      .filter(({ from, to }) => from <= app.store.state.cursor.instant && app.store.state.cursor.instant < to)
      .map(({ says }) => brief(says));
    const text = faults.length === 0 ? said : `${faults.join('; ')} · ${said}`;
    if (status.textContent === text) return;
    status.replaceChildren(text);
    status.title = text;
    summary.textContent = `Around the cursor: ${text}.`;
  }

  const seekTo = (event: MouseEvent): void => {
    const { from, to } = spanNow();
    const { x } = pointIn(surface.canvas, event);
    app.seek(Math.round(from + Math.max(0, Math.min(1, (x - LEFT) / (surface.width - RIGHT - LEFT))) * (to - from)));
  };
  surface.canvas.addEventListener('pointerdown', (event) => {
    if (event.button !== 0) return;
    surface.canvas.setPointerCapture(event.pointerId);
    seekTo(event);
  });
  surface.canvas.addEventListener('pointermove', (event) => {
    if (surface.canvas.hasPointerCapture(event.pointerId)) seekTo(event);
  });
  surface.canvas.addEventListener('keydown', (event) => {
    const { from, to } = spanNow();
    const step = (to - from) / PARTS;
    const steps: Readonly<Record<string, number>> = {
      ArrowRight: step,
      ArrowLeft: -step,
      PageDown: 10 * step,
      PageUp: -10 * step,
    };
    const by = steps[event.key];
    const target =
      event.key === 'Home' ? from : event.key === 'End' ? to : by === undefined ? undefined : app.store.state.cursor.instant + by;
    if (target === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    event.stopPropagation();
    app.seek(Math.round(target));
  });

  function table(): TableData {
    const charts = chartsNow();
    const ends = endsOf(spanNow(), PARTS);
    return {
      caption: 'The charts in equal parts of the time shown, by the end of each part',
      columns: ['Until (s)', ...charts.flatMap(({ title, series }) => series.map(({ name }) => `${title}: ${name}`))],
      rows: [...ends.slice(0, MOST_ROWS)].map((end, part) => [
        { text: formatInstant(Math.round(end) as never, 3), act: () => app.seek(Math.round(end)) },
        ...charts.flatMap((chart) => chart.series.map((each) => valueText(chart, each, part))),
      ]),
    };
  }

  app.store.watch(() => surface.touch());
}

interface Frame {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

function paintChart(context: CanvasRenderingContext2D, palette: Palette, chart: Chart, frame: Frame, font: string): void {
  const most = nice(Math.max(1e-9, ...chart.series.flatMap(({ values }) => values.reduce((a, b) => (b > a ? b : a), 0))));
  const y = (value: number): number => frame.bottom - (value / most) * (frame.bottom - frame.top);
  context.font = `600 11px ${font}`;
  context.textAlign = 'left';
  context.fillStyle = palette.text;
  context.fillText(chart.title, frame.left + 4, frame.top - 4);
  context.font = `11px ${font}`;
  context.textAlign = 'right';
  context.fillStyle = palette.muted;
  for (const part of frame.bottom - frame.top > 44 ? [0, 0.5, 1] : [0, 1]) {
    const at = y(most * part);
    context.fillStyle = palette.line;
    context.fillRect(frame.left, at, frame.right - frame.left, 1);
    context.fillStyle = palette.muted;
    context.fillText(`${short(most * part)}${part === 1 ? chart.unit : ''}`, frame.left - 6, at + 4);
  }
  for (const series of chart.series) paintSeries(context, palette, series, frame, y);
}

function paintSeries(
  context: CanvasRenderingContext2D,
  palette: Palette,
  { values, low, token, dash }: Series,
  frame: Frame,
  y: (value: number) => number,
): void {
  const x = (part: number): number => frame.left + ((part + 0.5) / values.length) * (frame.right - frame.left);
  if (low !== undefined) {
    context.fillStyle = palette[token];
    context.globalAlpha = 0.25;
    context.beginPath();
    for (let part = 0; part < values.length; part++) context.lineTo(x(part), y(values[part] as number));
    for (let part = values.length - 1; part >= 0; part--) context.lineTo(x(part), y(low[part] as number));
    context.closePath();
    context.fill();
    context.globalAlpha = 1;
    return;
  }
  context.strokeStyle = palette[token];
  context.lineWidth = 1.6;
  context.lineJoin = 'round';
  context.setLineDash([...dash]);
  context.beginPath();
  let drawing = false;
  values.forEach((value, part) => {
    if (Number.isNaN(value)) drawing = false;
    else if (drawing) context.lineTo(x(part), y(value));
    else {
      context.moveTo(x(part), y(value));
      drawing = true;
    }
  });
  context.stroke();
  context.setLineDash([]);
}

function paintAxis(
  context: CanvasRenderingContext2D,
  palette: Palette,
  span: Span,
  x: (at: number) => number,
  height: number,
  font: string,
): void {
  context.font = `11px ${font}`;
  context.fillStyle = palette.muted;
  for (const [part, align] of [
    [0, 'left'],
    [0.25, 'center'],
    [0.5, 'center'],
    [0.75, 'center'],
    [1, 'right'],
  ] as const) {
    const at = span.from + part * (span.to - span.from);
    context.textAlign = align;
    context.fillText(at === 0 ? '0' : lengthText(Math.round(at) as never), x(at), height - 6);
  }
}

/** The line of a series, as it is drawn. */
function strokeMark({ token, dash, low }: Series): SVGSVGElement {
  return drawn(
    'svg',
    { viewBox: '0 0 22 12', class: `mark stroke ${token}`, 'aria-hidden': 'true', style: `color:var(--${token})` },
    low === undefined
      ? drawn('path', { d: 'M1 6h20', stroke: 'currentColor', 'stroke-width': 2, 'stroke-dasharray': dash.join(' ') })
      : drawn('path', { d: 'M1 2h20v8H1z', fill: 'currentColor', opacity: 0.35 }),
  );
}

/** The next number that is easy to read. */
function nice(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value));
  return ([1, 2, 2.5, 5, 10].find((step) => step * power >= value) ?? 10) * power;
}

const short = (value: number): string =>
  value >= 1e6
    ? `${Number((value / 1e6).toFixed(1))}M`
    : value >= 1e4
      ? `${Number((value / 1e3).toFixed(1))}k`
      : String(Number(value.toFixed(value < 10 ? 1 : 0)));

/** A fault in a few words: a partition has many directions. */
const brief = (says: string): string =>
  says.length <= 60 ? says : `${says.slice(0, says.indexOf(', ', 30) < 0 ? 57 : says.indexOf(', ', 30))} …`;
