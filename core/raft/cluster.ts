import type { Address } from '../address.ts';
import { assert } from '../assert.ts';
import { Xoshiro } from '../laws/xoshiro.ts';
import { type Endpoint, type NameId, Names } from '../names.ts';
import type { Notice, Out, Part, Socket, StreamId } from '../protocol.ts';
import { add, type Duration, formatInstant, type Instant, milliseconds, START, ZERO } from '../time.ts';
import { Agenda } from './cluster-agenda.ts';
import { ClusterDisk, type DiskFault } from './cluster-disk.ts';
import { TallyMachine } from './cluster-machine.ts';
import type { RaftConfig } from './config.ts';
import { type Configuration, configuration, type Server } from './configuration.ts';
import type { RaftCommand, RaftReply } from './interface.ts';
import type { RaftMessage } from './message.ts';
import { PROFILES } from './profiles.ts';
import { Raft } from './raft.ts';
import { type RaftRules, RULES } from './rules.ts';
import type { RaftState } from './state.ts';
import { RaftWatch } from './watch.ts';

export interface ClusterOptions {
  readonly seed?: number;
  /** Their names are n1, n2, … */
  readonly servers: number;
  /** The first so many are in the first configuration; all unless said otherwise. */
  readonly voters?: number;
  readonly config?: RaftConfig;
  readonly rules?: Partial<RaftRules>;
  /** Without, servers start with an empty configuration. */
  readonly bootstrap?: boolean;
  /** Whether the invariants are watched; they are, unless said otherwise. */
  readonly watched?: boolean;
}

/** A message on its way. */
export interface Passing {
  readonly from: string;
  readonly to: string;
  readonly message: RaftMessage;
}

const PORT = 8300;
const FIRST_ADDRESS = 0x0a_00_00_01;

/**
 * A few Raft servers with disks, clocks and a network of their own, for tests that want to know exactly what happens when, and for
 * properties that need thousands of runs. Messages are lost, late, doubled and out of order as told, also across restarts; a crash takes what
 * was not synced.
 */
export class RaftCluster {
  readonly names = new Names();
  readonly servers: ClusterServer[] = [];
  readonly agenda = new Agenda();
  readonly random: Xoshiro;
  readonly watch: RaftWatch | undefined;
  readonly config: RaftConfig;
  readonly rules: RaftRules;
  readonly first: Configuration | undefined;
  now: Instant = START;

  /** One way: at least, and so much more at most. */
  delay: Duration = milliseconds(1);
  jitter: Duration = ZERO;
  loss = 0;
  duplication = 0;
  /** How long a sync takes: at least, and so much more at most. */
  sync: Duration = milliseconds(1);
  syncJitter: Duration = ZERO;
  /** Looks at everything that is sent, and says whether it is lost. */
  loses: (passing: Passing) => boolean = () => false;
  /** Sees what was sent, lost or not. */
  passed: (passing: Passing) => void = () => {};
  /** Links that are cut, each one way. */
  private readonly cuts = new Set<number>();
  private commands = 0;

  constructor({
    seed = 1,
    servers,
    voters = servers,
    config = PROFILES.partita,
    rules,
    bootstrap = true,
    watched = true,
  }: ClusterOptions) {
    this.random = new Xoshiro(seed, 'cluster');
    this.config = config;
    this.rules = { ...RULES, ...rules };
    this.watch = watched ? new RaftWatch(this.names, config) : undefined;
    for (let i = 0; i < servers; i++) {
      const name = this.names.id(`n${i + 1}`);
      const endpoint = this.names.endpoint((FIRST_ADDRESS + i) as Address, PORT);
      this.servers.push(new ClusterServer(this, i, name, endpoint, new Xoshiro(seed, `n${i + 1}`)));
    }
    this.first = bootstrap ? configuration({ voters: this.servers.slice(0, voters).map(serverOf) }) : undefined;
  }

  /** Starts all servers that are not up. */
  start(): this {
    for (const server of this.servers) if (!server.up) server.start();
    return this;
  }

  server(name: string): ClusterServer {
    const server = this.servers.find((each) => each.name === name);
    assert(server !== undefined, () => `there is no server ${name}`);
    return server;
  }

  /** The leader of the highest term among those that are up. */
  get leader(): ClusterServer | undefined {
    let found: ClusterServer | undefined;
    for (const server of this.servers) {
      if (!server.up || server.state.role.role !== 'leader') continue;
      if (found === undefined || server.state.currentTerm > found.state.currentTerm) found = server;
    }
    return found;
  }

  /** Runs until there is a leader that has committed an entry of its own. */
  elect(limit: Duration = milliseconds(20_000)): ClusterServer {
    const isReady = (): boolean => {
      const role = this.leader?.state.role;
      return role?.role === 'leader' && (this.leader?.state.commitIndex ?? 0) >= role.termStart;
    };
    this.when(isReady, limit);
    return this.leader as ClusterServer;
  }

  run(duration: Duration): void {
    const end = add(this.now, duration);
    while (this.step(end));
    this.now = end;
  }

  /** Runs until the condition holds, and says when that was; fails at the limit. */
  when(condition: () => boolean, limit: Duration): Instant {
    const end = add(this.now, limit);
    while (!condition()) assert(this.step(end), () => `did not happen until ${formatInstant(end, 3)} s`);
    return this.now;
  }

  /** Cuts everything between two groups of servers, both ways. */
  cut(some: readonly string[], others: readonly string[]): void {
    for (const one of some) for (const other of others) if (one !== other) this.cutLink(one, other).cutLink(other, one);
  }

  /** Cuts one direction. */
  cutLink(from: string, to: string): this {
    this.cuts.add(linkOf(this.server(from), this.server(to)));
    return this;
  }

