import { assert, unreachable } from '../core/assert.ts';
import { Hash } from '../core/hash.ts';
import { type NameId, Names } from '../core/names.ts';
import { copyState, digestState, restoreState } from '../core/state.ts';
import { type Duration, type Instant, START } from '../core/time.ts';
import { OBSERVED } from './check/observed.ts';
import { Cuts } from './cuts.ts';
import { Draws } from './draws.ts';
import { Journal, Kind, NOBODY, type Sink } from './engine/journal.ts';
import { NO_CAUSE, Simulation } from './engine/simulation.ts';
import type { HostAdversary } from './host/adversary.ts';
import type { Registry } from './host/commands/registry.ts';
import { type HostSpec, Hosts, type ProcessInfo } from './host/hosts.ts';
import { quote } from './host/shell/quote.ts';
import { Agenda, type Executor } from './intervention/agenda.ts';
import { Entries } from './intervention/entries.ts';
import { HostFaults } from './intervention/host-faults.ts';
import { describeIntervention, type Intervention } from './intervention/intervention.ts';
import { Interventions } from './intervention/interventions.ts';
import { PacketFaults } from './intervention/packet-faults.ts';
import { Sights } from './intervention/sights.ts';
import { type Adversary, Network, type PacketFate } from './network/network.ts';
import { Randomness } from './rng.ts';
import type { Action, HostPlan, Plan, Step } from './scenario/plan.ts';

export interface WorldOptions {
  /** The commands that hosts have. */
  readonly registry: Registry;
  /** Instead of the scenario's own. */
  readonly seed?: number | string;
  /** Instead of the scenario's own. */
  readonly interventions?: readonly Intervention[];
  /** Whether to keep what the interventions came to, packet by packet. */
  readonly recording?: boolean;
  /** Whether to compute the fingerprint; on unless said otherwise. */
  readonly fingerprint?: boolean;
  /** Whether interventions may be added while it runs. */
  readonly amendable?: boolean;
  /** Who is to hear what happens, from the first boot on; made when the world has its names and its clock. */
  readonly listen?: (world: { readonly names: Names; readonly simulation: Simulation }) => readonly Sink[];
}

/** A world as it was between two events: plain data, one part per name. */
export type SavedWorld = Readonly<Record<string, object>>;

/**
 * A virtual network with its hosts and what is to happen on them: a scenario's plan, a seed and a list of interventions come alive.
 *
 * The same three give the same run everywhere. A world can be saved between any two events and restored, in this or another world
 * made from the same plan and options.
 */
export class World {
  readonly plan: Plan;
  readonly seed: number | string;
  readonly names = new Names();
  readonly simulation = new Simulation();
  readonly journal: Journal;
  readonly randomness: Randomness;
  readonly network: Network;
  readonly hosts: Hosts;
  readonly interventions: Interventions;

  private readonly hashing: boolean;
  private readonly cuts: Cuts;
  private readonly list: Intervention[];
  private readonly agenda: Agenda;
  private readonly sights: Sights;
  /** What befalls hosts by the scenario's own timeline. */
  private readonly faults: HostFaults;
  /** Whether a crash that is under way leaves a part of unsynced writes. */
  private tearing = false;

