import type { Layout, Point } from './layout.ts';
import { code, codeOf } from './matrix.ts';
import type { Members } from './members.ts';
import type { Nodes } from './nodes.ts';

/** Nodes of one group that stand side by side, so that an outline around them holds nobody else. */
export interface Hull {
  readonly group: number;
  /** From left to right. */
  readonly nodes: readonly number[];
}

/** Nodes that are further apart than this, in distances of hosts, get outlines of their own. */
const FURTHEST = 1.3;
/** More observers are not compared with each other. */
const MOST_OBSERVERS = 256;

/** @param groups by node; who is in none stands between others, too */
export function hullsOf({ nodes }: Layout, groups: ReadonlyMap<number, number>): Hull[] {
  const hulls: { readonly group: number; readonly nodes: number[] }[] = [];
  const order = [...nodes.keys()].toSorted((a, b) => {
    const [here, there] = [nodes[a] as Point, nodes[b] as Point];
    return here.y - there.y || here.x - there.x;
  });
  order.forEach((node, i) => {
    const group = groups.get(node);
    if (group === undefined) return;
    const last = hulls.at(-1);
    const before = order[i - 1];
    const beside =
      before !== undefined && last?.nodes.at(-1) === before && last.group === group && areBeside(nodes, before, node);
    if (beside) last.nodes.push(node);
    else hulls.push({ group, nodes: [node] });
  });
  return hulls;
}

function areBeside(nodes: readonly Point[], a: number, b: number): boolean {
  const [here, there] = [nodes[a] as Point, nodes[b] as Point];
  return here.y === there.y && there.x - here.x <= FURTHEST;
}

/**
 * Who believes the same of everybody, as groups from 0 in the order of the nodes; who is down believes nothing. Undefined when all agree, nobody keeps a
 * list of members, or too many do.
 */
export function agreementOf(members: Members, nodes: Nodes, position: number): ReadonlyMap<number, number> | undefined {
  if (members.observers.length > MOST_OBSERVERS) return undefined;
  const unknown = code('unknown');
  const numbers = new Map<string, number>();
  const groups = new Map<number, number>();
  for (const observer of members.observers) {
    const { condition } = nodes.at(position, observer);
    const beliefs = members.of(observer, position)?.map(codeOf) ?? [];
    if (condition === 'down' || condition === 'idle' || beliefs.every((belief) => belief === unknown)) continue;
    const says = beliefs.join();
    const group = numbers.get(says) ?? numbers.size;
    numbers.set(says, group);
    groups.set(observer, group);
  }
  return numbers.size < 2 ? undefined : groups;
}
