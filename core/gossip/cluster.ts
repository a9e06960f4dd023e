import type { Address } from '../address.ts';
import { assert } from '../assert.ts';
import { Xoshiro } from '../laws/xoshiro.ts';
import { type Endpoint, type NameId, Names } from '../names.ts';
import type { Notice, Out, Part, Protocol, Socket, StreamEvent, StreamId } from '../protocol.ts';
import { add, type Duration, formatInstant, type Instant, milliseconds, START, seconds } from '../time.ts';

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

interface Stream {
  readonly node: ClusterNode;
  readonly part: number;
  /** The other end, by its id at the other node; undefined until connected. */
  peer: { readonly node: ClusterNode; readonly part: number; readonly id: StreamId } | undefined;
  arrives: Instant;
}

const PORT = 7946;
const FIRST_ADDRESS = 0x0a_00_00_01;
/** When Linux repeats an unanswered SYN first, and after which wait it gives up. */
const SYN_AGAIN_AFTER = seconds(1);
const SYN_GIVES_UP = seconds(64);

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

  /** Sees every cell that a protocol writes, and what it was before. */
  showed: (change: Shown) => void = () => {};

  private readonly seed: number;
  /** The latest first, so that the next is at the end. */
  private readonly pending: Pending[] = [];
  private orders = 0;

  constructor(seed = 1) {
    this.seed = seed;
  }

  /** Starts a node; a name that ran before starts again at its address, with nothing kept. */
  boot<P extends Protocol<never, never>[]>(name: string, make: (place: Place) => [...P]): [...P] {
    const before = this.nodes.get(name);
    const address = before?.address ?? ((FIRST_ADDRESS + this.nodes.size) as Address);
    const boots = (before?.boots ?? 0) + 1;
    const endpoint = this.names.endpoint(address, PORT);
    const random = new Xoshiro(this.seed, `${name} ${boots}`);
    const parts = make({ name: this.names.id(name), endpoint, names: this.names, random });
    const node = new ClusterNode(this, name, address, boots, parts);
    this.nodes.set(name, node);
    for (const [i, part] of parts.entries()) {
      part.start(this.now, { count: boots - 1, files: new Map() }, node.outs[i] as ClusterOut);
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
  readonly log: string[] = [];
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
    this.part(part).command(this.cluster.now, id, command as never, this.out(part));
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
      if (!this.up || !this.streams.has(id)) return;
      if (event.type === 'reset' || event.type === 'refused' || event.type === 'timed-out') this.streams.delete(id);
      this.part(stream.part).stream(cluster.now, id, event, this.out(stream.part));
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

export class ClusterOut implements Out<never> {
  private readonly node: ClusterNode;
  private readonly part: number;

  constructor(node: ClusterNode, part: number) {
    this.node = node;
    this.part = part;
  }

  send(socket: Socket, to: Endpoint, message: never, bytes: number): boolean {
    const { cluster } = this.node;
    const receiver = cluster.at(cluster.names.address(to));
    if (receiver === undefined || this.isLost(receiver, message, bytes, false)) return true;
    const from = cluster.endpoint(this.node.name);
    cluster.schedule(cluster.delay, () => {
      const node = cluster.nodes.get(receiver.name);
      if (node?.up !== true) return;
      node.part(this.part).receive(cluster.now, socket, from, message, node.out(this.part));
    });
    return true;
  }

  open(_socket: Socket, to: Endpoint): StreamId {
    const id = this.node.newStream(this.part);
    this.connect(id, to, SYN_AGAIN_AFTER);
    return id;
  }

  /** Sends a SYN, and another one twice as late each time that it is lost, as Linux does. */
  private connect(id: StreamId, to: Endpoint, again: Duration): void {
    const { node, part } = this;
    const { cluster } = node;
    const server = cluster.at(cluster.names.address(to));
    if (server === undefined || server.silent || this.isLost(server, { type: 'syn' } as never, 0, true)) {
      if (again >= SYN_GIVES_UP) node.bring(id, { type: 'timed-out' }, again);
      else cluster.schedule(again, () => node.streams.has(id) && this.connect(id, to, (2 * again) as Duration));
      return;
    }
    if (!server.up) return node.bring(id, { type: 'refused' }, (2 * cluster.delay) as Duration);
    const far = server.newStream(part);
    (node.streams.get(id) as Stream).peer = { node: server, part, id: far };
    (server.streams.get(far) as Stream).peer = { node, part, id };
    const from = cluster.names.endpoint(node.address, 40_000 + id);
    server.bring(far, { type: 'accepted', socket: 1 as Socket, from });
    node.bring(id, { type: 'opened' }, (2 * cluster.delay) as Duration);
    for (const { message, bytes } of node.unsent.get(id) ?? []) this.transmit(id, message, bytes);
    node.unsent.delete(id);
  }

  transmit(stream: StreamId, message: never, bytes: number): void {
    const held = this.node.streams.get(stream);
    if (held === undefined) return;
    const { peer } = held;
    if (peer === undefined) {
      this.node.unsent.set(stream, [...(this.node.unsent.get(stream) ?? []), { message, bytes }]);
      return;
    }
    if (this.isLost(peer.node, message, bytes, true)) peer.node.reset(peer.id, peer.node.streams.get(peer.id));
    else peer.node.bring(peer.id, { type: 'data', message, bytes });
  }

  close(stream: StreamId): void {
    const peer = this.node.streams.get(stream)?.peer;
    this.node.streams.delete(stream);
    peer?.node.bring(peer.id, { type: 'closed' });
  }

  setTimer(kind: number, subject: number, after: Duration): void {
    const { node, part } = this;
    const key = `${part} ${kind} ${subject}`;
    const order = node.cluster.schedule(after, () => {
      if (!node.up || node.timers.get(key) !== order) return;
      node.timers.delete(key);
      node.part(part).timeout(node.cluster.now, kind, subject, this);
    });
    node.timers.set(key, order);
  }

  cancelTimer(kind: number, subject: number): void {
    this.node.timers.delete(`${this.part} ${kind} ${subject}`);
  }

  append(): void {}
  replace(): void {}
  truncate(): void {}
  sync(): void {}

  reply(command: number, result: unknown): void {
    this.node.replies.set(command, result);
  }

  cell(subject: number, field: number, value: number | string): void {
    const { node, part } = this;
    const name = node.part(part).cells[field] ?? '';
    const key = `${part} ${subject} ${name}`;
    node.cluster.showed({ node: node.name, part, subject, field: name, value, before: node.cells.get(key) });
    node.cells.set(key, value);
  }

  announce(notice: Notice): void {
    this.node.notices.push(notice);
  }

  log(line: string): void {
    this.node.log.push(`${formatInstant(this.node.cluster.now, 3)} ${line}`);
  }

  of(part: Part): Out<never> {
    return this.node.out(part);
  }

  private isLost(to: ClusterNode, message: never, bytes: number, streamed: boolean): boolean {
    const passing = { from: this.node.name, to: to.name, message, bytes, streamed };
    const lost = this.node.cluster.loses(passing);
    if (!lost) this.node.cluster.passed(passing);
    return lost;
  }
}
