import type { Point } from '../model/layout.ts';
import { type Crossing, type Flow, MOST_RIMMED, type Traffic } from '../model/packets.ts';
import { type Path, pointAlong, Routes } from '../model/route.ts';
import { nameOf, wordOf } from '../model/run.ts';
import type { App } from './app.ts';
import { shapeFrom } from './shape.ts';
import { colours } from './theme.ts';
import { lookOf } from './transports.ts';

/** How the picture's units become pixels: so many to the right, and so many down. */
export interface Frame {
  readonly unit: number;
  readonly rise: number;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  /** How much larger all of that is shown. */
  readonly scale: number;
}

export const pixel = (frame: Frame, { x, y }: Point): Point => ({ x: frame.x + x * frame.unit, y: frame.y + y * frame.rise });

/** Where a packet's word stands already. */
interface Label {
  readonly start: number;
  readonly x: number;
  readonly y: number;
  readonly width: number;
}

const overlaps = (a: Label, b: Label): boolean => a.x < b.x + b.width + 6 && b.x < a.x + a.width + 6 && Math.abs(a.y - b.y) < 14;

/** With more in flight than this, their words would cover each other. */
const MOST_WORDS = 8;
/** A broken mark of a packet that never left its sender's wire is drawn at this part of the way. */
const BROKEN_AT = 0.55;
/** Where the arrow of one that arrived is drawn: before the card of its receiver. */
const RECEIVED_AT = 0.82;

/** The canvas above the plan: packets, where they are, and what became of them. Keeps nothing but the ways between nodes. */
export class PacketLayer {
  private readonly canvas: HTMLCanvasElement;
  private readonly app: App;
  private readonly routes: Routes;
  private frame: Frame = { unit: 1, rise: 1, x: 0, y: 0, width: 0, height: 0, scale: 1 };

  constructor(canvas: HTMLCanvasElement, app: App) {
    this.canvas = canvas;
    this.app = app;
    this.routes = new Routes(app.picture.layout);
  }

  resize(frame: Frame): void {
    this.frame = frame;
    this.canvas.width = Math.round(frame.width * frame.scale * devicePixelRatio);
    this.canvas.height = Math.round(frame.height * frame.scale * devicePixelRatio);
  }

  /**
   * @param current the crossings of the event that the cursor rests on
   * @returns what is drawn, in words
   */
  draw(traffic: Traffic, current: readonly Crossing[]): string {
    const context = this.canvas.getContext('2d');
    if (context === null || this.frame.width === 0) return '';
    const zoom = devicePixelRatio * this.frame.scale;
    context.setTransform(zoom, 0, 0, zoom, 0, 0);
    context.clearRect(0, 0, this.frame.width, this.frame.height);
    context.lineJoin = 'round';
    context.lineCap = 'round';
    context.font = `600 11px ${getComputedStyle(this.canvas).fontFamily}`;
    this.lightSegments(context, [...traffic.flying, ...current]);
    for (const crossing of traffic.recent) this.trace(context, crossing, 0.3, 1.5);
    for (const crossing of current) this.trace(context, crossing, 1, 2.5);
    for (const crossing of traffic.recent) if (crossing.lost) this.broken(context, crossing, false);
    const words = traffic.flying.length <= MOST_WORDS;
    const taken: Label[] = [];
    for (const crossing of current) {
      if (crossing.lost && crossing.progress === 1) this.broken(context, crossing, true);
      else if (crossing.progress === 1 || crossing.progress === 0) this.arrow(context, crossing);
    }
    this.flows(context, traffic.flows);
    for (const crossing of traffic.flying)
      this.packet(context, crossing, { words, rim: traffic.flying.length <= MOST_RIMMED }, taken);
    return this.inWords(traffic, current);
  }

  /** A multicast or broadcast lights the segment it crosses, and no other. */
  private lightSegments(context: CanvasRenderingContext2D, crossings: readonly Crossing[]): void {
    const lit = new Set(crossings.filter(({ many }) => many).map(({ segment }) => segment));
    for (const place of this.app.picture.layout.segments) {
      if (!lit.has(place.segment)) continue;
      context.strokeStyle = colours().accent;
      for (const [width, alpha] of [
        [18, 0.18],
        [8, 0.9],
      ] as const) {
        context.globalAlpha = alpha;
        context.lineWidth = width;
        this.line(context, [place.from, place.to]);
      }
    }
    context.globalAlpha = 1;
  }

  private trace(context: CanvasRenderingContext2D, crossing: Crossing, alpha: number, width: number): void {
    const path = this.path(crossing);
    if (path === undefined) return;
    context.globalAlpha = alpha;
    context.lineWidth = width;
    context.strokeStyle = colours()[lookOf(crossing.transport).token];
    context.setLineDash(crossing.lost ? [5, 4] : []);
    this.line(context, path);
    context.setLineDash([]);
    context.globalAlpha = 1;
  }

  /** Where packets are too many to be told apart, how many go which way is drawn as the width of a line. */
  private flows(context: CanvasRenderingContext2D, flows: readonly Flow[]): void {
    context.strokeStyle = colours().accent;
    context.globalAlpha = 0.5;
    for (const { from, to, segment, count } of flows) {
      const path = this.routes.between(from, to, segment);
      if (path === undefined) continue;
      context.lineWidth = 1 + 1.5 * Math.log2(count);
      this.line(context, path);
    }
    context.globalAlpha = 1;
  }