  /** Cuts a server off from all others. */
  isolate(name: string): void {
    this.cut(
      [name],
      this.servers.map((server) => server.name),
    );
  }

  healLink(from: string, to: string): void {
    this.cuts.delete(linkOf(this.server(from), this.server(to)));
    this.cuts.delete(linkOf(this.server(to), this.server(from)));
  }

  /** The network is whole again. */
  heal(): void {
    this.cuts.clear();
    this.loss = 0;
    this.duplication = 0;
    this.loses = () => false;
  }

  isCut(from: ClusterServer, to: ClusterServer): boolean {
    return this.cuts.size > 0 && this.cuts.has(linkOf(from, to));
  }

  nextCommand(): number {
    return ++this.commands;
  }

  private step(end: Instant): boolean {
    const next = this.agenda.take(end);
    if (next === undefined) return false;
    this.now = next.at;
    next.act();
    return true;
  }
}

const serverOf = ({ id, endpoint }: ClusterServer): Server => ({ name: id, endpoint });

const linkOf = (from: ClusterServer, to: ClusterServer): number => from.index * 64 + to.index;

export class ClusterServer {
  readonly cluster: RaftCluster;
  readonly index: number;
  readonly id: NameId;
  readonly name: string;
  readonly endpoint: Endpoint;
  readonly random: Xoshiro;
  readonly disk = new ClusterDisk();
  readonly replies = new Map<number, RaftReply>();
  readonly notices: Notice[] = [];
  readonly log: string[] = [];
  up = false;
  boots = 0;
  /** Seconds of its own clock in a second. */
  rate = 1;
  machine = new TallyMachine();
  raft: Raft;
  /** Told of each reply. */
  answered: (id: number, reply: RaftReply) => void = () => {};
  out: ClusterOut;

  constructor(cluster: RaftCluster, index: number, id: NameId, endpoint: Endpoint, random: Xoshiro) {
    this.cluster = cluster;
    this.index = index;
    this.id = id;
    this.name = cluster.names.text(id);
    this.endpoint = endpoint;
    this.random = random;
    this.out = new ClusterOut(this);
    this.raft = undefined as never;
  }

  get state(): RaftState {
    return this.raft.state;
  }

  /** What its clock shows. */
  get now(): Instant {
    return (this.rate === 1 ? this.cluster.now : Math.floor(this.cluster.now * this.rate)) as Instant;
  }

  start(): void {
    const { cluster } = this;
    const { config, names, rules, first } = cluster;
    this.machine = new TallyMachine();
    this.out = new ClusterOut(this);
    this.up = true;
    this.raft = new Raft({
      self: { name: this.id, endpoint: this.endpoint },
      config,
      names,
      random: this.random,
      machine: this.machine,
      rules,
      ...(first?.voters.some(({ name }) => name === this.id) ? { bootstrap: first } : {}),
    });
    this.raft.start(this.now, { count: this.boots++, files: this.disk.files() }, this.out);
    cluster.watch?.started(this.raft.state);
  }

  /** Ends it at once; what was not synced may be lost. Messages that it sent are still on their way. */
  crash(fault?: DiskFault): void {
    this.up = false;
    this.disk.crash(this.cluster.random, fault);
  }

  restart(fault?: DiskFault): void {
    if (this.up) this.crash(fault);
    this.start();
  }

  command(command: RaftCommand): number {
    const id = this.cluster.nextCommand();
    this.commandAs(id, command);
    return id;
  }

  commandAs(id: number, command: RaftCommand): void {
    this.raft.command(this.now, id, command, this.out);
    this.looked();
  }

  propose(payload: unknown = this.cluster.nextCommand()): number {
    return this.command({ command: 'propose', payload, bytes: 8 });
  }

  looked(): void {
    this.cluster.watch?.after(this.raft.state);
  }

  deliver(from: Endpoint, message: RaftMessage): void {
    if (!this.up) return;
    this.raft.receive(this.now, 0 as Socket, from, message, this.out);
    this.looked();
  }

  timer(kind: number, subject: number): void {
    this.raft.timeout(this.now, kind, subject, this.out);
    this.looked();
  }

  wrote(write: number, outcome: 'ok' | 'full' | 'error'): void {
    this.raft.written(this.now, write, outcome, this.out);
    this.looked();
  }
}

/** Carries out what one life of a server does. */
class ClusterOut implements Out<RaftMessage> {
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
    cluster.watch?.sent(server.state, message, server.now);
    const receiver = cluster.servers.find(({ endpoint }) => endpoint === to);
    if (receiver === undefined) return true;
    const passing = { from: server.name, to: receiver.name, message };
    cluster.passed(passing);
    const { random, loss, duplication } = cluster;
    if (cluster.isCut(server, receiver) || (loss > 0 && random.chance(loss)) || cluster.loses(passing)) return true;
    this.arrive(receiver, message);
    if (duplication > 0 && random.chance(duplication)) this.arrive(receiver, message);
    return true;
  }

  private arrive(receiver: ClusterServer, message: RaftMessage): void {
    const { cluster, endpoint } = this.server;
    const { delay, jitter, random, now } = cluster;
    const takes = jitter > 0 ? delay + Math.floor(random.fraction() * jitter) : delay;
    cluster.agenda.add((now + takes) as Instant, () => receiver.deliver(endpoint, message));
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
    cluster.agenda.add(at, () => {
      if (!this.lives()) return;
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
    cluster.agenda.add(disk.busy(cluster.now, ZERO), () => {
      if (this.lives()) this.server.wrote(write, outcome);
    });
  }

  private lives(): boolean {
    return this.server.up && this.server.out === this;
  }
}
