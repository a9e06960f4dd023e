import { cableOf, type Layout, type Point } from './layout.ts';

/** The way that a packet is drawn along, as points. */
export type Path = readonly Point[];

/** Finds the ways between neighbours: down the cable to the bar, along it, and up the other cable. */
export class Routes {
  private readonly layout: Layout;
  private readonly known = new Map<string, Path | undefined>();

  constructor(layout: Layout) {
    this.layout = layout;
  }

  /** @returns undefined when the nodes share no such segment */
  between(from: number, to: number, segment: number | undefined): Path | undefined {
    if (segment === undefined) return undefined;
    const key = `${from} ${to} ${segment}`;
    if (!this.known.has(key)) this.known.set(key, this.find(from, to, segment));
    return this.known.get(key);
  }

  private find(from: number, to: number, segment: number): Path | undefined {
    const start = this.cable(from, segment);
    const end = this.cable(to, segment);
    return start === undefined || end === undefined ? undefined : [...start, ...end.toReversed()];
  }

  /** From a node to its tap on a segment. */
  private cable(node: number, segment: number): Path | undefined {
    const tap = this.layout.taps.find((each) => each.node === node && each.segment === segment);
    const own = this.layout.nodes[node];
    return tap === undefined || own === undefined ? undefined : cableOf(tap.at, own).toReversed();
  }
}

/** The point at a fraction of a path's length. */
export function pointAlong(path: Path, fraction: number): Point {
  const lengths = path.slice(1).map((point, i) => distance(path[i] as Point, point));
  let left = fraction * lengths.reduce((sum, each) => sum + each, 0);
  for (let i = 0; i < lengths.length; i++) {
    const length = lengths[i] as number;
    if (left <= length && length > 0) return between(path[i] as Point, path[i + 1] as Point, left / length);
    left -= length;
  }
  return path.at(-1) as Point;
}

const distance = (a: Point, b: Point): number => Math.hypot(a.x - b.x, a.y - b.y);

const between = (a: Point, b: Point, part: number): Point => ({ x: a.x + (b.x - a.x) * part, y: a.y + (b.y - a.y) * part });
