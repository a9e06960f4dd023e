import { drawn } from './element.ts';
import { shapeText } from './shape.ts';

/** A drawing of more marks is no use to a drawing program. */
export const MOST_MARKS = 20_000;

interface Pen {
  fillStyle: string;
  strokeStyle: string;
  lineWidth: number;
  lineJoin: string;
  lineCap: string;
  font: string;
  textAlign: string;
  textBaseline: string;
  globalAlpha: number;
  dash: readonly number[];
  matrix: DOMMatrix;
  clip: string | undefined;
}

const freshPen = (): Pen => ({
  fillStyle: '#000',
  strokeStyle: '#000',
  lineWidth: 1,
  lineJoin: 'miter',
  lineCap: 'butt',
  font: '10px sans-serif',
  textAlign: 'start',
  textBaseline: 'alphabetic',
  globalAlpha: 1,
  dash: [],
  matrix: new DOMMatrix(),
  clip: undefined,
});

const ANCHORS: Readonly<Record<string, string>> = { center: 'middle', end: 'end', right: 'end' };
/** How far below a baseline the text hangs, in parts of its size. */
const HANGS: Readonly<Record<string, number>> = { middle: 0.35, top: 0.8, hanging: 0.8, bottom: -0.2 };

/**
 * Takes the calls by which our pictures are painted on a canvas, and writes them down as SVG: what is seen, as shapes and text that can be enlarged
 * and edited. It knows what our painters use of a canvas, and no more.
 */
export class Vector {
  readonly root: SVGGElement = drawn('g');
  /** Marks that were painted, those beyond the limit among them. */
  marks = 0;
  imageSmoothingEnabled = true;
  private pen = freshPen();
  private readonly kept: Pen[] = [];
  private path = '';
  private clips = 0;
  private readonly prefix: string;
  private readonly measuring = document.createElement('canvas').getContext('2d') as CanvasRenderingContext2D;

  /** @param prefix of the names of what is referred to: unique in a drawing */
  constructor(prefix: string) {
    this.prefix = prefix;
  }

  /** As what painters are given. */
  get context(): CanvasRenderingContext2D {
    return this as unknown as CanvasRenderingContext2D;
  }

  get fillStyle(): string {
    return this.pen.fillStyle;
  }
  set fillStyle(value: string) {
    this.pen.fillStyle = value;
  }
  get strokeStyle(): string {
    return this.pen.strokeStyle;
  }
  set strokeStyle(value: string) {
    this.pen.strokeStyle = value;
  }
  get lineWidth(): number {
    return this.pen.lineWidth;
  }
  set lineWidth(value: number) {
    this.pen.lineWidth = value;
  }
  get lineJoin(): string {
    return this.pen.lineJoin;
  }
  set lineJoin(value: string) {
    this.pen.lineJoin = value;
  }
  get lineCap(): string {
    return this.pen.lineCap;
  }
  set lineCap(value: string) {
    this.pen.lineCap = value;
  }
  get font(): string {
    return this.pen.font;
  }
  set font(value: string) {
    this.pen.font = value;
  }
  get textAlign(): string {
    return this.pen.textAlign;
  }
  set textAlign(value: string) {
    this.pen.textAlign = value;
  }
  get textBaseline(): string {
    return this.pen.textBaseline;
  }
  set textBaseline(value: string) {
    this.pen.textBaseline = value;
  }
  get globalAlpha(): number {
    return this.pen.globalAlpha;
  }
  set globalAlpha(value: number) {
    this.pen.globalAlpha = value;
  }

  save(): void {
    this.kept.push({ ...this.pen });
  }
  restore(): void {
    this.pen = this.kept.pop() ?? this.pen;
  }
  setTransform(a: number, b: number, c: number, d: number, e: number, f: number): void {
    // The density of the screen is none of the drawing's business.
    const [x, y] = [a / devicePixelRatio, d / devicePixelRatio];
    this.pen.matrix = new DOMMatrix([x, b, c, y, e, f]);
  }
  translate(x: number, y: number): void {
    this.pen.matrix = this.pen.matrix.translate(x, y);
  }
  scale(x: number, y: number): void {
    this.pen.matrix = this.pen.matrix.scale(x, y);
  }
  rotate(angle: number): void {
    this.pen.matrix = this.pen.matrix.rotate((angle * 180) / Math.PI);
  }
  setLineDash(dash: readonly number[]): void {
    this.pen.dash = [...dash];
  }

  beginPath(): void {
    this.path = '';
  }
  closePath(): void {
    this.path += 'Z';
  }
  moveTo(x: number, y: number): void {
    this.path += `M${round(x)} ${round(y)}`;
  }
  lineTo(x: number, y: number): void {
    this.path += `${this.path === '' ? 'M' : 'L'}${round(x)} ${round(y)}`;
  }
  rect(x: number, y: number, width: number, height: number): void {
    this.path += `M${round(x)} ${round(y)}h${round(width)}v${round(height)}h${round(-width)}Z`;
  }
  roundRect(x: number, y: number, width: number, height: number, _radius?: number): void {
    this.rect(x, y, width, height);
  }
  arc(x: number, y: number, radius: number, start: number, end: number, backwards = false): void {
    const whole = Math.abs(end - start) >= 2 * Math.PI - 1e-6;
    const point = (angle: number): string => `${round(x + radius * Math.cos(angle))} ${round(y + radius * Math.sin(angle))}`;
    const sweep = backwards ? 0 : 1;
    const r = round(radius);
    const go = this.path === '' || this.path.endsWith('Z') ? 'M' : 'L';
    const half = start + Math.PI;
    this.path += whole
      ? `M${point(start)}A${r} ${r} 0 1 ${sweep} ${point(half)}A${r} ${r} 0 1 ${sweep} ${point(start)}Z`
      : `${go}${point(start)}A${r} ${r} 0 ${Math.abs(end - start) > Math.PI ? 1 : 0} ${sweep} ${point(end)}`;
  }
  clip(): void {
    const id = `${this.prefix}-clip-${++this.clips}`;
    const shape = drawn('path', { d: this.path, transform: this.transform() });
    this.root.append(drawn('clipPath', { id }, shape));
    this.pen.clip = id;
  }

