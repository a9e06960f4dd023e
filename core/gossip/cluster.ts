import type { Address } from '../address.ts';
import { assert } from '../assert.ts';
import { Xoshiro } from '../laws/xoshiro.ts';
import { type Endpoint, type NameId, Names } from '../names.ts';
import type { Notice, Protocol, StreamEvent, StreamId, WriteOutcome } from '../protocol.ts';
import { add, type Duration, formatInstant, type Instant, milliseconds, START } from '../time.ts';
import { ClusterOut } from './cluster-out.ts';

/** What a node of a cluster is made of. */
export interface Place {
  readonly name: NameId;
  readonly endpoint: Endpoint;
  readonly names: Names;
  readonly random: Xoshiro;
}

/** A packet or message of a stream under way. */
export interface Passing {
  readonly from: string;
  readonly to: string;
  readonly message: { readonly type: string };
  readonly bytes: number;
  readonly streamed: boolean;
}

/** What a protocol is given. */
export type Input =
  | { readonly type: 'start' }
  | { readonly type: 'receive'; readonly from: Endpoint; readonly message: unknown }
  | { readonly type: 'stream'; readonly stream: StreamId; readonly event: StreamEvent<unknown> }
  | { readonly type: 'timeout'; readonly kind: number; readonly subject: number }
  | { readonly type: 'written'; readonly outcome: WriteOutcome }
  | { readonly type: 'command'; readonly command: unknown };

/** A cell that changed. */
export interface Shown {
  readonly node: string;
  readonly part: number;
  readonly subject: number;
  readonly field: string;
  readonly value: number | string;
  readonly before: number | string | undefined;
}

interface Pending {
  readonly at: Instant;
  readonly order: number;
  readonly act: () => void;
}

export interface Stream {
  readonly node: ClusterNode;
  readonly part: number;
  /** The other end, by its id at the other node; undefined until connected. */
  peer: { readonly node: ClusterNode; readonly part: number; readonly id: StreamId } | undefined;
  arrives: Instant;
}

/** Where all nodes listen, and the address of the first; those after it have the next ones. */
export const PORT = 7946;
export const FIRST_ADDRESS = 0x0a_00_00_01;

/**
 * A few hosts with one process each and a network that takes the same time for everything and loses what it is told to: for tests
 * that want to know exactly what happens when. Every protocol has a datagram and a stream socket at port 7946.
 */
export class Cluster {
  readonly names = new Names();
  readonly nodes = new Map<string, ClusterNode>();
  now: Instant = START;
  /** One way. */
  delay: Duration = milliseconds(1);
  /** Looks at everything that is sent, and says whether it is lost. What is lost of a stream resets it. */
  loses: (passing: Passing) => boolean = () => false;
  /** Sees what was sent and not lost. */
  passed: (passing: Passing) => void = () => {};
  /** When each copy of a datagram arrives, counted from now. */
  copies: (passing: Passing) => readonly Duration[] = () => [this.delay];
  /** Whether the sender's own host refuses a datagram, as it does when it knows no way. */
  refuses: (passing: Passing) => boolean = () => false;
  /** Sees every datagram, and with `to` undefined every message of a stream, that a protocol sends, whatever becomes of it. */
  sent: (from: string, to: Endpoint | undefined, message: unknown, bytes: number) => void = () => {};

  /** Sees every cell that a protocol writes, and what it was before. */
  showed: (change: Shown) => void = () => {};
  /** The files that are there when a node is started for the first time. */
  given: ReadonlyMap<string, readonly unknown[]> = new Map();
  /** Called before and after a protocol is given something. */
  feeding: (node: ClusterNode, part: number, input: Input) => void = () => {};
  fed: (node: ClusterNode, part: number, input: Input) => void = () => {};

  private readonly seed: number;
  /** The latest first, so that the next is at the end. */
  private readonly pending: Pending[] = [];
  private orders = 0;

  constructor(seed = 1) {
    this.seed = seed;
  }

  /** Starts a node; a name that ran before starts again at its address, with nothing kept but its files. */
  boot<P extends Protocol<never, never>[]>(name: string, make: (place: Place) => [...P]): [...P] {
    const before = this.nodes.get(name);
    const address = before?.address ?? ((FIRST_ADDRESS + this.nodes.size) as Address);
    const boots = (before?.boots ?? 0) + 1;
    const endpoint = this.names.endpoint(address, PORT);
    const random = new Xoshiro(this.seed, `${name} ${boots}`);
    const parts = make({ name: this.names.id(name), endpoint, names: this.names, random });
    const node = new ClusterNode(this, name, address, boots, parts);
    for (const [file, records] of before?.files ?? this.given) {
      node.files.set(file, records);
      node.durable.set(file, records);
    }
    this.nodes.set(name, node);
    for (const [i, part] of parts.entries()) {
      const start = { count: boots - 1, files: node.files };
      node.feed(i, { type: 'start' }, (out) => part.start(this.now, start, out));
    }
    return parts;
  }

  /** Ends a node's process; its host still refuses connections, unless it is silent. */
  kill(name: string, silent = false): void {
    const node = this.node(name);
    node.up = false;
    node.silent = silent;
    for (const [id, stream] of node.streams) node.reset(id, stream);
  }

  /** Ends a node's process and its host: of its files that is left which had reached the disk. */
  cutPower(name: string): void {
    const { files, durable } = this.node(name);
    this.kill(name, true);
    for (const [file, records] of durable) files.set(file, records);
  }

