import { unreachable } from '../../core/assert.ts';
import { add, type Duration, type Instant, nanoseconds } from '../../core/time.ts';
import { NO_CAUSE, type Simulation } from '../engine/simulation.ts';
import type { Action } from '../scenario/plan.ts';
import { type Deed, deedOf, type Places, restartsOf } from './actions.ts';
import { type AimedIntervention, type Blow, type Intervention, isLinkBlow, type LinkBlow, type Moment } from './intervention.ts';
import type { Interventions } from './interventions.ts';
import { partsAt } from './packet-faults.ts';
import type { Sights } from './sights.ts';

/** What the world does for the interventions. */
export interface Executor extends Places {
  act(action: Action): void;
  /** Whether it would do anything now. */
  isPossible(action: Action): boolean;
  /** Something may stand between neighbours now. */
  parted(): void;
  /** Writes down that something is done. */
  tell(node: number, intervention: Intervention, index: number): void;
  /** The command lines of the programs of a host that begin so. */
  programs(node: number, of: string | undefined): readonly string[];
  name(node: number): string;
  /** A number from 0 to 1 of its own for each instant. */
  draw(at: Instant): number;
}

interface AgendaState {
  /** Places of aimed entries that wait for a moment. */
  waiting: number[];
  /** By place of a signal: the programs that got it. */
  readonly signalled: Map<number, readonly string[]>;
  /** By node: the command lines of the programs that were ever started there, as far as anybody looked. */
  readonly started: Map<number, string[]>;
}

/** Parts of an entry: its beginning, its end, and from here on those of a storm, or the subjects of a moment. */
const BEGIN = 0;
const END = 1;
const FIRST = 2;
/** In place of an entry: a host boots, its node is the part. */
const BOOT = -1;
/** In place of an entry: one may stand between neighbours from here on. */
const PARTED = -2;

/** When the interventions of a run are due that happen at an instant, and what they do then. */
export class Agenda {
  readonly state: AgendaState = { waiting: [], signalled: new Map(), started: new Map() };

  private readonly simulation: Simulation;
  private readonly interventions: Interventions;
  private readonly executor: Executor;
  private readonly sights: Sights;

  constructor(parts: {
    readonly simulation: Simulation;
    readonly interventions: Interventions;
    readonly executor: Executor;
    readonly sights: Sights;
  }) {
    this.simulation = parts.simulation;
    this.interventions = parts.interventions;
    this.executor = parts.executor;
    this.sights = parts.sights;
    this.simulation.intruded = (place, part) => this.due(place, part);
    const parting = new Set<Instant>();
    for (const place of this.interventions.entries.places()) this.enter(place, parting);
  }

  /**
   * Takes an entry in.
   *
   * @param parting instants at which neighbours are looked after anyway, to which those of this entry are added
   */
  enter(place: number, parting = new Set<Instant>()): void {
    const { simulation } = this;
    const entry = this.entry(place);
    this.part(entry, parting);
    if (entry.kind === 'restart-storm') {
      for (const [part, { at }] of restartsOf(entry).entries()) simulation.intrude(at, place, FIRST + part, NO_CAUSE);
    } else if (entry.kind === 'aimed' || deedOf(entry, this.executor) !== undefined) {
      simulation.intrude((entry as { readonly at: Instant }).at, place, BEGIN, NO_CAUSE);
    }
  }

  /** Sees to it that those whom an entry parts do not count on each other. */
  private part(entry: Intervention, parting: Set<Instant>): void {
    const at = partsAt(entry);
    if (at === undefined || parting.has(at) || at < this.simulation.now) return;
    parting.add(at);
    this.simulation.intrude(at, PARTED, BEGIN, NO_CAUSE);
  }

  /** Ends an entry that has begun. */
  over(place: number, until: Instant): void {
    if ((deedOf(this.entry(place), this.executor)?.end.length ?? 0) > 0) this.simulation.intrude(until, place, END, NO_CAUSE);
  }

  /** Lets a host boot, if it is down then. */
  bootLater(node: number, after: Duration): void {
    const { simulation } = this;
    simulation.intrude(add(simulation.now, after), BOOT, node, simulation.cause);
  }

  /** Something has begun: those who wait for it strike, but not before it is over. */
  seen(moment: Moment, subject: number): void {
    const { simulation } = this;
    if (moment === 'start') this.started(subject);
    if (this.state.waiting.length === 0) return;
    this.state.waiting = this.state.waiting.filter((place) => {
      const { upon, until, after } = this.entry(place) as AimedIntervention;
      if (until !== undefined && simulation.now >= until) return false;
      if (upon !== moment) return true;
      const delay = nanoseconds(Math.max(1, after ?? 0));
      simulation.intrude(add(simulation.now, delay), place, FIRST + subject, simulation.cause);
      return false;
    });
  }

  /** The programs that were started on a host and do not run any more. */
  fallen(node: number): string[] {
    const running = this.executor.programs(node, undefined);
    return (this.state.started.get(node) ?? []).filter((line) => !running.includes(line));
  }

