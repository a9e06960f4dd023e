import { Xoshiro } from '../laws/xoshiro.ts';
import { type Duration, type Instant, milliseconds } from '../time.ts';
import { type ClusterServer, type Passing, RaftCluster } from './cluster.ts';
import { type Complaint, Customers } from './customers.ts';
import type { RaftFault, Victim } from './faults.ts';
import type { ChangeStep } from './interface.ts';
import type { RaftRules } from './rules.ts';
import type { Setting } from './setting.ts';

/** What was wrong ends an ordeal at once. */
export class Broken extends Error {
  readonly property: string;

  constructor({ property, says }: Complaint) {
    super(says);
    this.property = property;
  }
}

/** A cluster on which generated faults come down while customers ask for this and that, watched all the time. */
export class RaftOrdeal extends RaftCluster {
  readonly setting: Setting;
  readonly customers: Customers;
  private readonly chance: Xoshiro;
  private readonly active = new Set<RaftFault>();
  private peaceful = false;

  constructor(seed: number, setting: Setting, rules: Partial<RaftRules>) {
    const { servers, voters, config, delay, jitter, sync, syncJitter, clocks } = setting;
    super({ seed, servers, voters, config, rules });
    this.setting = setting;
    Object.assign(this, { delay, jitter, sync, syncJitter });
    for (const [i, { rate, ahead }] of clocks.entries()) Object.assign(this.servers[i] as ClusterServer, { rate, ahead });
    this.chance = new Xoshiro(seed, 'ordeal');
    this.customers = new Customers(this, new Xoshiro(seed, 'customers'));
    this.loses = (passing) => this.any((fault) => this.isLost(fault, passing));
    this.arrivals = (passing) => (this.active.size === 0 ? undefined : this.arriving(passing));
    const { elected } = this;
    this.elected = (server) => {
      elected(server);
      this.any((fault) => fault.type === 'depose' && this.depose(fault, server));
    };
  }

  /** So many election timeouts. */
  rounds(count: number): Duration {
    return Math.floor(count * this.config.electionTimeout) as Duration;
  }

  /** What takes time: so many messages one after another, and as many writes. */
  steps(count: number): Duration {
    const { delay, jitter, sync, syncJitter } = this.setting;
    return (count * (delay + jitter + sync + syncJitter)) as Duration;
  }

  /** Lets the faults come down, each in its time, and runs until the last is over. */
  suffer(faults: readonly RaftFault[]): void {
    let end = 0;
    for (const fault of faults) {
      this.agenda.add(this.rounds(fault.at) as number as Instant, () => this.begin(fault));
      end = Math.max(end, this.rounds(fault.at + fault.lasts));
    }
    this.pass((end - this.now + milliseconds(1)) as Duration);
  }

  /** Lets time pass; ends with the first thing that is wrong. */
  pass(duration: Duration): void {
    const end = this.now + duration;
    while (end - this.now >= 1) {
      this.run(Math.floor(Math.min(end - this.now, this.rounds(1))) as Duration);
      this.look();
    }
  }

  /** Whether something comes true in time. */
  comes(is: () => boolean, within: Duration): boolean {
    const end = this.now + within;
    while (!is()) {
      if (this.now >= end) return false;
      this.run(this.rounds(0.1));
      this.look();
    }
    return true;
  }

  look(): void {
    const [violation] = this.watch?.violations ?? [];
    if (violation !== undefined) throw new Broken({ property: violation.invariant, says: violation.says });
    if (this.customers.complaint !== undefined) throw new Broken(this.customers.complaint);
  }

  /** All faults are over: the network is whole, and everybody up. */
  override heal(): void {
    const { loses } = this;
    super.heal();
    this.loses = loses;
    this.join();
    this.syncJitter = this.setting.syncJitter;
    this.active.clear();
    this.peaceful = true;
    this.isPunctual = true;
    for (const server of this.servers) {
      server.pausedUntil = this.now;
      server.disk.outcome = 'ok';
      server.disk.isStill = false;
    }
    // What was asked of the disks before may yet come back as failed.
    const idle = Math.max(this.now, ...this.servers.map(({ disk }) => disk.idleAt));
    this.pass((idle - this.now + this.steps(2) + milliseconds(10)) as Duration);
    for (const server of this.servers) {
      if (server.up && server.state.role.role === 'stopped') server.crash('none');
      if (!server.up) server.start();
    }
  }

