import { type Address, broadcastOf, netmaskOf, type Prefix, prefixOf } from '../../core/address.ts';
import type { Layout } from './layout.ts';
import type { RouteView } from './view.ts';

/** No route leads there. */
export const NO_ROUTE = -1;

interface Entry {
  readonly prefix: Prefix;
  readonly via: Address | undefined;
  readonly out: number;
  readonly metric: number;
  readonly source: Address | undefined;
}

/**
 * The routing tables of all nodes, as columns: the hot path walks a node's few rows from the longest prefix to the shortest.
 *
 * Connected routes follow from the interfaces' addresses. Among equal prefixes a connected route wins over a static one, then the lower
 * metric, then the earlier in the list.
 */
export class Routes {
  /** First row of each node, and of the one after the last. */
  private readonly start: Int32Array;
  private readonly base: Int32Array;
  private readonly mask: Int32Array;
  private readonly outs: Int32Array;
  private readonly vias: Float64Array;
  private readonly gateways: Int32Array;
  private readonly sources: Float64Array;
  private readonly broadcasts: Float64Array;
  private entries: readonly Entry[];
  private readonly layout: Layout;

  constructor(layout: Layout) {
    this.layout = layout;
    const tables = layout.topology.nodes.map((_, node) => tableOf(layout, node));
    this.entries = tables.flat();
    const { entries } = this;
    this.start = new Int32Array(tables.length + 1);
    for (const [node, table] of tables.entries()) this.start[node + 1] = (this.start[node] as number) + table.length;
    this.base = Int32Array.from(entries, (entry) => entry.prefix.base | 0);
    this.mask = Int32Array.from(entries, (entry) => netmaskOf(entry.prefix) | 0);
    this.outs = Int32Array.from(entries, (entry) => entry.out);
    this.vias = Float64Array.from(entries, (entry) => entry.via ?? -1);
    this.gateways = Int32Array.from(entries, ({ via }) =>
      via === undefined ? NO_ROUTE : (layout.holders.get(via)?.[0] ?? NO_ROUTE),
    );
    this.sources = Float64Array.from(entries, (entry) => entry.source ?? -1);
    this.broadcasts = Float64Array.from(entries, ({ prefix, via }) =>
      via === undefined && prefix.length < 31 ? broadcastOf(prefix) : -1,
    );
  }

  /** To be called after a host has changed its address, within a subnet: its own packets come from the new one. */
  readdressed(): void {
    this.entries = this.layout.topology.nodes.flatMap((_, node) => tableOf(this.layout, node));
    for (const [row, { source }] of this.entries.entries()) this.sources[row] = source ?? -1;
  }

  /** The node's route with the longest prefix that contains the address, or NO_ROUTE. */
  lookup(node: number, address: Address): number {
    const end = this.start[node + 1] as number;
    for (let route = this.start[node] as number; route < end; route++) {
      if ((address & (this.mask[route] as number)) === this.base[route]) return route;
    }
    return NO_ROUTE;
  }

  /** The node's route with the longest prefix of all, or NO_ROUTE. */
  first(node: number): number {
    const route = this.start[node] as number;
    return route < (this.start[node + 1] as number) ? route : NO_ROUTE;
  }

  /** How many routes the node has. */
  count(node: number): number {
    return (this.start[node + 1] as number) - (this.start[node] as number);
  }

  /** Whether the route leads to a subnet of one of the node's own interfaces. */
  isConnected(route: number): boolean {
    return (this.vias[route] as number) < 0;
  }

  /** The subnet that a connected route leads to: base and mask as signed words, and its directed broadcast. */
  subnet(route: number): { readonly base: number; readonly mask: number; readonly broadcast: Address | undefined } {
    const broadcast = this.broadcasts[route] as number;
    const [base, mask] = [this.base[route] as number, this.mask[route] as number];
    return { base, mask, broadcast: broadcast < 0 ? undefined : (broadcast as Address) };
  }

  /** The interface by which it leaves. */
  out(route: number): number {
    return this.outs[route] as number;
  }

  /** Whom to hand a packet for that address to. */
  nextHop(route: number, address: Address): Address {
    const via = this.vias[route] as number;
    return via < 0 ? address : (via as Address);
  }

  /** The interface that has the next hop's address: the gateway's, or `owner`, who has the destination's. */
  nextOwner(route: number, owner: number): number {
    return (this.vias[route] as number) < 0 ? owner : (this.gateways[route] as number);
  }

  /** The source address of what the node itself sends there: the one on the route's own subnet; undefined on a bare interface. */
  source(route: number): Address | undefined {
    const source = this.sources[route] as number;
    return source < 0 ? undefined : (source as Address);
  }

  /** Whether the address is the directed broadcast of the connected subnet that the route leads to. */
  isBroadcast(route: number, address: Address): boolean {
    return this.broadcasts[route] === address;
  }

  /** As `ip route` lists them: the default route first, then by address. */
  view(node: number): RouteView[] {
    return this.entries
      .slice(this.start[node], this.start[node + 1])
      .sort((a, b) => a.prefix.base - b.prefix.base || a.prefix.length - b.prefix.length)
      .map(({ prefix, via, out, metric, source }) => ({ prefix, via, metric, source, interface: this.layout.name(out) }));
  }
}

function tableOf(layout: Layout, node: number): Entry[] {
  const spec = layout.topology.nodes[node];
  if (spec === undefined) return [];
  const start = layout.first[node] as number;
  const connected = layout.specs.slice(start, layout.first[node + 1]).flatMap((port, index) =>
    port.addresses.map(({ address, length }) => ({
      prefix: prefixOf(address, length),
      via: undefined,
      out: start + index,
      metric: 0,
      source: address,
    })),
  );
  const distinct = connected.filter((entry, index) => connected.findIndex((other) => same(other, entry)) === index);
  const fixed = spec.routes.flatMap(({ prefix, via, metric }): Entry[] => {
    const towards = longest(distinct, via);
    // A gateway that no interface reaches is of no use, as after its interface lost its address.
    return towards === undefined ? [] : [{ prefix, via, out: towards.out, metric: metric ?? 0, source: towards.source }];
  });
  // Sorting is stable, so equal ones keep the order of the list.
  return [...distinct, ...fixed].sort((a, b) => b.prefix.length - a.prefix.length || rank(a) - rank(b) || a.metric - b.metric);
}

/** Administrative distance: connected 0, static 1. */
const rank = (entry: Entry): number => (entry.via === undefined ? 0 : 1);

/** A second address of a subnet on the same interface is a secondary one and adds no route. */
const same = (a: Entry, b: Entry): boolean =>
  a.out === b.out && a.prefix.base === b.prefix.base && a.prefix.length === b.prefix.length;

function longest(entries: readonly Entry[], address: Address): Entry | undefined {
  let best: Entry | undefined;
  for (const entry of entries) {
    const inside = ((address & netmaskOf(entry.prefix)) | 0) === (entry.prefix.base | 0);
    if (inside && (best === undefined || entry.prefix.length > best.prefix.length)) best = entry;
  }
  return best;
}
