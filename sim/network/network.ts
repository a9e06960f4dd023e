import type { Address } from '../../core/address.ts';
import type { Endpoint, Names } from '../../core/names.ts';
import type { SocketSpec } from '../../core/protocol.ts';
import type { Draws } from '../draws.ts';
import type { Journal } from '../engine/journal.ts';
import type { Simulation } from '../engine/simulation.ts';
import type { Topology } from './topology.ts';
import type { Adversary, BindProblem, SocketHandle, StreamHandle, Upcalls } from './upcalls.ts';
import type { InterfaceView, NeighbourView, RouteView } from './view.ts';

export type {
  Adversary,
  BindProblem,
  EchoOutcome,
  EchoReport,
  NetworkStreamEvent,
  PacketFate,
  SocketHandle,
  StreamHandle,
  Upcalls,
} from './upcalls.ts';
export type { InterfaceView, NeighbourView, RouteView, Traffic } from './view.ts';

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
}

/** The network of a world: topology in, packets across, upcalls out. All nodes are up when it is made, in their boot 0. */
export class Network {
  readonly state: object = {};
  protected readonly parts: NetworkParts;

  constructor(parts: NetworkParts) {
    this.parts = parts;
  }

  /** Drops what was derived from the state; to be called after `state` was restored. */
  restored(): void {
    this.todo();
  }

  /** Binds a socket and joins its groups. A stream socket listens. A problem is a string, a handle a number. */
  bind(_node: number, _spec: SocketSpec): SocketHandle | BindProblem {
    return this.todo();
  }

  /** Closes a socket: leaves its groups, frees its port. Streams that it accepted live on. */
  unbind(_socket: SocketHandle): void {
    this.todo();
  }

  /** The local port of a socket, also when it asked for an ephemeral one. */
  port(_socket: SocketHandle): number {
    return this.todo();
  }

  /** @returns false when the own host refuses at once: down, no route, or larger than a datagram can be */
  send(_socket: SocketHandle, _to: Endpoint, _message: unknown, _bytes: number): boolean {
    return this.todo();
  }

  /**
   * Starts to connect from an ephemeral port. What becomes of it arrives as an upcall, never during this call.
   *
   * @param address the local address; absent or ANY: chosen by route
   */
  connect(_node: number, _address: Address | undefined, _to: Endpoint): StreamHandle {
    return this.todo();
  }

  /** Queues a message; without effect on a stream that has ended or whose own end is closed. */
  transmit(_stream: StreamHandle, _message: unknown, _bytes: number): void {
    this.todo();
  }

  /** Closes the own end after what was transmitted has been sent (FIN); no upcall comes for this handle any more. */
  close(_stream: StreamHandle): void {
    this.todo();
  }

  /** Ends the stream at once (RST): its process died with work unfinished. No upcall comes for this handle any more. */
  abort(_stream: StreamHandle): void {
    this.todo();
  }

  /**
   * Sends an ICMP echo request; answers arrive as `echoed`.
   *
   * @param options.bytes data in the request: 56 for a usual ping
   * @param options.ttl 64 when absent
   * @returns false when there is no route to the address
   */
  echo(
    _node: number,
    _to: Address,
    _options: { readonly id: number; readonly sequence: number; readonly bytes: number; readonly ttl?: number },
  ): boolean {
    return this.todo();
  }

  /** The host goes down without a word: neighbours, sockets and streams are forgotten, what arrives is dropped as host-down. */
  down(_node: number): void {
    this.todo();
  }

  /** The host is up again, in its next boot. */
  up(_node: number): void {
    this.todo();
  }

  /** How often the node has booted before: 0 in its first life. */
  boots(_node: number): number {
    return this.todo();
  }

  /** Cuts or heals one direction between two neighbouring nodes on every segment that they share. */
  setLink(_from: number, _to: number, _up: boolean): void {
    this.todo();
  }

  /** Cuts or heals a trunk, given by its place in the topology: cutting it splits the segments it carries. */
  setTrunk(_trunk: number, _up: boolean): void {
    this.todo();
  }

  interfaces(_node: number): InterfaceView[] {
    return this.todo();
  }

  neighbours(_node: number): NeighbourView[] {
    return this.todo();
  }

  routes(_node: number): RouteView[] {
    return this.todo();
  }

  /** First address of an interface, or of the node; undefined when there is none. */
  address(_node: number, _interface?: string): Address | undefined {
    return this.todo();
  }

  private todo(): never {
    throw new Error(`not built yet, with ${this.parts.topology.nodes.length} nodes`);
  }
}
