import { Xoshiro } from '../../core/laws/xoshiro.ts';
import { cos, ln, sin } from '../../core/math.ts';
import { type CoordinateState, distance, newCoordinates, observe } from '../../core/serf/coordinate.ts';

/** Nodes with known round trips, and the relative errors that upstream expects of predictions after a thousand measurements of each. */
export interface Space {
  readonly name: string;
  readonly nodes: number;
  readonly average: number;
  readonly largest: number;
  /** The round trip of two nodes in seconds. */
  trip(a: number, b: number): number;
}

const CYCLES = 1000;
const SEEDS = 15;
const SPACING = 0.01;
const SIDE = 5;
const NODES = 25;
const RADIUS = 0.1;

export const SPACES: readonly Space[] = [
  { name: 'a line', nodes: 10, average: 0.0031, largest: 0.013, trip: (a, b) => Math.abs(a - b) * SPACING },
  {
    name: 'a grid',
    nodes: NODES,
    average: 0.0016,
    largest: 0.023,
    trip: (a, b) => root((a % SIDE) - (b % SIDE), Math.floor(a / SIDE) - Math.floor(b / SIDE)) * SPACING,
  },
  {
    name: 'two sites far apart',
    nodes: NODES,
    average: 0.00006,
    largest: 0.00048,
    trip: (a, b) => (a < NODES / 2 === b < NODES / 2 ? 0.001 : 0.011),
  },
  {
    // As far from each as if it stood high above the middle.
    name: 'a circle and one above its middle',
    nodes: NODES,
    average: 0.0028,
    largest: 0.064,
    trip: (a, b) => (a === 0 || b === 0 ? 2 * RADIUS : RADIUS * root(across(a) - across(b), along(a) - along(b))),
  },
  {
    name: 'random round trips',
    nodes: NODES,
    average: 0.075,
    largest: 0.33,
    trip: (a, b) => 0.1 + 0.01 * normal(Math.min(a, b), Math.max(a, b)),
  },
];

const TURN = 2 * Math.PI;
const across = (node: number): number => cos((TURN * node) / NODES);
const along = (node: number): number => sin((TURN * node) / NODES);
const root = (x: number, y: number): number => Math.sqrt(x * x + y * y);

/** A number that is normally distributed over pairs (Box and Muller). */
function normal(a: number, b: number): number {
  const random = new Xoshiro(a * NODES + b, 'round trips');
  return Math.sqrt(-2 * ln(1 - random.fraction())) * cos(TURN * random.fraction());
}

/** The lower quartile, over some seeds, of the errors when every node has measured random others often enough. */
export function settled(space: Space): { average: number; largest: number } {
  const runs = Array.from({ length: SEEDS }, (_, seed) => settle(space, seed));
  const quartile = (values: number[]): number => values.toSorted((a, b) => a - b)[Math.floor(SEEDS / 4)] as number;
  return { average: quartile(runs.map(({ average }) => average)), largest: quartile(runs.map(({ largest }) => largest)) };
}

function settle({ nodes: count, trip }: Space, seed: number): { average: number; largest: number } {
  const random = new Xoshiro(seed, 'coordinates');
  const nodes: CoordinateState[] = Array.from({ length: count }, newCoordinates);
  const trips = nodes.map((_, a) => nodes.map((_other, b) => (a === b ? 0 : trip(a, b))));
  const between = (a: number, b: number): number => trips[a]?.[b] as number;
  for (let cycle = 0; cycle < CYCLES; cycle++) {
    for (const [i, node] of nodes.entries()) {
      const j = random.integer(count);
      if (j !== i) observe(node, j, (nodes[j] as CoordinateState).own, between(i, j), random);
    }
  }
  const errors = nodes.flatMap((a, i) =>
    nodes.slice(0, i).map((b, j) => Math.abs(distance(a.own, b.own) - between(i, j)) / between(i, j)),
  );
  return { average: errors.reduce((sum, error) => sum + error, 0) / errors.length, largest: Math.max(...errors) };
}
