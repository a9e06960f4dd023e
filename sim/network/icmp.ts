import { type Address, ANY } from '../../core/address.ts';
import type { Names } from '../../core/names.ts';
import type { Simulation } from '../engine/simulation.ts';
import type { Ip } from './ip.ts';
import { NOWHERE } from './layout.ts';
import type { Ledger } from './ledger.ts';
import type { Originate } from './originate.ts';
import {
  type EchoReply,
  type EchoRequest,
  ICMP_HEADERS,
  type IcmpError,
  type IcmpMessage,
  INITIAL_TTL,
  type Packet,
} from './packet.ts';
import type { EchoOutcome, Upcalls } from './upcalls.ts';

/** Header of an ICMP message without the IP header. */
const ICMP_HEADER = 8;
/** How much of the packet that an error is about Linux puts into it: as much as fits into 576 bytes. */
const QUOTED = 548;

/** Streams hear of errors about their own packets. */
export interface StreamErrors {
  /** A packet of the node's stream met an error on its way. */
  failed(node: number, error: IcmpError): void;
}

/** ICMP (RFC 792): echo, and errors to the senders of packets that could not be delivered. */
export class Icmp {
  private readonly simulation: Simulation;
  private readonly names: Names;
  private readonly ledger: Ledger;
  private readonly originate: Originate;
  private readonly ip: Ip;
  private readonly upcalls: Upcalls;
  private readonly streams: StreamErrors;

  constructor(parts: {
    readonly simulation: Simulation;
    readonly names: Names;
    readonly ledger: Ledger;
    readonly originate: Originate;
    readonly ip: Ip;
    readonly upcalls: Upcalls;
    readonly streams: StreamErrors;
  }) {
    this.simulation = parts.simulation;
    this.names = parts.names;
    this.ledger = parts.ledger;
    this.originate = parts.originate;
    this.ip = parts.ip;
    this.upcalls = parts.upcalls;
    this.streams = parts.streams;
  }

  /** Sends an echo request. @returns false when there is no route; then nothing was sent */
  echo(node: number, to: Address, id: number, sequence: number, bytes: number, ttl: number): boolean {
    const target = this.names.endpoint(to, 0);
    if (this.ip.find(node, target, ANY, NOWHERE) === 'none') return false;
    const message: EchoRequest = { type: 'echo request', id, sequence, sentAt: this.simulation.now };
    const from = this.names.endpoint(this.ip.source, 0);
    this.ip.send(this.originate.packet(node, from, target, 'icmp', message, ICMP_HEADERS + bytes, ttl));
    return true;
  }

  /**
   * Tells a packet's sender that it went no further (RFC 1122 §3.2.2). Never about an ICMP error, nor about what was sent to all.
   *
   * @param node where it happened; the packet is this node's own or came over a link
   */
  error(node: number, packet: Packet, type: IcmpError['type']): void {
    const about = packet.message as IcmpMessage | undefined;
    if (packet.transport === 'icmp' && about?.type !== 'echo request' && about?.type !== 'echo reply') return;
    const echo = about?.type === 'echo request' && packet.transport === 'icmp' ? about : undefined;
    const { from, to, transport } = packet;
    const error: IcmpError = { type, transport, from, to, echo, connection: packet.header?.connection };
    if (packet.source === node) return this.heed(node, error, this.ownAddress(packet), INITIAL_TTL, packet.bytes);
    const sender = this.names.endpoint(this.names.address(from), 0);
    if (this.ip.find(node, sender, ANY, NOWHERE) !== 'unicast') return;
    const bytes = ICMP_HEADERS + Math.min(packet.bytes, QUOTED);
    const source = this.names.endpoint(this.ip.source, 0);
    this.ip.send(this.originate.packet(node, source, sender, 'icmp', error, bytes, INITIAL_TTL));
  }

  receive(node: number, packet: Packet, ttl: number, flooded: boolean): void {
    if (flooded) return; // echo requests to all are ignored (icmp_echo_ignore_broadcasts), errors to all do not exist
    this.ledger.delivered(packet, node);
    const message = packet.message as IcmpMessage;
    if (message.type === 'echo request') return this.answer(node, packet, message);
    if (message.type === 'echo reply') return this.report(node, message, 'reply', this.ownAddress(packet), ttl, packet.bytes);
    this.heed(node, message, this.ownAddress(packet), ttl, packet.bytes);
  }

  private answer(node: number, packet: Packet, message: EchoRequest): void {
    const bound = this.names.address(packet.to);
    if (this.ip.find(node, packet.from, bound, NOWHERE) === 'none') return;
    const reply: EchoReply = { ...message, type: 'echo reply' };
    this.ip.send(this.originate.packet(node, packet.to, packet.from, 'icmp', reply, packet.bytes, INITIAL_TTL));
  }

  /** An error has reached the sender of the packet that it is about. */
  private heed(node: number, error: IcmpError, from: Address, ttl: number, bytes: number): void {
    if (error.transport === 'stream') this.streams.failed(node, error);
    else if (error.echo !== undefined && error.type !== 'port unreachable') {
      this.report(node, error.echo, error.type, from, ttl, bytes);
    }
  }

  private report(
    node: number,
    echo: EchoRequest | EchoReply,
    type: EchoOutcome,
    from: Address,
    ttl: number,
    bytes: number,
  ): void {
    const { id, sequence, sentAt } = echo;
    this.upcalls.echoed(node, { id, sequence, type, from, ttl, bytes: bytes - ICMP_HEADERS + ICMP_HEADER, sentAt });
  }

  private ownAddress(packet: Packet): Address {
    return this.names.address(packet.from);
  }
}