  constructor(plan: Plan, options: WorldOptions) {
    const { topology } = plan;
    this.plan = plan;
    this.seed = options.seed ?? plan.seed;
    this.list = [...(options.interventions ?? plan.interventions)];
    const { simulation, names } = this;
    const nodes = topology.nodes.map(({ name }) => name);
    for (const name of [...nodes, ...OBSERVED]) names.id(name);
    this.hashing = options.fingerprint ?? true;
    this.journal = new Journal(simulation, names, { fingerprint: this.hashing });
    this.journal.digest = (hash) => this.digest(hash);
    this.journal.sinks.push(...(options.listen?.({ names, simulation }) ?? []));
    this.randomness = new Randomness(this.seed);
    const draws = new Draws(this.seed);
    this.interventions = new Interventions({
      interventions: this.list,
      draws,
      names,
      nodes,
      recording: options.recording ?? false,
      topology,
    });
    this.cuts = new Cuts(nodes.length);
    const stepKind = simulation.register('timeline', (index) => this.act(plan.timeline[index] as Step));
    this.faults = new HostFaults(new Entries(plan.faults, nodes, false), { draws, nodes });
    const faultKind = simulation.register('fault', (index) => {
      const fault = plan.faults[index] as Intervention;
      this.fault(this.nodeOf(fault), describeIntervention(fault));
    });
    const specs = new Array<HostSpec | undefined>(nodes.length).fill(undefined);
    for (const host of plan.hosts) specs[host.node] = specOf(host);
    const { journal, randomness } = this;
    const { amendable = false } = options;
    const open = amendable || this.list.some(PacketFaults.concerns) || plan.timeline.some(({ type }) => type === 'cut');
    const sound = !amendable && !this.list.some(HostFaults.concerns) && plan.faults.length === 0 && !plan.timeline.some(tears);
    this.hosts = new Hosts({
      simulation,
      journal,
      names,
      randomness,
      registry: options.registry,
      specs,
      epoch: plan.epoch,
      ...(sound ? {} : { adversary: this.hostAdversary() }),
    });
    this.network = new Network({
      simulation,
      journal,
      names,
      draws,
      topology,
      upcalls: this.hosts,
      ...(open ? { adversary: this.adversary() } : {}),
    });
    this.hosts.attach(this.network);
    this.sights = new Sights(names, nodes, (moment, subject) => this.agenda.seen(moment, subject));
    if (amendable || this.list.some(({ kind }) => kind === 'aimed' || kind === 'revive')) journal.sinks.push(this.sights);
    const { interventions } = this;
    this.agenda = new Agenda({ simulation, interventions, executor: this.executor(draws), sights: this.sights });
    for (const [index, fault] of plan.faults.entries())
      simulation.schedule((fault as { at: Instant }).at, faultKind, NO_CAUSE, index, 0, 0);
    for (const [index, step] of plan.timeline.entries()) simulation.schedule(step.at, stepKind, NO_CAUSE, index, 0, 0);
    const converge = simulation.register('converge', () => {
      this.network.acquaint();
      this.hosts.converge();
    });
    if (plan.start === 'converged') simulation.schedule(START, converge, NO_CAUSE, 0, 0, 0);
    this.hosts.start();
  }

  get now(): Instant {
    return this.simulation.now;
  }

  /**
   * The run so far in 16 hex digits: a hash of everything that happened and of the whole state that it has come to. Interventions count
   * by what they did, not by how they are written. Empty where none is computed.
   */
  fingerprint(): string {
    if (!this.hashing) return '';
    const { high, low } = this.journal.state;
    const hash = new Hash({ high, low });
    this.digest(hash);
    return hash.hex();
  }

  private digest(hash: Hash): void {
    const { names, simulation, randomness, network, hosts, cuts } = this;
    simulation.digest(hash);
    for (const { state } of [names, randomness, network, hosts, cuts]) digestState(state, hash);
  }

  /** Whether the timeline has cut a direction between two nodes, and not healed it. */
  isCut(from: number, to: number): boolean {
    return this.cuts.isCut(from, to);
  }

  /** When each intervention begins to have no effect any more, where it says so, or begins to have one. */
  interventionEnds(): Instant[] {
    return [...this.plan.faults, ...this.list].flatMap((entry) =>
      'at' in entry ? [('until' in entry ? entry.until : undefined) ?? entry.at] : [],
    );
  }

  /**
   * Adds an intervention to a run that is under way. It begins later than now. Faults of disks cannot be added: a disk says
   * when it is asked for something how long that will take.
   */
  intervention(entry: Intervention): void {
    const index = this.list.push(entry) - 1;
    this.interventions.added(index);
    this.agenda.enter(index);
  }

  /** Ends an intervention that has begun, later than now. */
  over(index: number, until: Instant): void {
    this.list[index] = { ...this.list[index], until } as Intervention;
    this.interventions.replaced();
    this.agenda.over(index, until);
  }

  /** The whole world as plain data that shares nothing with it. To be called between two events. */
  save(): SavedWorld {
    const parts = Object.fromEntries(this.parts().map(([name, part]) => [name, copyState(part.state)]));
    return this.hosts.observers.length === 0 ? parts : { ...parts, observers: this.hosts.saveObservers() };
  }