  /** Stops a process; what it is given meanwhile waits. */
  pause(name: string): void {
    this.node(name).backlog ??= [];
  }

  resume(name: string): void {
    const node = this.node(name);
    const waited = node.backlog ?? [];
    node.backlog = undefined;
    node.resumedAt = this.now;
    for (const act of waited) act();
  }

  node(name: string): ClusterNode {
    const node = this.nodes.get(name);
    assert(node !== undefined, () => `there is no node ${name}`);
    return node;
  }

  endpoint(name: string): Endpoint {
    return this.names.endpoint(this.node(name).address, PORT);
  }

  run(duration: Duration): void {
    this.runUntil(add(this.now, duration));
  }

  runUntil(end: Instant): void {
    for (let next = this.first(end); next !== undefined; next = this.first(end)) {
      this.now = next.at;
      next.act();
    }
    this.now = end;
  }

  /** Runs until the condition holds, and says when that was; fails at the limit. */
  when(condition: () => boolean, limit: Duration): Instant {
    const end = add(this.now, limit);
    while (!condition()) {
      const next = this.first(end);
      assert(next !== undefined, () => `did not happen until ${formatInstant(end, 3)} s`);
      this.now = next.at;
      next.act();
    }
    return this.now;
  }

  schedule(after: Duration, act: () => void): number {
    const { pending } = this;
    const order = this.orders++;
    const at = add(this.now, after);
    let low = 0;
    let high = pending.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((pending[middle] as Pending).at > at) low = middle + 1;
      else high = middle;
    }
    pending.splice(low, 0, { at, order, act });
    return order;
  }

  at(address: Address): ClusterNode | undefined {
    return [...this.nodes.values()].find((node) => node.address === address);
  }

  private first(end: Instant): Pending | undefined {
    const next = this.pending.at(-1);
    return next === undefined || next.at > end ? undefined : this.pending.pop();
  }
}

export class ClusterNode {
  readonly cluster: Cluster;
  readonly name: string;
  readonly address: Address;
  readonly boots: number;
  readonly parts: readonly Protocol<never, never>[];
  readonly outs: readonly ClusterOut[];
  readonly streams = new Map<StreamId, Stream>();
  /** What was written before the connection was there. */
  readonly unsent = new Map<StreamId, { message: never; bytes: number }[]>();
  readonly timers = new Map<string, number>();
  up = true;
  silent = false;
  /** What waits while the process is paused; undefined while it is not. */
  backlog: (() => void)[] | undefined;
  resumedAt: Instant | undefined;
  readonly log: string[] = [];
  /** What its protocols have in files, all together. */
  readonly files = new Map<string, readonly unknown[]>();
  /** What of that is left when the power fails. */
  readonly durable = new Map<string, readonly unknown[]>();
  /** What writes come to from now on. */
  writes: WriteOutcome = 'ok';
  readonly notices: Notice[] = [];
  readonly replies = new Map<number, unknown>();
  /** Cells by part, subject and field. */
  readonly cells = new Map<string, number | string>();
  private nextStream = 1;

  constructor(cluster: Cluster, name: string, address: Address, boots: number, parts: readonly Protocol<never, never>[]) {
    this.cluster = cluster;
    this.name = name;
    this.address = address;
    this.boots = boots;
    this.parts = parts;
    this.outs = parts.map((_, part) => new ClusterOut(this, part));
  }

  command(part: number, id: number, command: unknown): void {
    this.feed(part, { type: 'command', command }, (out) => this.part(part).command(this.cluster.now, id, command as never, out));
  }

  /** Gives a protocol something, unless the process is gone or it is not due any more; a paused one gets it later. */
  feed(part: number, input: Input, give: (out: ClusterOut) => void, isDue: () => boolean = () => true): void {
    const { cluster } = this;
    if (!this.up || !isDue()) return;
    if (this.backlog !== undefined) {
      this.backlog.push(() => this.feed(part, input, give, isDue));
      return;
    }
    cluster.feeding(this, part, input);
    give(this.out(part));
    cluster.fed(this, part, input);
  }

  cell(subject: string, field: string, part = 0): number | string | undefined {
    return this.cells.get(`${part} ${this.cluster.names.id(subject)} ${field}`);
  }

  newStream(part: number): StreamId {
    const id = this.nextStream++ as StreamId;
    this.streams.set(id, { node: this, part, peer: undefined, arrives: this.cluster.now });
    return id;
  }

  /** Brings a stream event after the usual delay, and after all before it. */
  bring(id: StreamId, event: StreamEvent<never>, after: Duration = this.cluster.delay): void {
    const stream = this.streams.get(id);
    if (stream === undefined) return;
    const { cluster } = this;
    stream.arrives = Math.max(stream.arrives, add(cluster.now, after)) as Instant;
    cluster.schedule((stream.arrives - cluster.now) as Duration, () => {
      const give = (out: ClusterOut): void => {
        if (event.type === 'reset' || event.type === 'refused' || event.type === 'timed-out') this.streams.delete(id);
        this.part(stream.part).stream(cluster.now, id, event, out);
      };
      this.feed(stream.part, { type: 'stream', stream: id, event }, give, () => this.streams.has(id));
    });
  }

  reset(id: StreamId, stream: Stream | undefined): void {
    this.streams.delete(id);
    stream?.peer?.node.bring(stream.peer.id, { type: 'reset' });
  }

  part(part: number): Protocol<never, never> {
    return this.parts[part] as Protocol<never, never>;
  }

  out(part: number): ClusterOut {
    return this.outs[part] as ClusterOut;
  }
}
