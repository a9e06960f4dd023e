import { scaleLinear } from 'd3';
import { formatInstant } from '../../core/time.ts';
import { Kind } from '../../sim/engine/journal.ts';
import type { Axis } from '../model/axis.ts';
import type { Cone } from '../model/cone.ts';
import { type FaultBand, stretchesOf } from '../model/faults.ts';
import type { Lanes } from '../model/lanes.ts';
import type { Palette } from '../model/palette.ts';
import { nameOf, type Run, textField } from '../model/run.ts';
import type { Gap, Line, Mark, Scene } from '../model/spacetime.ts';
import { KIND_LOOKS } from './kinds.ts';
import { shapeFrom } from './shape.ts';
import { lookOf } from './transports.ts';

/** All that a space-time diagram is drawn from. */
export interface Diagram {
  readonly run: Run;
  readonly scene: Scene;
  readonly gaps: readonly Gap[];
  readonly faults: readonly FaultBand[];
  readonly lanes: Lanes;
  readonly axis: Axis;
  readonly linear: boolean;
  /** Whatever is not in it is dimmed; undefined while nothing is looked at closely. */
  readonly cone: Cone | undefined;
  /** The place of the event that the cursor rests on. */
  readonly current: number | undefined;
  readonly instant: number;
  readonly position: number;
  readonly node: number;
}

/** Where a diagram lies on its canvas, in pixels. */
export interface Sheet {
  /** The names of the lanes are left of it. */
  readonly left: number;
  readonly right: number;
  /** The time axis is above it. */
  readonly top: number;
  readonly bottom: number;
  readonly lane: number;
  /** How far the lanes are scrolled. */
  readonly scrolled: number;
}

export const laneY = (sheet: Sheet, lane: number): number => sheet.top + (lane + 0.5) * sheet.lane - sheet.scrolled;
export const pixelX = (sheet: Sheet, x: number): number => sheet.left + x * (sheet.right - sheet.left);

/** Messages that get an arrow head, and that get a word. */
const MOST_HEADS = 500;
const MOST_WORDS = 26;
/** A lost message's line ends here. */
const LOST_AT = 0.62;
/** How strongly what is not highlighted is drawn. */
const DIMMED = 0.34;
/** Lanes that are lower have no names. */
const NAMED = 11;

/** Draws a space-time diagram: time runs to the right, each node has a lane, messages go from lane to lane. */
export class LamportPainter {
  private readonly context: CanvasRenderingContext2D;
  private readonly palette: Palette;
  private readonly diagram: Diagram;
  private readonly sheet: Sheet;

  constructor(context: CanvasRenderingContext2D, palette: Palette, diagram: Diagram, sheet: Sheet) {
    this.context = context;
    this.palette = palette;
    this.diagram = diagram;
    this.sheet = sheet;
  }

  paint(fonts: { readonly sans: string; readonly mono: string }): void {
    const { context, sheet, diagram } = this;
    const { scene, cone } = diagram;
    this.selection();
    this.bands();
    context.save();
    context.beginPath();
    context.rect(sheet.left - 6, sheet.top - 2, sheet.right - sheet.left + 12, sheet.bottom - sheet.top + 2);
    context.clip();
    this.laneLines();
    this.density();
    const near = scene.detail === 'messages';
    const isIn = (place: number): boolean =>
      cone === undefined || place === diagram.current || cone.past.has(place) || cone.future.has(place);
    const dim = scene.lines.filter((line) => !(isIn(line.start) && isIn(line.end)));
    const bright = cone === undefined ? scene.lines : scene.lines.filter((line) => isIn(line.start) && isIn(line.end));
    if (cone !== undefined) for (const line of dim) this.line(line, DIMMED, false);
    for (const line of bright) this.line(line, 1, near && scene.lines.length <= MOST_HEADS);
    for (const mark of scene.marks) this.mark(mark, isIn(mark.place) ? 1 : DIMMED);
    if (near) this.words(bright, fonts.sans);
    this.current();
    context.restore();
    this.names(fonts.sans);
    this.axis(fonts.sans);
    this.cursor(fonts.mono);
  }

  private selection(): void {
    const { context, sheet, diagram, palette } = this;
    const lane = diagram.lanes.laneOf[diagram.node] ?? -1;
    if (lane < 0) return;
    const top = Math.max(sheet.top, laneY(sheet, lane) - sheet.lane / 2);
    const bottom = Math.min(sheet.bottom, laneY(sheet, lane) + sheet.lane / 2);
    context.fillStyle = palette.hover;
    if (bottom > top) context.fillRect(sheet.left - 6, top, sheet.right - sheet.left + 12, bottom - top);
  }

