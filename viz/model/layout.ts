import type { Topology } from '../../sim/network/topology.ts';

/** A point of the picture. Its unit is the distance between two hosts on one bar; y grows downwards. */
export interface Point {
  readonly x: number;
  readonly y: number;
}

/** A segment as a bus bar from `from` to `to` on one height, or as a plain line between two nodes. */
export interface SegmentPlace {
  readonly segment: number;
  readonly shape: 'bar' | 'line';
  readonly from: Point;
  readonly to: Point;
}

/** Where the cable of a node meets a segment. On a line it is the node's own place. */
export interface Tap {
  readonly node: number;
  readonly segment: number;
  readonly at: Point;
}

/** Where everything is drawn. The same topology gives the same picture for everyone. */
export interface Layout {
  readonly nodes: readonly Point[];
  readonly segments: readonly SegmentPlace[];
  readonly taps: readonly Tap[];
  readonly width: number;
  readonly height: number;
}

/** Hosts of one bar that stand side by side before another row is begun behind them; more of them when there are many hosts. */
const columnsOf = (hosts: number): number => Math.min(hosts, Math.max(16, Math.ceil(Math.sqrt(3 * hosts))));
const ROW = 0.8;
const TAP = 0.85;
const GAP = 0.45;
const ROUTER_ZONE = 1.15;
const MARGIN = 0.52;
const CURVE_POINTS = 12;
/** From the end of a bar to its first tap. */
const INSET = 0.2;

/**
 * Places a topology the way network plans are drawn: each shared segment is a bar, the hosts that sit on it alone stand on its taps, and
 * what joins segments (routers, hosts with several interfaces) is placed between the bars it joins. Segments that only join
 * two routers are lines.
 *
 * Up to three bars lie in one row with the joints below; more are split into two rows that face each other.
 */
export function layoutOf(topology: Topology): Layout {
  const attached = attachments(topology);
  const home = homes(topology);
  const isLine = (segment: number): boolean => {
    const on = attached[segment] as readonly number[];
    return on.length === 2 && on.every((node) => topology.nodes[node]?.forwarding === true && home[node] === undefined);
  };
  const all = topology.segments.map((_, segment) => segment);
  const bars = inReach(
    all.filter((segment) => !isLine(segment)),
    attached,
  );
  const rows = bars.length <= 3 ? [bars] : [bars.slice(0, Math.ceil(bars.length / 2)), bars.slice(Math.ceil(bars.length / 2))];

  const nodes: Point[] = topology.nodes.map(() => ({ x: 0, y: 0 }));
  const places = new Map<number, SegmentPlace>();
  const widths = rows.map((row) => row.map((bar) => widthOf(bar, attached, home)));
  const total = Math.max(1, ...widths.map((row) => sum(row) + GAP * Math.max(0, row.length - 1)));
  const depths = rows.map((row) => Math.max(0, ...row.map((bar) => rowsOf(residents(bar, attached, home).length))));
  const topBar = depthOf(depths[0] ?? 0);
  const zones = Math.max(1, Math.ceil(home.filter((segment) => segment === undefined).length / 12));
  const bottomBar = topBar + ROUTER_ZONE * (zones + 1);

  rows.forEach((row, level) => {
    const own = widths[level] as readonly number[];
    let x = (total - sum(own) - GAP * Math.max(0, row.length - 1)) / 2;
    row.forEach((bar, place) => {
      const width = own[place] as number;
      const y = level === 0 ? topBar : bottomBar;
      places.set(bar, { segment: bar, shape: 'bar', from: { x, y }, to: { x: x + width, y } });
      const hosts = residents(bar, attached, home);
      const columns = columnsOf(hosts.length);
      hosts.forEach((node, i) => {
        const away = TAP + ROW * Math.floor(i / columns);
        const column = x + width / 2 + ((i % columns) - (columns - 1) / 2);
        nodes[node] = { x: column, y: level === 0 ? y - away : y + away };
      });
      x += width + GAP;
    });
  });
  placeJoints(topology, attached, home, places, nodes, { left: 0, right: total, top: topBar + ROUTER_ZONE, zones });
  for (const segment of all.filter(isLine)) {
    const [a, b] = attached[segment] as readonly [number, number];
    places.set(segment, { segment, shape: 'line', from: nodes[a] as Point, to: nodes[b] as Point });
  }
  const segments = all.map((segment) => places.get(segment) as SegmentPlace);
  return framed({
    nodes,
    segments,
    taps: segments.flatMap((place) => tapsOf(place, attached[place.segment] as readonly number[], nodes, home)),
  });
}

