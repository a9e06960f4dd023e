import type { Gossip } from '../../core/gossip/gossip.ts';
import type { Endpoint } from '../../core/names.ts';
import type { Boot, Out, Protocol, Socket, StreamEvent, StreamId, WriteOutcome } from '../../core/protocol.ts';
import type { Duration, Instant } from '../../core/time.ts';

/** When a node is slow: blocked for a time, then well for a time, over and over. */
export interface Slowness {
  readonly first: Duration;
  readonly blocked: Duration;
  readonly well: Duration;
}

/**
 * A memberlist node on a machine that has no time for it: while it is blocked whatever it sends and whatever it is sent waits, and its
 * timers go on. So the authors of Lifeguard made agents slow.
 */
export class Sluggish implements Protocol<never, never> {
  readonly state: object;
  readonly cells: readonly string[];
  readonly timers: readonly string[];

  private readonly gossip: Gossip;
  private readonly slowness: Slowness;
  private isBlocked = false;
  /** What waits, oldest first. */
  private readonly outgoing: (() => void)[] = [];
  private readonly incoming: ((now: Instant, out: Out<never>) => void)[] = [];

  constructor(gossip: Gossip, slowness: Slowness) {
    this.gossip = gossip;
    this.slowness = slowness;
    this.state = gossip.state;
    this.cells = gossip.cells;
    this.timers = [...gossip.timers, 'blocked', 'well'];
  }

  start(now: Instant, boot: Boot, out: Out<never>): void {
    out.setTimer(this.blocks, 0, this.slowness.first);
    this.gossip.start(now, boot, this.slowed(out));
  }

  receive(now: Instant, socket: Socket, from: Endpoint, message: never, out: Out<never>): void {
    this.take(now, out, (then, to) => this.gossip.receive(then, socket, from, message, to));
  }

  stream(now: Instant, stream: StreamId, event: StreamEvent<never>, out: Out<never>): void {
    this.take(now, out, (then, to) => this.gossip.stream(then, stream, event, to));
  }

  timeout(now: Instant, kind: number, subject: number, out: Out<never>): void {
    if (kind === this.blocks) {
      this.isBlocked = true;
      out.setTimer(this.blocks + 1, 0, this.slowness.blocked);
    } else if (kind === this.blocks + 1) {
      this.release(now, out);
      out.setTimer(this.blocks, 0, this.slowness.well);
    } else {
      this.gossip.timeout(now, kind, subject, this.slowed(out));
    }
  }

  command(now: Instant, id: number, command: never, out: Out<never>): void {
    this.gossip.command(now, id, command, this.slowed(out));
  }

  written(_now: Instant, _write: number, _outcome: WriteOutcome): void {}

  project(visit: (subject: number, field: number, value: number | string) => void): void {
    this.gossip.project(visit);
  }

  /** The timer that blocks; the one after it ends that. */
  private get blocks(): number {
    return this.gossip.timers.length;
  }

  private take(now: Instant, out: Out<never>, give: (now: Instant, out: Out<never>) => void): void {
    if (this.isBlocked) this.incoming.push(give);
    else give(now, this.slowed(out));
  }

  private release(now: Instant, out: Out<never>): void {
    this.isBlocked = false;
    for (const send of this.outgoing.splice(0)) send();
    for (const give of this.incoming.splice(0)) give(now, this.slowed(out));
  }

  /** What the node acts by: it does not notice that its packets wait. */
  private slowed(out: Out<never>): Out<never> {
    const later = (act: () => void): void => {
      if (this.isBlocked) this.outgoing.push(act);
      else act();
    };
    return {
      send: (socket, to, message, bytes) => {
        later(() => out.send(socket, to, message, bytes));
        return true;
      },
      open: (socket, to) => out.open(socket, to),
      transmit: (stream, message, bytes) => later(() => out.transmit(stream, message, bytes)),
      close: (stream) => later(() => out.close(stream)),
      setTimer: (kind, subject, after) => out.setTimer(kind, subject, after),
      cancelTimer: (kind, subject) => out.cancelTimer(kind, subject),
      append: (file, record, bytes, write) => out.append(file, record, bytes, write),
      replace: (file, records, bytes, write) => out.replace(file, records, bytes, write),
      truncate: (file, length, write) => out.truncate(file, length, write),
      sync: (file, write) => out.sync(file, write),
      reply: (command, result) => out.reply(command, result),
      cell: (subject, field, value) => out.cell(subject, field, value),
      announce: (notice) => out.announce(notice),
      log: (line) => out.log(line),
      of: (part) => out.of(part),
    };
  }
}
