import { type Address, ANY, contains, formatAddress, type Prefix, parseAddress, prefixOf } from '../../../core/address.ts';
import type { RouteSpec, SegmentSpec } from '../../network/topology.ts';
import type { Path } from '../problem.ts';
import { readPrefix } from '../quantity.ts';
import type { Machine } from './machines.ts';
import type { Port } from './ports.ts';
import type { Reporter } from './reporter.ts';

const DEFAULT_ROUTE: Prefix = { base: ANY, length: 0 };

/** A machine that is one hop away on a shared segment, by the address that a route names. */
interface Neighbour {
  readonly node: number;
  readonly via: Address;
}

/**
 * The routes of every machine: those that it is given, and those that a routing protocol would have found.
 *
 * Who passes packets on knows the shortest way to each subnet, counted in hops; among equally short ones the way by its earlier interface,
 * then by the earlier machine of the scenario. Everybody else has a default route to the one router of its first segment that has any.
 */
export class RouteBuilder {
  private readonly machines: readonly Machine[];
  private readonly segments: readonly SegmentSpec[];
  private readonly reporter: Reporter;
  private readonly forwarders: readonly number[];
  /** For each segment the machines on it that pass packets on. */
  private readonly routersOf: readonly (readonly number[])[];
  private readonly holders: ReadonlySet<Address>;

  constructor(machines: readonly Machine[], segments: readonly SegmentSpec[], reporter: Reporter) {
    this.machines = machines;
    this.segments = segments;
    this.reporter = reporter;
    this.forwarders = machines.flatMap(({ forwarding }, node) => (forwarding ? [node] : []));
    this.routersOf = segments.map((_, segment) =>
      this.forwarders.filter((node) => this.machine(node).ports.some((port) => port.segment === segment)),
    );
    this.holders = new Set(
      machines.flatMap(({ ports }) => ports.flatMap(({ addresses }) => addresses.map(({ address }) => address))),
    );
  }

  /** The routing tables, in the order of the machines. */
  build(): RouteSpec[][] {
    const tables = this.machines.map((machine) => this.given(machine));
    for (const [segment, { subnets }] of this.segments.entries()) {
      const distances = this.distances(segment);
      for (const node of this.forwarders) {
        const next = this.next(node, distances);
        if (next === undefined) continue;
        const table = tables[node] as RouteSpec[];
        for (const prefix of subnets) {
          if (!table.some((route) => same(route.prefix, prefix))) table.push({ prefix, via: next.via });
        }
      }
    }
    return tables;
  }

  /** The routes that the scenario names, and the default route. */
  private given(machine: Machine): RouteSpec[] {
    const { input, path, name } = machine;
    const routes = (input.routes ?? []).map(({ to, via, metric }, index): RouteSpec => {
      const hop = parseAddress(via) as Address;
      this.checkHop(machine, hop, [...path, 'routes', index, 'via']);
      return { prefix: readPrefix(to) as Prefix, via: hop, ...(metric === undefined ? {} : { metric }) };
    });
    const { gateway } = input;
    if (gateway === 'none') return routes;
    if (gateway !== undefined) {
      const hop = parseAddress(gateway) as Address;
      this.checkHop(machine, hop, [...path, 'gateway']);
      return [...routes, { prefix: DEFAULT_ROUTE, via: hop }];
    }
    if (machine.forwarding || routes.some(({ prefix }) => prefix.length === 0)) return routes;
    for (const port of machine.ports) {
      const found = this.gateways(port);
      if (found.length === 0) continue;
      if (found.length === 1) return [...routes, { prefix: DEFAULT_ROUTE, via: (found[0] as Neighbour).via }];
      // In a row of similar hosts the first speaks for all.
      if (routes.length === 0 && machine.step === 0) this.ambiguous(name, path, port, found);
      return routes;
    }
    return routes;
  }

  /** Who may be the gateway of a host: the routers; where there are none, hosts that pass packets on. */
  private gateways(port: Port): Neighbour[] {
    const found = this.neighbours(port, -1);
    const routers = found.filter(({ node }) => this.machine(node).kind === 'router');
    return routers.length > 0 ? routers : found;
  }

  private ambiguous(name: string, path: Path, port: Port, found: readonly Neighbour[]): void {
    const choices = found.map(({ node, via }) => `${formatAddress(via)} (${this.machine(node).name})`);
    const segment = (this.segments[port.segment] as SegmentSpec).name;
    this.reporter.say(
      path,
      `Segment ${segment} has several routers, and ${name} has no gateway.`,
      `Add gateway: one of ${choices.join(', ')}, or none.`,
      'key',
    );
  }

  private checkHop({ name, ports }: Machine, hop: Address, path: Path): void {
    // A machine whose interfaces are wrong has been spoken of already.
    if (ports.length === 0 || ports.some(({ addresses }) => addresses.length === 0)) return;
    const shown = formatAddress(hop);
    const own = ports.flatMap(({ addresses }) => addresses);
    if (own.some(({ address }) => address === hop))
      this.reporter.say(path, `${shown} is an address of ${name} itself.`, 'A next hop is another machine.');
    else if (!own.some(({ address, length }) => contains(prefixOf(address, length), hop))) {
      this.reporter.say(
        path,
        `${shown} is on no subnet of ${name}, so it cannot be a next hop.`,
        'A next hop shares a segment with the machine.',
      );
    } else if (!this.holders.has(hop)) this.reporter.say(path, `No machine has the address ${shown}.`);
  }

  /** How many hops each forwarder is away from a segment; 0 on it. */
  private distances(segment: number): ReadonlyMap<number, number> {
    const distances = new Map<number, number>();
    const queue = [...(this.routersOf[segment] as readonly number[])];
    for (const node of queue) distances.set(node, 0);
    for (const node of queue) {
      const onward = (distances.get(node) as number) + 1;
      for (const port of this.machine(node).ports) {
        for (const neighbour of this.neighbours(port, node)) {
          if (distances.has(neighbour.node)) continue;
          distances.set(neighbour.node, onward);
          queue.push(neighbour.node);
        }
      }
    }
    return distances;
  }

  private next(node: number, distances: ReadonlyMap<number, number>): Neighbour | undefined {
    const distance = distances.get(node);
    if (distance === undefined || distance === 0) return undefined;
    for (const port of this.machine(node).ports) {
      const closer = this.neighbours(port, node).find((neighbour) => distances.get(neighbour.node) === distance - 1);
      if (closer !== undefined) return closer;
    }
    return undefined;
  }

  /** The forwarders that an interface reaches at an address of a subnet of its own, but for the machine itself. */
  private neighbours(port: Port, self: number): Neighbour[] {
    return (this.routersOf[port.segment] as readonly number[]).flatMap((node) => {
      if (node === self || this.machine(node).ports.includes(port)) return [];
      for (const other of this.machine(node).ports) {
        if (other.segment !== port.segment) continue;
        const shared = other.addresses.find(({ address }) =>
          port.addresses.some((own) => contains(prefixOf(own.address, own.length), address)),
        );
        if (shared !== undefined) return [{ node, via: shared.address }];
      }
      return [];
    });
  }

  private machine(node: number): Machine {
    return this.machines[node] as Machine;
  }
}

const same = (a: Prefix, b: Prefix): boolean => a.base === b.base && a.length === b.length;
