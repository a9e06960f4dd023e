import type { Address } from '../../core/address.ts';
import { assert } from '../../core/assert.ts';
import type { Endpoint, NameId, Names } from '../../core/names.ts';
import { between, type Duration, type Instant } from '../../core/time.ts';
import type { EventKind, Simulation } from '../engine/simulation.ts';
import type { Arp } from './arp.ts';
import {
  type Early,
  grow,
  INITIAL_WINDOW,
  measure,
  newStream,
  RETRIES,
  retransmissionTimeout,
  type StreamState,
  SYN_ACK_RETRIES,
  SYN_RETRIES,
  SYN_TIMEOUT,
  shrink,
  TIME_WAIT,
  type Train,
} from './connection.ts';
import type { Endpoints } from './endpoint.ts';
import type { StreamErrors } from './icmp.ts';
import type { Ip } from './ip.ts';
import { type Layout, NOWHERE } from './layout.ts';
import type { Ledger } from './ledger.ts';
import type { Originate } from './originate.ts';
import { type IcmpError, INITIAL_TTL, type Packet, STREAM_HEADERS, type StreamHeader } from './packet.ts';
import type { Sockets } from './socket.ts';
import type { NetworkState } from './state.ts';
import { NO_TIMER } from './timer.ts';
import type { SocketHandle, StreamHandle, Upcalls } from './upcalls.ts';

/** Payload of a segment where nothing larger is known to pass (RFC 9293 §3.7.1). */
const DEFAULT_MSS = 536;
/** Duplicate acknowledgements that make a gap a loss (RFC 5681 §3.2). */
const DUPLICATES = 3;