  /** Stretches in which something was broken, behind everything. */
  private bands(): void {
    const { context, sheet, diagram, palette } = this;
    for (const { from, to } of stretchesOf(diagram.faults, diagram.axis.lens)) {
      const [x1, x2] = [from, to].map((at) => pixelX(sheet, Math.max(0, Math.min(1, diagram.axis.x(at))))) as [number, number];
      context.fillStyle = palette.failed;
      context.globalAlpha = 0.08;
      context.fillRect(x1, sheet.top, Math.max(2, x2 - x1), sheet.bottom - sheet.top);
      context.globalAlpha = 0.6;
      context.fillRect(x1, sheet.top - 3, Math.max(2, x2 - x1), 3);
      context.globalAlpha = 1;
    }
  }

  private laneLines(): void {
    const { context, sheet, diagram, palette } = this;
    const { lanes, gaps } = diagram;
    context.lineWidth = 1;
    lanes.nodes.forEach((_, lane) => {
      const y = laneY(sheet, lane);
      if (y < sheet.top - sheet.lane || y > sheet.bottom + sheet.lane) return;
      context.fillStyle = palette.edge;
      context.fillRect(sheet.left - 6, y - 0.5, sheet.right - sheet.left + 12, 1);
    });
    for (const { lane, x1, x2, condition } of gaps) {
      const [a, b] = [pixelX(sheet, x1), pixelX(sheet, x2)];
      const y = laneY(sheet, lane);
      // A fallen node's lane is not there; a paused one's is doubled.
      context.fillStyle = diagram.lanes.nodes[lane] === diagram.node && sheet.lane >= NAMED ? palette.hover : palette.panel;
      context.fillRect(a, y - 1.5, b - a, 3);
      context.strokeStyle = condition === 'down' ? palette.failed : palette.suspect;
      context.setLineDash(condition === 'down' ? [2, 5] : []);
      context.beginPath();
      for (const offset of condition === 'down' ? [0] : [-1.5, 1.5]) {
        context.moveTo(a, y + offset);
        context.lineTo(b, y + offset);
      }
      context.stroke();
      context.setLineDash([]);
    }
    for (const { lane } of lanes.groups) {
      if (lane === 0) continue;
      context.fillStyle = palette.line;
      context.fillRect(sheet.left - 6, sheet.top + lane * sheet.lane - sheet.scrolled - 1, sheet.right - sheet.left + 12, 2);
    }
  }

  /** How much happens on each lane, where that is more than can be drawn one by one. */
  private density(): void {
    const { context, sheet, diagram, palette } = this;
    const { density } = diagram.scene;
    const columns = density[0]?.length ?? 0;
    if (columns === 0) return;
    const height = Math.max(1, Math.min(10, sheet.lane * 0.7));
    const texture = textureOf(density, columns, palette.accent);
    context.imageSmoothingEnabled = false;
    for (let lane = 0; lane < density.length; lane++) {
      const y = laneY(sheet, lane);
      if (y < sheet.top - sheet.lane || y > sheet.bottom + sheet.lane) continue;
      context.drawImage(texture, 0, lane, columns, 1, sheet.left, y - height / 2, sheet.right - sheet.left, height);
    }
  }

  private line(line: Line, alpha: number, head: boolean): void {
    const { context, sheet, diagram, palette } = this;
    const [x1, y1, x2, y2] = [pixelX(sheet, line.x1), laneY(sheet, line.from), pixelX(sheet, line.x2), laneY(sheet, line.to)];
    const later = line.start >= diagram.position;
    context.globalAlpha = alpha * (later ? 0.45 : 1) * (line.count > 1 ? 0.8 : 1);
    context.lineWidth = line.count > 1 ? Math.min(5, 1 + Math.log2(line.count) / 2) : 1.2;
    const { token } = lookOf(textField(diagram.run.payload(line.start), 'transport'));
    context.strokeStyle = line.lost ? palette.failed : palette[token];
    const [ex, ey] = line.lost ? [x1 + (x2 - x1) * LOST_AT, y1 + (y2 - y1) * LOST_AT] : [x2, y2];
    if (line.lost) context.setLineDash([4, 3]);
    context.beginPath();
    context.moveTo(x1, y1);
    context.lineTo(ex, ey);
    context.stroke();
    context.setLineDash([]);
    if (line.lost && (head || diagram.scene.lines.length < 1000)) {
      context.lineWidth = 1.6;
      context.beginPath();
      context.moveTo(ex - 3.5, ey - 3.5);
      context.lineTo(ex + 3.5, ey + 3.5);
      context.moveTo(ex + 3.5, ey - 3.5);
      context.lineTo(ex - 3.5, ey + 3.5);
      context.stroke();
    } else if (head) {
      const angle = Math.atan2(y2 - y1, x2 - x1);
      context.fillStyle = context.strokeStyle;
      context.beginPath();
      context.moveTo(x2, y2);
      context.lineTo(x2 - 7 * Math.cos(angle - 0.4), y2 - 7 * Math.sin(angle - 0.4));
      context.lineTo(x2 - 7 * Math.cos(angle + 0.4), y2 - 7 * Math.sin(angle + 0.4));
      context.closePath();
      context.fill();
    }
    context.globalAlpha = 1;
  }

