import { type Address, ANY, broadcastOf, LOOPBACK, prefixOf } from '../../core/address.ts';
import { assert } from '../../core/assert.ts';
import type { Endpoint, Names } from '../../core/names.ts';
import type { SocketSpec } from '../../core/protocol.ts';
import type { Draws } from '../draws.ts';
import type { Journal } from '../engine/journal.ts';
import type { Simulation } from '../engine/simulation.ts';
import { Arp } from './arp.ts';
import { Endpoints } from './endpoint.ts';
import { Express } from './express.ts';
import { Icmp } from './icmp.ts';
import { Ip, type Upper } from './ip.ts';
import { Layout } from './layout.ts';
import { Ledger } from './ledger.ts';
import { Originate } from './originate.ts';
import { INITIAL_TTL, type Packet } from './packet.ts';
import { Routes } from './route.ts';
import { Sockets } from './socket.ts';
import { initialState, type NetworkState, Traffic } from './state.ts';
import { Streams } from './stream.ts';
import type { InterfaceSpec, Topology } from './topology.ts';
import { Udp } from './udp.ts';
import type { Adversary, BindProblem, SocketHandle, StreamHandle, Upcalls } from './upcalls.ts';
import type { InterfaceView, NeighbourView, RouteView } from './view.ts';
import { linkKey, Wire } from './wire.ts';

export type { Adversary, PacketFate } from './upcalls.ts';

/** What a network is made with. */
export interface NetworkParts {
  readonly simulation: Simulation;
  readonly journal: Journal;
  readonly names: Names;
  readonly draws: Draws;
  readonly topology: Topology;
  readonly upcalls: Upcalls;
  /** Absent: only the links' own losses and delays. */
  readonly adversary?: Adversary;
  /** Whether packets may take the short way, on unless said otherwise; they come to the same without it. */
  readonly express?: boolean;
}

/**
 * The network of a world: topology in, packets across, upcalls out. All nodes are up when it is made, in their boot 0.
 *
 * It is put together from one part per noun: `Layout` and `Routes` are what never changes, `Ip` decides where packets go, `Arp` to whom,
 * `Wire` what happens on the way; `Udp`, `Streams` and `Icmp` are what hosts do with them.
 */
export class Network implements Upper {
  private readonly own: NetworkState;
  private readonly layout: Layout;
  private readonly routing: Routes;
  private readonly endpoints: Endpoints;
  private readonly sockets: Sockets;
  private readonly arp: Arp;
  private readonly originate: Originate;
  private readonly wire: Wire;
  private readonly icmp: Icmp;
  private readonly udp: Udp;
  private readonly streams: Streams;
  private readonly express: Express | undefined;

  constructor({ simulation, journal, names, draws, topology, upcalls, adversary, express }: NetworkParts) {
    const layout = new Layout(topology);
    const routes = new Routes(layout);
    const endpoints = new Endpoints(names, layout);
    const ledger = new Ledger(simulation, journal, names);
    const state = initialState(layout);
    const originate = new Originate(names, state);
    const sockets = new Sockets(names, layout, state);
    const ip = new Ip({ simulation, names, layout, routes, endpoints, ledger, state, upper: this, adversary });
    const wire = new Wire({ simulation, names, draws, layout, endpoints, ledger, state, adversary, receiver: ip });
    const arp = new Arp({ simulation, names, draws, layout, ledger, state, wire, originate, unresolved: ip });
    ip.attach(wire, arp);
    const common = { simulation, names, layout, endpoints, ledger, state, originate, sockets, ip, upcalls };
    this.streams = new Streams({ ...common, arp });
    this.icmp = new Icmp({ simulation, names, ledger, originate, ip, upcalls, streams: this.streams });
    if (express !== false) {
      this.express = new Express({ ...common, routes, draws, wire, arp });
      wire.attach(this.express);
    }
    this.udp = new Udp({ ...common, icmp: this.icmp, express: this.express });
    this.own = state;
    this.layout = layout;
    this.routing = routes;
    this.endpoints = endpoints;
    this.sockets = sockets;
    this.wire = wire;
    this.arp = arp;
    this.originate = originate;
  }

