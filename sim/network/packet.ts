import type { Address } from '../../core/address.ts';
import type { Endpoint, NameId } from '../../core/names.ts';
import type { Instant } from '../../core/time.ts';
import type { EchoOutcome } from './upcalls.ts';

export type Transport = 'udp' | 'stream' | 'message' | 'arp' | 'icmp';

/**
 * A packet from its sender to its end. Nobody changes it on the way, so one object serves all records, copies and hops; what does change
 * (hop, surviving segments, smallest MTU) travels in the integers of its arrival event.
 */
export interface Packet {
  readonly from: Endpoint;
  readonly to: Endpoint;
  readonly transport: Transport;
  /** What it carries: a protocol's message, an ARP or ICMP message; undefined in control packets of streams. */
  readonly message: unknown;
  /** Short label: the message's `type`, or the control flag of a stream. */
  readonly word: NameId;
  /** Length of the IP packet (ARP: of the ARP packet) before any fragmentation; of a segment train all headers together. */
  readonly bytes: number;
  /** Node that originated it, how often that had booted before, and the packet's place among all packets of that life, from 0. */
  readonly source: number;
  readonly boot: number;
  readonly ordinal: number;
  readonly ttl: number;
  readonly header: StreamHeader | undefined;
}

/**
 * What a stream's packet says besides its message. A data packet stands for a train: all segments that its sender put on the wire at once.
 * Trains are numbered from 0 in each direction, the FIN counting as one, and take the place of TCP's byte numbers.
 */
export interface StreamHeader {
  readonly flag: 'syn' | 'syn-ack' | 'data' | 'ack' | 'fin' | 'rst';
  /** Handle of the connecting end: tells this connection from earlier ones between the same ports, as initial sequence numbers do. */
  readonly connection: number;
  /** Number of the train. */
  readonly train: number;
  /** Segments in this packet when it was sent. */
  readonly segments: number;
  /** Bytes of message in the whole train, also when only some of its segments are sent again. */
  readonly payload: number;
  /** Whether this train ends a message. */
  readonly last: boolean;
  /** All trains before this number have arrived. */
  readonly acknowledges: number;
  /** In an `ack`: the train that it answers, how many of its segments have just arrived, how many are still missing. */
  readonly arrived: number;
  readonly missing: number;
  /** Largest payload of a segment that the sender of this packet accepts; in `syn` and `syn-ack`. */
  readonly mss: number;
}

/** ARP (RFC 826). An interface's number stands for its hardware address. */
export interface ArpMessage {
  readonly type: 'arp request' | 'arp reply';
  readonly sender: Address;
  readonly hardware: number;
  readonly target: Address;
}

/** ICMP echo (RFC 792). */
export interface EchoRequest {
  readonly type: 'echo request';
  readonly id: number;
  readonly sequence: number;
  readonly sentAt: Instant;
}

/** The same, sent back. */
export interface EchoReply extends Omit<EchoRequest, 'type'> {
  readonly type: 'echo reply';
}

/** ICMP destination unreachable or time exceeded (RFC 792), with as much of the packet that it is about as its sender needs. */
export interface IcmpError {
  readonly type: Exclude<EchoOutcome, 'reply'> | 'port unreachable';
  readonly transport: Transport;
  readonly from: Endpoint;
  readonly to: Endpoint;
  /** The echo request it is about. */
  readonly echo: EchoRequest | undefined;
  /** The connection it is about. */
  readonly connection: number | undefined;
}

export type IcmpMessage = EchoRequest | EchoReply | IcmpError;

export const IP_HEADER = 20;
/** IP and UDP header; a whole message is counted the same. */
export const UDP_HEADERS = 28;
export const ICMP_HEADERS = 28;
/** IP and TCP header without options. */
export const STREAM_HEADERS = 40;
/** An ARP packet for IPv4 over Ethernet. */
export const ARP_BYTES = 28;
/** Ethernet header and checksum, and the 802.1Q tag (IEEE 802.3 §3, 802.1Q §9). */
export const FRAME_BYTES = 18;
export const TAG_BYTES = 4;
/** The largest IP packet. */
export const LARGEST_PACKET = 65_535;

/** TTL of what a host originates, as on Linux. */
export const INITIAL_TTL = 64;

/**
 * How many fragments an IP packet needs (RFC 791 §2.3): the payload of all but the last is a multiple of 8, and each repeats the header.
 *
 * @param mtu smallest MTU on the way so far, at least 28
 */
export function fragments(bytes: number, mtu: number): number {
  if (bytes <= mtu) return 1;
  const payload = Math.floor((mtu - IP_HEADER) / 8) * 8;
  return Math.ceil((bytes - IP_HEADER) / payload);
}
