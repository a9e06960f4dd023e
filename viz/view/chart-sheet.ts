import type { Chart, LineChart, Series } from '../model/charts.ts';
import { lengthText } from '../model/clock.ts';
import type { Detection } from '../model/detections.ts';
import type { Span } from '../model/histogram.ts';
import type { Palette } from '../model/palette.ts';
import { shortened } from './lamport.ts';

export const LEFT = 62;
export const RIGHT = 14;
export const AXIS = 20;
const TITLE = 20;
/** Below this a chart of lines is not read any more. */
const LOWEST = 92;
const ROW = 20;
/** Failures that have rows; the others are counted. */
const MOST_FAILURES = 10;
/** How strongly the bands of quantiles are drawn, the outer one first. */
const BANDS: Readonly<Record<string, number>> = { 'p5 to p95': 0.2, 'p25 to p75': 0.36 };

/** All that is drawn. */
export interface ChartSheet {
  readonly charts: readonly Chart[];
  readonly span: Span;
  /** Stretches in which something was broken. */
  readonly bands: readonly Span[];
  readonly instant: number;
  readonly width: number;
  readonly height: number;
  readonly font: string;
}

interface Frame {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

/** Pixels that a chart takes at least. */
export const heightOf = (chart: Chart): number =>
  'series' in chart ? LOWEST : TITLE + 8 + ROW * Math.min(MOST_FAILURES + 1, chart.detections.length);

/** Charts below each other over one axis of time. What there is of room beyond what each needs goes to those with lines. */
export function paintCharts(context: CanvasRenderingContext2D, palette: Palette, sheet: ChartSheet): void {
  const { charts, span, width, height, font } = sheet;
  const [left, right, bottom] = [LEFT, width - RIGHT, height - AXIS];
  const x = (at: number): number => left + ((at - span.from) / (span.to - span.from)) * (right - left);
  for (const { from, to } of sheet.bands) {
    context.fillStyle = palette.failed;
    context.globalAlpha = 0.09;
    context.fillRect(x(from), 0, Math.max(2, x(to) - x(from)), bottom);
    context.globalAlpha = 1;
  }
  const lines = charts.filter((chart) => 'series' in chart).length;
  const spare = Math.max(0, bottom - charts.reduce((sum, chart) => sum + heightOf(chart), 0)) / Math.max(1, lines);
  let top = 0;
  for (const chart of charts) {
    const tall = heightOf(chart) + ('series' in chart ? spare : 0);
    const frame = { left, right, top: top + TITLE, bottom: top + tall - 8 };
    if ('series' in chart) paintLines(context, palette, chart, frame, font);
    else paintDetections(context, palette, chart.title, chart.detections, frame, { x, font, span });
    top += tall;
  }
  paintAxis(context, palette, span, x, height, font);
  if (sheet.instant < span.from || sheet.instant > span.to) return;
  context.fillStyle = palette.accent;
  context.fillRect(x(sheet.instant) - 1, 0, 2, bottom);
}

function paintTitle(
  context: CanvasRenderingContext2D,
  palette: Palette,
  title: string,
  { left, top }: Frame,
  font: string,
): number {
  context.font = `600 11.5px ${font}`;
  context.textAlign = 'left';
  context.fillStyle = palette.text;
  context.fillText(title, left, top - 7);
  return left + context.measureText(title).width + 14;
}

function paintLines(context: CanvasRenderingContext2D, palette: Palette, chart: LineChart, frame: Frame, font: string): void {
  const highest = chart.series.map(({ values }) => values.reduce((a, b) => (b > a ? b : a), 0));
  const most = nice(Math.max(1e-9, ...highest));
  const y = (value: number): number => frame.bottom - (value / most) * (frame.bottom - frame.top);
  context.font = `11px ${font}`;
  context.textAlign = 'right';
  for (const part of frame.bottom - frame.top > 60 ? [0, 0.5, 1] : [0, 1]) {
    const at = y(most * part);
    context.fillStyle = palette.line;
    context.fillRect(frame.left, at, frame.right - frame.left, 1);
    context.fillStyle = palette.muted;
    context.fillText(`${short(most * part)}${part === 1 ? chart.unit : ''}`, frame.left - 6, at + 4);
  }
  for (const series of chart.series) paintSeries(context, palette, series, frame, y);
  paintKeys(context, palette, chart.series, { ...frame, left: paintTitle(context, palette, chart.title, frame, font) }, font);
}

/** What the lines of a chart are, beside its title, each with a piece of its line. Those that do not fit are counted. */
function paintKeys(
  context: CanvasRenderingContext2D,
  palette: Palette,
  list: readonly Series[],
  frame: Frame,
  font: string,
): void {
  context.font = `11px ${font}`;
  context.textAlign = 'left';
  let x = frame.left;
  const y = frame.top - 7;
  for (const [i, { name, token, low, dash }] of list.entries()) {
    const width = 24 + context.measureText(name).width;
    const rest = list.length - i;
    if (x + width + (rest > 1 ? 30 : 0) > frame.right) {
      context.fillStyle = palette.muted;
      context.fillText(`+ ${rest}`, x, y);
      return;
    }
    if (low === undefined) {
      context.strokeStyle = palette[token];
      context.lineWidth = 1.8;
      context.setLineDash([...dash]);
      context.beginPath();
      context.moveTo(x, y - 4);
      context.lineTo(x + 19, y - 4);
      context.stroke();
      context.setLineDash([]);
    } else {
      context.fillStyle = palette[token];
      context.globalAlpha = BANDS[name] ?? 0.25;
      context.fillRect(x, y - 8, 19, 8);
      context.globalAlpha = 1;
    }
    context.fillStyle = palette.muted;
    context.fillText(name, x + 24, y);
    x += width + 14;
  }
}

/** A line, or a band. Where there is nothing it is broken, and a value alone between gaps is as wide as its part. */
function paintSeries(
  context: CanvasRenderingContext2D,
  palette: Palette,
  { name, values, low, token, dash }: Series,
  frame: Frame,
  y: (value: number) => number,
): void {
  const x = (part: number): number => frame.left + ((part + 0.5) / values.length) * (frame.right - frame.left);
  const half = Math.max(1, (frame.right - frame.left) / values.length / 2);
  context.strokeStyle = palette[token];
  context.fillStyle = palette[token];
  context.lineWidth = 1.6;
  context.lineJoin = 'round';
  context.setLineDash([...dash]);
  context.globalAlpha = low === undefined ? 1 : (BANDS[name] ?? 0.25);
  for (const [from, to] of stretches(values)) {
    const ends = (list: Float64Array): [number, number][] =>
      from === to
        ? [
            [x(from) - half, y(list[from] as number)],
            [x(from) + half, y(list[from] as number)],
          ]
        : Array.from({ length: to - from + 1 }, (_, i) => [x(from + i), y(list[from + i] as number)]);
    context.beginPath();
    for (const [px, py] of ends(values)) context.lineTo(px, py);
    if (low === undefined) context.stroke();
    else {
      for (const [px, py] of ends(low).reverse()) context.lineTo(px, py);
      context.closePath();
      context.fill();
    }
  }
  context.globalAlpha = 1;
  context.setLineDash([]);
}

/** Where there are values: from which part to which. */
function stretches(values: Float64Array): [from: number, to: number][] {
  const found: [number, number][] = [];
  values.forEach((value, part) => {
    const last = found.at(-1);
    if (Number.isNaN(value)) return;
    if (last !== undefined && last[1] === part - 1) last[1] = part;
    else found.push([part, part]);
  });
  return found;
}

/**
 * A row for each failure: thin from when it fell, thicker from the first suspicion, thick while more and more hold it for dead. A tick stands where each
 * of them began to.
 */
function paintDetections(
  context: CanvasRenderingContext2D,
  palette: Palette,
  title: string,
  detections: readonly Detection[],
  frame: Frame,
  { x, font, span }: { readonly x: (at: number) => number; readonly font: string; readonly span: Span },
): void {
  paintTitle(context, palette, title, frame, font);
  const inSpan = (at: number): number => x(Math.max(span.from, Math.min(span.to, at)));
  context.textBaseline = 'middle';
  detections.slice(0, MOST_FAILURES).forEach((detection, row) => {
    const { name, from, watchers, suspected, dead } = detection;
    const y = frame.top + (row + 0.5) * ROW;
    const [doubt, first, last] = [suspected[0]?.at, dead[0]?.at, dead.at(-1)?.at];
    context.font = `500 11px ${font}`;
    context.textAlign = 'right';
    context.fillStyle = palette.text;
    context.fillText(shortened(context, name, frame.left - 10), frame.left - 6, y);
    const end = last ?? doubt ?? detection.to;
    const bar = (a: number | undefined, b: number, height: number, colour: string): void => {
      if (a === undefined) return;
      context.fillStyle = colour;
      context.fillRect(inSpan(a), y - height / 2, Math.max(1, inSpan(b) - inSpan(a)), height);
    };
    bar(from, end, 2, palette.left);
    bar(doubt, first ?? end, 6, palette.suspect);
    bar(first, end, 10, palette.failed);
    context.fillStyle = palette.text;
    context.fillRect(inSpan(from) - 1, y - 7, 2, 14);
    context.fillStyle = palette.panel;
    for (const { at } of dead) context.fillRect(inSpan(at) - 0.5, y - 5, 1, 10);
    context.font = `11px ${font}`;
    context.fillStyle = palette.muted;
    // Behind the bar, or before it, in many words or few: wherever there is room.
    const [before, behind] = [inSpan(from) - 8 - frame.left, frame.right - inSpan(end) - 8];
    const words = detectionWords(from, watchers, doubt, first, last, dead.length);
    const text = words.find((each) => context.measureText(each).width <= Math.max(before, behind));
    if (text === undefined) return;
    const isBehind = context.measureText(text).width <= behind;
    context.textAlign = isBehind ? 'left' : 'right';
    context.fillText(text, isBehind ? inSpan(end) + 8 : inSpan(from) - 8, y);
  });
  if (detections.length > MOST_FAILURES) {
    context.textAlign = 'left';
    context.fillStyle = palette.muted;
    context.fillText(`and ${detections.length - MOST_FAILURES} more`, frame.left, frame.top + (MOST_FAILURES + 0.5) * ROW);
  }
  context.textBaseline = 'alphabetic';
}

/** In words: first all that is known, then as little as says something. */
function detectionWords(
  from: number,
  watchers: number,
  doubt: number | undefined,
  first: number | undefined,
  last: number | undefined,
  dead: number,
): readonly string[] {
  const after = (at: number): string => `+${lengthText((Math.round((at - from) / 1e6) * 1e6) as never)}`;
  const range = [...new Set([first, last].filter((at) => at !== undefined).map(after))].join(' to ');
  const of = dead < watchers ? `, to ${dead} of ${watchers}` : '';
  if (doubt === undefined && range === '') return ['noticed by nobody', 'unnoticed'];
  return [
    `${doubt === undefined ? 'suspected by nobody' : `suspected ${after(doubt)}`}, dead ${range === '' ? 'to nobody' : range + of}`,
    range === '' ? 'dead to nobody' : `dead ${range}`,
    range,
  ];
}

/** Instants along the bottom, at easy multiples. */
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
  const [left, right] = [x(span.from), x(span.to)];
  const step = stepOf((span.to - span.from) / Math.max(2, Math.floor((right - left) / 110)));
  for (let at = Math.ceil(span.from / step) * step; at <= span.to; at += step) {
    const text = at === 0 ? '0' : lengthText(Math.round(at) as never);
    const half = context.measureText(text).width / 2;
    context.textAlign = x(at) - half < left ? 'left' : x(at) + half > right ? 'right' : 'center';
    context.fillText(text, x(at), height - 6);
  }
}

const MINUTE = 60e9;
const LONG_STEPS = [1, 2, 5, 10, 15, 30, 60, 120, 240, 480].map((minutes) => minutes * MINUTE);

/** The shortest time that clocks are read by and that is at least so long. */
function stepOf(length: number): number {
  const short = nice(length);
  if (short <= 10e9) return short;
  return [15e9, 20e9, 30e9, ...LONG_STEPS].find((step) => step >= length) ?? nice(length / MINUTE) * MINUTE;
}

/** The next number that is easy to read. */
function nice(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value));
  return ([1, 2, 2.5, 5, 10].find((step) => step * power >= value) ?? 10) * power;
}

/** A number in few characters. */
export const short = (value: number): string =>
  value >= 1e6
    ? `${Number((value / 1e6).toFixed(1))}M`
    : value >= 1e4
      ? `${Number((value / 1e3).toFixed(1))}k`
      : String(Number(value.toFixed(value < 1 ? 3 : value < 10 ? 2 : value < 100 ? 1 : 0)));