  private started(node: number): void {
    const known = this.state.started.get(node) ?? [];
    const lines = this.executor.programs(node, undefined);
    this.state.started.set(node, [...known, ...lines.filter((line) => !known.includes(line))]);
  }

  private due(place: number, part: number): void {
    if (place === BOOT) return this.executor.act({ type: 'boot', node: part });
    if (place === PARTED) return this.executor.parted();
    const entry = this.entry(place);
    if (entry.kind === 'aimed') {
      if (part === BEGIN && entry.upon !== undefined) this.state.waiting.push(place);
      else this.strike(place, entry, part === BEGIN ? undefined : part - FIRST);
    } else if (part === BEGIN) this.begin(place, entry);
    else if (part === END) this.end(place, entry);
    else if (entry.kind === 'restart-storm') {
      const restart = restartsOf(entry)[part - FIRST];
      if (restart !== undefined) this.begin(place, restart);
    }
  }

  private begin(place: number, entry: Intervention): void {
    const { executor, simulation, interventions } = this;
    const deed = deedOf(entry, executor);
    // Some things cannot be done to a host that is down; the entry then counts as one that never applied.
    if (deed === undefined || !executor.isPossible(deed.begin[0] as Action)) return;
    const { entries } = interventions;
    entries.decide();
    entries.applied(place);
    entries.record(asRecorded(entry));
    executor.tell(deed.node, entry, entries.origin(place));
    if (entry.kind === 'signal' && entry.until !== undefined)
      this.state.signalled.set(place, executor.programs(deed.node, entry.of));
    for (const action of deed.begin) executor.act(action);
    const until = 'until' in entry ? entry.until : undefined;
    if (until !== undefined && this.ends(entry, deed)) simulation.intrude(until, place, END, simulation.cause);
  }

  private ends(entry: Intervention, { end }: Deed): boolean {
    return end.length > 0 || entry.kind === 'signal';
  }

  private end(place: number, entry: Intervention): void {
    const { executor } = this;
    const deed = deedOf(entry, executor);
    for (const action of deed?.end ?? []) executor.act(action);
    if (deed === undefined || entry.kind !== 'signal') return;
    const running = [...executor.programs(deed.node, undefined)];
    for (const line of this.state.signalled.get(place) ?? []) {
      const still = running.indexOf(line);
      if (still >= 0) running.splice(still, 1);
      else executor.act({ type: 'run', node: deed.node, line });
    }
    this.state.signalled.delete(place);
  }

  /** Finds out whom a blow hits, and lets it. */
  private strike(place: number, { aim, does, until }: AimedIntervention, subject: number | undefined): void {
    const { executor, simulation, interventions } = this;
    const { now } = simulation;
    const node = aim === 'subject' ? subject : this.sights.find(aim, executor.draw(now));
    if (node === undefined || (until !== undefined && now >= until)) return;
    const host = executor.name(node);
    if (isLinkBlow(does)) {
      for (const entry of onLinks(does, host, { at: now, until })) interventions.resolve(entry, place);
      return;
    }
    const times = lasts(does.kind) && until !== undefined ? { at: now, until } : { at: now };
    const entry = { ...does, host, ...times } as Intervention;
    const resolved = interventions.resolve(entry, place);
    this.part(entry, new Set());
    // What lasts and is no deed is told nowhere, as if it had been in the list.
    if (deedOf(entry, executor) !== undefined) this.begin(resolved, entry);
  }

  private entry(place: number): Intervention {
    return this.interventions.entries.at(place);
  }
}

/** What a recording has of an entry that was carried out: of a crash, what was torn by it is said apart. */
function asRecorded(entry: Intervention): Intervention {
  if (entry.kind !== 'host-crash') return entry;
  const { torn: _, ...crash } = entry;
  return crash;
}

/** A blow at the links of a host as entries about each of them. */
const onLinks = (
  { hosts, only, ...does }: LinkBlow,
  host: string,
  { at, until }: { readonly at: Instant; readonly until: Instant | undefined },
): Intervention[] =>
  hosts
    .filter((other) => other !== host)
    .map((other) => {
      const way = only === 'out' ? { from: host, to: other } : { from: other, to: host };
      return { ...does, ...way, at, ...(until === undefined ? {} : { until }) } as Intervention;
    });

/** Whether such a blow has an end. */
function lasts(kind: Exclude<Blow, LinkBlow>['kind']): boolean {
  switch (kind) {
    case 'process-restart':
    case 'revive':
    case 'command':
    case 'clock-jump':
    case 'clock-drift':
    case 'disk-wipe':
    case 'corrupt-record':
      return false;
    case 'host-crash':
    case 'crash-wipe':
    case 'crash-at-write':
    case 'host-pause':
    case 'cpu-delay':
    case 'signal':
    case 'partition-alone':
    case 'disk-stall':
    case 'disk-delay':
    case 'disk-full':
    case 'disk-error':
    case 'disk-lie':
      return true;
    default:
      return unreachable(kind);
  }
}
