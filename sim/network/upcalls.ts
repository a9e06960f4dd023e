import type { Address } from '../../core/address.ts';
import type { Brand } from '../../core/brand.ts';
import type { Endpoint, NameId } from '../../core/names.ts';
import type { StreamEvent } from '../../core/protocol.ts';
import type { Duration, Instant } from '../../core/time.ts';

/** A bound socket of any node, world-wide. Never given twice. */
export type SocketHandle = Brand<number, 'SocketHandle'>;

/** One end of a stream, world-wide. Never given twice. */
export type StreamHandle = Brand<number, 'StreamHandle'>;

/** What happened to one end of a stream: as a protocol sees it, but with the listening socket's handle. */
export type NetworkStreamEvent =
  | { readonly type: 'accepted'; readonly socket: SocketHandle; readonly from: Endpoint }
  | Exclude<StreamEvent<unknown>, { readonly type: 'accepted' }>;

/** What became of an echo request. */
export type EchoOutcome = 'reply' | 'ttl exceeded' | 'host unreachable' | 'net unreachable';

export interface EchoReport {
  /** As given to `echo`. */
  readonly id: number;
  readonly sequence: number;
  readonly type: EchoOutcome;
  /** Who answered: the destination, a router on the way, or the own host when a neighbour did not answer its ARP requests. */
  readonly from: Address;
  /** TTL of the answer as it arrived; of an error made by the own host, 64. */
  readonly ttl: number;
  /** Size of the ICMP message: 8 more than the data of the request. */
  readonly bytes: number;
  /** When the request was sent. */
  readonly sentAt: Instant;
}

/**
 * What the network hands up. It is called from inside an event, with the simulation's cause set to the packet's `deliver` record;
 * the callee may call any method of the network.
 */
export interface Upcalls {
  /** A datagram or whole message for a socket. `to` is the address it was sent to: own, group or broadcast. */
  datagram(socket: SocketHandle, from: Endpoint, to: Endpoint, message: unknown, bytes: number): void;
  /** After `closed` the own end can still transmit; after any other end (`reset`, `refused`, `unreachable`, `timed-out`) the handle is dead. */
  streamed(stream: StreamHandle, event: NetworkStreamEvent): void;
  /** An answer or ICMP error to an echo request of this node. */
  echoed(node: number, report: EchoReport): void;
}

/** What the adversary adds to one crossing. Absent fields change nothing. */
export interface PacketFate {
  readonly drop?: boolean;
  readonly corrupt?: boolean;
  /** Added to the link's own delay. */
  readonly delay?: Duration;
  /** Additional copies, each by how much later than the link would bring it. */
  readonly copies?: readonly Duration[];
  /** It arrives at this node, as if it had been sent there; of packets that may only. */
  readonly instead?: number;
}

/** Decides about packets beyond what the links themselves do. */
export interface Adversary {
  /**
   * Asked once per packet and crossing of a link, also for ARP, ICMP and the control packets of streams; for a multicast or broadcast
   * once per receiver. Also asked for the ARP request and reply that would confirm a neighbour entry: if it has nothing against
   * either, they need no events.
   *
   * @param source node that originated the packet, in its life `boot`, as the `ordinal`th packet of that life, both from 0
   * @param destination node that the packet is addressed to, or `NOBODY`
   * @param hop crossings of links before this one
   * @param bytes of the IP packet
   * @param frame bytes of its largest piece; a whole message is one
   * @param strays whether it may arrive elsewhere: a datagram or message to one host
   */
  fate(
    now: Instant,
    source: number,
    boot: number,
    ordinal: number,
    destination: number,
    hopFrom: number,
    hopTo: number,
    hop: number,
    word: NameId,
    bytes: number,
    frame: number,
    strays: boolean,
  ): PacketFate | undefined;

  /** Whether `fate` has nothing against any packet now, so that nobody need ask; absent: it may have. */
  idle?(now: Instant): boolean;

  /** The segments that multicast and broadcast of a segment get to besides; absent: none. */
  leaks?(now: Instant, segment: number): readonly number[];
  /** Tells that something got there. */
  leaked?(now: Instant, segment: number, other: number): void;
}

/** Why a socket could not be bound, in the words of the system's error. */
export type BindProblem = 'Address already in use' | 'Cannot assign requested address' | 'No such device';
