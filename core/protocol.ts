import type { Address } from './address.ts';
import type { Brand } from './brand.ts';
import type { Endpoint } from './names.ts';
import type { Duration, Instant } from './time.ts';

/** One of a protocol's own sockets: its place in the list of sockets that the protocol was given. */
export type Socket = Brand<number, 'Socket'>;

/** A connection of this process, like a file descriptor; given by `Out.open` or by an `accepted` event, never used again. */
export type StreamId = Brand<number, 'StreamId'>;

/** A protocol's place among the protocols of its process. */
export type Part = Brand<number, 'Part'>;

/** Plain data: numbers, strings, booleans, undefined, null, typed arrays, arrays, maps, sets and plain objects of these. */
export type State = object;

/** What a write to a file ended as. After `full` or `error` the file is as it was before that write. */
export type WriteOutcome = 'ok' | 'full' | 'error';

/** What a protocol finds when it starts. */
export interface Boot {
  /** How often this process was started before on this host, by anyone: 0 the first time. */
  readonly count: number;
  /** What the disk kept: for each file its records in order. */
  readonly files: ReadonlyMap<string, readonly unknown[]>;
}

/** What happened to a stream. */
export type StreamEvent<M> =
  /** A peer connected to this socket of ours. */
  | { readonly type: 'accepted'; readonly socket: Socket; readonly from: Endpoint }
  /** Our `open` was answered: what we transmit will arrive while the stream lives. */
  | { readonly type: 'opened' }
  | { readonly type: 'data'; readonly message: M; readonly bytes: number }
  /** The peer closed its end and everything it sent has arrived. */
  | { readonly type: 'closed' }
  /** Torn down at once: the peer's host lives and knows no such connection, or its process died with data unread (RST). */
  | { readonly type: 'reset' }
  /** Our `open` reached a host where nobody listens (RST to a SYN). */
  | { readonly type: 'refused' }
  /** Our `open` met no route, or a next hop that answers no ARP (ICMP host or net unreachable). */
  | { readonly type: 'unreachable' }
  /** Retransmissions were given up: nobody answered. */
  | { readonly type: 'timed-out' };

/**
 * What a protocol does to its world. The simulator carries each call out at once; a test collects them as data.
 *
 * Nothing here is asynchronous and nothing but `send`, `open` and `of` returns a value. Messages are plain readonly data,
 * carried by reference and never changed after they were handed over.
 */
export interface Out<M> {
  /**
   * Sends one datagram or whole message; `to` may be a multicast group or a broadcast address.
   *
   * @param bytes its size on the wire above the transport header (UDP payload)
   * @returns false when the own host refused at once: no route, interface down, larger than a datagram can be
   */
  send(socket: Socket, to: Endpoint, message: M, bytes: number): boolean;

  /** Starts to connect; what becomes of it arrives as a stream event. */
  open(socket: Socket, to: Endpoint): StreamId;
  /** Queues one message on a stream; may be called before `opened`. Without effect on a stream that has ended. */
  transmit(stream: StreamId, message: M, bytes: number): void;
  /** Ends our half after what was transmitted has been sent. No event arrives on this stream any more. */
  close(stream: StreamId): void;

  /** Calls `timeout(kind, subject)` once, `after` from now on the host's clock. A pending one of the same kind and subject is replaced. */
  setTimer(kind: number, subject: number, after: Duration): void;
  cancelTimer(kind: number, subject: number): void;

  /** Adds a record at the end of a file. `write` comes back in `written`; until a later `sync` did, a crash may lose it. */
  append(file: string, record: unknown, bytes: number, write: number): void;
  /** Replaces a whole file in one step, as a rename over it does. */
  replace(file: string, records: readonly unknown[], bytes: number, write: number): void;
  /** Keeps the first `length` records of a file. */
  truncate(file: string, length: number, write: number): void;
  /** Makes all earlier writes to the file survive a crash. */
  sync(file: string, write: number): void;

  /** Answers a command; a command may be answered later, and only once. */
  reply(command: number, result: unknown): void;
  /**
   * Shows a value to the world: traces, pictures and checks see cells and nothing else of a protocol. Called when the value changes.
   *
   * @param subject whom it is about, a `NameId`
   * @param field its place in the protocol's `cells`
   */
  cell(subject: number, field: number, value: number | string): void;
  /** Tells the rest of the process something: a member joined, a log entry was committed. */
  announce(notice: Notice): void;
  /** One line for the log, as the real program would write it, without its time stamp. */
  log(line: string): void;

  /** The `Out` of another protocol of the same process, to hand down when calling it. */
  of(part: Part): Out<never>;
}

/** What a protocol announces: plain readonly data, told apart by `type`. */
export interface Notice {
  readonly type: string;
}

/** A socket that a protocol is to be given. */
export interface SocketSpec {
  /** `message` is lossy and unordered as `udp`, but whole whatever its size: the transport of the Raft papers. */
  readonly transport: 'udp' | 'stream' | 'message';
  /** The local address to bind; absent for any. */
  readonly address?: Address;
  /** The local port; 0 for an ephemeral one. */
  readonly port: number;
  /** Multicast groups to join, on `interface` or on the host's first. */
  readonly groups?: readonly Address[];
  /** The interface that multicast leaves by and groups are joined on. */
  readonly interface?: string;
  /** TTL of multicast packets; 1 unless said otherwise, as on Linux. */
  readonly multicastTtl?: number;
  /** Shares its port with other sockets bound this way (SO_REUSEADDR for multicast). */
  readonly shared?: boolean;
}

/**
 * A protocol: a state machine without I/O, the same in the simulator, in a test and, later, on a real network.
 *
 * Same state, `now`, input and random stream: the same calls on `out` in the same order. `now` is the host's clock, which may run
 * at its own speed. A protocol never throws on what the network brings.
 */
export interface Protocol<M = unknown, C = unknown> {
  /** Everything that changes. The world saves, restores, digests and compares it. */
  readonly state: State;
  /** The names of the cells it writes, in the order of their numbers. */
  readonly cells: readonly string[];
  /** The names of its timers, in the order of their kinds. */
  readonly timers: readonly string[];

  start(now: Instant, boot: Boot, out: Out<M>): void;
  receive(now: Instant, socket: Socket, from: Endpoint, message: M, out: Out<M>): void;
  stream(now: Instant, stream: StreamId, event: StreamEvent<M>, out: Out<M>): void;
  /** A timer that was set. A late one is harmless: kind and subject say what it was about, and the state whether it still is. */
  timeout(now: Instant, kind: number, subject: number, out: Out<M>): void;
  command(now: Instant, id: number, command: C, out: Out<M>): void;
  written(now: Instant, write: number, outcome: WriteOutcome, out: Out<M>): void;

  /**
   * Visits all its cells as its state has them: what a trace shows from a keyframe on. The cells written since then, over these,
   * equal what it would visit now. A subject that is shown no more was last written as `''`.
   */
  project?(visit: (subject: number, field: number, value: number | string) => void): void;
  /** Called after `state` was restored: whatever was derived from it and kept outside is out of date. */
  restored?(): void;
}
