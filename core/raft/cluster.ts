import type { Address } from '../address.ts';
import { assert } from '../assert.ts';
import { Xoshiro } from '../laws/xoshiro.ts';
import { type Endpoint, type NameId, Names } from '../names.ts';
import type { Notice, Socket } from '../protocol.ts';
import { add, type Duration, formatInstant, type Instant, milliseconds, START, ZERO } from '../time.ts';
import { Agenda } from './cluster-agenda.ts';
import { ClusterDisk, type DiskFault } from './cluster-disk.ts';
import { TALLY, TallyMachine } from './cluster-machine.ts';
import { ClusterOut } from './cluster-out.ts';
import type { RaftConfig } from './config.ts';
import { type Configuration, configuration, type Server } from './configuration.ts';
import type { RaftCommand, RaftReply } from './interface.ts';
import type { RaftMessage } from './message.ts';
import { PROFILES } from './profiles.ts';
import { Raft } from './raft.ts';
import { type RaftRules, RULES } from './rules.ts';
import type { RaftState } from './state.ts';
import { type Deed, RaftWatch } from './watch/watch.ts';

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
  /** How much later a message arrives, once for each time that it does; undefined where that follows from what the network is like. */
  arrivals: (passing: Passing) => readonly Duration[] | undefined = () => undefined;
  /** What is later than the network makes it does not come any more. */
  isPunctual = false;
  /** Told of whoever wins an election, in the middle of its doing so. */
  elected: (server: ClusterServer) => void = () => {};
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
    this.watch = watched ? new RaftWatch(this.names, TALLY) : undefined;
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
  endpoint: Endpoint;
  readonly random: Xoshiro;
  readonly disk = new ClusterDisk();
  readonly replies = new Map<number, RaftReply>();
  readonly notices: Notice[] = [];
  readonly log: string[] = [];
  up = false;
  boots = 0;
  /** Seconds of its own clock in a second, and how much it is ahead. */
  rate = 1;
  ahead: Duration = ZERO;
  /** Until then it stands still, and does afterwards what came meanwhile. */
  pausedUntil: Instant = START;
  /** With which servers it goes on when it starts next. */
  recover: Configuration | undefined;
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
    const { now } = this.cluster;
    return ((this.rate === 1 ? now : Math.floor(now * this.rate)) + this.ahead) as Instant;
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
      ...(this.recover === undefined ? {} : { recover: this.recover }),
    });
    this.raft.start(this.now, { count: this.boots++, files: this.disk.files() }, this.out);
    this.raft.observer = { answered() {}, elected: () => cluster.elected(this) };
    if (cluster.watch !== undefined)
      this.raft.answering = (asked, mode, now) => cluster.watch?.served(this.raft, { asked, mode, now });
    if (this.recover !== undefined) cluster.watch?.forget();
    cluster.watch?.started(this.raft, this.now);
  }

  /** Ends it at once; what was not synced may be lost. Messages that it sent are still on their way. */
  crash(fault?: DiskFault): void {
    this.up = false;
    this.cluster.watch?.ended(this.raft);
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
    this.looked('command');
  }

  propose(payload: unknown = this.cluster.nextCommand()): number {
    return this.command({ command: 'propose', payload, bytes: 8 });
  }

  looked(deed: Deed, isLate = false): void {
    this.cluster.watch?.after(this.raft, deed, this.now, isLate);
  }

  deliver(from: Endpoint, message: RaftMessage, isLate = false): void {
    if (!this.up || this.isPut(() => this.deliver(from, message, true))) return;
    this.raft.receive(this.now, 0 as Socket, from, message, this.out);
    this.looked(message, isLate);
  }

  timer(kind: number, subject: number, isLate = false): void {
    if (this.isPut(() => this.timer(kind, subject, true))) return;
    this.raft.timeout(this.now, kind, subject, this.out);
    this.looked('timer', isLate);
  }

  wrote(write: number, outcome: 'ok' | 'full' | 'error', isLate = false): void {
    if (this.isPut(() => this.wrote(write, outcome, true))) return;
    this.raft.written(this.now, write, outcome, this.out);
    this.looked('written', isLate);
  }

  /** Puts off what it would do while it stands still. */
  private isPut(act: () => void): boolean {
    const { cluster, pausedUntil, out } = this;
    if (cluster.now >= pausedUntil) return false;
    cluster.agenda.add(pausedUntil, () => this.up && this.out === out && act());
    return true;
  }
}
