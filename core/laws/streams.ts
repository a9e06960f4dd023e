import type { Endpoint } from '../names.ts';
import type { Socket, StreamEvent, StreamId } from '../protocol.ts';
import { add, type Duration, type Instant, seconds } from '../time.ts';
import { addressOf, type ClosedWorld } from './world.ts';

/** One end of a connection. */
interface End {
  /** The node at the other end; undefined for a stranger. */
  readonly peer: number | undefined;
  readonly far: StreamId;
  /** When the latest event will have arrived here; the next one comes after it. */
  arrived: Instant;
}

/** Ids of accepted streams are counted from here; those of opened ones are the `Out`'s to give. */
const FIRST_ACCEPTED = 1_000_000;
/** The ports that connections come from. */
const FIRST_EPHEMERAL = 32_768;
const EPHEMERAL = 28_232;

/** The connections of the closed world: in order while they live, now and then refused, reset or timed out. */
export class Streams<M, C> {
  private readonly world: ClosedWorld<M, C>;
  private readonly ends = new Map<number, Map<StreamId, End>>();
  private accepted = FIRST_ACCEPTED;

  constructor(world: ClosedWorld<M, C>) {
    this.world = world;
  }

  open(node: number, to: Endpoint, stream: StreamId): void {
    const { world } = this;
    const listener = this.listener(to);
    this.endsOf(node).set(stream, { peer: undefined, far: stream, arrived: world.now });
    if (listener === undefined || world.random.chance(0.1)) {
      const problem = world.random.pick(['refused', 'unreachable', 'timed-out'] as const);
      return this.arrive(node, stream, { type: problem }, world.within(seconds(3)));
    }
    const far = this.accepted++ as StreamId;
    this.endsOf(node).set(stream, { peer: listener.node, far, arrived: world.now });
    this.endsOf(listener.node).set(far, { peer: node, far: stream, arrived: world.now });
    const from = world.names.endpoint(addressOf(node), FIRST_EPHEMERAL + (stream % EPHEMERAL));
    this.arrive(listener.node, far, { type: 'accepted', socket: listener.socket, from });
    this.arrive(node, stream, { type: 'opened' });
  }

  transmit(node: number, stream: StreamId, message: M, bytes: number): void {
    const end = this.endsOf(node).get(stream);
    if (end?.peer === undefined) return;
    if (this.world.random.chance(0.01)) {
      this.arrive(node, stream, { type: 'reset' });
      this.arrive(end.peer, end.far, { type: 'reset' });
    } else {
      this.arrive(end.peer, end.far, { type: 'data', message, bytes });
    }
  }

  close(node: number, stream: StreamId): void {
    const end = this.endsOf(node).get(stream);
    this.endsOf(node).delete(stream);
    if (end?.peer !== undefined) this.arrive(end.peer, end.far, { type: 'closed' });
  }

  crash(node: number): void {
    for (const { peer, far } of this.endsOf(node).values()) {
      if (peer !== undefined) this.arrive(peer, far, { type: 'reset' });
    }
    this.ends.delete(node);
  }

  /** A connection from somebody who is no node. */
  intrude(node: number, socket: Socket, from: Endpoint, messages: readonly M[]): void {
    const stream = this.accepted++ as StreamId;
    this.endsOf(node).set(stream, { peer: undefined, far: stream, arrived: this.world.now });
    this.arrive(node, stream, { type: 'accepted', socket, from });
    for (const message of messages) this.arrive(node, stream, { type: 'data', message, bytes: 100 });
    this.arrive(node, stream, { type: this.world.random.pick(['closed', 'reset', 'timed-out'] as const) });
  }

  /** Whether an event that is due still finds its stream; the last event of a stream ends it. */
  arrives(node: number, stream: StreamId, event: StreamEvent<M>): boolean {
    const ends = this.endsOf(node);
    const isLast = event.type !== 'accepted' && event.type !== 'opened' && event.type !== 'data' && event.type !== 'closed';
    return isLast ? ends.delete(stream) : ends.has(stream);
  }

  private listener(to: Endpoint): { node: number; socket: Socket } | undefined {
    const { subject, members } = this.world;
    for (const [node, { place }] of members.entries()) {
      const endpoints = place.neighbours[node]?.endpoints ?? [];
      const socket = endpoints.findIndex((endpoint, i) => endpoint === to && subject.sockets[i]?.transport === 'stream');
      if (socket >= 0) return { node, socket: socket as Socket };
    }
    return undefined;
  }

  private arrive(node: number, stream: StreamId, event: StreamEvent<M>, at: Instant = this.world.arrival()): void {
    const end = this.endsOf(node).get(stream);
    const member = this.world.members[node];
    if (end === undefined || member === undefined) return;
    end.arrived = Math.max(at, add(end.arrived, 1 as Duration)) as Instant;
    this.world.schedule(end.arrived, node, member.boots, { type: 'stream', stream, event });
  }

  private endsOf(node: number): Map<StreamId, End> {
    let ends = this.ends.get(node);
    if (ends === undefined) {
      ends = new Map();
      this.ends.set(node, ends);
    }
    return ends;
  }
}