  /** Somebody by what it is now. */
  find(victim: Victim): ClusterServer | undefined {
    if (typeof victim === 'number') return this.servers[victim];
    const { leader } = this;
    if (victim === 'leader') return leader;
    const others = this.servers.filter((server) => server !== leader && server.up);
    return others.length === 0 ? undefined : this.chance.pick(others);
  }

  /** A step of a change of the members, whoever they are. */
  someStep(): ChangeStep {
    const { id, endpoint } = this.chance.pick(this.servers);
    const server = { name: id, endpoint };
    return this.chance.pick([
      { type: 'voter', server },
      { type: 'voter', server },
      { type: 'learner', server },
      { type: 'remove', name: id },
    ] as const);
  }

  private begin(fault: RaftFault): void {
    if (this.peaceful) return;
    this.active.add(fault);
    const victim = 'victim' in fault ? this.find(fault.victim) : undefined;
    const lasts = this.rounds(fault.lasts);
    const undo = this.strike(fault, victim, lasts);
    this.agenda.add((this.now + lasts) as Instant, () => {
      if (this.active.delete(fault)) undo?.();
    });
  }

  /** @returns what undoes it */
  private strike(fault: RaftFault, victim: ClusterServer | undefined, lasts: Duration): (() => void) | undefined {
    switch (fault.type) {
      case 'part':
        this.sever(
          fault.some.map((i) => this.servers[i] as ClusterServer),
          this.servers.filter((_, i) => !fault.some.includes(i)),
          fault.oneWay ? 'out' : 'both',
          lasts,
        );
        return undefined;
      case 'alone':
        if (victim !== undefined) this.alone(victim, fault.way, lasts);
        return undefined;
      case 'unlink': {
        const [one, other] = [this.find(fault.one), this.find(fault.other)];
        if (one !== undefined && other !== undefined && one !== other)
          this.sever([one], [other], fault.oneWay ? 'out' : 'both', lasts);
        return undefined;
      }
      case 'crash':
        return victim === undefined ? undefined : this.down(victim, fault.how);
      case 'outage': {
        const ups = this.servers.map((server) => this.down(server, 'power'));
        return () => {
          for (const up of ups) up?.();
        };
      }
      case 'pause':
        if (victim !== undefined) victim.pausedUntil = (this.now + lasts) as Instant;
        return undefined;
      case 'stall':
        if (victim === undefined) return undefined;
        victim.disk.isStill = true;
        return () => {
          victim.disk.isStill = false;
        };
      case 'slow-disks': {
        const before = this.syncJitter;
        this.syncJitter = (before + this.rounds(fault.by)) as Duration;
        return () => {
          this.syncJitter = before;
        };
      }
      case 'fail-disk':
        if (victim === undefined) return undefined;
        victim.disk.outcome = fault.outcome;
        return () => {
          victim.disk.outcome = 'ok';
          if (victim.up && victim.state.role.role === 'stopped') victim.restart('none');
        };
      case 'burst':
        for (const leader of this.leaders()) for (let i = fault.count; i > 0; i--) this.customers.write(leader);
        return undefined;
      case 'changes':
      case 'transfers':
      case 'snapshots':
        this.repeat(fault, fault.every);
        return undefined;
      default:
        return undefined;
    }
  }

  /** All who take themselves for leaders. */
  leaders(): ClusterServer[] {
    return this.servers.filter(({ up, state }) => up && state.role.role === 'leader');
  }

  private repeat(fault: RaftFault, every: number): void {
    if (!this.active.has(fault)) return;
    for (const leader of this.leaders()) this.operate(fault, leader);
    this.agenda.add((this.now + this.rounds(every * (0.5 + this.chance.fraction()))) as Instant, () => this.repeat(fault, every));
  }