  stroke(shape?: Path2D): void {
    this.mark(() => drawn('path', { d: this.d(shape), ...this.stroked(), transform: this.transform() }));
  }
  fill(shape?: Path2D | string): void {
    const path = typeof shape === 'string' ? undefined : shape;
    this.mark(() => drawn('path', { d: this.d(path), ...this.filled(), transform: this.transform() }));
  }
  fillRect(x: number, y: number, width: number, height: number): void {
    this.mark(() => drawn('rect', { ...box(x, y, width, height), ...this.filled(), transform: this.transform() }));
  }
  strokeRect(x: number, y: number, width: number, height: number): void {
    this.mark(() => drawn('rect', { ...box(x, y, width, height), ...this.stroked(), transform: this.transform() }));
  }
  /** All is painted anew after it. */
  clearRect(): void {
    this.root.replaceChildren();
    this.marks = 0;
  }
  fillText(text: string, x: number, y: number): void {
    this.mark(() => this.text(text, x, y, this.filled()));
  }
  strokeText(text: string, x: number, y: number): void {
    this.mark(() => this.text(text, x, y, this.stroked()));
  }
  measureText(text: string): TextMetrics {
    this.measuring.font = this.pen.font;
    return this.measuring.measureText(text);
  }
  drawImage(image: HTMLCanvasElement, ...numbers: number[]): void {
    const [x = 0, y = 0, width = image.width, height = image.height] = numbers.slice(-4);
    let source = image;
    if (numbers.length === 8) {
      const [left = 0, top = 0, wide = 1, high = 1] = numbers;
      source = document.createElement('canvas');
      source.width = Math.max(1, Math.round(wide));
      source.height = Math.max(1, Math.round(high));
      source.getContext('2d')?.drawImage(image, left, top, wide, high, 0, 0, source.width, source.height);
    }
    const style = this.imageSmoothingEnabled ? '' : 'image-rendering:pixelated';
    this.mark(() =>
      drawn('image', {
        ...box(x, y, width, height),
        href: source.toDataURL(),
        preserveAspectRatio: 'none',
        style,
        opacity: this.pen.globalAlpha,
        transform: this.transform(),
      }),
    );
  }

  private mark(make: () => SVGElement): void {
    if (++this.marks > MOST_MARKS) return;
    const made = make();
    if (this.pen.clip === undefined) this.root.append(made);
    else this.root.append(drawn('g', { 'clip-path': `url(#${this.pen.clip})` }, made));
  }

  private d(shape: Path2D | undefined): string {
    return shape === undefined ? this.path : shapeText(shape);
  }

  private filled() {
    return { fill: this.pen.fillStyle, 'fill-opacity': faint(this.pen.globalAlpha) };
  }

  private stroked() {
    const { strokeStyle, lineWidth, lineJoin, lineCap, dash, globalAlpha } = this.pen;
    return {
      fill: 'none',
      stroke: strokeStyle,
      'stroke-width': lineWidth,
      'stroke-linejoin': lineJoin === 'miter' ? undefined : lineJoin,
      'stroke-linecap': lineCap === 'butt' ? undefined : lineCap,
      'stroke-dasharray': dash.length === 0 ? undefined : dash.join(' '),
      'stroke-opacity': faint(globalAlpha),
    };
  }

  private text(text: string, x: number, y: number, look: Readonly<Record<string, string | number | undefined>>): SVGElement {
    const size = Number(/([\d.]+)px/.exec(this.pen.font)?.[1] ?? 10);
    const base = y + size * (HANGS[this.pen.textBaseline] ?? 0);
    const anchor = ANCHORS[this.pen.textAlign];
    return drawn(
      'text',
      {
        x: round(x),
        y: round(base),
        style: `font:${this.pen.font}`,
        'text-anchor': anchor,
        ...look,
        transform: this.transform(),
      },
      text,
    );
  }

  private transform(): string | undefined {
    const { a, b, c, d, e, f, isIdentity } = this.pen.matrix;
    return isIdentity ? undefined : `matrix(${[a, b, c, d, e, f].map(round).join(' ')})`;
  }
}

const round = (value: number): number => Math.round(value * 100) / 100;

const faint = (alpha: number): number | undefined => (alpha === 1 ? undefined : round(alpha));

const box = (x: number, y: number, width: number, height: number) => ({
  x: round(width < 0 ? x + width : x),
  y: round(height < 0 ? y + height : y),
  width: round(Math.abs(width)),
  height: round(Math.abs(height)),
});
