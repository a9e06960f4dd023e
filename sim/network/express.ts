import { type Address, ANY, isMulticast } from '../../core/address.ts';
import type { Endpoint, Names } from '../../core/names.ts';
import type { Instant } from '../../core/time.ts';
import type { Draws } from '../draws.ts';
import { NOBODY } from '../engine/journal.ts';
import type { Simulation } from '../engine/simulation.ts';
import type { Arp } from './arp.ts';
import type { Endpoints } from './endpoint.ts';
import { WHOLE } from './ip.ts';
import { type Layout, NOWHERE } from './layout.ts';
import type { Ledger } from './ledger.ts';
import type { Originate } from './originate.ts';
import { INITIAL_TTL, LARGEST_PACKET, type Packet, UDP_HEADERS } from './packet.ts';
import { Purpose } from './purpose.ts';
import { NO_ROUTE, type Routes } from './route.ts';
import type { SocketState, Sockets } from './socket.ts';
import { type NetworkState, Traffic } from './state.ts';
import type { SocketHandle, Upcalls } from './upcalls.ts';
import type { Wire } from './wire.ts';

/** A row of words for each socket that sends and for each interface that receives fills one line of the processor's cache. */
const ROW_BITS = 4;
/**
 * Words of a sender: what it is good for, see `prepare`; whose it is, its interface and endpoint; the subnet and what is sent there;
 * the route that leads out of it, and the interface of the gateway.
 */
const VERSION = 0;
const NODE = 1;
const INDEX = 2;
const FROM = 3;
const BASE = 4;
const MASK = 5;
const BROADCAST = 6;
const LARGEST = 7;
const WHOLE_MESSAGES = 8;
const DRAWS = 9;
const ONWARD = 10;
const GATEWAY = 11;
/** Words of a receiver: `NODE` as above; its address; its key in draws; whether what arrives is taken in at once, or passed on. */
const ADDRESS = 2;
const KEY = 3;
const OPEN = 4;
const FORWARDS = 5;

/** No subnet has this broadcast address. */
const NO_BROADCAST = 0;
const NOT_NAMED = -1;

/**
 * The short way of a datagram across one segment, or across several and the routers between them.
 *
 * What most packets of most worlds meet is a neighbour on the same segment, a link that only takes time, and a bound socket; or a router
 * that passes them on to such a segment. All that the
 * stations on the long way (`Udp`, `Ip`, `Arp`, `Wire`, and back) look up for them is the same for every packet of a socket and for
 * every packet to an interface; kept in one line of memory for each, it makes a packet more than twice as fast. Where anything
 * else could happen, nothing is done here and the packet goes the long way, which is the model: a network made without this one is in
 * the same state at every instant. Only what is derived is kept here.
 */
export class Express {
  private readonly simulation: Simulation;
  private readonly names: Names;
  private readonly layout: Layout;
  private readonly routes: Routes;
  private readonly endpoints: Endpoints;
  private readonly ledger: Ledger;
  private readonly state: NetworkState;
  private readonly originate: Originate;
  private readonly sockets: Sockets;
  private readonly draws: Draws;
  private readonly wire: Wire;
  private readonly arp: Arp;
  private readonly upcalls: Upcalls;
  /** Whether the network is such that this can ever be taken. */
  private readonly possible: boolean;
  private readonly receivers: Int32Array;
  /** By segment: whether no link of it ever loses anything; undefined until it is asked for. */
  private readonly calm: (boolean | undefined)[];
  private senders = new Int32Array(64 << ROW_BITS);

  constructor(parts: {
    readonly simulation: Simulation;
    readonly names: Names;
    readonly layout: Layout;
    readonly routes: Routes;
    readonly endpoints: Endpoints;
    readonly ledger: Ledger;
    readonly state: NetworkState;
    readonly originate: Originate;
    readonly sockets: Sockets;
    readonly draws: Draws;
    readonly wire: Wire;
    readonly arp: Arp;
    readonly upcalls: Upcalls;
  }) {
    this.simulation = parts.simulation;
    this.names = parts.names;
    this.layout = parts.layout;
    this.routes = parts.routes;
    this.endpoints = parts.endpoints;
    this.ledger = parts.ledger;
    this.state = parts.state;
    this.originate = parts.originate;
    this.sockets = parts.sockets;
    this.draws = parts.draws;
    this.wire = parts.wire;
    this.arp = parts.arp;
    this.upcalls = parts.upcalls;
    this.possible = !this.wire.switches.exist && !this.layout.shares;
    const { layout } = this;
    this.calm = layout.members.map(() => undefined);
    this.receivers = new Int32Array(layout.interfaces << ROW_BITS);
    for (let index = 0; index < layout.interfaces; index++) {
      const row = index << ROW_BITS;
      const node = layout.node[index] as number;
      this.receivers[row + NODE] = node;
      this.receivers[row + ADDRESS] = layout.unique[index] as number;
      this.receivers[row + KEY] = layout.interfaceKey[index] as number;
      const open = layout.filters[node] === 0 && this.wire.links.rateIn[index] === 0;
      this.receivers[row + OPEN] = Number(open);
      this.receivers[row + FORWARDS] = Number(this.possible && open && layout.forwards[node] === 1);
    }
  }