  private mark({ place, lane, x }: Mark, alpha: number): void {
    const { context, sheet, diagram, palette } = this;
    const kind = diagram.run.records.kind[place] as number;
    const [shape, tone] = KIND_LOOKS[kind] ?? KIND_LOOKS[Kind.timer] ?? ['', 'left'];
    const size = Math.max(4, Math.min(11, sheet.lane * 0.55));
    const [px, py] = [pixelX(sheet, x), laneY(sheet, lane)];
    const large = size >= 8 && diagram.scene.marks.length <= 400;
    context.globalAlpha = alpha * (place >= diagram.position ? 0.5 : 1);
    context.strokeStyle = palette[tone];
    context.fillStyle = palette.panel;
    if (!large) {
      context.fillStyle = palette[tone];
      context.fillRect(px - 1, py - size / 2, 2, size);
    } else {
      context.save();
      context.translate(px - size / 2, py - size / 2);
      context.scale(size / 12, size / 12);
      context.beginPath();
      context.arc(6, 6, 7, 0, 2 * Math.PI);
      context.fill();
      context.lineWidth = 1.5;
      context.stroke(shapeFrom(shape));
      context.restore();
    }
    context.globalAlpha = 1;
  }

  /** What messages are called, where there is room beside their lines. */
  private words(lines: readonly Line[], font: string): void {
    const { context, sheet, diagram, palette } = this;
    if (lines.length > MOST_WORDS * 4 || sheet.lane < 16) return;
    context.font = `500 11px ${font}`;
    context.textAlign = 'left';
    const taken: { x: number; y: number; width: number }[] = [];
    for (const line of lines) {
      if (taken.length === MOST_WORDS) return;
      const word = diagram.run.words.name(diagram.run.records.word[line.start] as number) ?? '';
      const part = line.lost ? LOST_AT : 0.5;
      const x = pixelX(sheet, line.x1 + (line.x2 - line.x1) * part) + 6;
      const y = laneY(sheet, line.from) + (laneY(sheet, line.to) - laneY(sheet, line.from)) * part + 3;
      const width = context.measureText(word).width;
      if (x < sheet.left || x + width > sheet.right) continue;
      if (taken.some((other) => x < other.x + other.width + 6 && other.x < x + width + 6 && Math.abs(y - other.y) < 13)) continue;
      taken.push({ x, y, width });
      context.lineWidth = 3.5;
      context.lineJoin = 'round';
      context.strokeStyle = palette.panel;
      context.strokeText(word, x, y);
      context.fillStyle = line.start >= diagram.position ? palette.muted : palette.text;
      context.fillText(word, x, y);
    }
  }

  /** A ring around the event that the cursor rests on. */
  private current(): void {
    const { context, sheet, diagram, palette } = this;
    if (diagram.current === undefined) return;
    const lane = diagram.lanes.laneOf[diagram.run.records.node[diagram.current] as number] ?? -1;
    if (lane < 0) return;
    context.strokeStyle = palette.accent;
    context.lineWidth = 2;
    context.beginPath();
    context.arc(
      pixelX(sheet, diagram.axis.place(diagram.current)),
      laneY(sheet, lane),
      Math.max(5, Math.min(9, sheet.lane * 0.42)),
      0,
      2 * Math.PI,
    );
    context.stroke();
  }

  private names(font: string): void {
    const { context, sheet, diagram, palette } = this;
    context.save();
    context.beginPath();
    context.rect(0, sheet.top - 1, sheet.left, sheet.bottom - sheet.top + 1);
    context.clip();
    context.textBaseline = 'middle';
    context.textAlign = 'right';
    if (sheet.lane >= NAMED) {
      diagram.lanes.nodes.forEach((node, lane) => {
        const y = laneY(sheet, lane);
        if (y < sheet.top - sheet.lane || y > sheet.bottom + sheet.lane) return;
        context.font = `${node === diagram.node ? 650 : 500} ${Math.min(12, sheet.lane)}px ${font}`;
        context.fillStyle = node === diagram.node ? palette.accent : palette.text;
        context.fillText(shortened(context, nameOf(diagram.run, node), sheet.left - 22), sheet.left - 12, y);
      });
    }
    context.textAlign = 'left';
    context.font = `500 10px ${font}`;
    context.fillStyle = palette.muted;
    if (sheet.lane >= 22)
      for (const { lane, name } of diagram.lanes.groups)
        context.fillText(name, 6, sheet.top + lane * sheet.lane - sheet.scrolled + 7);
    context.restore();
    context.textBaseline = 'alphabetic';
  }

