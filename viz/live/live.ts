import { add, type Instant, milliseconds } from '../../core/time.ts';
import type { Intervention } from '../../sim/intervention/intervention.ts';
import { runOf } from '../../sim/replay/case.ts';
import { timeOf } from '../../sim/replay/entry.ts';
import { begin, type SavedRun } from '../../sim/run/run.ts';
import { type Tracing, tracing } from '../../sim/run/tracing.ts';
import { type ByteSink, Memory } from '../../sim/trace/sink.ts';
import type { World } from '../../sim/world.ts';
import { canEnd, type Dish, entryOf, registryFor } from './cook.ts';
import { ENGINE } from './judge.ts';
import type { Act, Standing } from './messages.ts';
import { type Save, Saves } from './saves.ts';

/** How long after the end of its scenario a run may go on. */
const ENCORE = milliseconds(3_600_000);

/** Bytes of a trace after which the run is stopped: browsers keep so much for a page. */
const MOST_BYTES = 1024 * 1024 * 1024;

/** Events between two looks at the clock of the machine. */
const EVENTS = 64;

/** Milliseconds of work between two saves: to go back costs about as much at most, as long as none is thinned out. */
const BETWEEN_SAVES = 1000;

type Timed = Intervention & { readonly at: Instant; readonly until?: Instant };

/** What a person is told that cannot be done. */
export class Refusal extends Error {
  override name = 'Refusal';
}

/** What came of something that a person did. */
export interface Done {
  readonly at: Instant;
  readonly entries: readonly Intervention[];
  /**
   * What the list becomes, when this run cannot take it any more: what was begun before would have gone otherwise. It has to be made again, from a
   * save for which `suits` holds.
   */
  readonly again?: { readonly list: readonly Intervention[]; readonly suits: (save: Save) => boolean };
}

/**
 * A run that goes on while somebody looks at it and does things to it.
 *
 * All that is done becomes an entry of its list of interventions, at the next instant: the run is at any time the one that its scenario, its
 * seed and this list make, from the start.
 */
export class Live {
  /** What has been done so far, in the order in which it was done, behind what the recipe brought. */
  readonly list: Intervention[];
  readonly saves: Saves;
  private readonly dish: Dish;
  private readonly clock: () => number;
  private readonly sink: Heap;
  private readonly trace: Tracing;
  private readonly world: World;
  private readonly running: ReturnType<typeof begin>;
  private readonly saveRun: () => SavedRun;
  /** Up to when it may run, in virtual time and on the clock of the machine. */
  private limit: number;
  private deadline = 0;
  private events = 0;
  private over = false;
  /** For how long it has run since it was saved, in milliseconds of the machine. */
  private worked = 0;

  /**
   * @param clock the machine's, in milliseconds
   * @param saves what is known of this run, as far as its list is the same
   * @param from the one of them to go on from
   */
  constructor(
    dish: Dish,
    list: readonly Intervention[],
    version: string,
    clock: () => number,
    saves: Saves = new Saves(),
    from?: Save,
  ) {
    const { plan, case: of, text, name } = dish;
    this.dish = dish;
    this.clock = clock;
    this.list = [...list];
    this.saves = saves;
    this.sink = new Heap(from?.written);
    this.limit = from?.at ?? 0;
    this.trace = tracing(plan, {
      sink: this.sink,
      seed: of.seed,
      name,
      text,
      version,
      engine: ENGINE,
      chunk: 8192,
      ...(from === undefined ? {} : { from: from.trace }),
    });
    let begun: { readonly world: World; readonly save: () => SavedRun } | undefined;
    this.running = begin(
      { ...plan, end: this.last },
      {
        ...runOf({ ...of, interventions: from?.list ?? list }),
        registry: registryFor(dish.replay),
        amendable: true,
        listen: this.trace.listen,
        ...(from === undefined ? {} : { from: from.run }),
        begun: (world, save) => {
          begun = { world, save };
        },
        leave: () => ++this.events % EVENTS === 0 && this.clock() > this.deadline,
        upTo: () => this.limit as Instant,
      },
    );
    this.running.next();
    const { world, save } = begun as unknown as NonNullable<typeof begun>;
    this.world = world;
    this.saveRun = save;
    if (from !== undefined) this.catchUp(from.list);
  }

  /** Takes in what was done after a save. */
  private catchUp(known: readonly Intervention[]): void {
    for (const [place, entry] of this.list.entries()) {
      if (place >= known.length) this.world.intervention(entry);
      else if (entry !== known[place]) this.world.over(place, (entry as Timed).until as Instant);
    }
  }

  get now(): Instant {
    return this.world.now;
  }

  /** The end of its scenario, where it stops until it is told to go on. */
  get end(): Instant {
    return this.dish.plan.end;
  }

  /** The last instant to which it can go at all. */
  get last(): Instant {
    return add(this.dish.plan.end, ENCORE);
  }

  /** Whether it cannot go on, and why. */
  get stuck(): string | undefined {
    if (this.over) return 'The run is over.';
    return this.sink.size > MOST_BYTES ? 'The trace of this run has become too large to go on.' : undefined;
  }

