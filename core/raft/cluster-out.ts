import type { Endpoint } from '../names.ts';
import type { Notice, Out, Part, Socket, StreamId } from '../protocol.ts';
import { type Duration, type Instant, milliseconds, ZERO } from '../time.ts';
import type { ClusterServer } from './cluster.ts';
import type { RaftReply } from './interface.ts';
import type { RaftMessage } from './message.ts';

/** How long until a disk that stands still is looked at again. */
const STILL = milliseconds(5);

/** Carries out what one life of a server does. */
export class ClusterOut implements Out<RaftMessage> {
  private readonly server: ClusterServer;
  /** By kind and subject: the order of the pending timer. */
  private readonly timers = new Map<number, number>();
  private orders = 0;

  constructor(server: ClusterServer) {
    this.server = server;
  }

  send(_socket: Socket, to: Endpoint, message: RaftMessage): boolean {
    const { server } = this;
    const { cluster } = server;
    cluster.watch?.sent(server.raft, message, server.now);
    const receiver = cluster.servers.find(({ endpoint }) => endpoint === to);
    if (receiver === undefined) return true;
    const passing = { from: server.name, to: receiver.name, message };
    cluster.passed(passing);
    const { random, loss, duplication } = cluster;
    if (cluster.isCut(server, receiver) || (loss > 0 && random.chance(loss)) || cluster.loses(passing)) return true;
    const arrivals = cluster.arrivals(passing);
    if (arrivals !== undefined) for (const later of arrivals) this.arrive(receiver, message, later);
    else {
      this.arrive(receiver, message);
      if (duplication > 0 && random.chance(duplication)) this.arrive(receiver, message);
    }
    return true;
  }

  private arrive(receiver: ClusterServer, message: RaftMessage, later: Duration = ZERO): void {
    const { cluster, endpoint } = this.server;
    const { delay, jitter, random, now } = cluster;
    const takes = (jitter > 0 ? delay + Math.floor(random.fraction() * jitter) : delay) + later;
    cluster.agenda.add((now + takes) as Instant, () => {
      if (later === ZERO || !cluster.isPunctual) receiver.deliver(endpoint, message);
    });
  }

  open(): StreamId {
    throw new Error('whole messages need no connections');
  }

  transmit(): void {}
  close(): void {}

  setTimer(kind: number, subject: number, after: Duration): void {
    const { server } = this;
    const key = kind * 1000 + subject;
    const order = ++this.orders;
    this.timers.set(key, order);
    const real = server.rate === 1 ? after : Math.ceil(after / server.rate);
    server.cluster.agenda.add((server.cluster.now + real) as Instant, () => {
      if (!this.lives() || this.timers.get(key) !== order) return;
      this.timers.delete(key);
      server.timer(kind, subject);
    });
  }

  cancelTimer(kind: number, subject: number): void {
    this.timers.delete(kind * 1000 + subject);
  }

  append(file: string, record: unknown, _bytes: number, write: number): void {
    this.came(write, this.server.disk.append(file, record));
  }

  replace(file: string, records: readonly unknown[], _bytes: number, write: number): void {
    this.came(write, this.server.disk.replace(file, records));
  }

  truncate(file: string, length: number, write: number): void {
    this.came(write, this.server.disk.truncate(file, length));
  }

  sync(file: string, write: number): void {
    const { disk, cluster } = this.server;
    const { sync, syncJitter, random } = cluster;
    const takes = (syncJitter > 0 ? sync + Math.floor(random.fraction() * syncJitter) : sync) as Duration;
    const mark = disk.mark(file);
    const at = disk.busy(cluster.now, takes);
    this.when(at, () => {
      const outcome = disk.synced(file, mark);
      this.server.wrote(write, outcome);
    });
  }

  reply(command: number, result: unknown): void {
    this.server.replies.set(command, result as RaftReply);
    this.server.answered(command, result as RaftReply);
  }

  cell(): void {}

  announce(notice: Notice): void {
    this.server.notices.push(notice);
  }

  log(line: string): void {
    this.server.log.push(line);
  }

  of(_part: Part): Out<never> {
    return this as Out<never>;
  }

  private came(write: number, outcome: 'ok' | 'full' | 'error'): void {
    const { disk, cluster } = this.server;
    this.when(disk.busy(cluster.now, ZERO), () => this.server.wrote(write, outcome));
  }

  /** The disk has done something, unless it stands still: then it is looked at again. */
  private when(at: Instant, done: () => void): void {
    const { disk, cluster } = this.server;
    cluster.agenda.add(at, () => {
      if (!this.lives()) return;
      if (disk.isStill) this.when((cluster.now + STILL) as Instant, done);
      else done();
    });
  }

  private lives(): boolean {
    return this.server.up && this.server.out === this;
  }
}
