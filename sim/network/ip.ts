import { type Address, ANY, contains, isMulticast, LOOPBACK } from '../../core/address.ts';
import type { Endpoint, Names } from '../../core/names.ts';
import { NOBODY } from '../engine/journal.ts';
import type { EventId, Simulation } from '../engine/simulation.ts';
import type { Arp, Unresolved } from './arp.ts';
import { type Endpoints, Owner } from './endpoint.ts';
import { type Layout, NOWHERE } from './layout.ts';
import type { Ledger } from './ledger.ts';
import type { Waiting } from './neighbour.ts';
import { LARGEST_PACKET, type Packet } from './packet.ts';
import { NO_ROUTE, type Routes } from './route.ts';
import { groupKey, type NetworkState } from './state.ts';
import type { SegmentSpec } from './topology.ts';
import type { Adversary } from './upcalls.ts';
import { FLOODED, type Receiver, type Wire } from './wire.ts';

/** What a destination needs: nothing but the own host, one next hop, or everybody on a segment. */
export type Way = 'local' | 'unicast' | 'flood' | 'none';

/** What IP hands its packets to. */
export interface Upper {
  /** A packet for this node. `ttl` as it arrived; `flooded`: it came as a multicast or broadcast. */
  deliver(node: number, index: number, packet: Packet, ttl: number, parts: number, flooded: boolean): void;
  /** A packet of this node, or one that it was to forward, cannot go on. */
  problem(node: number, packet: Packet, type: 'net unreachable' | 'host unreachable' | 'ttl exceeded'): void;
}

/**
 * IPv4 (RFC 791, 1122, 1812): finds the way out of a host, takes in what arrives, and forwards.
 *
 * What arrives passes the same stations in the same order everywhere: filters, local delivery for an address of any interface (the weak
 * host model), no forwarding on hosts, TTL, route, MTU, neighbour.
 */
export class Ip implements Receiver, Unresolved {
  /** The answer of `find`, until the next call: where a packet for some endpoint leaves, and from which address. */
  way: Way = 'none';
  out = NOWHERE;
  nextHop: Address = ANY;
  /** The interface that has the next hop's address, or a negative number. */
  nextOwner = NOWHERE;
  source: Address = ANY;

  private readonly simulation: Simulation;
  private readonly names: Names;
  private readonly layout: Layout;
  private readonly routes: Routes;
  private readonly endpoints: Endpoints;
  private readonly ledger: Ledger;
  private readonly state: NetworkState;
  private readonly upper: Upper;
  private readonly adversary: Adversary | undefined;
  /** Set once, right after both were made: they need each other. */
  private wire!: Wire;
  private arp!: Arp;

  constructor(parts: {
    readonly simulation: Simulation;
    readonly names: Names;
    readonly layout: Layout;
    readonly routes: Routes;
    readonly endpoints: Endpoints;
    readonly ledger: Ledger;
    readonly state: NetworkState;
    readonly upper: Upper;
    readonly adversary: Adversary | undefined;
  }) {
    this.simulation = parts.simulation;
    this.names = parts.names;
    this.layout = parts.layout;
    this.routes = parts.routes;
    this.endpoints = parts.endpoints;
    this.ledger = parts.ledger;
    this.state = parts.state;
    this.upper = parts.upper;
    this.adversary = parts.adversary;
  }

  attach(wire: Wire, arp: Arp): void {
    this.wire = wire;
    this.arp = arp;
  }

  /**
   * Finds the way from a node to an endpoint: `way`, and for all but `none` also `out`, `nextHop` and `source`.
   *
   * @param bound the address that the sender is bound to; ANY lets the route choose
   * @param preferred the interface for multicast and limited broadcast, or NOWHERE for the first
   */
  find(node: number, to: Endpoint, bound: Address, preferred: number): Way {
    const owner = this.endpoints.owner(to);
    const free = bound === ANY || isMulticast(bound);
    const address = this.names.address(to);
    if (owner >= 0 || owner === Owner.none) {
      if (owner >= 0 && this.isOwn(node, owner, address)) {
        return this.found('local', this.layout.loopback(node), address, free ? address : bound);
      }
      const route = this.routes.lookup(node, address);
      if (route === NO_ROUTE) return this.found('none', NOWHERE, ANY, ANY);
      const out = this.routes.out(route);
      const source = free ? (this.routes.source(route) ?? this.layout.primary(out) ?? ANY) : bound;
      if (this.routes.isBroadcast(route, address)) return this.found('flood', out, address, source);
      this.nextOwner = this.routes.nextOwner(route, owner);
      return this.found('unicast', out, this.routes.nextHop(route, address), source);
    }
    if (owner === Owner.loopback) {
      return this.found('local', this.layout.loopback(node), address, free ? LOOPBACK : bound);
    }
    const first = this.layout.first[node] as number;
    const out = preferred !== NOWHERE ? preferred : first;
    if (out >= (this.layout.first[node + 1] as number)) return this.found('none', NOWHERE, ANY, ANY);
    return this.found('flood', out, address, free ? (this.layout.primary(out) ?? ANY) : bound);
  }

