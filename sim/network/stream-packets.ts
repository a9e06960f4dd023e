import type { NameId, Names } from '../../core/names.ts';
import type { StreamState, Train } from './connection.ts';
import type { Ip } from './ip.ts';
import { NOWHERE } from './layout.ts';
import type { Originate } from './originate.ts';
import { INITIAL_TTL, type Packet, STREAM_HEADERS, type StreamHeader } from './packet.ts';

type Control = Exclude<StreamHeader['flag'], 'data'>;

/** Makes the packets of streams and sends them off. */
export class StreamPackets {
  readonly words: Readonly<Record<StreamHeader['flag'], NameId>>;
  private readonly names: Names;
  private readonly originate: Originate;
  private readonly ip: Ip;

  constructor(names: Names, originate: Originate, ip: Ip) {
    this.names = names;
    this.originate = originate;
    this.ip = ip;
    const id = (flag: StreamHeader['flag']): NameId => names.id(flag);
    this.words = { syn: id('syn'), 'syn-ack': id('syn-ack'), data: id('data'), ack: id('ack'), fin: id('fin'), rst: id('rst') };
  }

  control(stream: StreamState, flag: Control): void {
    this.emit(stream, headerOf(stream, flag), STREAM_HEADERS, this.words[flag], undefined);
  }

  /** Acknowledges a train, or what has arrived of it. */
  answer(stream: StreamState, train: number, arrived: number, missing: number, acknowledges: number): void {
    const header = { ...headerOf(stream, 'ack'), train, arrived, missing, acknowledges };
    this.emit(stream, header, STREAM_HEADERS, this.words.ack, undefined);
  }

  /** The missing segments of a train. */
  train(stream: StreamState, { number, segments, missing, payload, message, word, last, fin }: Train): void {
    const header = { ...headerOf(stream, fin ? 'fin' : 'data'), train: number, segments: missing, payload, last };
    const bytes = Math.ceil((payload * missing) / segments) + missing * STREAM_HEADERS;
    this.emit(stream, header, bytes, word, message);
  }

  /** A reset for a packet that belongs to no connection of the node. */
  refuse(node: number, { from, to, header }: Packet): void {
    this.ip.find(node, from, this.names.address(to), NOWHERE);
    const answer: StreamHeader = { ...EMPTY, flag: 'rst', connection: header?.connection ?? 0 };
    const word = this.words.rst;
    this.ip.send(this.originate.packet(node, to, from, 'stream', undefined, STREAM_HEADERS, INITIAL_TTL, word, answer), 1);
  }

  private emit(stream: StreamState, header: StreamHeader, bytes: number, word: NameId, message: unknown): void {
    const { node, local, remote } = stream;
    this.ip.find(node, remote, this.names.address(local), NOWHERE);
    const packet = this.originate.packet(node, local, remote, 'stream', message, bytes, INITIAL_TTL, word, header);
    this.ip.send(packet, header.segments);
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

const headerOf = ({ connection, expected, ownMss }: StreamState, flag: StreamHeader['flag']): StreamHeader => ({
  ...EMPTY,
  flag,
  connection,
  acknowledges: expected,
  mss: ownMss,
});