  /** Instants along the top. Where time is not linear, their distances say so. */
  private axis(font: string): void {
    const { context, sheet, diagram, palette } = this;
    const { axis } = diagram;
    const room = sheet.right - sheet.left;
    const parts = Math.max(2, Math.floor(room / 120));
    const { from, to } = axis.lens;
    const step = (to - from) / parts;
    const decimals = Math.max(0, Math.min(9, Math.ceil(-Math.log10(step / 1e9)) + 1));
    context.font = `11px ${font}`;
    context.textAlign = 'center';
    context.fillStyle = palette.line;
    context.fillRect(sheet.left - 6, sheet.top - 1, room + 12, 1);
    const ticks = diagram.linear
      ? scaleLinear([from / 1e9, to / 1e9], [0, 1])
          .ticks(parts)
          .map((seconds) => ({ x: axis.x(seconds * 1e9), text: `${Number(seconds.toFixed(9))} s` }))
      : Array.from({ length: parts }, (_, i) => {
          const x = (i + 0.5) / parts;
          return { x, text: `${Number((axis.invert(x) / 1e9).toFixed(Math.min(9, decimals + 2)))} s` };
        });
    const cursor = this.cursorX();
    for (const { x, text } of ticks) {
      const at = pixelX(sheet, x);
      if (at < sheet.left || at > sheet.right) continue;
      // The cursor's own instant stands there.
      if (cursor !== undefined && Math.abs(cursor - at) < 78) continue;
      context.fillStyle = palette.edge;
      context.fillRect(at - 0.5, sheet.top - 5, 1, 5);
      context.fillStyle = palette.muted;
      const width = context.measureText(text).width / 2;
      context.fillText(text, Math.max(sheet.left + width - 6, Math.min(sheet.right - width, at)), sheet.top - 9);
    }
  }

  /** Where the cursor is; undefined when it is out of sight. */
  private cursorX(): number | undefined {
    const { sheet, diagram } = this;
    const { axis, instant, current } = diagram;
    if (instant < axis.lens.from || instant > axis.lens.to) return undefined;
    const at = current === undefined ? axis.x(instant) : axis.place(current);
    return pixelX(sheet, Math.max(0, Math.min(1, at)));
  }

  private cursor(font: string): void {
    const { context, sheet, diagram, palette } = this;
    const x = this.cursorX();
    if (x === undefined) return;
    context.fillStyle = palette.accent;
    context.fillRect(x - 1, sheet.top - 4, 2, sheet.bottom - sheet.top + 4);
    context.font = `600 11px ${font}`;
    const text = `${formatInstant(diagram.instant as never, 6)}`;
    const half = context.measureText(text).width / 2 + 6;
    const left = Math.max(sheet.left, Math.min(sheet.right - half, x));
    context.beginPath();
    context.roundRect(left - half, sheet.top - 22, half * 2, 17, 5);
    context.fill();
    context.fillStyle = palette['on-accent'];
    context.textAlign = 'center';
    context.fillText(text, left, sheet.top - 10);
  }
}

/** The last one, as the same is drawn frame after frame. */
let texture:
  | { readonly density: readonly Uint32Array[]; readonly colour: string; readonly canvas: HTMLCanvasElement }
  | undefined;

/** Counts as a picture of one pixel each, the more the stronger. */
function textureOf(density: readonly Uint32Array[], columns: number, colour: string): HTMLCanvasElement {
  if (texture?.density === density && texture.colour === colour) return texture.canvas;
  const canvas = document.createElement('canvas');
  canvas.width = columns;
  canvas.height = density.length;
  const image = new ImageData(columns, density.length);
  const [red, green, blue] = [1, 3, 5].map((at) => Number.parseInt(colour.slice(at, at + 2), 16)) as [number, number, number];
  const most = density.reduce((all, row) => Math.max(all, ...row), 1);
  density.forEach((row, lane) => {
    row.forEach((count, column) => {
      if (count > 0)
        image.data.set([red, green, blue, 40 + (150 * Math.log1p(count)) / Math.log1p(most)], 4 * (lane * columns + column));
    });
  });
  canvas.getContext('2d')?.putImageData(image, 0, 0);
  texture = { density, colour, canvas };
  return canvas;
}

/** Shortens a name that is too long from its beginning: `…test01`. */
export function shortened(context: CanvasRenderingContext2D, text: string, width: number): string {
  if (context.measureText(text).width <= width) return text;
  let shown = text.slice(1);
  while (shown.length > 1 && context.measureText(`…${shown}`).width > width) shown = shown.slice(1);
  return `…${shown}`;
}
