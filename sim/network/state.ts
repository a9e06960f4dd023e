import type { StreamState } from './connection.ts';
import type { Layout } from './layout.ts';
import { initialNeighbours, type NeighboursState } from './neighbour.ts';
import type { SocketState } from './socket.ts';

/** What is counted at an interface, side by side. */
export const Traffic = { receivedPackets: 0, receivedBytes: 1, sentPackets: 2, sentBytes: 3, columns: 4 } as const;

/** Everything of a network that changes: plain data, one object. Packets under way are in the simulation's queue. */
export interface NetworkState {
  /** By node: 1 while it is up. */
  up: Uint8Array;
  /** By node: how often it has booted before. */
  boot: Int32Array;
  /** By node: packets it has originated in this life, fewer than 2³¹. */
  ordinal: Int32Array;
  /** By node: where the search for a free ephemeral port starts. */
  nextPort: Int32Array;
  /** By interface: the address that it was given in place of its first one; absent while none was. */
  moved?: Map<number, number>;
  /** Cut directions between neighbouring nodes: from × 2²¹ + to. */
  cuts: Set<number>;
  /** By trunk: 1 while it is up. */
  trunks: Uint8Array;
  /** By interface (those of cables count): the instant at which what waits for its outward or inward bandwidth has left. */
  busyOut: Float64Array;
  busyIn: Float64Array;
  /** The columns of `Traffic` for each interface, loopback ones included. */
  traffic: Float64Array;
  readonly neighbours: NeighboursState;
  /** By handle; closed ones are undefined. */
  sockets: (SocketState | undefined)[];
  /** Handles by (node × 3 + transport) × 2¹⁶ + port, in the order of binding. */
  ports: Map<number, number[]>;
  /** Interfaces that have joined, in order and once per join, by segment × 2³² + group. */
  groups: Map<number, number[]>;
  nextStream: number;
  streams: Map<number, StreamState>;
  /** By node: handles by local endpoint × 2²⁶ + remote endpoint. */
  connections: Map<number, number>[];
}

export function initialState(layout: Layout): NetworkState {
  return {
    up: new Uint8Array(layout.nodes).fill(1),
    boot: new Int32Array(layout.nodes),
    ordinal: new Int32Array(layout.nodes),
    nextPort: new Int32Array(layout.nodes),
    cuts: new Set(),
    trunks: new Uint8Array(layout.topology.trunks?.length ?? 0).fill(1),
    busyOut: new Float64Array(layout.interfaces),
    busyIn: new Float64Array(layout.interfaces),
    traffic: new Float64Array(Traffic.columns * (layout.interfaces + layout.nodes)),
    neighbours: initialNeighbours(layout),
    sockets: [],
    ports: new Map(),
    groups: new Map(),
    nextStream: 0,
    streams: new Map(),
    connections: Array.from({ length: layout.nodes }, () => new Map()),
  };
}

/** The key of a group on a segment. */
export const groupKey = (segment: number, group: number): number => segment * 0x1_0000_0000 + group;