/** Moves the picture so that it begins at 0, 0 with a margin around it. */
function framed({ nodes, segments, taps }: Omit<Layout, 'width' | 'height'>): Layout {
  const points = [...nodes, ...segments.flatMap(({ from, to }) => [from, to])];
  const left = Math.min(...points.map(({ x }) => x)) - MARGIN;
  const top = Math.min(...points.map(({ y }) => y)) - MARGIN;
  const move = ({ x, y }: Point): Point => ({ x: x - left, y: y - top });
  return {
    nodes: nodes.map(move),
    segments: segments.map((place) => ({ ...place, from: move(place.from), to: move(place.to) })),
    taps: taps.map((tap) => ({ ...tap, at: move(tap.at) })),
    width: Math.max(1, ...points.map(({ x }) => x)) - left + MARGIN,
    height: Math.max(1, ...points.map(({ y }) => y)) - top + MARGIN,
  };
}

/**
 * The cable from a tap to its node: straight where one is above the other, otherwise an S that leaves both vertically (a cubic Bézier
 * curve, as points, so that what travels along it can be measured).
 */
export function cableOf(from: Point, to: Point): readonly Point[] {
  if (from.x === to.x || from.y === to.y) return [from, to];
  const middle = (from.y + to.y) / 2;
  return Array.from({ length: CURVE_POINTS + 1 }, (_, i) => {
    const t = i / CURVE_POINTS;
    const u = 1 - t;
    return {
      x: (u * u * u + 3 * u * u * t) * from.x + (3 * u * t * t + t * t * t) * to.x,
      y: u * u * u * from.y + 3 * (u * u * t + u * t * t) * middle + t * t * t * to.y,
    };
  });
}

/** For each segment the nodes on it, in their order, each once. */
function attachments(topology: Topology): readonly (readonly number[])[] {
  const on: number[][] = topology.segments.map(() => []);
  topology.nodes.forEach((node, number) => {
    for (const { segment } of node.interfaces) if (!on[segment]?.includes(number)) on[segment]?.push(number);
  });
  return on;
}

/** For each node the one segment it lives on; undefined for those that join several, and for those on none. */
function homes(topology: Topology): readonly (number | undefined)[] {
  return topology.nodes.map((node) => {
    const segments = [...new Set(node.interfaces.map(({ segment }) => segment))];
    return segments.length === 1 ? segments[0] : undefined;
  });
}

const residents = (
  bar: number,
  attached: readonly (readonly number[])[],
  home: readonly (number | undefined)[],
): readonly number[] => (attached[bar] as readonly number[]).filter((node) => home[node] === bar);

/** Puts bars that a node joins next to each other: a walk along the joints from the first bar, breadth first. */
function inReach(bars: readonly number[], attached: readonly (readonly number[])[]): number[] {
  const order: number[] = [];
  const seen = new Set<number>();
  for (const first of bars) {
    const queue = [first];
    for (let segment = queue.shift(); segment !== undefined; segment = queue.shift()) {
      if (seen.has(segment)) continue;
      seen.add(segment);
      if (bars.includes(segment)) order.push(segment);
      const here = attached[segment] as readonly number[];
      attached.forEach((nodes, other) => {
        if (!seen.has(other) && nodes.some((node) => here.includes(node))) queue.push(other);
      });
    }
  }
  return order;
}

const rowsOf = (hosts: number): number => (hosts === 0 ? 0 : Math.ceil(hosts / columnsOf(hosts)));
const depthOf = (rows: number): number => (rows === 0 ? 0.6 : 0.6 + TAP + ROW * (rows - 1));
const sum = (numbers: readonly number[]): number => numbers.reduce((all, each) => all + each, 0);

function widthOf(bar: number, attached: readonly (readonly number[])[], home: readonly (number | undefined)[]): number {
  const hosts = residents(bar, attached, home).length;
  const joints = (attached[bar] as readonly number[]).length - hosts;
  return Math.max(1.25, columnsOf(hosts), joints * 0.6 + 0.4);
}

