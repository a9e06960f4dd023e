import { contains, type Prefix } from '../../../core/address.ts';
import type { FilterSpec, InterfaceSpec, NodeSpec, RouteSpec, SegmentSpec, Topology } from '../../network/topology.ts';
import { readPrefix } from '../quantity.ts';
import type { RouterInput, ScenarioInput } from '../schema.ts';
import { Addresses } from './addresses.ts';
import { buildMachines, type Machine, type Machines } from './machines.ts';
import type { Port } from './ports.ts';
import type { Reporter } from './reporter.ts';
import { RouteBuilder } from './routes.ts';
import { buildLink, buildSegments } from './segments.ts';
import { buildTrunks } from './trunks.ts';

/** The network, and the machines in the order of its nodes. Fit for use only if nothing was reported. */
export function buildTopology(
  data: ScenarioInput,
  reporter: Reporter,
): { readonly topology: Topology; readonly machines: Machines } {
  const { network } = data;
  const segments = buildSegments(network, reporter);
  const machines = buildMachines(data, segments, reporter);
  giveAddresses(machines.all, segments, reporter);
  const routes = new RouteBuilder(machines.all, segments, reporter).build();
  const trunks = buildTrunks(network, segments, reporter);
  const nodes = machines.all.map((machine, node) => nodeOf(machine, routes[node] as RouteSpec[]));
  if (nodes.length === 0 && reporter.declared.hosts.size === 0)
    reporter.say(['hosts'], 'The scenario has no hosts.', 'Add one, as in a: { on: left }.', 'key');
  const wiring = network.switches === undefined ? {} : { switches: network.switches.map((name) => ({ name })), trunks };
  if (network.switches === undefined && network.trunks !== undefined) {
    reporter.say(
      ['network', 'trunks'],
      'There are trunks and no switches.',
      'Add switches, with the names of the switches.',
      'key',
    );
  }
  return { topology: { segments, ...wiring, nodes }, machines };
}

/** First the addresses that the scenario names, so that none of them is given to another; then the next free ones. */
function giveAddresses(machines: readonly Machine[], segments: readonly SegmentSpec[], reporter: Reporter): void {
  const addresses = new Addresses(reporter);
  const refused = new Set<Port>();
  for (const { name, ports, step } of machines) {
    for (const port of ports) {
      for (const [path, text] of port.wanted) {
        const address = addresses.take(text, step, segments[port.segment] as SegmentSpec, name, path);
        if (address === undefined) refused.add(port);
        else port.addresses.push(address);
      }
    }
  }
  // Routers come first: their addresses are the low ones, as by custom.
  for (const machine of [...machines].sort((a, b) => Number(b.kind === 'router') - Number(a.kind === 'router'))) {
    for (const port of machine.ports)
      if (!refused.has(port)) giveFree(machine, port, segments[port.segment] as SegmentSpec, addresses);
  }
}

/** A host needs one address; a router one in each subnet, to pass packets between them. */
function giveFree({ name, kind }: Machine, port: Port, segment: SegmentSpec, addresses: Addresses): void {
  if (kind === 'host' && port.wanted.length > 0) return;
  const missing = segment.subnets.filter((subnet) => !port.addresses.some(({ address }) => contains(subnet, address)));
  for (const subnet of kind === 'host' ? missing.slice(0, 1) : missing) {
    const address = addresses.free(subnet, segment, name, port.path);
    if (address !== undefined) port.addresses.push(address);
  }
}

function nodeOf({ name, kind, forwarding, input, ports }: Machine, routes: readonly RouteSpec[]): NodeSpec {
  const deny = kind === 'router' ? (input as RouterInput).deny : undefined;
  return {
    name,
    forwarding,
    interfaces: ports.map(interfaceOf),
    routes,
    ...(deny === undefined ? {} : { deny: deny.map(filterOf) }),
  };
}

function interfaceOf({ name, segment, port, tag, addresses, switch: plug, input }: Port): InterfaceSpec {
  return {
    name,
    segment,
    port,
    ...(tag === undefined ? {} : { tag }),
    addresses,
    ...(input.mtu === undefined ? {} : { mtu: input.mtu }),
    ...(input.out === undefined ? {} : { out: buildLink(input.out) }),
    ...(input.in === undefined ? {} : { in: buildLink(input.in) }),
    ...(plug === undefined ? {} : { switch: plug }),
  };
}

function filterOf({ from, to }: { readonly from?: string | undefined; readonly to?: string | undefined }): FilterSpec {
  return {
    ...(from === undefined ? {} : { from: readPrefix(from) as Prefix }),
    ...(to === undefined ? {} : { to: readPrefix(to) as Prefix }),
  };
}
