import { formatInstant } from '../../core/time.ts';
import { type Chart, type Charts, chartsOf, endsOf, type LineChart, type Series } from '../model/charts.ts';
import type { Detection } from '../model/detections.ts';
import { stretchesOf } from '../model/faults.ts';
import type { Span } from '../model/histogram.ts';
import { BeliefMatrix } from '../model/matrix.ts';
import type { Picture } from '../model/picture.ts';
import { nameOf } from '../model/run.ts';
import type { App } from './app.ts';
import { AXIS, type ChartSheet, heightOf, LEFT, paintCharts, RIGHT, short } from './chart-sheet.ts';
import { element } from './element.ts';
import { hasRaft, raftOf } from './raft.ts';
import { pointIn, Surface } from './surface.ts';
import { colours } from './theme.ts';
import { choiceOf, MOST_ROWS, type TableData, twinOf } from './twin.ts';

const PARTS = 180;

/** Charts of the run, or of the part in focus: one below the other over the same time, with faults as bands behind all of them. */
export function mountCharts(root: HTMLElement, app: App): void {
  const summary = element('p', { class: 'unseen', id: 'charts-text' });
  const status = element('output', { class: 'found' });
  const sheet = element('div', { class: 'charts-sheet' });
  const picture = element('div', { class: 'picture charts' }, sheet);
  const tools = element('div', { class: 'tools', role: 'toolbar', 'aria-label': 'Charts' });
  root.append(tools, picture, summary);
  const surface = new Surface(sheet, { label: 'Charts over time', summary, until: app.closing }, paint);
  /** One chart alone, or all of them. */
  let only = ALL;
  let trip: string | undefined;
  const which = choiceOf<string>('Which chart', {}, ALL, (value) => {
    only = value;
    arrange();
  });
  const trips = choiceOf<string>('Round trips of', {}, '', (value) => {
    trip = value;
    arrange();
  });
  tools.append(which, trips, status, twinOf(root, picture, app, table));
  let made:
    | {
        readonly picture: Picture;
        readonly whole: Picture;
        readonly span: Span;
        readonly trip: string | undefined;
        readonly charts: Charts;
      }
    | undefined;
  let matrix: { readonly picture: Picture; readonly matrix: BeliefMatrix } | undefined;

  const spanNow = (): Span => app.store.state.focus ?? { from: 0, to: Math.max(1, app.picture.run.end) };

  function allNow(): Charts {
    const now = app.picture;
    const { whole } = app;
    const span = spanNow();
    if (
      made?.picture === now &&
      made.whole === whole &&
      made.span.from === span.from &&
      made.span.to === span.to &&
      made.trip === trip
    )
      return made.charts;
    const { run, nodes, members } = whole;
    // A matrix of their own, so that the one on the stage stays where it is.
    if (matrix?.picture !== whole) matrix = { picture: whole, matrix: new BeliefMatrix(run, members) };
    const beliefs = members.observers.length === 0 ? undefined : matrix.matrix;
    const raft = hasRaft(whole) ? raftOf(whole) : undefined;
    const source = { run, nodes, members, matrix: beliefs, raft };
    const charts = chartsOf({ ...source, run: now.run, whole: source, ...(trip === undefined ? {} : { trip }) }, span, PARTS);
    made = { picture: now, whole, span, trip, charts };
    offer(which, [[ALL, 'All charts'], ...charts.charts.map(({ id, title }) => [id, title] as const)], only);
    offer(
      trips,
      charts.trips.map((word) => [word, `Round trips: ${word}`]),
      charts.trip ?? '',
    );
    return charts;
  }

  /** Those that are shown: a chart that was chosen and is not there any more is replaced by all. */
  function chartsNow(): readonly Chart[] {
    const { charts } = allNow();
    const chosen = charts.filter(({ id }) => id === only);
    return chosen.length === 0 ? charts : chosen;
  }

  /** Each chart has room to be read; when there is not enough for all, they are scrolled. */
  function arrange(): void {
    const charts = chartsNow();
    const height = `${AXIS + charts.reduce((sum, chart) => sum + heightOf(chart), 0)}px`;
    if (sheet.style.minHeight !== height) sheet.style.minHeight = height;
    trips.hidden = !charts.some(({ id }) => id === 'latency');
    surface.touch();
  }

  function paint(context: CanvasRenderingContext2D): void {
    const charts = chartsNow();
    const palette = colours();
    const span = spanNow();
    const drawing: ChartSheet = {
      charts,
      span,
      bands: stretchesOf(app.picture.faults, span),
      instant: app.store.state.cursor.instant,
      width: surface.width,
      height: surface.height,
      font: getComputedStyle(surface.canvas).fontFamily,
    };
    paintCharts(context, palette, drawing);
    tell(charts);
  }

  const valueAt = ({ values, low }: Series, unit: string, instant: number): string => {
    const { from, to } = spanNow();
    const part = Math.max(0, Math.min(values.length - 1, Math.floor(((instant - from) / (to - from)) * values.length)));
    const value = values[part] as number;
    if (Number.isNaN(value)) return 'none';
    return low === undefined ? `${short(value)}${unit}` : `${short(low[part] as number)} to ${short(value)}${unit}`;
  };

  /** The values at the cursor. */
  function tell(charts: readonly Chart[]): void {
    const { instant } = app.store.state.cursor;
    const said = charts
      .map((chart) =>
        'detections' in chart
          ? chart.detections
              .filter(({ from, to }) => from <= instant && instant < to)
              .map((each) => detectionText(each, instant))
              .join(', ')
          : `${chart.title}: ${chart.series.map((each) => `${each.name} ${valueAt(each, chart.unit, instant)}`).join(', ')}`,
      )
      .filter((text) => text !== '')
      .join(' · ');
    const faults = app.picture.faults.filter(({ from, to }) => from <= instant && instant < to).map(({ says }) => brief(says));
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

  /** A detection that was chosen has a table of who noticed when; the others one of their values over time. */
  function table(): TableData {
    const charts = chartsNow();
    const [chart] = charts;
    if (charts.length === 1 && chart !== undefined && 'detections' in chart) return detectionTable(app, chart.detections);
    const lines = charts.filter((each): each is LineChart => 'series' in each);
    const ends = endsOf(spanNow(), PARTS);
    return {
      caption: 'The charts in equal parts of the time shown, by the end of each part',
      columns: ['Until (s)', ...lines.flatMap(({ title, series }) => series.map(({ name }) => `${title}: ${name}`))],
      rows: [...ends.slice(0, MOST_ROWS)].map((end) => [
        { text: formatInstant(Math.round(end) as never, 3), act: () => app.seek(Math.round(end)) },
        ...lines.flatMap(({ series, unit }) => series.map((each) => valueAt(each, unit, end - 1))),
      ]),
    };
  }

  app.store.watch((state, before) => {
    if (state.picture !== before.picture || state.focus !== before.focus || state === before) arrange();
    surface.touch();
  });
}

const ALL = 'all';

/** Puts what can be chosen into a list, if that has changed. */
function offer(select: HTMLSelectElement, options: readonly (readonly [value: string, name: string])[], chosen: string): void {
  const says = options.map(([value]) => value).join('\n');
  if (select.dataset.says !== says) {
    select.dataset.says = says;
    select.replaceChildren(...options.map(([value, name]) => element('option', { value }, name)));
  }
  select.value = options.some(([value]) => value === chosen) ? chosen : (options[0]?.[0] ?? '');
}

const after = (from: number, at: number): string => `${formatInstant((at - from) as never, 3)} s`;

/** What the others know of a failure at an instant. */
function detectionText({ name, from, watchers, suspected, dead }: Detection, instant: number): string {
  const known = (list: readonly { readonly at: number }[]): number => list.filter(({ at }) => at <= instant).length;
  return `${name} fell ${after(from, instant)} ago: suspected by ${known(suspected)}, dead to ${known(dead)} of ${watchers}`;
}

/** Who noticed which failure, and how long after it. */
function detectionTable(app: App, detections: readonly Detection[]): TableData {
  const { run } = app.picture;
  const rows = detections.flatMap(({ name, from, place, suspected, dead }) => {
    const observers = [...new Set([...suspected, ...dead].map(({ node }) => node))].toSorted((a, b) => a - b);
    const cell = (list: readonly { readonly node: number; readonly at: number; readonly place: number }[], observer: number) => {
      const notice = list.find(({ node }) => node === observer);
      return notice === undefined ? '' : { text: after(from, notice.at), act: () => app.visit(notice.place) };
    };
    return observers.map((observer) => [
      { text: `${name} at ${formatInstant(from as never, 3)}`, act: () => app.visit(place) },
      nameOf(run, observer),
      cell(suspected, observer),
      cell(dead, observer),
    ]);
  });
  return {
    caption: 'Failures, and how long after them others noticed',
    columns: ['Failure (s)', 'Noticed by', 'Suspected after', 'Dead after'],
    rows: rows.slice(0, MOST_ROWS),
    more: Math.max(0, rows.length - MOST_ROWS),
  };
}

/** A fault in a few words: a partition has many directions. */
const brief = (says: string): string =>
  says.length <= 60 ? says : `${says.slice(0, says.indexOf(', ', 30) < 0 ? 57 : says.indexOf(', ', 30))} …`;