interface Zone {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly zones: number;
}

/**
 * Places what joins segments below what it joins: at the mean of its bars, and routers that only have lines between their neighbours, by
 * repeated averaging. Then spreads those that would overlap.
 */
function placeJoints(
  topology: Topology,
  attached: readonly (readonly number[])[],
  home: readonly (number | undefined)[],
  places: ReadonlyMap<number, SegmentPlace>,
  nodes: Point[],
  zone: Zone,
): void {
  const joints = topology.nodes.map((_, node) => node).filter((node) => home[node] === undefined);
  const middle = (zone.left + zone.right) / 2;
  const segmentsOf = (node: number): number[] => [
    ...new Set((topology.nodes[node]?.interfaces ?? []).map(({ segment }) => segment)),
  ];
  const x = new Map(joints.map((node) => [node, middle]));
  // A bar pulls with its nearer end or middle, a line with the joint at its other end. 64 rounds settle chains of that many routers.
  for (let round = 0; round < 64; round++) {
    for (const node of joints) {
      const pulls = segmentsOf(node).flatMap((segment) => {
        const place = places.get(segment);
        if (place !== undefined) return [(place.from.x + place.to.x) / 2];
        return (attached[segment] as readonly number[]).filter((other) => other !== node).map((other) => x.get(other) ?? middle);
      });
      if (pulls.length > 0) x.set(node, sum(pulls) / pulls.length);
    }
  }
  const ordered = joints.toSorted((a, b) => (x.get(a) as number) - (x.get(b) as number) || a - b);
  const perLevel = Math.ceil(ordered.length / zone.zones);
  for (let level = 0; level < zone.zones; level++) {
    // Level by level every `zones`-th joint, so that each level spans the whole width.
    const here = ordered.filter((_, i) => i % zone.zones === level);
    const spread = Math.max(0.9, Math.min(1.2, (zone.right - zone.left) / Math.max(1, perLevel)));
    let last = Number.NEGATIVE_INFINITY;
    const placed = here.map((node) => {
      last = Math.max(x.get(node) as number, last + spread);
      return last;
    });
    const wanted = sum(here.map((node) => x.get(node) as number)) / Math.max(1, here.length);
    const shift = wanted - sum(placed) / Math.max(1, placed.length);
    here.forEach((node, i) => {
      nodes[node] = { x: (placed[i] as number) + shift, y: zone.top + level * ROUTER_ZONE };
    });
  }
}

/**
 * A tap is above or below its node. Nodes that stand beside the bar, or closer together than cables should be, get taps in their order,
 * so that no two share one and their cables do not cross.
 */
function tapsOf(
  place: SegmentPlace,
  on: readonly number[],
  nodes: readonly Point[],
  home: readonly (number | undefined)[],
): Tap[] {
  const { segment, from, to } = place;
  const at = new Map(on.map((node) => [node, nodes[node] as Point]));
  if (place.shape === 'bar') {
    for (const node of on) if (home[node] !== undefined) at.set(node, { x: (nodes[node] as Point).x, y: from.y });
    const joints = on
      .filter((node) => home[node] === undefined)
      .toSorted((a, b) => (nodes[a] as Point).x - (nodes[b] as Point).x || a - b);
    const xs = spreadWithin(
      joints.map((node) => (nodes[node] as Point).x),
      from.x + INSET,
      to.x - INSET,
    );
    joints.forEach((node, i) => {
      at.set(node, { x: xs[i] as number, y: from.y });
    });
  }
  return on.map((node) => ({ node, segment, at: at.get(node) as Point }));
}

/** Moves ascending numbers as little as two sweeps can so that they lie between two bounds and apart from each other. */
function spreadWithin(wanted: readonly number[], low: number, high: number): number[] {
  const apart = Math.min(INSET, (high - low) / Math.max(1, wanted.length));
  const placed = [...wanted];
  placed.forEach((x, i) => {
    placed[i] = Math.max(x, low + i * apart, i === 0 ? low : (placed[i - 1] as number) + apart);
  });
  for (let i = placed.length - 1; i >= 0; i--) {
    const limit = i === placed.length - 1 ? high : (placed[i + 1] as number) - apart;
    placed[i] = Math.min(placed[i] as number, limit);
  }
  return placed;
}