  /** Runs on for so many milliseconds of the machine's time at most. @returns whether it has come to the instant */
  advance(limit: number, milliseconds: number): boolean {
    const begun = this.clock();
    this.limit = Math.max(limit, this.now);
    this.deadline = begun + milliseconds;
    if (!this.over && this.sink.size <= MOST_BYTES) this.over = this.running.next().done === true;
    this.worked += this.clock() - begun;
    if (this.worked >= BETWEEN_SAVES) this.save();
    return this.over || this.world.now >= limit;
  }

  /** Keeps the run as it is now, to go back to. */
  private save(): void {
    this.worked = 0;
    // Of one instant the first is enough; and what is over goes on from nowhere.
    if (this.over || this.now <= (this.saves.instants.at(-1) ?? 0)) return;
    const { plan } = this.dish;
    const run = this.saveRun();
    const trace = this.trace.saved();
    const idle = plan.topology.nodes.map((_, node) => this.isDiskIdle(node));
    this.saves.add({ at: this.now, run, trace, written: this.sink.gathered(), list: [...this.list], idle });
  }

  /** Lets all happen that is due at this instant. */
  private settle(): void {
    this.world.simulation.runUntil(this.world.now);
  }

  /**
   * Does something at the next instant.
   *
   * @param read makes an entry of what a scenario would write
   * @throws Refusal when it cannot be done; ScenarioError when it is written wrongly
   */
  act(act: Act, read: (inputs: readonly object[]) => readonly Intervention[]): Done {
    this.settle();
    const at = (this.now + 1) as Instant;
    switch (act.type) {
      case 'do': {
        const until = act.for === undefined ? {} : { until: timeOf(at + act.for) };
        return this.begin(read(act.inputs.map((input) => ({ ...input, at: timeOf(at), ...until }))), at);
      }
      case 'boot':
        // One that its scenario crashed comes back with what ran on it.
        if (this.isDown(act.host) && this.open(CRASHES, act.host).length === 0)
          return this.begin([{ kind: 'revive', host: act.host, at }], at);
        return this.finish(this.open(CRASHES, act.host), at, `${act.host} was not crashed here.`);
      case 'resume':
        return this.finish(this.open(['host-pause'], act.host), at, `${act.host} was not paused here.`);
      case 'heal': {
        const wanted = new Set(act.pairs.map(([from, to]) => `${from} ${to}`));
        const cuts = this.places((entry) =>
          wanted.size === 0 ? CUTS.includes(entry.kind) : entry.kind === 'link-cut' && wanted.has(`${entry.from} ${entry.to}`),
        );
        return this.finish(cuts, at, 'Nothing is cut there that was cut here.');
      }
      case 'end':
        return this.finish([act.place], at);
    }
  }

  private begin(entries: readonly Intervention[], at: Instant): Done {
    for (const entry of entries) {
      const name = 'host' in entry ? entry.host : undefined;
      if (name !== undefined && NEEDS_POWER.includes(entry.kind) && this.isDown(name)) throw new Refusal(`${name} is down.`);
    }
    const busy = entries.flatMap((entry) => this.disksOf(entry)).filter((node) => !this.isDiskIdle(node));
    if (busy.length > 0) {
      const suits = ({ idle }: Save): boolean => busy.every((node) => idle[node]);
      return { at, entries, again: { list: [...this.list, ...entries], suits } };
    }
    for (const entry of entries) {
      this.list.push(entry);
      this.world.intervention(entry);
    }
    this.world.simulation.runUntil(at);
    return { at, entries };
  }

  private finish(places: readonly number[], until: Instant, otherwise = 'This has no end.'): Done {
    if (places.length === 0) throw new Refusal(otherwise);
    const list = [...this.list];
    let suits: ((save: Save) => boolean) | undefined;
    const entries = places.map((place) => {
      const entry = list[place] as Timed;
      const hasEnded = entry?.until !== undefined && entry.until <= until;
      if (entry === undefined || hasEnded || !canEnd(entry)) throw new Refusal(otherwise);
      // What did nothing to anybody has nothing that could be ended.
      if (BLOWS.includes(entry.kind) && this.world.interventions.applied()[place] === 0) throw new Refusal(otherwise);
      const disks = this.disksOf(entry);
      // These look at their end when they begin; a disk does when it is asked for something.
      const isSettled = SETTLED_FIRST.includes(entry.kind) || (entry.until !== undefined && !isLookedAt(entry));
      if (isSettled || disks.some((node) => !this.isDiskIdle(node))) {
        const before = suits;
        suits = (save) =>
          (before?.(save) ?? true) && (!isSettled || save.at < entry.at) && disks.every((node) => save.idle[node]);
      }
      const ended = { ...entry, until };
      UNENDED.set(ended, UNENDED.get(entry) ?? entry);
      list[place] = ended;
      return ended;
    });
    if (suits !== undefined) return { at: until, entries, again: { list, suits } };
    for (const place of places) {
      this.list[place] = list[place] as Intervention;
      this.world.over(place, until);
    }
    this.world.simulation.runUntil(until);
    return { at: until, entries };
  }