  /** Everything that changes. To be asked for anew at each look: some of it is entered only then. */
  get state(): NetworkState {
    this.arp.enter();
    return this.own;
  }

  /** Drops what was derived from the state; to be called after `state` was restored. */
  restored(): void {
    if (this.layout.readdress(this.own.moved ?? new Map()).length > 0) this.routing.readdressed();
    this.endpoints.restored();
    this.sockets.forget();
    this.udp.restored();
    this.arp.restored();
    this.originate.restored();
    this.express?.restored();
    this.wire.switches.changed();
  }

  /** Binds a socket and joins its groups. A stream socket listens. A problem is a string, a handle a number. */
  bind(node: number, spec: SocketSpec): SocketHandle | BindProblem {
    assert(this.own.up[node] === 1, () => `node ${node} is down and cannot bind`);
    return this.sockets.bind(node, spec);
  }

  /** Closes a socket: leaves its groups, frees its port. Streams that it accepted live on. */
  unbind(socket: SocketHandle): void {
    this.sockets.unbind(socket);
  }

  /** The local port of a socket, also when it asked for an ephemeral one; 0 after it was closed. */
  port(socket: SocketHandle): number {
    return this.sockets.get(socket)?.port ?? 0;
  }

  /**
   * Sends one datagram or whole message from a socket. A datagram that its own host refuses appears as sent and dropped.
   *
   * @returns false when the own host refuses at once: socket closed, no route, or larger than a datagram can be
   */
  send(socket: SocketHandle, to: Endpoint, message: unknown, bytes: number): boolean {
    return this.udp.send(socket, to, message, bytes);
  }

  /**
   * Starts to connect from an ephemeral port. What becomes of it arrives as an upcall, never during this call.
   *
   * @param address the local address; absent or ANY: chosen by route
   */
  connect(node: number, address: Address | undefined, to: Endpoint): StreamHandle {
    return this.streams.connect(node, address ?? ANY, to);
  }

  /** Queues a message; without effect on a stream that has ended or whose own end is closed. */
  transmit(stream: StreamHandle, message: unknown, bytes: number): void {
    this.streams.transmit(stream, message, bytes);
  }

  /**
   * Closes the own end after what was transmitted has been sent (FIN); no upcall comes for this handle any more. What the peer still
   * sends is answered by a reset.
   */
  close(stream: StreamHandle): void {
    this.streams.close(stream);
  }

  /** Ends the stream at once (RST): its process died with work unfinished. No upcall comes for this handle any more. */
  abort(stream: StreamHandle): void {
    this.streams.abort(stream);
  }

  /**
   * Sends an ICMP echo request; answers arrive as `echoed`.
   *
   * @param options.bytes data in the request: 56 for a usual ping
   * @param options.ttl 64 when absent
   * @returns false when there is no route to the address
   */
  echo(
    node: number,
    to: Address,
    options: { readonly id: number; readonly sequence: number; readonly bytes: number; readonly ttl?: number },
  ): boolean {
    return this.icmp.echo(node, to, options.id, options.sequence, options.bytes, options.ttl ?? INITIAL_TTL);
  }

  /** The host goes down without a word: neighbours, sockets and streams are forgotten, what arrives is dropped as host-down. */
  down(node: number): void {
    if (this.own.up[node] === 0) return;
    this.own.up[node] = 0;
    this.sockets.down(node);
    this.streams.down(node);
    this.arp.down(node);
  }

  /** The host is up again, in its next boot. */
  up(node: number): void {
    if (this.own.up[node] === 1) return;
    this.own.up[node] = 1;
    this.own.boot[node] = (this.own.boot[node] as number) + 1;
    this.own.ordinal[node] = 0;
  }

  isUp(node: number): boolean {
    return this.own.up[node] === 1;
  }

