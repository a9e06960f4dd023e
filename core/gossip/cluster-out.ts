import { assert } from '../assert.ts';
import type { Endpoint } from '../names.ts';
import type { Notice, Out, Part, Socket, StreamId } from '../protocol.ts';
import { type Duration, formatInstant, seconds } from '../time.ts';
import type { ClusterNode, Stream } from './cluster.ts';

/** When Linux repeats an unanswered SYN first, and after which wait it gives up. */
const SYN_AGAIN_AFTER = seconds(1);
const SYN_GIVES_UP = seconds(64);

/** When Linux writes back what lies in its cache, by default. */
const WRITES_BACK_AFTER = seconds(30);

/** What a protocol of a cluster's node acts by. */
export class ClusterOut implements Out<never> {
  private readonly node: ClusterNode;
  private readonly part: number;

  constructor(node: ClusterNode, part: number) {
    this.node = node;
    this.part = part;
  }

  send(socket: Socket, to: Endpoint, message: never, bytes: number): boolean {
    const { cluster } = this.node;
    cluster.sent(this.node.name, to, message, bytes);
    const receiver = cluster.at(cluster.names.address(to));
    if (receiver === undefined) return true;
    const passing = { from: this.node.name, to: receiver.name, message, bytes, streamed: false };
    if (cluster.refuses(passing)) return false;
    if (cluster.loses(passing)) return true;
    cluster.passed(passing);
    const from = cluster.endpoint(this.node.name);
    for (const after of cluster.copies(passing)) {
      cluster.schedule(after, () => {
        const node = cluster.nodes.get(receiver.name);
        node?.feed(this.part, { type: 'receive', from, message }, (out) =>
          node.part(this.part).receive(cluster.now, socket, from, message, out),
        );
      });
    }
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
    assert(after >= 0, () => `a timer ${after} ns from now`);
    const give = (): void => {
      node.timers.delete(key);
      node.part(part).timeout(node.cluster.now, kind, subject, this);
    };
    const order: number = node.cluster.schedule(after, () => {
      node.feed(part, { type: 'timeout', kind, subject }, give, () => node.timers.get(key) === order);
    });
    node.timers.set(key, order);
  }

  cancelTimer(kind: number, subject: number): void {
    this.node.timers.delete(`${this.part} ${kind} ${subject}`);
  }

  append(file: string, record: unknown, _bytes: number, write: number): void {
    this.write(file, [...(this.node.files.get(file) ?? []), record], write);
    this.writeBack(file);
  }

  /** The new name may reach the disk before what is in the file. */
  replace(file: string, records: readonly unknown[], _bytes: number, write: number): void {
    this.write(file, records, write);
    if (this.node.writes === 'ok') this.node.durable.set(file, []);
    this.writeBack(file);
  }

  truncate(file: string, length: number, write: number): void {
    this.write(file, this.node.files.get(file)?.slice(0, length) ?? [], write);
  }

  sync(file: string, write: number): void {
    const records = this.node.files.get(file) ?? [];
    this.write(file, records, write);
    if (this.node.writes === 'ok') this.node.durable.set(file, records);
  }

  /** After some time what was written reaches the disk by itself. */
  private writeBack(file: string): void {
    const { node } = this;
    node.cluster.schedule(WRITES_BACK_AFTER, () => {
      if (node.up) node.durable.set(file, node.files.get(file) ?? []);
    });
  }

  private write(file: string, records: readonly unknown[], write: number): void {
    const { node, part } = this;
    const { cluster, writes: outcome } = node;
    if (outcome === 'ok') node.files.set(file, records);
    cluster.schedule(0 as Duration, () =>
      node.feed(part, { type: 'written', outcome }, (out) => node.part(part).written(cluster.now, write, outcome, out)),
    );
  }

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
    this.node.cluster.sent(passing.from, undefined, message, bytes);
    const lost = this.node.cluster.loses(passing);
    if (!lost) this.node.cluster.passed(passing);
    return lost;
  }
}