  /** To be called after the state was restored, or addresses have changed. */
  restored(): void {
    this.senders.fill(0);
    for (let index = 0; index < this.layout.interfaces; index++)
      this.receivers[(index << ROW_BITS) + ADDRESS] = this.layout.unique[index] as number;
  }

  /** Sends a datagram or whole message. @returns false when it has to go the long way; nothing has happened then */
  send(handle: SocketHandle, to: Endpoint, message: unknown, bytes: number): boolean {
    const { state, receivers } = this;
    if (!this.possible || state.cuts.size > 0 || !this.wire.unopposed()) return false;
    const sender = handle << ROW_BITS;
    if (this.senders[sender + VERSION] !== this.sockets.version) this.prepare(handle);
    const { senders } = this;
    const node = senders[sender + NODE] as number;
    if (node === NOBODY) return false;
    const target = this.endpoints.resident(to);
    if (target < 0) return false;
    const receiver = target << ROW_BITS;
    const address = receivers[receiver + ADDRESS] as number;
    const other = receivers[receiver + NODE] as number;
    if (address === senders[sender + BROADCAST] || node === other) return false;
    const index = senders[sender + INDEX] as number;
    let next = target;
    if (((address ^ (senders[sender + BASE] as number)) & (senders[sender + MASK] as number)) !== 0) {
      next = senders[sender + GATEWAY] as number;
      if (next === NOWHERE || this.routes.lookup(node, address as Address) !== senders[sender + ONWARD]) return false;
    }
    const hop = next << ROW_BITS;
    if (state.up[receivers[hop + NODE] as number] === 0) return false;
    const link = this.wire.links.between(index, next);
    const size = bytes + UDP_HEADERS;
    const largest = senders[sender + LARGEST] as number;
    if (!link.simple || size > link.mtu || size > largest) return false;
    if (!this.arp.renew(index, next)) return false;

    const transport = senders[sender + WHOLE_MESSAGES] === 1 ? 'message' : 'udp';
    const from = this.from(handle);
    const packet = this.originate.packet(node, from, to, transport, message, size, INITIAL_TTL);
    const cause = this.ledger.sent(packet, other);
    let delay = link.least;
    if (link.choices > 0) {
      const key = receivers[hop + KEY] as number;
      const fraction = this.draws.rest(senders[sender + DRAWS] as number, packet.ordinal, key, 0, Purpose.delay);
      delay += Math.floor(fraction * link.choices);
    } else if (link.choices < 0) {
      delay = this.wire.delay(link.delay, packet, next, 0, Purpose.delay);
    }
    this.count(index, Traffic.sentPackets, size);
    this.wire.arrives((this.simulation.now + delay) as Instant, next, 1, largest, packet, cause);
    return true;
  }

  /**
   * Takes in a packet that has met nothing on the links that it has crossed, or passes it on.
   *
   * @param hop how many these are
   * @returns false when it has to go the long way; nothing has happened then
   */
  arrived(index: number, packet: Packet, hop: number, parts: number): boolean {
    const { receivers } = this;
    const receiver = index << ROW_BITS;
    const { to, transport, bytes } = packet;
    if (receivers[receiver + OPEN] === 0 || bytes > parts) return false;
    if (transport !== 'udp' && transport !== 'message') return false;
    const owner = this.endpoints.resident(to);
    if (owner !== index)
      return receivers[receiver + FORWARDS] === 1 && owner >= 0 && this.forward(index, owner, packet, hop, parts);
    const node = receivers[receiver + NODE] as number;
    const handle = this.sockets.known(transport, to); // whoever is down has none
    if (handle === undefined) return false;
    this.count(index, Traffic.receivedPackets, bytes);
    this.ledger.delivered(packet, node);
    this.upcalls.datagram(handle, packet.from, to, packet.message, bytes - UDP_HEADERS);
    return true;
  }

