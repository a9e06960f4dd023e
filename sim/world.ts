import { assert, unreachable } from '../core/assert.ts';
import { Hash } from '../core/hash.ts';
import { type NameId, Names } from '../core/names.ts';
import { copyState, digestState, restoreState } from '../core/state.ts';
import { add, type Duration, type Instant, START } from '../core/time.ts';
import { OBSERVED } from './check/observed.ts';
import { Cuts } from './cuts.ts';
import { Draws } from './draws.ts';
import { Journal, Kind, NOBODY, type Sink } from './engine/journal.ts';
import { type EventKind, NO_CAUSE, Simulation } from './engine/simulation.ts';
import type { HostAdversary } from './host/adversary.ts';
import type { Registry } from './host/commands/registry.ts';
import { type HostSpec, Hosts, type ProcessInfo } from './host/hosts.ts';
import { actionsOf } from './intervention/actions.ts';
import { HostFaults } from './intervention/host-faults.ts';
import { describeIntervention, type Intervention } from './intervention/intervention.ts';
import { Interventions } from './intervention/interventions.ts';
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

  private readonly cuts: Cuts;
  private readonly list: Intervention[];
  /** Places in the list of those about an instant. */
  private readonly deeds: number[];
  /** What befalls hosts by the scenario's own timeline. */
  private readonly faults: HostFaults;
  private readonly stepKind: EventKind;
  private readonly faultKind: EventKind;
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
    this.journal = new Journal(simulation, names, { fingerprint: options.fingerprint ?? true });
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
    });
    this.cuts = new Cuts(nodes.length);
    this.deeds = [...this.list.keys()].filter((index) => actionsOf(this.list[index] as Intervention, 0) !== undefined);
    this.stepKind = simulation.register('timeline', (index) => this.act(plan.timeline[index] as Step));
    const own = { applied: plan.faults.map(() => 0), mismatched: new Map(), recorded: [], causes: [], touched: [] };
    this.faults = new HostFaults({ interventions: plan.faults, draws, nodes, recording: false, state: own });
    simulation.intruded = (what, part) => {
      if (what === Intrusion.begin) this.intervene(part);
      else if (what === Intrusion.end) this.relent(part);
      else this.boot(part);
    };
    this.faultKind = simulation.register('fault', (index) => {
      const fault = plan.faults[index] as Intervention;
      this.fault(this.nodeOf(fault), describeIntervention(fault));
    });
    const specs = new Array<HostSpec | undefined>(nodes.length).fill(undefined);
    for (const host of plan.hosts) specs[host.node] = specOf(host);
    const { journal, randomness } = this;
    const calm = this.list.length === 0 && options.amendable !== true;
    const quiet = calm && !plan.timeline.some(({ type }) => type === 'cut');
    const safe = calm && plan.faults.length === 0 && !plan.timeline.some(tears);
    this.hosts = new Hosts({
      simulation,
      journal,
      names,
      randomness,
      registry: options.registry,
      specs,
      epoch: plan.epoch,
      ...(safe ? {} : { adversary: this.hostAdversary() }),
    });
    this.network = new Network({
      simulation,
      journal,
      names,
      draws,
      topology,
      upcalls: this.hosts,
      ...(quiet ? {} : { adversary: this.adversary() }),
    });
    this.hosts.attach(this.network);
    this.scheduleInterventions();
    for (const [index, step] of plan.timeline.entries()) simulation.schedule(step.at, this.stepKind, NO_CAUSE, index, 0, 0);
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
   * by what they did, not by how they are written.
   */
  fingerprint(): string {
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
    if (actionsOf(entry, 0) === undefined) return;
    const place = this.deeds.push(index) - 1;
    this.simulation.intrude((entry as Deed).at, Intrusion.begin, place, NO_CAUSE);
  }

  /** Ends an intervention that has begun, later than now. */
  over(index: number, until: Instant): void {
    const entry = { ...(this.list[index] as Deed), until } as Intervention;
    this.list[index] = entry;
    if (actionsOf(entry, 0)?.end === undefined) return;
    this.simulation.intrude(until, Intrusion.end, this.deeds.indexOf(index), NO_CAUSE);
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
    const { names, simulation, journal, randomness, network, hosts, interventions, cuts } = this;
    return Object.entries({ names, simulation, journal, randomness, network, hosts, interventions, cuts });
  }

  /**
   * Those about an instant come before everything else of it, in the order of the list, so that a recorded list repeats them exactly. They
   * are numbered apart from the others, which are others in a recording.
   */
  private scheduleInterventions(): void {
    const { simulation } = this;
    for (const [place, index] of this.deeds.entries()) {
      simulation.intrude((this.list[index] as Deed).at, Intrusion.begin, place, NO_CAUSE);
    }
    for (const [index, { at }] of (this.plan.faults as readonly Deed[]).entries()) {
      simulation.schedule(at, this.faultKind, NO_CAUSE, index, 0, 0);
    }
  }

  private intervene(place: number): void {
    const index = this.deeds[place] as number;
    const entry = this.list[index] as Deed;
    const node = this.nodeOf(entry);
    const { begin } = actionsOf(entry, node) as NonNullable<ReturnType<typeof actionsOf>>;
    // Some things cannot be done to a host that is down; the entry then counts as one that never applied.
    if (!this.isPossible(begin)) return;
    this.interventions.carriedOut(index);
    this.fault(node, describeIntervention(entry), index);
    this.act(begin);
    if (entry.until !== undefined) this.simulation.intrude(entry.until, Intrusion.end, place, this.simulation.cause);
  }

  private relent(place: number): void {
    const entry = this.list[this.deeds[place] as number] as Intervention;
    const { end } = actionsOf(entry, this.nodeOf(entry)) ?? {};
    if (end !== undefined) this.act(end);
  }

  private isPossible(action: Action): boolean {
    switch (action.type) {
      case 'crash':
      case 'pause':
      case 'run':
        return this.network.isUp(action.node);
      case 'restart':
        return this.programs(action.node, action.of).length > 0;
      case 'corrupt':
        return this.hosts.holds(action.node, action.file, action.record);
      default:
        return true;
    }
  }

  private boot(node: number): void {
    if (!this.network.isUp(node)) this.hosts.boot(node);
  }

  private nodeOf(entry: Intervention): number {
    const host = 'operation' in entry ? entry.operation.host : 'host' in entry ? entry.host : undefined;
    return this.plan.topology.nodes.findIndex(({ name }) => name === host);
  }

  /** The programs of a host whose command lines begin so. */
  private programs(node: number, of: string | undefined): readonly ProcessInfo[] {
    const all = this.hosts.processes(node).filter(({ kind }) => kind === 'program');
    return all.filter(({ words }) => of === undefined || words.join(' ').startsWith(of));
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
        const index = interventions.hosts.crashAt(node, boot, ordinal);
        if (index === undefined) return false;
        const entry = this.list[index] as Extract<Intervention, { kind: 'write-crash' }>;
        if (entry.done) finish();
        interventions.carriedOut(index);
        this.fault(node, describeIntervention(entry), index);
        this.hosts.crash(node);
        const { simulation } = this;
        if (entry.for !== undefined) simulation.intrude(add(simulation.now, entry.for), Intrusion.boot, node, simulation.cause);
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
    const { cuts, interventions } = this;
    const dropped: PacketFate = { drop: true };
    return {
      fate: (now, source, boot, ordinal, destination, from, to, hop, word) =>
        cuts.stops(source, destination, from, to, hop)
          ? dropped
          : interventions.fate(now, source, boot, ordinal, destination, from, to, hop, word),
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
        for (const { pid, words } of hosts.processes(step.node)) {
          if (step.of === undefined || words.join(' ').startsWith(step.of)) hosts.signal(step.node, pid, step.signal);
        }
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
      case 'wipe':
        return hosts.wipe(step.node);
      case 'corrupt':
        hosts.corrupt(step.node, step.file, step.record);
        return;
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

/** What comes into the world from outside. */
const Intrusion = { begin: 0, end: 1, boot: 2 } as const;

/** An entry with an instant of its own. */
type Deed = Extract<Intervention, { readonly host: string }> & { readonly until?: Instant };

const tears = (step: Step): boolean => step.type === 'crash' && step.torn;

function specOf({ name, clock, disk, files, behaviour }: HostPlan): HostSpec {
  return { name, drift: clock.drift, offset: clock.offset, disk, files: Object.fromEntries(files), behaviour };
}