  /** Makes the world what it was when it was saved; what is restored may be restored again. */
  restore(saved: SavedWorld): void {
    for (const [name, part] of this.parts()) {
      const state = saved[name];
      assert(state !== undefined, () => `a saved world has no ${name}`);
      restoreState(part.state, state);
    }
    for (const [, part] of this.parts()) part.restored?.();
    this.hosts.restoreObservers((saved.observers ?? []) as readonly object[]);
  }

  private parts(): [string, { readonly state: object; restored?(): void }][] {
    const { names, simulation, journal, randomness, network, hosts, interventions, agenda, sights, cuts } = this;
    const { entries, packets: packetFaults, hosts: hostFaults } = interventions;
    const adversary = { entries, packetFaults, hostFaults, agenda, sights };
    return Object.entries({ names, simulation, journal, randomness, network, hosts, cuts, ...adversary });
  }

  /** What interventions about an instant are carried out by. */
  private executor(draws: Draws): Executor {
    const { topology } = this.plan;
    return {
      act: (action) => this.act(action),
      isPossible: (action) => this.isPossible(action),
      parted: () => this.network.parted(),
      tell: (node, entry, index) => this.fault(node, describeIntervention(entry), index),
      programs: (node, of) => this.programs(node, of).map(({ words }) => words.map(quote).join(' ')),
      name: (node) => topology.nodes[node]?.name ?? '',
      draw: (at) => draws.fraction(0, Math.floor(at / 2 ** 32), at | 0, 0, 0, AIM),
      node: (name) => this.interventions.entries.node(name),
      trunk: ([one, other]) => {
        const place = (name: string) => (topology.switches ?? []).findIndex((each) => each.name === name);
        const ends = [place(one), place(other)];
        return (topology.trunks ?? []).findIndex(({ between }) => ends.every((end) => between.includes(end)));
      },
    };
  }

  private isPossible(action: Action): boolean {
    switch (action.type) {
      case 'crash':
      case 'pause':
      case 'run':
        return this.network.isUp(action.node);
      case 'restart':
        return this.programs(action.node, action.of).length > 0;
      case 'signal':
        return this.processes(action.node, action.of).length > 0;
      case 'drift':
        return this.hosts.drift(action.node) !== action.drift;
      case 'corrupt':
        return this.hosts.holds(action.node, action.file, action.record);
      default:
        return true;
    }
  }

  private nodeOf(entry: Intervention): number {
    const host = 'operation' in entry ? entry.operation.host : 'host' in entry ? entry.host : undefined;
    return this.plan.topology.nodes.findIndex(({ name }) => name === host);
  }

  /** The processes of a host whose command lines begin so. */
  private processes(node: number, of: string | undefined): readonly ProcessInfo[] {
    return this.hosts.processes(node).filter(({ words }) => of === undefined || words.join(' ').startsWith(of));
  }

  private programs(node: number, of: string | undefined): readonly ProcessInfo[] {
    return this.processes(node, of).filter(({ kind }) => kind === 'program');
  }

  /** What the scenario does to hosts comes first, and the adversary makes it worse. */
  private hostAdversary(): HostAdversary {
    const { faults, interventions } = this;
    return {
      operation: (node, boot, ordinal, verb, path, begins, takes) => {
        const own = faults.operation(node, boot, ordinal, verb, path, begins, takes);
        const longer = (takes + (own?.delay ?? 0)) as Duration;
        const more = interventions.hosts.operation(node, boot, ordinal, verb, path, begins, longer);
        if (own === undefined || more === undefined) return own ?? more;
        const outcome = own.outcome === 'ok' ? more.outcome : own.outcome;
        return { delay: (own.delay + more.delay) as Duration, outcome, lies: own.lies || more.lies };
      },
      interrupts: (node, boot, ordinal, finish) => {
        const crash = interventions.hosts.crashAt(node, boot, ordinal);
        if (crash === undefined) return false;
        const { place, entry } = crash;
        if (entry.done) finish();
        interventions.entries.decide();
        interventions.entries.applied(place);
        interventions.entries.record(entry);
        this.fault(node, describeIntervention(entry), interventions.entries.origin(place));
        this.hosts.crash(node);
        if (entry.for !== undefined) this.agenda.bootLater(node, entry.for);
        return true;
      },
      tear: (node, boot, path, writers) => interventions.hosts.tear(node, boot, path, writers, this.tearing),
      lateness: (now, node, pid, ordinal, network) =>
        (faults.lateness(now, node, pid, ordinal, network) +
          interventions.hosts.lateness(now, node, pid, ordinal, network)) as Duration,
    };
  }

