import { type Address, parseAddress, parsePrefix } from '../../core/address.ts';
import { assert } from '../../core/assert.ts';
import { type Endpoint, type NameId, Names } from '../../core/names.ts';
import type { SocketSpec } from '../../core/protocol.ts';
import { copyState, restoreState } from '../../core/state.ts';
import { type Duration, formatInstant, type Instant, microseconds } from '../../core/time.ts';
import { Draws } from '../draws.ts';
import { Journal, Kind, NOBODY, type Sink } from '../engine/journal.ts';
import { Simulation } from '../engine/simulation.ts';
import { Network } from './network.ts';
import type { Packet } from './packet.ts';
import type { InterfaceAddress, InterfaceSpec, LinkSpec, NodeSpec, RouteSpec, SegmentSpec, Topology } from './topology.ts';
import type { Adversary, EchoReport, NetworkStreamEvent, SocketHandle, StreamHandle, Upcalls } from './upcalls.ts';

/** A record of the journal about a packet. */
export interface Seen {
  readonly id: number;
  readonly at: Instant;
  readonly kind: number;
  readonly node: number;
  readonly peer: number;
  readonly cause: number;
  readonly word: string;
  readonly size: number;
  readonly packet: Packet;
}

const KIND_NAMES = Object.keys(Kind);

/**
 * A network on a bench, to try it without hosts: it writes down what the network hands up and what the journal says.
 *
 * What happens in answer to an upcall is said by `on…` functions, which must not keep state of their own when the lab is to be copied.
 */
export class Lab implements Upcalls, Sink {
  readonly simulation = new Simulation();
  readonly names = new Names();
  readonly journal = new Journal(this.simulation, this.names);
  readonly network: Network;
  readonly topology: Topology;
  readonly seen: Seen[] = [];
  readonly datagrams: { at: Instant; socket: SocketHandle; from: string; to: string; message: unknown; bytes: number }[] = [];
  readonly events: { at: Instant; stream: StreamHandle; event: NetworkStreamEvent }[] = [];
  readonly echoes: { at: Instant; node: number; report: EchoReport }[] = [];
  onDatagram: (socket: SocketHandle, from: Endpoint, message: unknown) => void = () => undefined;
  onStream: (stream: StreamHandle, event: NetworkStreamEvent) => void = () => undefined;
  private readonly seed: number | string;
  private readonly adversary: Adversary | undefined;

  constructor(topology: Topology, seed: number | string = 1, adversary?: Adversary, express = true) {
    this.topology = topology;
    this.seed = seed;
    this.adversary = adversary;
    this.journal.sinks.push(this);
    const { simulation, journal, names } = this;
    const parts = { simulation, journal, names, draws: new Draws(seed), topology, upcalls: this, express };
    this.network = new Network(adversary === undefined ? parts : { ...parts, adversary });
  }

  /** The number of a node. */
  node(name: string): number {
    return this.topology.nodes.findIndex((node) => node.name === name);
  }

  endpoint(text: string): Endpoint {
    const [host, port] = text.split(':') as [string, string];
    return this.names.endpoint(address(host), Number(port));
  }

  bind(node: string, spec: Partial<SocketSpec>): SocketHandle {
    const socket = this.network.bind(this.node(node), { transport: 'udp', port: 0, ...spec });
    assert(typeof socket === 'number', () => `${node} cannot bind: ${socket}`);
    return socket;
  }

  run(until: Duration | Instant): void {
    this.simulation.runUntil(until as number as Instant);
  }

  text(endpoint: Endpoint): string {
    const host = this.names.address(endpoint);
    const bytes = [host >>> 24, (host >>> 16) & 255, (host >>> 8) & 255, host & 255];
    return `${bytes.join('.')}:${this.names.port(endpoint)}`;
  }

  /** The journal in lines of `time node what word peer`, of the given kinds of records or of all. */
  lines(...kinds: (keyof typeof Kind)[]): string[] {
    const name = (node: number): string => (node === NOBODY ? '-' : (this.topology.nodes[node]?.name ?? '?'));
    return this.seen
      .filter(({ kind }) => kinds.length === 0 || kinds.includes(KIND_NAMES[kind] as keyof typeof Kind))
      .map(({ at, kind, node, peer, word }) => `${formatInstant(at, 6)} ${name(node)} ${KIND_NAMES[kind]} ${word} ${name(peer)}`);
  }