  /**
   * Sends a new packet of a node on the way that was found last, which must have been for it.
   *
   * @param segments of a train; of anything else 0
   */
  send(packet: Packet, segments = 0): void {
    const { way, out, nextHop } = this;
    const cause = this.ledger.sent(packet, this.endpoints.node(packet.to, packet.source));
    const parts = segments > 0 ? segments : packet.transport === 'message' ? WHOLE : LARGEST_PACKET;
    if (way === 'local') {
      this.wire.loop(out, packet, parts, 0, cause);
    } else if (way === 'unicast') {
      this.arp.transmit(out, nextHop, this.nextOwner, packet, 0, segments > 0 ? parts : this.pieces(packet, out, parts), cause);
    } else if (way === 'flood') {
      this.flood(out, packet, this.pieces(packet, out, parts), cause);
    } else {
      this.ledger.dropped(packet, packet.source, NOBODY, 'no-route', cause);
    }
  }

  /** A packet that its own host refuses after it was counted: it appears, and is dropped where it is. */
  refuse(packet: Packet, reason: 'mtu'): void {
    const cause = this.ledger.sent(packet, this.endpoints.node(packet.to, packet.source));
    this.ledger.dropped(packet, packet.source, NOBODY, reason, cause);
  }

  arrived(index: number, packet: Packet, hop: number, parts: number, flooded: boolean): void {
    if (packet.transport === 'arp') return this.arp.receive(index, packet);
    const node = this.layout.node[index] as number;
    if (hop > 0 && this.layout.filters[node] === 1 && this.filtered(node, packet)) {
      this.ledger.dropped(packet, node, packet.source, 'filtered');
      return;
    }
    // Routers between them have taken one each: the first crossing takes none.
    const ttl = hop === 0 ? packet.ttl : packet.ttl - (hop - 1);
    if (flooded || hop === 0 || this.isOwn(node, this.endpoints.owner(packet.to), this.names.address(packet.to))) {
      return this.upper.deliver(node, index, packet, ttl, parts, flooded);
    }
    this.forward(node, packet, hop, ttl, parts);
  }

  unresolved(index: number, waiting: Waiting, cause: EventId): void {
    const before = this.simulation.cause;
    this.simulation.cause = cause;
    this.upper.problem(this.layout.node[index] as number, waiting.packet, 'host unreachable');
    this.simulation.cause = before;
  }

  /** Smallest MTU of what leaves towards an endpoint, as path MTU discovery would find it; 0 when there is no way. */
  pathMtu(node: number, to: Endpoint, bound: Address): number {
    let at = node;
    let mtu = LARGEST_PACKET;
    const address = this.names.address(to);
    // The initial TTL ends a loop of routers, as it would end the packet.
    for (let hops = 0; hops < 64; hops++) {
      const way = this.find(at, to, at === node ? bound : ANY, NOWHERE);
      if (way === 'local') return Math.min(mtu, this.layout.mtu[this.out] as number);
      if (way !== 'unicast') return 0;
      mtu = Math.min(mtu, this.layout.mtu[this.out] as number);
      const next = this.layout.answers(this.layout.sends[this.out] as number, this.nextHop, this.state.up);
      if (next === NOWHERE) return mtu;
      at = this.layout.node[next] as number;
      if (this.nextHop === address) return Math.min(mtu, this.layout.mtu[next] as number);
    }
    return mtu;
  }