type Control = Exclude<StreamHeader['flag'], 'data'>;

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
  private readonly words: Readonly<Record<StreamHeader['flag'], NameId>>;

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
    const id = (flag: StreamHeader['flag']): NameId => this.names.id(flag);
    this.words = {
      syn: id('syn'),
      'syn-ack': id('syn-ack'),
      data: id('data'),
      ack: id('ack'),
      fin: id('fin'),
      rst: id('rst'),
    };
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
      (free) => !connections.has(keyOf(this.names.endpoint(source, free), to)),
    );
    const local = this.names.endpoint(source, port ?? 0);
    const ownMss = (reachable ? (this.layout.mtu[this.ip.out] as number) : DEFAULT_MSS + STREAM_HEADERS) - STREAM_HEADERS;
    const mss = Math.max(1, mtu - STREAM_HEADERS);
    const phase = reachable && port !== undefined ? 'connecting' : 'doomed';
    const identity = { handle, node, local, remote: to, connection: handle, listener: undefined, phase, mss, ownMss } as const;
    const stream = newStream(identity);
    this.state.streams.set(handle, stream);
    if (phase === 'doomed') {
      this.arm(stream, 0 as Duration);
    } else {
      connections.set(keyOf(local, to), handle);
      stream.sentAt = this.simulation.now;
      this.control(stream, 'syn');
      this.arm(stream, SYN_TIMEOUT);
    }
    return handle;
  }

  transmit(handle: StreamHandle, message: unknown, bytes: number): void {
    const stream = this.state.streams.get(handle);
    if (stream === undefined || stream.fin !== 'no' || stream.phase === 'doomed') return;
    const left = Math.max(1, Math.ceil(bytes / stream.mss));
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
    if (stream.phase === 'open') this.control(stream, 'rst');
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
    if (header.flag !== 'syn') return this.refuse(node, packet, header);
    if (stream === undefined) return this.accept(node, packet, header);
    if (stream.phase === 'time-wait') {
      this.forget(stream);
      return this.accept(node, packet, header);
    }
    // Another incarnation of the peer uses the same port: it will answer with a reset if the old one is really gone (RFC 5961 §4).
    this.control(stream, 'ack');
  }

  private known(stream: StreamState, packet: Packet, header: StreamHeader, parts: number): void {
    switch (header.flag) {
      case 'rst':
        return this.reset(stream);
      case 'syn':
        return this.control(stream, stream.phase === 'accepting' ? 'syn-ack' : 'ack');
      case 'syn-ack':
        return stream.phase === 'connecting' ? this.opened(stream, header) : this.control(stream, 'ack');
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
    if (listener === undefined) return this.refuse(node, packet, header);
    const handle = this.state.nextStream++ as StreamHandle;
    const [local, remote] = [packet.to, packet.from];
    const mtu = this.ip.pathMtu(node, remote, this.names.address(local));
    this.ip.find(node, remote, this.names.address(local), NOWHERE);
    const ownMss = (this.ip.out === NOWHERE ? DEFAULT_MSS : (this.layout.mtu[this.ip.out] as number)) - STREAM_HEADERS;
    const mss = Math.max(1, Math.min(header.mss, mtu === 0 ? DEFAULT_MSS : mtu - STREAM_HEADERS));
    const { connection } = header;
    const stream = newStream({ handle, node, local, remote, connection, listener, phase: 'accepting', mss, ownMss });
    this.state.streams.set(handle, stream);
    (this.state.connections[node] as Map<number, number>).set(keyOf(local, remote), handle);
    stream.sentAt = this.simulation.now;
    this.control(stream, 'syn-ack');
    this.arm(stream, SYN_TIMEOUT);
  }

  /** @returns whether the stream is there after its process was told */
  private accepted(stream: StreamState): boolean {
    this.disarm(stream);
    const listener = stream.listener as SocketHandle;
    if (this.sockets.get(listener) === undefined) {
      this.control(stream, 'rst');
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
    for (const waiting of stream.queue) waiting.left = Math.max(1, Math.ceil(waiting.bytes / stream.mss));
    this.establish(stream);
    this.control(stream, 'ack');
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
      this.control(stream, 'rst');
      return this.forget(stream);
    }
    let missing = 0;
    if (fresh) {
      const early: Early = stream.early.get(header.train) ?? {
        missing: header.segments,
        message: packet.message,
        payload: header.payload,
        last: header.last,
        fin,
      };
      // Of segments sent again those that are lost now count as ones that were missing before.
      early.missing = Math.min(early.missing, header.segments - parts);
      missing = early.missing;
      stream.early.set(header.train, early);
    }
    const ready = this.inOrder(stream);
    const acknowledges = stream.expected + ready.length;
    this.answer(stream, header.train, fresh ? parts : 0, missing, acknowledges);
    this.handUp(stream, ready);
  }

  /** The trains from `expected` on that are there whole, still in the buffer. */
  private inOrder(stream: StreamState): Early[] {
    const ready: Early[] = [];
    for (let number = stream.expected; ; number++) {
      const early = stream.early.get(number);
      if (early === undefined || early.missing > 0) return ready;
      ready.push(early);
    }
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
        this.control(stream, 'rst');
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
    let acknowledged = 0;
    let finished = false;
    let roundTrip: Duration | undefined;
    for (;;) {
      const train = stream.flight[0];
      if (train === undefined || train.number >= header.acknowledges) break;
      stream.flight.shift();
      if (!train.lost) stream.outstanding -= train.missing;
      acknowledged += train.segments;
      finished ||= train.fin;
      if (train.tries === 0) roundTrip = between(train.sentAt, this.simulation.now);
    }
    if (acknowledged > 0) {
      if (roundTrip !== undefined) measure(stream, roundTrip);
      stream.tries = 0;
      stream.duplicates = 0;
      if (stream.recover !== undefined && header.acknowledges >= stream.recover) stream.recover = undefined;
      if (stream.recover === undefined) grow(stream, acknowledged);
      this.disarm(stream);
      this.heard(stream);
    }
    const train = stream.flight.find(({ number }) => number === header.train);
    if (train !== undefined && header.arrived > 0) this.selected(stream, train, header);
    if (finished) return this.finished(stream);
    if (stream.phase === 'open') this.pump(stream);
  }

  /** A train beyond a gap, or a part of one, has arrived. */
  private selected(stream: StreamState, train: Train, header: StreamHeader): void {
    if (header.missing < train.missing) {
      if (!train.lost) stream.outstanding -= train.missing - header.missing;
      train.missing = header.missing;
      if (train.missing === 0) train.lost = false;
    }
    stream.duplicates += header.arrived;
    if (stream.duplicates < DUPLICATES && stream.recover === undefined) return;
    // What was sent before something that has arrived is lost; what was sent again already is left to the timer.
    const gaps = stream.flight.filter(
      ({ number, missing, tries, lost }) => number <= train.number && missing > 0 && tries === 0 && !lost,
    );
    if (gaps.length === 0) return;
    if (stream.recover === undefined) {
      stream.recover = stream.next;
      shrink(stream, 'half');
    }
    for (const gap of gaps) this.lose(stream, gap);
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

  /** Sends what may be sent: first what was lost, then what is new, then the FIN. */
  private pump(stream: StreamState): void {
    const { now } = this.simulation;
    const idle = stream.flight.length === 0 && now - stream.sentAt > this.timeout(stream);
    if (idle) stream.window = Math.min(stream.window, INITIAL_WINDOW); // RFC 5681 §4.1
    for (;;) {
      const lost = stream.flight.find((train) => train.lost);
      const room = stream.window - stream.outstanding;
      if (lost !== undefined) {
        if (stream.outstanding > 0 && lost.missing > room) break;
        lost.lost = false;
        lost.tries++;
        this.dispatch(stream, lost);
        continue;
      }
      if (room <= 0) break;
      const train = this.nextTrain(stream, room);
      if (train === undefined) break;
      stream.flight.push(train);
      this.dispatch(stream, train);
    }
    if (stream.flight.length > 0 && stream.timer === NO_TIMER) this.arm(stream, this.timeout(stream));
  }

  private nextTrain(stream: StreamState, room: number): Train | undefined {
    const first = stream.queue[0];
    const common = { sentAt: this.simulation.now, tries: 0, lost: false };
    if (first === undefined) {
      if (stream.fin !== 'wanted') return undefined;
      stream.fin = 'sent';
      const number = stream.next++;
      return {
        number,
        segments: 1,
        missing: 1,
        payload: 0,
        message: undefined,
        word: this.words.fin,
        last: false,
        fin: true,
        ...common,
      };
    }
    const segments = Math.min(first.left, room);
    const all = Math.max(1, Math.ceil(first.bytes / stream.mss));
    const sent = (all - first.left) * stream.mss;
    first.left -= segments;
    const last = first.left === 0;
    if (last) stream.queue.shift();
    return {
      number: stream.next++,
      segments,
      missing: segments,
      payload: last ? first.bytes - sent : segments * stream.mss,
      message: last ? first.message : undefined,
      word: last ? first.word : this.words.data,
      last,
      fin: false,
      ...common,
    };
  }

  /** Puts the missing segments of a train on the wire. */
  private dispatch(stream: StreamState, train: Train): void {
    train.sentAt = this.simulation.now;
    stream.sentAt = this.simulation.now;
    stream.outstanding += train.missing;
    const header = this.header(stream, train.fin ? 'fin' : 'data');
    const bytes = Math.ceil((train.payload * train.missing) / train.segments) + train.missing * STREAM_HEADERS;
    const { number, missing, payload, last } = train;
    this.emit(stream, { ...header, train: number, segments: missing, payload, last }, bytes, train.word, train.message);
  }

  private lose(stream: StreamState, train: Train): void {
    train.lost = true;
    stream.outstanding -= train.missing;
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
        this.control(stream, 'syn');
        return this.arm(stream, this.timeout(stream));
      case 'accepting':
        if (stream.tries > SYN_ACK_RETRIES) return this.forget(stream);
        this.control(stream, 'syn-ack');
        return this.arm(stream, this.timeout(stream));
      case 'open':
        if (stream.tries > RETRIES) return this.end(stream, 'timed-out');
        if (stream.tries === 1) shrink(stream, 'one');
        else stream.window = 1;
        stream.recover = undefined;
        stream.duplicates = 0;
        for (const train of stream.flight) if (train.missing > 0 && !train.lost) this.lose(stream, train);
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

  private control(stream: StreamState, flag: Control): void {
    this.emit(stream, this.header(stream, flag), STREAM_HEADERS, this.words[flag], undefined);
  }

  private answer(stream: StreamState, train: number, arrived: number, missing: number, acknowledges: number): void {
    const header = { ...this.header(stream, 'ack'), train, arrived, missing, acknowledges };
    this.emit(stream, header, STREAM_HEADERS, this.words.ack, undefined);
  }

  private header(stream: StreamState, flag: StreamHeader['flag']): StreamHeader {
    const { connection, expected, ownMss } = stream;
    return { ...EMPTY, flag, connection, acknowledges: expected, mss: ownMss };
  }

  private emit(stream: StreamState, header: StreamHeader, bytes: number, word: NameId, message: unknown): void {
    const { node, local, remote } = stream;
    this.ip.find(node, remote, this.names.address(local), NOWHERE);
    const packet = this.originate.packet(node, local, remote, 'stream', message, bytes, INITIAL_TTL, word, header);
    this.ip.send(packet, header.segments);
  }

  /** Answers a packet that belongs to no connection of ours. */
  private refuse(node: number, packet: Packet, about: StreamHeader): void {
    this.ip.find(node, packet.from, this.names.address(packet.to), NOWHERE);
    const header: StreamHeader = { ...EMPTY, flag: 'rst', connection: about.connection };
    const word = this.words.rst;
    const { to, from } = packet;
    this.ip.send(this.originate.packet(node, to, from, 'stream', undefined, STREAM_HEADERS, INITIAL_TTL, word, header), 1);
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

const EMPTY: StreamHeader = {
  flag: 'ack',
  connection: 0,
  train: -1,
  segments: 1,
  payload: 0,
  last: false,
  acknowledges: 0,
  arrived: 0,
  missing: 0,
  mss: 0,
};

const keyOf = (local: Endpoint, remote: Endpoint): number => local * 0x400_0000 + remote;