  /** The hosts whose disks have to know of an entry when they are asked for something. */
  private disksOf(entry: Intervention): readonly number[] {
    const does = entry.kind === 'aimed' ? entry.does.kind : entry.kind;
    if (!does.startsWith('disk-') && does !== 'crash-at-write') return [];
    const { nodes } = this.dish.plan.topology;
    return [...nodes.keys()].filter((node) => entry.kind === 'aimed' || ('host' in entry && nodes[node]?.name === entry.host));
  }

  private isDiskIdle(node: number): boolean {
    return !this.dish.plan.hosts.some((host) => host.node === node) || this.world.hosts.isDiskIdle(node);
  }

  private isDown(host: string): boolean {
    return !this.world.network.isUp(this.dish.plan.topology.nodes.findIndex(({ name }) => name === host));
  }

  private open(kinds: readonly string[], host: string): number[] {
    const applied = this.world.interventions.applied();
    return this.places((entry) => kinds.includes(entry.kind) && entry.host === host).filter((place) => applied[place] !== 0);
  }

  /** Of the entries that have begun and not ended. */
  private places(
    wanted: (entry: Timed & { readonly from?: string; readonly to?: string; readonly host?: string }) => boolean,
  ): number[] {
    return [...this.list.entries()].flatMap(([place, entry]) => {
      const timed = entry as Timed;
      const isOpen = timed.at !== undefined && timed.at <= this.now && !(timed.until !== undefined && timed.until <= this.now);
      return isOpen && wanted(timed as never) ? [place] : [];
    });
  }

  /** The list as it was at an instant, for a run that goes on from there in another way. */
  listAt(at: number): Intervention[] {
    // What the recipe brought stays; what was done here later is undone.
    const given = this.dish.case.interventions.length;
    return this.list.flatMap((entry, place): Intervention[] => {
      const { at: begins = 0, until } = entry as Partial<Timed>;
      if (place >= given && begins > at) return [];
      return [until !== undefined && until > at ? (UNENDED.get(entry) ?? entry) : entry];
    });
  }

  /** Runs to an instant without regard to pace; yields now and then. */
  *to(at: number): Generator<number, void> {
    while (!this.advance(at, 20)) yield at === 0 ? 1 : this.now / at;
    this.settle();
  }

  fingerprint(): string {
    this.settle();
    return this.world.fingerprint();
  }

  look(run: number, paused: boolean): Standing {
    const { ending } = this.trace.snapshot(this.now);
    const trace = new Blob([this.sink.gathered(), ending as Uint8Array<ArrayBuffer>]);
    return { now: this.now, records: this.world.journal.state.count, paused, entries: this.list.map(entryOf), trace, run };
  }
}

/** So many bytes are handed over to the browser at once: few pieces, and little to copy each time that it is looked at. */
const PIECE = 4 * 1024 * 1024;

/** Gathers what is written in a blob, which the browser keeps outside of the memory of the program and hands on without a copy. */
class Heap implements ByteSink {
  size: number;
  private blob: Blob;
  private fresh = new Memory();

  /** @param blob what was written before */
  constructor(blob = new Blob()) {
    this.blob = blob;
    this.size = blob.size;
  }

  write(bytes: Uint8Array): void {
    this.fresh.write(bytes);
    this.size += bytes.length;
    if (this.fresh.size < PIECE) return;
    this.blob = this.gathered();
    this.fresh = new Memory();
  }

  gathered(): Blob {
    return new Blob([this.blob, this.fresh.content() as Uint8Array<ArrayBuffer>]);
  }
}

/** What an entry was before somebody ended it. */
const UNENDED = new WeakMap<Intervention, Intervention>();

/** Whether it is looked up whenever it matters, so that its end may change while it holds. */
const isLookedAt = ({ kind }: Intervention): boolean =>
  /^(?:link|partition|disk)-|^(?:partition|multicast-leak|cpu-delay)$/.test(kind);

const CRASHES: readonly string[] = ['host-crash', 'crash-wipe', 'new-address'];
/** What carries nothing until it is healed. */
const CUTS: readonly string[] = [
  'link-cut',
  'link-down',
  'link-flap',
  'partition',
  'partition-halves',
  'partition-minority',
  'partition-ring',
  'partition-bridge',
  'partition-alone',
  'partition-segment',
];
/** What can be done only to a host that is up. */
const NEEDS_POWER: readonly string[] = [...CRASHES, 'host-pause', 'process-restart', 'signal', 'command'];
/** What begins with something that is done to a host, and ends with the opposite if that was done. */
const BLOWS: readonly string[] = [...CRASHES, 'host-pause', 'router-down'];
/** What has to know its end when it begins. */
const SETTLED_FIRST: readonly string[] = ['signal', 'aimed', 'restart-storm', 'crash-at-write'];