  private forward(node: number, packet: Packet, hop: number, ttl: number, parts: number): void {
    const drop = (reason: 'not-forwarding' | 'ttl-exceeded' | 'no-route' | 'directed-broadcast'): void => {
      this.simulation.cause = this.ledger.dropped(packet, node, packet.source, reason);
    };
    if (this.layout.forwards[node] === 0) return drop('not-forwarding');
    if (ttl <= 1) {
      drop('ttl-exceeded');
      return this.upper.problem(node, packet, 'ttl exceeded');
    }
    const address = this.names.address(packet.to);
    const route = this.routes.lookup(node, address);
    if (route === NO_ROUTE) {
      drop('no-route');
      return this.upper.problem(node, packet, 'net unreachable');
    }
    if (this.routes.isBroadcast(route, address)) return drop('directed-broadcast');
    const out = this.routes.out(route);
    const cause = this.ledger.forwarded(packet, node, this.endpoints.node(packet.to, packet.source));
    this.simulation.cause = cause;
    const left = packet.header !== undefined ? parts : this.pieces(packet, out, parts);
    const owner = this.routes.nextOwner(route, this.endpoints.owner(packet.to));
    this.arp.transmit(out, this.routes.nextHop(route, address), owner, packet, hop, left, cause);
  }

  /** To every other interface that sees the segment's frames; of a multicast only those that have joined. And to ourselves, if we have. */
  private flood(out: number, packet: Packet, parts: number, cause: EventId): void {
    const segment = this.layout.sends[out] as number;
    const group = this.names.address(packet.to);
    const multicast = isMulticast(group);
    const receivers = multicast
      ? this.state.groups.get(groupKey(segment, group))
      : this.layout.members[this.layout.receives[out] as number];
    if (receivers?.includes(out) === true || !multicast) this.wire.loop(out, packet, parts, FLOODED, cause);
    const node = this.layout.node[out] as number;
    if (segment === NOWHERE) {
      this.ledger.dropped(packet, node, NOBODY, 'vlan', cause);
      return;
    }
    if (multicast && packet.ttl === 0) return; // stays on the host (RFC 1112 §6.1)
    const { multicast: groups, broadcast } = this.layout.topology.segments[segment] as SegmentSpec;
    if ((multicast ? groups : broadcast) === 'blocked') {
      this.ledger.dropped(packet, node, NOBODY, multicast ? 'multicast-blocked' : 'broadcast-blocked', cause);
      return;
    }
    let previous = NOWHERE;
    for (const index of receivers ?? []) {
      if (index !== out && index !== previous) this.wire.cross(out, index, packet, 0, parts, FLOODED, cause);
      previous = index;
    }
    for (const other of this.adversary?.leaks?.(this.simulation.now, segment) ?? []) this.leak(out, other, packet, parts, cause);
  }

  /** To those on another segment who would hear it there. */
  private leak(out: number, other: number, packet: Packet, parts: number, cause: EventId): void {
    const group = this.names.address(packet.to);
    const there = isMulticast(group) ? this.state.groups.get(groupKey(other, group)) : this.layout.members[other];
    const strangers = [...new Set(there ?? [])].filter((index) => this.layout.node[index] !== this.layout.node[out]);
    if (strangers.length > 0) this.adversary?.leaked?.(this.simulation.now, this.layout.sends[out] as number, other);
    for (const index of strangers) this.wire.leak(out, index, packet, parts, FLOODED, cause);
  }

  private found(way: Way, out: number, nextHop: Address, source: Address): Way {
    this.way = way;
    this.out = out;
    this.nextHop = nextHop;
    this.source = source;
    return way;
  }

  /** The MTU that a datagram is cut to when it leaves by an interface; whole messages are not cut. */
  private pieces(packet: Packet, out: number, parts: number): number {
    return packet.transport === 'message' ? parts : Math.min(parts, this.layout.mtu[out] as number);
  }

  private isOwn(node: number, owner: number, address: Address): boolean {
    if (owner < 0) return false;
    return this.layout.node[owner] === node || (this.layout.shares && this.layout.owns(node, address));
  }

  private filtered(node: number, packet: Packet): boolean {
    const deny = this.layout.topology.nodes[node]?.deny ?? [];
    const from = this.names.address(packet.from);
    const to = this.names.address(packet.to);
    return deny.some(
      (filter) =>
        (filter.from === undefined || contains(filter.from, from)) && (filter.to === undefined || contains(filter.to, to)),
    );
  }
}

/** Parts of what is never cut. */
export const WHOLE = 0x7fff_ffff;
