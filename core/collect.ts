import type { Endpoint } from './names.ts';
import type { Notice, Out, Part, Socket, StreamId } from './protocol.ts';
import type { Duration } from './time.ts';

/** One call on an `Out` as data, and the part of the process that made it. */
export type Call<M = unknown> = { readonly part: Part } & (
  | { readonly type: 'send'; readonly socket: Socket; readonly to: Endpoint; readonly message: M; readonly bytes: number }
  | { readonly type: 'open'; readonly socket: Socket; readonly to: Endpoint; readonly stream: StreamId }
  | { readonly type: 'transmit'; readonly stream: StreamId; readonly message: M; readonly bytes: number }
  | { readonly type: 'close'; readonly stream: StreamId }
  | { readonly type: 'setTimer'; readonly kind: number; readonly subject: number; readonly after: Duration }
  | { readonly type: 'cancelTimer'; readonly kind: number; readonly subject: number }
  | { readonly type: 'append'; readonly file: string; readonly record: unknown; readonly bytes: number; readonly write: number }
  | {
      readonly type: 'replace';
      readonly file: string;
      readonly records: readonly unknown[];
      readonly bytes: number;
      readonly write: number;
    }
  | { readonly type: 'truncate'; readonly file: string; readonly length: number; readonly write: number }
  | { readonly type: 'sync'; readonly file: string; readonly write: number }
  | { readonly type: 'reply'; readonly command: number; readonly result: unknown }
  | { readonly type: 'cell'; readonly subject: number; readonly field: number; readonly value: number | string }
  | { readonly type: 'announce'; readonly notice: Notice }
  | { readonly type: 'log'; readonly line: string }
);

/** Whether the own host refuses a datagram at once, so that `send` returns false. */
export type Refusal = (socket: Socket, to: Endpoint, bytes: number) => boolean;

/** What all parts of one process write into. */
interface Collection {
  calls: Call[];
  streams: number;
  refuses: Refusal;
}

/** An `Out` that carries nothing out: it keeps every call, of all parts, in order, for a test to read. */
export class CollectingOut<M = unknown> implements Out<M> {
  private readonly part: Part;
  private readonly collection: Collection;

  /** @param refuses which sends fail at the own host; none unless said otherwise. A refused send is collected too. */
  constructor(refuses: Refusal = () => false, part = 0 as Part, collection: Collection = { calls: [], streams: 0, refuses }) {
    this.part = part;
    this.collection = collection;
  }

  /** The calls since the last `take`, which are forgotten here. */
  take(): Call<M>[] {
    const { calls } = this.collection;
    this.collection.calls = [];
    return calls as Call<M>[];
  }

  send(socket: Socket, to: Endpoint, message: M, bytes: number): boolean {
    this.collect({ part: this.part, type: 'send', socket, to, message, bytes });
    return !this.collection.refuses(socket, to, bytes);
  }

  /** Stream ids count from 1, over all parts. */
  open(socket: Socket, to: Endpoint): StreamId {
    const stream = ++this.collection.streams as StreamId;
    this.collect({ part: this.part, type: 'open', socket, to, stream });
    return stream;
  }

  transmit(stream: StreamId, message: M, bytes: number): void {
    this.collect({ part: this.part, type: 'transmit', stream, message, bytes });
  }

  close(stream: StreamId): void {
    this.collect({ part: this.part, type: 'close', stream });
  }

  setTimer(kind: number, subject: number, after: Duration): void {
    this.collect({ part: this.part, type: 'setTimer', kind, subject, after });
  }

  cancelTimer(kind: number, subject: number): void {
    this.collect({ part: this.part, type: 'cancelTimer', kind, subject });
  }

  append(file: string, record: unknown, bytes: number, write: number): void {
    this.collect({ part: this.part, type: 'append', file, record, bytes, write });
  }

  replace(file: string, records: readonly unknown[], bytes: number, write: number): void {
    this.collect({ part: this.part, type: 'replace', file, records, bytes, write });
  }

  truncate(file: string, length: number, write: number): void {
    this.collect({ part: this.part, type: 'truncate', file, length, write });
  }

  sync(file: string, write: number): void {
    this.collect({ part: this.part, type: 'sync', file, write });
  }

  reply(command: number, result: unknown): void {
    this.collect({ part: this.part, type: 'reply', command, result });
  }

  cell(subject: number, field: number, value: number | string): void {
    this.collect({ part: this.part, type: 'cell', subject, field, value });
  }

  announce(notice: Notice): void {
    this.collect({ part: this.part, type: 'announce', notice });
  }

  log(line: string): void {
    this.collect({ part: this.part, type: 'log', line });
  }

  of(part: Part): Out<never> {
    return new CollectingOut<never>(this.collection.refuses, part, this.collection);
  }

  private collect(call: Call): void {
    this.collection.calls.push(call);
  }
}
