import { assert, unreachable } from '../core/assert.ts';
import { Hash } from '../core/hash.ts';
import { type NameId, Names } from '../core/names.ts';
import { copyState, digestState, restoreState } from '../core/state.ts';
import { type Instant, START } from '../core/time.ts';
import { OBSERVED } from './check/observed.ts';
import { Cuts } from './cuts.ts';
import { Draws } from './draws.ts';
import { Journal, Kind, NOBODY, type Sink } from './engine/journal.ts';
import { type EventKind, NO_CAUSE, Simulation } from './engine/simulation.ts';
import type { Registry } from './host/commands/registry.ts';
import { type HostSpec, Hosts } from './host/hosts.ts';
import { describeIntervention, type Intervention } from './intervention/intervention.ts';
import { Interventions } from './intervention/interventions.ts';
import { type Adversary, Network, type PacketFate } from './network/network.ts';
import { Randomness } from './rng.ts';
import type { HostPlan, Plan, Step } from './scenario/plan.ts';

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
  private readonly list: readonly Intervention[];
  private readonly stepKind: EventKind;
  private readonly crashKind: EventKind;
  private readonly bootKind: EventKind;

  constructor(plan: Plan, options: WorldOptions) {
    const { topology } = plan;
    this.plan = plan;
    this.seed = options.seed ?? plan.seed;
    this.list = options.interventions ?? plan.interventions;
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
    this.stepKind = simulation.register('timeline', (index) => this.act(plan.timeline[index] as Step));
    this.crashKind = simulation.register('crash by intervention', (node) => this.crash(node));
    this.bootKind = simulation.register('boot after intervention', (node) => this.boot(node));
    const specs = new Array<HostSpec | undefined>(nodes.length).fill(undefined);
    for (const host of plan.hosts) specs[host.node] = specOf(host);
    const { journal, randomness } = this;
    this.hosts = new Hosts({ simulation, journal, names, randomness, registry: options.registry, specs, epoch: plan.epoch });
    const quiet = this.list.length === 0 && !plan.timeline.some(({ type }) => type === 'cut');
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
    this.scheduleInterventions(nodes);
    for (const [index, step] of plan.timeline.entries()) simulation.schedule(step.at, this.stepKind, NO_CAUSE, index, 0, 0);
    const converge = simulation.register('converge', () => this.hosts.converge());
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
    return this.list.flatMap((entry) => ('at' in entry ? [entry.until ?? entry.at] : []));
  }

  /** The whole world as plain data that shares nothing with it. To be called between two events. */
  save(): SavedWorld {
    return Object.fromEntries(this.parts().map(([name, part]) => [name, copyState(part.state)]));
  }

  /** Makes the world what it was when it was saved; what is restored may be restored again. */
  restore(saved: SavedWorld): void {
    for (const [name, part] of this.parts()) {
      const state = saved[name];
      assert(state !== undefined, () => `a saved world has no ${name}`);
      restoreState(part.state, state);
    }
    for (const [, part] of this.parts()) part.restored?.();
  }

  private parts(): [string, { readonly state: object; restored?(): void }][] {
    const { names, simulation, journal, randomness, network, hosts, interventions, cuts } = this;
    return Object.entries({ names, simulation, journal, randomness, network, hosts, interventions, cuts });
  }

  /** Crashes come before everything else of their instant, in the order of the list, so that a recorded list repeats them exactly. */
  private scheduleInterventions(nodes: readonly string[]): void {
    for (const entry of this.list) {
      if (entry.kind !== 'host-crash') continue;
      this.simulation.schedule(entry.at, this.crashKind, NO_CAUSE, nodes.indexOf(entry.host), 0, 0);
    }
  }

  private crash(node: number): void {
    const host = this.plan.topology.nodes[node]?.name;
    const index = this.list.findIndex((each) => each.kind === 'host-crash' && each.host === host && each.at === this.now);
    const entry = this.list[index] as Extract<Intervention, { kind: 'host-crash' }>;
    // A host that is down already cannot crash; the entry then counts as one that never applied.
    if (!this.network.isUp(node)) return;
    this.interventions.crashed(index);
    this.fault(node, describeIntervention(entry), index);
    this.hosts.crash(node);
    if (entry.until !== undefined) this.simulation.schedule(entry.until, this.bootKind, this.simulation.cause, node, 0, 0);
  }

  private boot(node: number): void {
    if (!this.network.isUp(node)) this.hosts.boot(node);
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
  private act(step: Step): void {
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
        if (network.isUp(step.node)) hosts.crash(step.node);
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
      case 'cut':
        this.fault(NOBODY, `cut: ${this.directions(step.pairs)}`);
        return cuts.cut(step.pairs);
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

function specOf({ name, clock, disk, files, behaviour }: HostPlan): HostSpec {
  return { name, drift: clock.drift, offset: clock.offset, disk, files: Object.fromEntries(files), behaviour };
}