  /** Passes a datagram on to who has its address, or to the next router on the way there. @returns as `arrived` */
  private forward(index: number, owner: number, packet: Packet, hop: number, parts: number): boolean {
    const { receivers, state, routes, layout } = this;
    if (state.cuts.size > 0 || !this.wire.unopposed()) return false;
    const node = receivers[(index << ROW_BITS) + NODE] as number;
    const other = receivers[(owner << ROW_BITS) + NODE] as number;
    if (node === other || state.up[node] === 0 || packet.ttl - hop < 1) return false;
    const address = layout.unique[owner] as Address;
    const route = routes.lookup(node, address);
    if (route === NO_ROUTE || routes.isBroadcast(route, address)) return false;
    const out = routes.out(route);
    const next = routes.nextOwner(route, owner);
    const segment = layout.sends[out] as number;
    if (segment === NOWHERE || layout.receives[out] !== segment || next < 0 || layout.receives[next] !== segment) return false;
    if (layout.unique[next] !== routes.nextHop(route, address) || !this.isCalm(segment)) return false;
    const onward = receivers[(next << ROW_BITS) + NODE] as number;
    if (onward === node || state.up[onward] === 0 || this.wire.links.rateOut[out] !== 0) return false;
    const link = this.wire.links.between(out, next);
    const { bytes } = packet;
    const left = packet.transport === 'message' ? parts : Math.min(parts, layout.mtu[out] as number);
    if (!link.simple || bytes > link.mtu || bytes > left || !this.arp.renew(out, next)) return false;

    this.count(index, Traffic.receivedPackets, bytes);
    const cause = this.ledger.forwarded(packet, node, other);
    this.simulation.cause = cause;
    this.count(out, Traffic.sentPackets, bytes);
    const delay = link.choices === 0 ? link.least : this.wire.delay(link.delay, packet, next, hop, Purpose.delay);
    this.wire.arrives((this.simulation.now + delay) as Instant, next, hop + 1, left, packet, cause);
    return true;
  }

  /** One packet more. @param column that of the packets, which that of the bytes follows */
  private count(index: number, column: number, bytes: number): void {
    const { traffic } = this.state;
    const place = index * Traffic.columns + column;
    traffic[place] = (traffic[place] as number) + 1;
    traffic[place + 1] = (traffic[place + 1] as number) + bytes;
  }

  private isCalm(segment: number): boolean {
    this.calm[segment] ??= this.wire.links.isCalm(segment);
    return this.calm[segment] as boolean;
  }

  /**
   * Fills the row of a socket, whose node is NOBODY when it has to go the long way. Good for its host's route with the longest
   * prefix, if that leads to the segment of one of its own interfaces where no link ever loses anything.
   */
  private prepare(handle: SocketHandle): void {
    const sender = handle << ROW_BITS;
    while (sender >= this.senders.length) {
      const grown = new Int32Array(this.senders.length * 2);
      grown.set(this.senders);
      this.senders = grown;
    }
    const { senders, layout } = this;
    senders[sender + VERSION] = this.sockets.version;
    senders[sender + NODE] = NOBODY;
    const socket = this.sockets.get(handle);
    if (socket === undefined || socket.transport === 'stream' || this.state.up[socket.node] === 0) return;
    const route = this.routes.first(socket.node);
    if (route === NO_ROUTE || !this.routes.isConnected(route)) return;
    const index = this.routes.out(route);
    const segment = layout.sends[index] as number;
    if (segment === NOWHERE || layout.receives[index] !== segment) return;
    if (this.wire.links.rateOut[index] !== 0 || !this.isCalm(segment)) return;
    const { base, mask, broadcast } = this.routes.subnet(route);
    senders[sender + NODE] = socket.node;
    senders[sender + INDEX] = index;
    senders[sender + FROM] = NOT_NAMED;
    senders[sender + BASE] = base;
    senders[sender + MASK] = mask;
    senders[sender + BROADCAST] = broadcast ?? NO_BROADCAST;
    const onward = this.onward(socket.node, route);
    senders[sender + ONWARD] = onward;
    senders[sender + GATEWAY] = onward === NO_ROUTE ? NOWHERE : this.routes.nextOwner(onward, NOWHERE);
    const whole = socket.transport === 'message';
    senders[sender + LARGEST] = whole ? WHOLE : Math.min(LARGEST_PACKET, layout.mtu[index] as number);
    senders[sender + WHOLE_MESSAGES] = Number(whole);
    senders[sender + DRAWS] = this.draws.sender(layout.nodeKey[socket.node] as number, this.state.boot[socket.node] as number);
  }

  /** The route of a host with two that leads on from the subnet of the other one, to a gateway there; else NO_ROUTE. */
  private onward(node: number, connected: number): number {
    const { routes, layout } = this;
    const route = connected + 1;
    if (routes.count(node) !== 2 || routes.isConnected(route)) return NO_ROUTE;
    const out = routes.out(route);
    if (out !== routes.out(connected) || routes.source(route) !== routes.source(connected)) return NO_ROUTE;
    const gateway = routes.nextOwner(route, NOWHERE);
    const isThere =
      gateway >= 0 &&
      layout.node[gateway] !== node &&
      layout.receives[gateway] === layout.sends[out] &&
      layout.unique[gateway] === routes.nextHop(route, ANY);
    return isThere ? route : NO_ROUTE;
  }

  /** The endpoint that a socket sends from, which is named when it first does. */
  private from(handle: SocketHandle): Endpoint {
    const place = (handle << ROW_BITS) + FROM;
    const known = this.senders[place] as number;
    if (known !== NOT_NAMED) return known as Endpoint;
    const { node, address, port } = this.sockets.get(handle) as SocketState;
    const free = address === ANY || isMulticast(address);
    const route = this.routes.first(node);
    const source = this.routes.source(route) ?? this.layout.primary(this.routes.out(route)) ?? ANY;
    const named = this.names.endpoint(free ? source : address, port);
    this.senders[place] = named;
    return named;
  }
}
