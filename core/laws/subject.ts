import type { Endpoint, NameId, Names } from '../names.ts';
import type { Protocol, SocketSpec } from '../protocol.ts';
import type { Rng } from '../random.ts';

/** A protocol that is to be held to the laws. */
export interface Subject<M = unknown, C = unknown> {
  readonly name: string;
  /** The sockets of each node, on fixed ports. */
  readonly sockets: readonly SocketSpec[];
  /** How many nodes the closed world has; 3 unless said otherwise. */
  readonly nodes?: number;
  /** How many events each run has; 400 unless said otherwise. */
  readonly events?: number;
  /** Makes the protocol of one node: the same for the same place, without drawing a number. */
  make(place: Place): Protocol<M, C>;
  /** A command that somebody might give now and then. */
  command?(random: Rng, place: Place): C;
  /** A message that a stranger might send: close to a real one and wrong. Damaged copies of real ones are sent anyway. */
  message?(random: Rng, place: Place): unknown;
}

/** Where a node of the closed world is. */
export interface Place {
  readonly index: number;
  readonly names: Names;
  readonly random: Rng;
  /** All nodes, itself included, by their index. */
  readonly neighbours: readonly Neighbour[];
}

export interface Neighbour {
  readonly name: NameId;
  /** One for each socket. */
  readonly endpoints: readonly Endpoint[];
}