  /**
   * Lets all hosts know the hardware addresses of those they share a segment with, as after a long time together. Without it each first
   * packet to a neighbour waits for address resolution.
   */
  acquaint(): void {
    this.arp.acquaint();
  }

  /** How often the node has booted before: 0 in its first life. */
  boots(node: number): number {
    return this.own.boot[node] as number;
  }

  /** Cuts or heals one direction between two neighbouring nodes, on every segment that they share. */
  setLink(from: number, to: number, up: boolean): void {
    if (up) this.own.cuts.delete(linkKey(from, to));
    else this.own.cuts.add(linkKey(from, to));
  }

  /** Cuts or heals a trunk, given by its place in the topology: cutting it splits the segments it carries. */
  setTrunk(trunk: number, up: boolean): void {
    this.own.trunks[trunk] = up ? 1 : 0;
    this.wire.switches.changed();
    if (!up) this.parted();
  }

  /** Something has cut hosts off from each other: to be called after that. */
  parted(): void {
    this.arp.parted();
  }

  /** Gives a node that is down another address of the same subnet, in place of its first one. Its neighbours forget the old one. */
  readdress(node: number, address: Address): void {
    assert(this.own.up[node] === 0, () => `node ${node} is up and keeps its address`);
    const index = this.layout.first[node] as number;
    for (const neighbour of new Set(this.layout.members[this.layout.receives[index] as number]))
      this.arp.down(this.layout.node[neighbour] as number);
    this.own.moved ??= new Map();
    this.own.moved.set(index, address);
    this.restored();
  }

  interfaces(node: number): InterfaceView[] {
    const first = this.layout.first[node] as number;
    const count = (this.layout.first[node + 1] as number) - first;
    const all = [this.layout.loopback(node), ...Array.from({ length: count }, (_, i) => first + i)];
    return all.map((index, place) => this.interface(index, place + 1));
  }

  neighbours(node: number): NeighbourView[] {
    return this.arp.view(node);
  }

  routes(node: number): RouteView[] {
    return this.routing.view(node);
  }

  /** First address of an interface, or of the node; undefined when there is none. */
  address(node: number, name?: string): Address | undefined {
    if (name === 'lo') return LOOPBACK;
    if (name === undefined) return this.layout.addresses(node)[0];
    const index = this.layout.find(node, name);
    return index < 0 ? undefined : this.layout.primary(index);
  }

  deliver(node: number, index: number, packet: Packet, ttl: number, parts: number, flooded: boolean): void {
    if (packet.transport === 'stream') this.streams.receive(node, packet, parts);
    else if (packet.transport === 'icmp') this.icmp.receive(node, packet, ttl, flooded);
    else this.udp.receive(node, index, packet, flooded);
  }

  problem(node: number, packet: Packet, type: 'net unreachable' | 'host unreachable' | 'ttl exceeded'): void {
    this.icmp.error(node, packet, type);
  }

  private interface(index: number, place: number): InterfaceView {
    const loopback = index >= this.layout.interfaces;
    const addresses = loopback
      ? [{ address: LOOPBACK, length: 8, broadcast: undefined }]
      : (this.layout.specs[index] as InterfaceSpec).addresses.map(({ address, length }) => ({
          address,
          length,
          broadcast: length < 31 ? broadcastOf(prefixOf(address, length)) : undefined,
        }));
    const counted = (column: number): number => this.own.traffic[index * Traffic.columns + column] as number;
    return {
      index: place,
      name: this.layout.name(index),
      mac: this.layout.mac(index),
      mtu: this.layout.mtu[index] as number,
      loopback,
      up: this.own.up[this.layout.node[index] as number] === 1,
      addresses,
      groups: loopback ? [] : this.sockets.groups(index),
      received: { packets: counted(Traffic.receivedPackets), bytes: counted(Traffic.receivedBytes) },
      sent: { packets: counted(Traffic.sentPackets), bytes: counted(Traffic.sentBytes) },
    };
  }
}