  /** Another lab in the same state, which shares nothing with this one. What was written down is not copied. */
  copy(): Lab {
    const copy = new Lab(this.topology, this.seed, this.adversary);
    restoreState(copy.simulation.state, copyState(this.simulation.state));
    restoreState(copy.names.state, copyState(this.names.state));
    restoreState(copy.journal.state, copyState(this.journal.state));
    restoreState(copy.network.state, copyState(this.network.state));
    copy.network.restored();
    copy.onDatagram = this.onDatagram;
    copy.onStream = this.onStream;
    return copy;
  }

  datagram(socket: SocketHandle, from: Endpoint, to: Endpoint, message: unknown, bytes: number): void {
    const at = this.simulation.now;
    this.datagrams.push({ at, socket, from: this.text(from), to: this.text(to), message, bytes });
    this.onDatagram(socket, from, message);
  }

  streamed(stream: StreamHandle, event: NetworkStreamEvent): void {
    this.events.push({ at: this.simulation.now, stream, event });
    this.onStream(stream, event);
  }

  echoed(node: number, report: EchoReport): void {
    this.echoes.push({ at: this.simulation.now, node, report });
  }

  record(
    id: number,
    at: Instant,
    kind: number,
    node: number,
    peer: number,
    cause: number,
    word: NameId,
    size: number,
    payload: unknown,
  ): void {
    this.seen.push({ id, at, kind, node, peer, cause, word: this.names.text(word), size, packet: payload as Packet });
  }

  cell(): void {}
}

export function address(text: string): Address {
  const parsed = parseAddress(text);
  assert(parsed !== undefined, () => `${text} is no address`);
  return parsed;
}

/** A link of 100 µs on which nothing goes wrong, but for what is said. */
export const link = (changes: Partial<LinkSpec> = {}): LinkSpec => ({
  delay: { type: 'constant', value: microseconds(100) },
  loss: 0,
  duplicate: 0,
  corrupt: 0,
  mtu: 1500,
  ...changes,
});

export const segment = (name: string, subnets: string, changes: Partial<SegmentSpec> = {}): SegmentSpec => ({
  name,
  subnets: subnets.split(' ').map((text) => {
    const prefix = parsePrefix(text);
    assert(prefix !== undefined, () => `${text} is no prefix`);
    return prefix;
  }),
  link: link(),
  multicast: 'flood',
  broadcast: 'flood',
  ...changes,
});

/** `10.0.1.1/24` and its like. */
export function interfaceAddress(text: string): InterfaceAddress {
  const [host, length] = text.split('/') as [string, string];
  return { address: address(host), length: Number(length) };
}

/** An interface on an access port: `port(0, '10.0.1.1/24')`. */
export const port = (segment: number, addresses: string, changes: Partial<InterfaceSpec> = {}): InterfaceSpec => ({
  name: 'eth0',
  segment,
  port: { mode: 'access' },
  addresses: addresses === '' ? [] : addresses.split(' ').map(interfaceAddress),
  ...changes,
});

/** `10.0.2.0/24 via 10.0.1.254`, or `default via …`. */
export function route(text: string): RouteSpec {
  const [prefix, via] = text.split(' via ') as [string, string];
  const parsed = parsePrefix(prefix === 'default' ? '0.0.0.0/0' : prefix);
  assert(parsed !== undefined, () => `${text} is no route`);
  return { prefix: parsed, via: address(via) };
}

export const host = (
  name: string,
  interfaces: readonly InterfaceSpec[],
  routes = '',
  changes: Partial<NodeSpec> = {},
): NodeSpec => ({
  name,
  forwarding: false,
  interfaces: interfaces.map((spec, index) => (spec.name === 'eth0' ? { ...spec, name: `eth${index}` } : spec)),
  routes: routes === '' ? [] : routes.split(', ').map(route),
  ...changes,
});

export const router = (
  name: string,
  interfaces: readonly InterfaceSpec[],
  routes = '',
  changes: Partial<NodeSpec> = {},
): NodeSpec => host(name, interfaces, routes, { forwarding: true, ...changes });

/** Hosts `n1`, `n2`, … with addresses 10.0.0.1, 10.0.0.2, … on one segment. */
export const lan = (hosts: number, changes: Partial<LinkSpec> = {}): Topology => ({
  segments: [segment('lan', '10.0.0.0/16', { link: link(changes) })],
  nodes: Array.from({ length: hosts }, (_, i) =>
    host(`n${i + 1}`, [port(0, `10.0.${Math.floor((i + 1) / 256)}.${(i + 1) % 256}/16`)]),
  ),
});
