import type { Address } from '../../core/address.ts';
import { assert } from '../../core/assert.ts';
import type { Endpoint, Names } from '../../core/names.ts';
import { between, type Duration, type Instant } from '../../core/time.ts';
import type { EventKind, Simulation } from '../engine/simulation.ts';
import type { Arp } from './arp.ts';
import {
  type Early,
  measure,
  newStream,
  RETRIES,
  retransmissionTimeout,
  type StreamState,
  SYN_ACK_RETRIES,
  SYN_RETRIES,
  SYN_TIMEOUT,
  TIME_WAIT,
} from './connection.ts';
import type { Endpoints } from './endpoint.ts';
import { acknowledge, acknowledgeBeyond, giveUp, rest, segmentsFor, takeOff } from './flight.ts';
import type { StreamErrors } from './icmp.ts';
import type { Ip } from './ip.ts';
import { type Layout, NOWHERE } from './layout.ts';
import type { Ledger } from './ledger.ts';
import type { Originate } from './originate.ts';
import { type IcmpError, type Packet, STREAM_HEADERS, type StreamHeader } from './packet.ts';
import { inOrder, keep } from './reassembly.ts';
import type { Sockets } from './socket.ts';
import type { NetworkState } from './state.ts';
import { StreamPackets } from './stream-packets.ts';
import { NO_TIMER } from './timer.ts';
import type { SocketHandle, StreamHandle, Upcalls } from './upcalls.ts';

/** Payload of a segment where nothing larger is known to pass (RFC 9293 §3.7.1). */
const DEFAULT_MSS = 536;

/**
 * Streams: TCP (RFC 9293) in messages instead of bytes.
 *
 * All that is sent at once, as far as the congestion window allows, is one train of segments: one packet in the model, which loses
 * segments one by one on the way. The receiver acknowledges each train and says how many of its segments it still misses, as selective
 * acknowledgements do; which ones they are is not modelled, nor are delayed acknowledgements and the receiver's window. A message is handed
 * up when its last train and everything before it are there.
 */
