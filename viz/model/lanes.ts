import type { Topology } from '../../sim/network/topology.ts';

/** Which nodes have a lane, and in which order. */
export interface Lanes {
  /** By lane. */
  readonly nodes: readonly number[];
  /** By node; −1 for one that is hidden. */
  readonly laneOf: Int32Array;
  /** First lanes of groups, with their names; empty when there are none. */
  readonly groups: readonly { readonly lane: number; readonly name: string }[];
}

/** What a person decided about lanes. */
export interface LaneChoice {
  /** All nodes in the order that is wanted. */
  readonly order: readonly number[];
  readonly hidden: ReadonlySet<number>;
  /** Nodes of one segment together, in the order of the segments; those of several after them. */
  readonly grouped: boolean;
  /** Only those on which anything happens in sight. */
  readonly busy: boolean;
}

/** With more nodes than this, those on which nothing happens have no lanes unless somebody wants them to. */
const MANY = 40;

export const firstChoice = (topology: Topology): LaneChoice => ({
  order: [...topology.nodes.keys()],
  hidden: new Set(),
  grouped: false,
  busy: topology.nodes.length > MANY,
});

/** @param isBusy whether anything happens on a node in sight */
export function lanesOf(topology: Topology, choice: LaneChoice, isBusy: (node: number) => boolean = () => true): Lanes {
  const shown = choice.order.filter((node) => !choice.hidden.has(node) && (!choice.busy || isBusy(node)));
  const groupOf = new Map(shown.map((node) => [node, homeOf(topology, node)]));
  const rank = (node: number): number => groupOf.get(node) ?? topology.segments.length;
  // Sorting is stable: inside a group the chosen order stays.
  const nodes = choice.grouped ? shown.toSorted((a, b) => rank(a) - rank(b)) : shown;
  const laneOf = new Int32Array(topology.nodes.length).fill(-1);
  nodes.forEach((node, lane) => {
    laneOf[node] = lane;
  });
  const groups = choice.grouped
    ? nodes
        .map((node, lane) => ({ lane, segment: rank(node) }))
        .filter(({ lane, segment }) => lane === 0 || segment !== rank(nodes[lane - 1] as number))
        .map(({ lane, segment }) => ({ lane, name: topology.segments[segment]?.name ?? 'several segments' }))
    : [];
  return { nodes, laneOf, groups };
}

/** Moves a node's lane up (−1) or down (1) past its next neighbour that is shown. */
export function moved(choice: LaneChoice, node: number, direction: 1 | -1): LaneChoice {
  const shown = choice.order.filter((each) => !choice.hidden.has(each) || each === node);
  const other = shown[shown.indexOf(node) + direction];
  if (other === undefined) return choice;
  return { ...choice, order: choice.order.map((each) => (each === node ? other : each === other ? node : each)) };
}

/** Puts a node's lane where another's is, which makes room towards where the first one came from. */
export function placed(choice: LaneChoice, node: number, where: number): LaneChoice {
  const { order } = choice;
  const [from, to] = [order.indexOf(node), order.indexOf(where)];
  if (from < 0 || to < 0 || from === to) return choice;
  return { ...choice, order: order.filter((each) => each !== node).toSpliced(to, 0, node) };
}

/** The one segment that a node is on; undefined for one on several, or on none. */
function homeOf(topology: Topology, node: number): number | undefined {
  const segments = new Set((topology.nodes[node]?.interfaces ?? []).map(({ segment }) => segment));
  return segments.size === 1 ? [...segments][0] : undefined;
}
