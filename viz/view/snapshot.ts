import { drawn } from './element.ts';
import { colours, repaint } from './theme.ts';
import { MOST_MARKS, Vector } from './vector.ts';

/** A picture as SVG, and what is missing in it, in a sentence. */
export interface Snapshot {
  readonly svg: string;
  readonly width: number;
  readonly height: number;
  readonly lacks: string | undefined;
}

const frames = (): Promise<void> => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done())));

/**
 * The picture that is seen in a part of the page, painted once more as shapes: its canvases by the calls that paint them, its SVG elements with the
 * looks that the style sheet gives them.
 */
export async function snapshotOf(pane: Element): Promise<Snapshot> {
  const area = pane.querySelector('.picture') ?? pane;
  const bounds = area.getBoundingClientRect();
  const parts = [...area.querySelectorAll<HTMLCanvasElement | SVGSVGElement>('canvas, svg')].filter(
    (part) => part.getClientRects().length > 0 && part.closest('button') === null,
  );
  const vectors = new Map<Element, Vector>();
  for (const part of parts) {
    if (!(part instanceof HTMLCanvasElement)) continue;
    const vector = new Vector(`p${vectors.size}`);
    vectors.set(part, vector);
    Object.defineProperty(part, 'getContext', { value: () => vector.context, configurable: true });
  }
  repaint();
  await frames();
  for (const part of vectors.keys()) Reflect.deleteProperty(part, 'getContext');
  repaint();
  const [width, height] = [Math.round(bounds.width), Math.round(bounds.height)];
  const root = drawn(
    'svg',
    { xmlns: 'http://www.w3.org/2000/svg', viewBox: `0 0 ${width} ${height}`, width, height },
    drawn('rect', { width, height, fill: colours().panel }),
    ...parts.map((part) => {
      const { left, top, width: wide, height: high } = part.getBoundingClientRect();
      const place = { x: left - bounds.left, y: top - bounds.top };
      const vector = vectors.get(part);
      if (vector !== undefined) return drawn('g', { transform: `translate(${place.x} ${place.y})` }, vector.root);
      const copy = styled(part as SVGSVGElement);
      for (const [name, value] of Object.entries({ ...place, width: wide, height: high })) copy.setAttribute(name, String(value));
      return copy;
    }),
  );
  const marks = [...vectors.values()].reduce((sum, vector) => sum + vector.marks, 0);
  const lacks = marks <= MOST_MARKS ? undefined : `Of ${marks} marks the first ${MOST_MARKS} are in it. Zoom in for all of them.`;
  return { svg: new XMLSerializer().serializeToString(root), width, height, lacks };
}

/** As pixels, so many for each of the page's. */
export async function pixelsOf({ svg, width, height }: Snapshot, density = 2): Promise<Blob> {
  const image = new Image();
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(svg)}`;
  await image.decode();
  const canvas = document.createElement('canvas');
  canvas.width = width * density;
  canvas.height = height * density;
  canvas.getContext('2d')?.drawImage(image, 0, 0, canvas.width, canvas.height);
  return new Promise((resolve, reject) => {
    canvas.toBlob(
      (blob) => (blob === null ? reject(new Error('The picture is too large for a PNG.')) : resolve(blob)),
      'image/png',
    );
  });
}

const LOOKS = [
  'fill',
  'fill-opacity',
  'stroke',
  'stroke-width',
  'stroke-opacity',
  'stroke-dasharray',
  'stroke-linecap',
  'stroke-linejoin',
  'opacity',
  'font-family',
  'font-size',
  'font-weight',
  'font-style',
  'text-anchor',
  'dominant-baseline',
  'display',
  'visibility',
  'color',
  'paint-order',
];

/** A copy of an SVG element that carries the looks which the style sheet gives it. */
function styled(original: SVGSVGElement): SVGSVGElement {
  const copy = original.cloneNode(true) as SVGSVGElement;
  const from = [original, ...original.querySelectorAll('*')];
  const to = [copy, ...copy.querySelectorAll('*')];
  from.forEach((each, i) => {
    const target = to[i] as Element;
    const looks = getComputedStyle(each);
    target.setAttribute('style', LOOKS.map((name) => `${name}:${looks.getPropertyValue(name)}`).join(';'));
    for (const name of ['class', 'tabindex', 'role']) target.removeAttribute(name);
  });
  return copy;
}
