import type { Endpoint, Names } from '../../core/names.ts';
import type { Simulation } from '../engine/simulation.ts';
import type { Endpoints } from './endpoint.ts';
import type { Express } from './express.ts';
import type { Icmp } from './icmp.ts';
import type { Ip } from './ip.ts';
import type { Layout } from './layout.ts';
import type { Ledger } from './ledger.ts';
import type { Originate } from './originate.ts';
import { INITIAL_TTL, LARGEST_PACKET, type Packet, UDP_HEADERS } from './packet.ts';
import type { SocketState, Sockets } from './socket.ts';
import type { NetworkState } from './state.ts';
import type { SocketHandle, Upcalls } from './upcalls.ts';

/** Datagrams (RFC 768), and whole messages, which differ in nothing but that their size does not matter. */
export class Udp {
  private readonly simulation: Simulation;
  private readonly names: Names;
  private readonly layout: Layout;
  private readonly endpoints: Endpoints;
  private readonly ledger: Ledger;
  private readonly state: NetworkState;
  private readonly originate: Originate;
  private readonly sockets: Sockets;
  private readonly ip: Ip;
  private readonly icmp: Icmp;
  private readonly upcalls: Upcalls;
  private readonly express: Express | undefined;
  /** Derived: the endpoint that each socket sent from last, and that endpoint's address. */
  private sources: number[] = [];

  constructor(parts: {
    readonly simulation: Simulation;
    readonly names: Names;
    readonly layout: Layout;
    readonly endpoints: Endpoints;
    readonly ledger: Ledger;
    readonly state: NetworkState;
    readonly originate: Originate;
    readonly sockets: Sockets;
    readonly ip: Ip;
    readonly icmp: Icmp;
    readonly upcalls: Upcalls;
    readonly express: Express | undefined;
  }) {
    this.simulation = parts.simulation;
    this.names = parts.names;
    this.layout = parts.layout;
    this.endpoints = parts.endpoints;
    this.ledger = parts.ledger;
    this.state = parts.state;
    this.originate = parts.originate;
    this.sockets = parts.sockets;
    this.ip = parts.ip;
    this.icmp = parts.icmp;
    this.upcalls = parts.upcalls;
    this.express = parts.express;
  }

  send(handle: SocketHandle, to: Endpoint, message: unknown, bytes: number): boolean {
    if (this.express?.send(handle, to, message, bytes) === true) return true;
    const socket = this.sockets.get(handle);
    if (socket === undefined || socket.transport === 'stream' || this.state.up[socket.node] === 0) return false;
    const { node, transport } = socket;
    const way = this.ip.find(node, to, socket.address, socket.out);
    const from = this.from(handle, socket);
    const ttl = way === 'flood' ? this.floodTtl(socket, to) : INITIAL_TTL;
    const packet = this.originate.packet(node, from, to, transport, message, bytes + UDP_HEADERS, ttl);
    if (transport === 'udp' && packet.bytes > LARGEST_PACKET) {
      this.ip.refuse(packet, 'mtu');
      return false;
    }
    this.ip.send(packet);
    return way !== 'none';
  }

  receive(node: number, index: number, packet: Packet, flooded: boolean): void {
    const transport = packet.transport as 'udp' | 'message';
    const bytes = packet.bytes - UDP_HEADERS;
    if (flooded) {
      const audience = this.sockets.audience(node, transport, packet.to, index);
      if (audience.length === 0) return; // nobody here listens: no drop and no error (RFC 1122 §3.2.2.1)
      this.ledger.delivered(packet, node);
      const cause = this.simulation.cause;
      for (const handle of audience) {
        if (this.sockets.get(handle) === undefined) continue; // closed by what another one did
        this.simulation.cause = cause;
        this.upcalls.datagram(handle, packet.from, packet.to, packet.message, bytes);
      }
      return;
    }
    const owned = this.endpoints.owner(packet.to) >= 0 && !this.layout.shares;
    const handle = this.sockets.find(node, transport, packet.to, owned);
    if (handle === undefined) {
      this.simulation.cause = this.ledger.dropped(packet, node, packet.source, 'port-unreachable');
      return this.icmp.error(node, packet, 'port unreachable');
    }
    this.ledger.delivered(packet, node);
    this.upcalls.datagram(handle, packet.from, packet.to, packet.message, bytes);
  }

  restored(): void {
    this.sources = [];
  }

  /** The sender's endpoint, with the source address of the way just found. Without a way it is the address that it is bound to. */
  private from(handle: SocketHandle, socket: SocketState): Endpoint {
    const address = this.ip.way === 'none' ? socket.address : this.ip.source;
    while (this.sources.length <= handle * 2 + 1) this.sources.push(-1);
    if (this.sources[handle * 2] !== address) {
      this.sources[handle * 2] = address;
      this.sources[handle * 2 + 1] = this.names.endpoint(address, socket.port);
    }
    return this.sources[handle * 2 + 1] as Endpoint;
  }

  private floodTtl(socket: SocketState, to: Endpoint): number {
    return this.endpoints.isMulticast(to) ? socket.multicastTtl : INITIAL_TTL;
  }
}