  private operate(fault: RaftFault, leader: ClusterServer): void {
    const { chance, customers } = this;
    if (fault.type === 'snapshots') return customers.ask(leader, { command: 'snapshot' });
    if (fault.type === 'transfers') {
      const heir = chance.pick(this.servers);
      customers.ask(leader, { command: 'transfer', ...(chance.chance(0.3) ? {} : { target: heir.id }) });
      if (fault.cutsHeir) this.alone(heir, 'both', this.rounds(2 * chance.fraction()));
      return;
    }
    if (fault.type !== 'changes') return;
    const joint = this.config.changes !== 'single' && chance.chance(fault.joint);
    const steps = Array.from({ length: joint ? 1 + chance.integer(3) : 1 }, () => this.someStep());
    customers.ask(leader, { command: 'change', steps, joint });
  }

  private depose(fault: RaftFault & { type: 'depose' }, server: ClusterServer): false {
    const { boots } = server;
    this.agenda.add((this.now + this.rounds(fault.after)) as Instant, () => {
      if (!this.active.has(fault) || !server.up || server.boots !== boots) return;
      const lasts = this.rounds(0.2 + 3 * this.chance.fraction());
      if (fault.how === 'alone') return this.alone(server, 'both', lasts);
      const up = this.down(server, fault.how);
      this.agenda.add((this.now + lasts) as Instant, () => up?.());
    });
    return false;
  }

  /** @returns what starts it again */
  private down(server: ClusterServer, how: 'power' | 'tear' | 'process' | 'wipe'): (() => void) | undefined {
    if (!server.up) return undefined;
    server.crash(how === 'power' ? undefined : how === 'process' ? 'none' : how);
    return () => {
      if (!server.up) server.start();
    };
  }

  private alone(server: ClusterServer, way: 'both' | 'in' | 'out', lasts: Duration): void {
    this.sever(
      [server],
      this.servers.filter((other) => other !== server),
      way,
      lasts,
    );
  }

  /** Nothing passes between some and others for a time. */
  sever(some: readonly ClusterServer[], others: readonly ClusterServer[], way: 'both' | 'in' | 'out', lasts: Duration): void {
    for (const one of some) {
      for (const other of others) {
        if (way !== 'in') this.cutFor(one, other, lasts);
        if (way !== 'out') this.cutFor(other, one, lasts);
      }
    }
  }

  private cutFor(one: ClusterServer, other: ClusterServer, lasts: Duration): void {
    const key = one.index * 64 + other.index;
    this.cutUntil.set(key, Math.max(this.cutUntil.get(key) ?? 0, this.now + lasts));
  }

  private readonly cutUntil = new Map<number, number>();

  override isCut(from: ClusterServer, to: ClusterServer): boolean {
    return this.cutUntil.size > 0 && (this.cutUntil.get(from.index * 64 + to.index) ?? 0) > this.now;
  }

  /** All that was severed is joined again. */
  join(): void {
    this.cutUntil.clear();
  }

  private any(is: (fault: RaftFault) => boolean): boolean {
    for (const fault of this.active) if (is(fault)) return true;
    return false;
  }

  private isLost(fault: RaftFault, { message }: Passing): boolean {
    if (fault.type !== 'lose') return false;
    return (fault.kind === undefined || fault.kind === message.type) && this.chance.chance(fault.share);
  }

  private arriving({ message }: Passing): Duration[] {
    const { chance } = this;
    let later = 0;
    const again: Duration[] = [];
    for (const fault of this.active) {
      if (fault.type === 'repeat' && chance.chance(fault.share)) again.push(this.rounds(fault.by * chance.fraction()));
      if (fault.type === 'delay' && (fault.kind === undefined || fault.kind === message.type) && chance.chance(fault.share))
        later = Math.max(later, this.rounds(fault.by * chance.fraction()));
    }
    return [later as Duration, ...again];
  }
}