  /** The scenario's cuts come before the adversary, which then has nothing left to do to that packet. */
  private adversary(): Adversary {
    const { cuts } = this;
    const { packets } = this.interventions;
    const dropped: PacketFate = { drop: true };
    return {
      fate: (now, source, boot, ordinal, destination, from, to, hop, word, bytes, frame, strays) =>
        cuts.stops(source, destination, from, to, hop)
          ? dropped
          : packets.fate(now, source, boot, ordinal, destination, from, to, hop, word, bytes, frame, strays),
      idle: (now) => cuts.state.cut.size === 0 && packets.idle(now),
      leaks: (now, segment) => packets.leaks(now, segment),
      leaked: (now, segment, other) => packets.leaked(now, segment, other),
    };
  }

  /** What the timeline says. A step for a host that is down, or up already, does nothing. */
  private act(step: Action): void {
    const { hosts, network, cuts } = this;
    switch (step.type) {
      case 'run':
        hosts.run(step.node, step.line);
        return;
      case 'signal':
        for (const { pid } of this.processes(step.node, step.of)) hosts.signal(step.node, pid, step.signal);
        return;
      case 'crash':
        if (!network.isUp(step.node)) return;
        this.tearing = step.torn;
        hosts.crash(step.node);
        this.tearing = false;
        return;
      case 'boot':
        if (!network.isUp(step.node)) hosts.boot(step.node);
        return;
      case 'pause':
        if (network.isUp(step.node)) hosts.pause(step.node);
        return;
      case 'resume':
        if (network.isUp(step.node)) hosts.resume(step.node);
        return;
      case 'restart':
        for (const { pid } of this.programs(step.node, step.of)) hosts.restart(step.node, pid);
        return;
      case 'revive':
        if (!network.isUp(step.node)) hosts.boot(step.node);
        for (const line of this.agenda.fallen(step.node)) hosts.run(step.node, line);
        return;
      case 'wipe':
        return hosts.wipe(step.node);
      case 'corrupt':
        hosts.corrupt(step.node, step.file, step.record);
        return;
      case 'readdress':
        return network.readdress(step.node, step.address);
      case 'jump':
        return hosts.jumpClock(step.node, step.by);
      case 'drift':
        return hosts.setDrift(step.node, step.drift);
      case 'cut':
        this.fault(NOBODY, `cut: ${this.directions(step.pairs)}`);
        cuts.cut(step.pairs);
        return network.parted();
      case 'heal':
        this.fault(NOBODY, `healed: ${this.directions(step.pairs)}`);
        return cuts.heal(step.pairs);
      case 'heal-all':
        this.fault(NOBODY, 'healed: all cuts');
        return cuts.healAll();
      case 'cut-trunk':
        this.fault(NOBODY, `cut: trunk ${step.trunk}`);
        return network.setTrunk(step.trunk, false);
      case 'heal-trunk':
        this.fault(NOBODY, `healed: trunk ${step.trunk}`);
        return network.setTrunk(step.trunk, true);
      default:
        return unreachable(step);
    }
  }

  private directions(pairs: readonly (readonly [from: number, to: number])[]): string {
    const name = (node: number) => this.plan.topology.nodes[node]?.name ?? String(node);
    return pairs.map(([from, to]) => `${name(from)} → ${name(to)}`).join(', ');
  }

  private fault(node: number, does: string, intervention?: number): void {
    const { journal, names, simulation } = this;
    const payload = intervention === undefined ? { does } : { intervention, does };
    simulation.cause = journal.record(Kind.fault, node, NOBODY, names.id('fault') as NameId, 0, payload);
  }
}

/** What a draw is for. */
const AIM = 1_200;

const tears = (step: Step): boolean => step.type === 'crash' && step.torn;

function specOf({ name, clock, disk, files, behaviour }: HostPlan): HostSpec {
  return { name, drift: clock.drift, offset: clock.offset, disk, files: Object.fromEntries(files), behaviour };
}
