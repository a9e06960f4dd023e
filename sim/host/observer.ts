import type { Endpoint } from '../../core/names.ts';
import type { Boot, Notice, Protocol, Socket, StreamEvent, StreamId, WriteOutcome } from '../../core/protocol.ts';
import type { Instant } from '../../core/time.ts';

/** A protocol of a running process, for those who look at it. The same object as long as the process runs, or until a restore. */
export interface ObservedPart {
  readonly node: number;
  readonly pid: number;
  /** The program's name: `serf`. */
  readonly program: string;
  /** Its place among the protocols of its process. */
  readonly place: number;
  /** Its name there: `gossip`. */
  readonly name: string;
  readonly protocol: Protocol<never, never>;
  /** Whether its process takes what has come some time ago, as it stood still or its host was busy; its timers may be late too. */
  readonly late: boolean;
}

/** What a protocol is given. */
export type ProtocolInput =
  | { readonly type: 'start'; readonly boot: Boot }
  | { readonly type: 'receive'; readonly socket: Socket; readonly from: Endpoint; readonly message: unknown }
  | { readonly type: 'stream'; readonly stream: StreamId; readonly event: StreamEvent<unknown> }
  | { readonly type: 'timeout'; readonly kind: number; readonly subject: number }
  | { readonly type: 'command'; readonly id: number; readonly command: unknown }
  | { readonly type: 'written'; readonly write: number; readonly outcome: WriteOutcome }
  /** No input: it was made one of those who have long run together, and its state with it. */
  | { readonly type: 'converged' };

/**
 * Looks at everything that protocols are given and do, from beside them; to be put among `Hosts.observers`.
 *
 * It is told at once, in the middle of what goes on, so it may look at whatever it likes and change nothing: no state, and no name that the
 * world does not have yet. Times are those of the host's clock.
 */
export interface Observer {
  /** Something is about to be given to a protocol. */
  feeding?(part: ObservedPart, now: Instant, input: ProtocolInput): void;
  /** A protocol has done all that it does about an input. */
  fed?(part: ObservedPart, now: Instant, input: ProtocolInput): void;
  /** A datagram or whole message, and whether the own host took it. */
  sent?(part: ObservedPart, to: Endpoint, message: unknown, bytes: number, accepted: boolean): void;
  /** A message on a stream. */
  transmitted?(part: ObservedPart, stream: StreamId, message: unknown, bytes: number): void;
  /** A cell, by its place among the protocol's. */
  showed?(part: ObservedPart, subject: number, field: number, value: number | string): void;
  announced?(part: ObservedPart, notice: Notice): void;
  /** Its process has ended, or its host has crashed; what its disk keeps is not yet decided. */
  ended?(part: ObservedPart): void;
  /** What it remembers, as plain data that shares nothing with it: the world is saved. */
  saved?(): object;
  /**
   * The world was restored: all parts that run are others than before, and these.
   *
   * @param saved what it remembered when the world was saved; undefined when it was not there
   */
  restored?(parts: readonly ObservedPart[], saved: object | undefined): void;
}
