import { unreachable } from '../assert.ts';
import type { Endpoint } from '../names.ts';
import type { Boot, Out, Protocol, Socket, StreamEvent, StreamId, WriteOutcome } from '../protocol.ts';
import type { Instant } from '../time.ts';

/** One input of a protocol as data: a call of one of its methods. */
export type Input<M = unknown, C = unknown> =
  | { readonly type: 'start'; readonly boot: Boot }
  | { readonly type: 'receive'; readonly socket: Socket; readonly from: Endpoint; readonly message: M }
  | { readonly type: 'stream'; readonly stream: StreamId; readonly event: StreamEvent<M> }
  | { readonly type: 'timeout'; readonly kind: number; readonly subject: number }
  | { readonly type: 'command'; readonly id: number; readonly command: C }
  | { readonly type: 'written'; readonly write: number; readonly outcome: WriteOutcome };

export function give<M, C>(protocol: Protocol<M, C>, now: Instant, input: Input<M, C>, out: Out<M>): void {
  switch (input.type) {
    case 'start':
      return protocol.start(now, input.boot, out);
    case 'receive':
      return protocol.receive(now, input.socket, input.from, input.message, out);
    case 'stream':
      return protocol.stream(now, input.stream, input.event, out);
    case 'timeout':
      return protocol.timeout(now, input.kind, input.subject, out);
    case 'command':
      return protocol.command(now, input.id, input.command, out);
    case 'written':
      return protocol.written(now, input.write, input.outcome, out);
    default:
      return unreachable(input);
  }
}

/** An input in a few words. */
export function tell<M, C>({ timers }: Protocol<M, C>, input: Input<M, C>): string {
  switch (input.type) {
    case 'timeout':
      return `timer ${timers[input.kind] ?? input.kind} ${input.subject}`;
    case 'stream':
      return `stream ${input.stream} ${input.event.type}`;
    case 'written':
      return `write ${input.write} ${input.outcome}`;
    default:
      return input.type;
  }
}