  private packet(
    context: CanvasRenderingContext2D,
    crossing: Crossing,
    { words, rim }: { readonly words: boolean; readonly rim: boolean },
    taken: Label[],
  ): void {
    const path = this.path(crossing);
    if (path === undefined) return;
    const place = pixel(this.frame, pointAlong(path, crossing.progress));
    const look = lookOf(crossing.transport);
    const palette = colours();
    context.save();
    context.translate(place.x, place.y);
    context.fillStyle = palette[look.token];
    context.strokeStyle = palette.panel;
    context.lineWidth = 3;
    const shape = shapeFrom(look.shape);
    if (rim) context.stroke(shape);
    context.fill(shape);
    context.restore();
    if (!words) return;
    const label = { start: crossing.start, x: place.x + 10, y: place.y - 8, width: context.measureText(crossing.word).width };
    // The copies of a multicast are called once.
    if (taken.some((other) => other.start === label.start || overlaps(other, label))) return;
    taken.push(label);
    this.word(context, crossing.word, label, palette[look.token]);
  }

  /** A cross where it was lost, and why. */
  private broken(context: CanvasRenderingContext2D, crossing: Crossing, worded: boolean): void {
    const path = this.path(crossing);
    const { run, layout } = this.app.picture;
    // What its receiver dropped had come all the way.
    const came = run.records.node[crossing.end] === crossing.to;
    const own = layout.nodes[crossing.to];
    const target =
      path === undefined ? own && { x: own.x + 0.3, y: own.y + 0.3 } : pointAlong(path, came ? RECEIVED_AT : BROKEN_AT);
    if (target === undefined) return;
    const { x, y } = pixel(this.frame, target);
    const palette = colours();
    for (const [colour, width] of [
      [palette.panel, 6],
      [palette.failed, 2.5],
    ] as const) {
      context.strokeStyle = colour;
      context.lineWidth = width;
      context.beginPath();
      context.moveTo(x - 5, y - 5);
      context.lineTo(x + 5, y + 5);
      context.moveTo(x + 5, y - 5);
      context.lineTo(x - 5, y + 5);
      context.stroke();
    }
    if (worded)
      this.word(context, wordOf(run, run.records.word[crossing.end] as number), { x: x + 11, y: y - 9 }, palette.failed);
  }

  /** An arrow head at the receiver's end of a crossing, and its word beside it. */
  private arrow(context: CanvasRenderingContext2D, crossing: Crossing): void {
    const path = this.path(crossing);
    if (path === undefined || path.length < 2) return;
    const tip = pixel(this.frame, pointAlong(path, RECEIVED_AT));
    const before = pixel(this.frame, pointAlong(path, RECEIVED_AT - 0.04));
    const angle = Math.atan2(tip.y - before.y, tip.x - before.x);
    const palette = colours();
    const { token } = lookOf(crossing.transport);
    context.save();
    context.translate(tip.x, tip.y);
    context.rotate(angle);
    context.fillStyle = palette[token];
    context.beginPath();
    context.moveTo(7, 0);
    context.lineTo(-5, -5.5);
    context.lineTo(-5, 5.5);
    context.closePath();
    context.fill();
    context.restore();
    if (crossing.progress === 1) this.word(context, crossing.word, { x: tip.x + 10, y: tip.y - 6 }, palette[token]);
  }

  private word(context: CanvasRenderingContext2D, text: string, { x, y }: Point, colour: string): void {
    const left = Math.min(x, this.frame.width - context.measureText(text).width - 6);
    context.lineWidth = 4;
    context.strokeStyle = colours().panel;
    context.strokeText(text, left, y);
    context.fillStyle = colour;
    context.fillText(text, left, y);
  }

  private inWords({ count, flying, flows }: Traffic, current: readonly Crossing[]): string {
    const { run } = this.app.picture;
    const say = ({ word, from, to, lost, end }: Crossing): string =>
      `${word} from ${nameOf(run, from)} to ${nameOf(run, to)}${lost ? `, to be lost: ${wordOf(run, run.records.word[end] as number)}` : ''}`;
    const sayFlow = (flow: Flow): string => `${flow.count} from ${nameOf(run, flow.from)} to ${nameOf(run, flow.to)}`;
    const parts = [
      count === 0
        ? 'Nothing is on the wires.'
        : `${count} on the wires: ${[...flying.slice(0, 12).map(say), ...flows.slice(0, 12).map(sayFlow)].join('; ')}.`,
      ...(current.length === 0 ? [] : [`This event: ${current.slice(0, 12).map(say).join('; ')}.`]),
    ];
    return parts.join(' ');
  }

  private path(crossing: Crossing): Path | undefined {
    return this.routes.between(crossing.from, crossing.to, crossing.segment);
  }

  private line(context: CanvasRenderingContext2D, path: Path): void {
    context.beginPath();
    path.forEach((point, i) => {
      const { x, y } = pixel(this.frame, point);
      if (i === 0) context.moveTo(x, y);
      else context.lineTo(x, y);
    });
    context.stroke();
  }
}