export class Streams implements StreamErrors {
  private readonly simulation: Simulation;
  private readonly names: Names;
  private readonly layout: Layout;
  private readonly endpoints: Endpoints;
  private readonly ledger: Ledger;
  private readonly state: NetworkState;
  private readonly originate: Originate;
  private readonly sockets: Sockets;
  private readonly ip: Ip;
  private readonly arp: Arp;
  private readonly upcalls: Upcalls;
  private readonly timer: EventKind;
  private readonly packets: StreamPackets;

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
    readonly arp: Arp;
    readonly upcalls: Upcalls;
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
    this.arp = parts.arp;
    this.upcalls = parts.upcalls;
    this.timer = this.simulation.register('stream timer', (handle) => this.expired(handle as StreamHandle));
    this.packets = new StreamPackets(parts.names, parts.originate, parts.ip);
  }

  connect(node: number, address: Address, to: Endpoint): StreamHandle {
    assert(this.state.up[node] === 1, () => `node ${node} is down and cannot connect`);
    const handle = this.state.nextStream++ as StreamHandle;
    const mtu = this.ip.pathMtu(node, to, address);
    const way = this.ip.find(node, to, address, NOWHERE);
    const reachable = way === 'unicast' || way === 'local';
    const source = reachable ? this.ip.source : address;
    const connections = this.state.connections[node] as Map<number, number>;
    const port = this.sockets.ephemeral(
      node,
      'stream',
      source,
      (free) => this.names.endpoint(source, free) !== to && !connections.has(keyOf(this.names.endpoint(source, free), to)),
    );
    const local = this.names.endpoint(source, port ?? 0);
    const ownMss = this.ownMss();
    const mss = mssOf(mtu);
    const phase = reachable && port !== undefined ? 'connecting' : 'doomed';
    const identity = { handle, node, local, remote: to, connection: handle, listener: undefined, phase, mss, ownMss } as const;
    const stream = newStream(identity);
    this.state.streams.set(handle, stream);
    if (phase === 'doomed') {
      this.arm(stream, 0 as Duration);
    } else {
      connections.set(keyOf(local, to), handle);
      stream.sentAt = this.simulation.now;
      this.packets.control(stream, 'syn');
      this.arm(stream, SYN_TIMEOUT);
    }
    return handle;
  }

  transmit(handle: StreamHandle, message: unknown, bytes: number): void {
    const stream = this.state.streams.get(handle);
    if (stream === undefined || stream.fin !== 'no' || stream.phase === 'doomed') return;
    const left = segmentsFor(bytes, stream.mss);
    stream.queue.push({ message, bytes, left, word: this.originate.word(message, 'stream') });
    if (stream.phase === 'open') this.pump(stream);
  }

  close(handle: StreamHandle): void {
    const stream = this.state.streams.get(handle);
    if (stream === undefined || stream.deaf) return;
    stream.deaf = true;
    if (stream.phase === 'doomed' || (stream.phase === 'connecting' && stream.queue.length === 0)) return this.forget(stream);
    stream.fin = 'wanted';
    if (stream.phase === 'open') this.pump(stream);
  }

  abort(handle: StreamHandle): void {
    const stream = this.state.streams.get(handle);
    if (stream === undefined || stream.deaf) return;
    if (stream.phase === 'open') this.packets.control(stream, 'rst');
    this.forget(stream);
  }

  /** The host is gone, and with it its ends of all streams, without a word. */
  down(node: number): void {
    for (const stream of this.state.streams.values()) if (stream.node === node) this.forget(stream);
  }

  failed(node: number, error: IcmpError): void {
    const handle = this.state.connections[node]?.get(keyOf(error.from, error.to));
    const stream = handle === undefined ? undefined : this.state.streams.get(handle);
    // Once it is established an error may pass, so it is left to the retransmissions (RFC 1122 §4.2.3.9).
    if (stream?.phase !== 'connecting' || stream.connection !== error.connection) return;
    this.end(stream, error.type === 'port unreachable' ? 'refused' : 'unreachable');
  }

  receive(node: number, packet: Packet, parts: number): void {
    this.ledger.delivered(packet, node);
    const header = packet.header as StreamHeader;
    const handle = this.state.connections[node]?.get(keyOf(packet.to, packet.from));
    const stream = handle === undefined ? undefined : this.state.streams.get(handle);
    if (stream !== undefined && stream.connection === header.connection) return this.known(stream, packet, header, parts);
    if (header.flag === 'rst') return;
    if (header.flag !== 'syn') return this.packets.refuse(node, packet);
    if (stream === undefined) return this.accept(node, packet, header);
    if (stream.phase === 'time-wait') {
      this.forget(stream);
      return this.accept(node, packet, header);
    }
    // Another incarnation of the peer uses the same port: it will answer with a reset if the old one is really gone (RFC 5961 §4).
    this.packets.control(stream, 'ack');
  }

  private known(stream: StreamState, packet: Packet, header: StreamHeader, parts: number): void {
    switch (header.flag) {
      case 'rst':
        return this.reset(stream);
      case 'syn':
        return this.packets.control(stream, stream.phase === 'accepting' ? 'syn-ack' : 'ack');
      case 'syn-ack':
        return stream.phase === 'connecting' ? this.opened(stream, header) : this.packets.control(stream, 'ack');
      case 'ack':
        if (stream.phase === 'accepting' && !this.accepted(stream)) return;
        return this.acknowledged(stream, header);
      case 'data':
      case 'fin':
        if (stream.phase === 'connecting') return;
        if (stream.phase === 'accepting' && !this.accepted(stream)) return;
        this.acknowledged(stream, header);
        if (this.state.streams.get(stream.handle) === stream) this.take(stream, packet, header, parts);
        return;
    }
  }

  private accept(node: number, packet: Packet, header: StreamHeader): void {
    const owned = this.endpoints.owner(packet.to) >= 0 && !this.layout.shares;
    const listener = this.sockets.find(node, 'stream', packet.to, owned);
    if (listener === undefined) return this.packets.refuse(node, packet);
    const handle = this.state.nextStream++ as StreamHandle;
    const [local, remote] = [packet.to, packet.from];
    const mtu = this.ip.pathMtu(node, remote, this.names.address(local));
    this.ip.find(node, remote, this.names.address(local), NOWHERE);
    const ownMss = this.ownMss();
    const mss = Math.min(header.mss, mssOf(mtu));
    const { connection } = header;
    const stream = newStream({ handle, node, local, remote, connection, listener, phase: 'accepting', mss, ownMss });
    this.state.streams.set(handle, stream);
    (this.state.connections[node] as Map<number, number>).set(keyOf(local, remote), handle);
    stream.sentAt = this.simulation.now;
    this.packets.control(stream, 'syn-ack');
    this.arm(stream, SYN_TIMEOUT);
  }

  /** @returns whether the stream is there after its process was told */
  private accepted(stream: StreamState): boolean {
    this.disarm(stream);
    const listener = stream.listener as SocketHandle;
    if (this.sockets.get(listener) === undefined) {
      this.packets.control(stream, 'rst');
      this.forget(stream);
      return false;
    }
    this.establish(stream);
    this.upcalls.streamed(stream.handle, { type: 'accepted', socket: listener, from: stream.remote });
    return this.state.streams.get(stream.handle) === stream;
  }

  private opened(stream: StreamState, header: StreamHeader): void {
    this.disarm(stream);
    stream.mss = Math.min(stream.mss, header.mss);
    for (const waiting of stream.queue) waiting.left = segmentsFor(waiting.bytes, stream.mss);
    this.establish(stream);
    this.packets.control(stream, 'ack');
    const { cause } = this.simulation;
    if (!stream.deaf) this.upcalls.streamed(stream.handle, { type: 'opened' });
    this.simulation.cause = cause;
    if (this.state.streams.get(stream.handle) === stream) this.pump(stream);
  }

  private establish(stream: StreamState): void {
    // An answer to a repeated SYN says nothing about the time it took (Karn's rule).
    if (stream.tries === 0) measure(stream, between(stream.sentAt, this.simulation.now));
    stream.tries = 0;
    stream.phase = 'open';
    stream.sentAt = this.simulation.now;
    this.heard(stream);
  }

  private reset(stream: StreamState): void {
    if (stream.phase === 'connecting') this.end(stream, 'refused');
    else if (stream.phase === 'open') this.end(stream, 'reset');
    else this.forget(stream);
  }

  /** A train has arrived, or what is left of it. */
  private take(stream: StreamState, packet: Packet, header: StreamHeader, parts: number): void {
    const fin = header.flag === 'fin';
    const fresh = header.train >= stream.expected;
    if (stream.deaf && fresh && !fin) {
      // Nobody is there any more to read it (RFC 2525 §2.17).
      this.packets.control(stream, 'rst');
      return this.forget(stream);
    }
    const missing = fresh ? keep(stream, packet, header, parts) : 0;
    const ready = inOrder(stream);
    this.packets.answer(stream, header.train, fresh ? parts : 0, missing, stream.expected + ready.length);
    this.handUp(stream, ready);
  }

  private handUp(stream: StreamState, ready: readonly Early[]): void {
    const { cause } = this.simulation;
    for (const early of ready) {
      stream.early.delete(stream.expected++);
      this.simulation.cause = cause;
      if (early.fin) {
        this.ended(stream);
      } else {
        stream.received += early.payload;
        if (!early.last) continue;
        const bytes = stream.received;
        stream.received = 0;
        this.upcalls.streamed(stream.handle, { type: 'data', message: early.message, bytes });
      }
      if (this.state.streams.get(stream.handle) !== stream) return;
      if (stream.deaf && stream.early.get(stream.expected)?.fin === false) {
        this.packets.control(stream, 'rst');
        return this.forget(stream);
      }
    }
  }

  /** The peer's FIN has its turn. */
  private ended(stream: StreamState): void {
    stream.ended = true;
    stream.endedFirst = stream.fin === 'no' || stream.fin === 'wanted';
    if (stream.phase === 'fin-wait') this.linger(stream, 'time-wait');
    if (!stream.deaf) this.upcalls.streamed(stream.handle, { type: 'closed' });
  }

  private acknowledged(stream: StreamState, header: StreamHeader): void {
    const { news, finished } = acknowledge(stream, header.acknowledges, this.simulation.now);
    if (news) {
      this.disarm(stream);
      this.heard(stream);
    }
    acknowledgeBeyond(stream, header);
    if (finished) return this.finished(stream);
    if (stream.phase === 'open') this.pump(stream);
  }

  private finished(stream: StreamState): void {
    stream.fin = 'acknowledged';
    this.disarm(stream);
    if (!stream.ended) this.linger(stream, 'fin-wait');
    else if (stream.endedFirst) this.forget(stream);
    else this.linger(stream, 'time-wait');
  }

  private linger(stream: StreamState, phase: 'fin-wait' | 'time-wait'): void {
    stream.phase = phase;
    this.arm(stream, TIME_WAIT);
  }

  /** Sends what may be sent. */
  private pump(stream: StreamState): void {
    const { now } = this.simulation;
    rest(stream, now, this.timeout(stream));
    for (;;) {
      const train = takeOff(stream, now, this.packets.words);
      if (train === undefined) break;
      this.packets.train(stream, train);
    }
    if (stream.flight.length > 0 && stream.timer === NO_TIMER) this.arm(stream, this.timeout(stream));
  }

  private expired(handle: StreamHandle): void {
    const stream = this.state.streams.get(handle) as StreamState;
    stream.timer = NO_TIMER;
    stream.tries++;
    switch (stream.phase) {
      case 'doomed':
        return this.end(stream, 'unreachable');
      case 'fin-wait':
      case 'time-wait':
        return this.forget(stream);
      case 'connecting':
        if (stream.tries > SYN_RETRIES) return this.end(stream, 'timed-out');
        this.packets.control(stream, 'syn');
        return this.arm(stream, this.timeout(stream));
      case 'accepting':
        if (stream.tries > SYN_ACK_RETRIES) return this.forget(stream);
        this.packets.control(stream, 'syn-ack');
        return this.arm(stream, this.timeout(stream));
      case 'open':
        if (stream.tries > RETRIES) return this.end(stream, 'timed-out');
        giveUp(stream);
        return this.pump(stream);
    }
  }

  private timeout(stream: StreamState): Duration {
    return retransmissionTimeout(stream.smoothed, stream.variation, stream.tries);
  }

  /** An end that its process hears of, unless it has closed the stream. */
  private end(stream: StreamState, type: 'refused' | 'reset' | 'unreachable' | 'timed-out'): void {
    this.forget(stream);
    if (!stream.deaf) this.upcalls.streamed(stream.handle, { type });
  }

  private forget(stream: StreamState): void {
    this.disarm(stream);
    this.state.streams.delete(stream.handle);
    const connections = this.state.connections[stream.node] as Map<number, number>;
    const key = keyOf(stream.local, stream.remote);
    if (connections.get(key) === stream.handle) connections.delete(key);
  }

  /** The peer answers: its neighbour entry, or that of the router on the way, is right (tcp_ack confirms it on Linux). */
  private heard(stream: StreamState): void {
    const way = this.ip.find(stream.node, stream.remote, this.names.address(stream.local), NOWHERE);
    if (way === 'unicast') this.arp.confirm(this.ip.out, this.ip.nextHop, this.ip.nextOwner);
  }

  /** The largest segment that the interface by which a stream's packets leave takes. */
  private ownMss(): number {
    return mssOf(this.ip.out === NOWHERE ? 0 : (this.layout.mtu[this.ip.out] as number));
  }

  private arm(stream: StreamState, delay: Duration): void {
    this.disarm(stream);
    const at = (this.simulation.now + delay) as Instant;
    stream.timer = this.simulation.schedule(at, this.timer, this.simulation.cause, stream.handle, 0, 0);
  }

  private disarm(stream: StreamState): void {
    if (stream.timer !== NO_TIMER) this.simulation.cancel(stream.timer);
    stream.timer = NO_TIMER;
  }
}

const mssOf = (mtu: number): number => (mtu === 0 ? DEFAULT_MSS : Math.max(1, mtu - STREAM_HEADERS));

const keyOf = (local: Endpoint, remote: Endpoint): number => local * 0x400_0000 + remote;
