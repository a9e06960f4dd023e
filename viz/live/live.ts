import { add, type Duration, type Instant, milliseconds } from '../../core/time.ts';
import type { Intervention } from '../../sim/intervention/intervention.ts';
import { runOf } from '../../sim/replay/case.ts';
import { begin } from '../../sim/run/run.ts';
import { type Tracing, tracing } from '../../sim/run/tracing.ts';
import { type ByteSink, Memory } from '../../sim/trace/sink.ts';
import type { World } from '../../sim/world.ts';
import { type Dish, entryOf, registryFor } from './cook.ts';
import { ENGINE } from './judge.ts';
import type { Act, Standing } from './messages.ts';

/** How long after the end of its scenario a run may go on. */
const ENCORE = milliseconds(3_600_000);

/** Bytes of a trace after which the run is stopped: browsers keep so much for a page. */
const MOST_BYTES = 1024 * 1024 * 1024;

/** Events between two looks at the clock of the machine. */
const EVENTS = 64;

type Timed = Intervention & { readonly at: Instant; readonly until?: Instant };

/** What a person is told that cannot be done. */
export class Refusal extends Error {
  override name = 'Refusal';
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
  private readonly dish: Dish;
  private readonly clock: () => number;
  private readonly sink = new Heap();
  private readonly trace: Tracing;
  private readonly world: World;
  private readonly running: ReturnType<typeof begin>;
  /** Up to when it may run, in virtual time and on the clock of the machine. */
  private limit = 0;
  private deadline = 0;
  private events = 0;
  private over = false;

  /** @param clock the machine's, in milliseconds */
  constructor(dish: Dish, list: readonly Intervention[], version: string, clock: () => number) {
    const { plan, case: of, text, name } = dish;
    this.dish = dish;
    this.clock = clock;
    this.list = [...list];
    this.trace = tracing(plan, { sink: this.sink, seed: of.seed, name, text, version, engine: ENGINE, chunk: 8192 });
    let world: World | undefined;
    this.running = begin(
      { ...plan, end: this.last },
      {
        ...runOf({ ...of, interventions: list }),
        registry: registryFor(dish.replay),
        amendable: true,
        listen: this.trace.listen,
        begun: (made) => {
          world = made;
        },
        leave: () => ++this.events % EVENTS === 0 && this.clock() > this.deadline,
        upTo: () => this.limit as Instant,
      },
    );
    this.running.next();
    this.world = world as unknown as World;
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
    this.limit = Math.max(limit, this.now);
    this.deadline = this.clock() + milliseconds;
    if (!this.over && this.sink.size <= MOST_BYTES) this.over = this.running.next().done === true;
    return this.over || this.world.now >= limit;
  }

  /** Lets all happen that is due at this instant. */
  private settle(): void {
    this.world.simulation.runUntil(this.world.now);
  }

  /** Does something at the next instant. @returns when that is */
  act(act: Act): { readonly at: Instant; readonly entries: readonly Intervention[] } {
    this.settle();
    const at = (this.now + 1) as Instant;
    const entries = act.type === 'end' ? this.finish([act.place], at) : this.carryOut(act, at);
    this.world.simulation.runUntil(at);
    return { at, entries };
  }

  private carryOut(act: Exclude<Act, { type: 'end' }>, at: Instant): readonly Intervention[] {
    switch (act.type) {
      case 'boot':
        // One that its scenario crashed comes back with what ran on it.
        if (this.isDown(act.host) && this.open('host-crash', act.host).length === 0)
          return this.carryOut({ type: 'revive', host: act.host }, at);
        return this.finish(this.open('host-crash', act.host), at, `${act.host} was not crashed here.`);
      case 'resume':
        return this.finish(this.open('host-pause', act.host), at, `${act.host} was not paused here.`);
      case 'heal': {
        const wanted = new Set(act.pairs.map(([from, to]) => `${from} ${to}`));
        const cuts = this.places(
          (entry) => entry.kind === 'link-cut' && (wanted.size === 0 || wanted.has(`${entry.from} ${entry.to}`)),
        );
        return this.finish(cuts, at, 'Nothing is cut there that was cut here.');
      }
      default: {
        const entries = this.entriesOf(act, at);
        for (const entry of entries) {
          this.list.push(entry);
          this.world.intervention(entry);
        }
        return entries;
      }
    }
  }

  private entriesOf(act: Exclude<Act, { type: 'end' | 'boot' | 'resume' } | { type: 'heal' }>, at: Instant): Intervention[] {
    switch (act.type) {
      case 'crash':
        return [{ kind: 'host-crash', host: act.host, at }];
      case 'pause':
        return [{ kind: 'host-pause', host: act.host, at }];
      case 'restart':
        return [{ kind: 'process-restart', host: act.host, at }];
      case 'revive':
        return [{ kind: 'revive', host: act.host, at }];
      case 'signal':
        return [{ kind: 'signal', host: act.host, at, signal: act.signal }];
      case 'command':
        return [{ kind: 'command', host: act.host, at, run: act.line }];
      case 'cut':
        return act.pairs.map(([from, to]) => ({ kind: 'link-cut', from, to, at }));
      case 'loss':
        return act.pairs.map(([from, to]) => ({ kind: 'link-loss', from, to, at, rate: act.rate }));
      case 'delay':
        return act.pairs.map(([from, to]) => ({
          kind: 'link-delay',
          from,
          to,
          at,
          min: act.by as Duration,
          max: act.by as Duration,
        }));
      case 'slow':
        return [{ kind: 'cpu-delay', host: act.host, at, min: 0 as Duration, max: act.by as Duration }];
      case 'drift':
        return [{ kind: 'clock-drift', host: act.host, at, drift: act.ppm }];
    }
  }

  private isDown(host: string): boolean {
    return !this.world.network.isUp(this.dish.plan.topology.nodes.findIndex(({ name }) => name === host));
  }

  private open(kind: Intervention['kind'], host: string): number[] {
    return this.places((entry) => entry.kind === kind && entry.host === host);
  }

  /** Of the entries that have begun and have no end. */
  private places(
    wanted: (entry: Timed & { readonly from?: string; readonly to?: string; readonly host?: string }) => boolean,
  ): number[] {
    return [...this.list.entries()].flatMap(([place, entry]) => {
      const timed = entry as Timed;
      return timed.at !== undefined && timed.at <= this.now && timed.until === undefined && wanted(timed as never) ? [place] : [];
    });
  }

  private finish(places: readonly number[], until: Instant, otherwise = 'This has no end.'): readonly Intervention[] {
    if (places.length === 0) throw new Refusal(otherwise);
    return places.map((place) => {
      const entry = this.list[place] as Timed;
      if (entry === undefined || entry.until !== undefined || !ENDING.includes(entry.kind)) throw new Refusal(otherwise);
      const ended = { ...entry, until };
      this.list[place] = ended;
      this.world.over(place, until);
      return ended;
    });
  }

  /** The list as it was at an instant, for a run that goes on from there in another way. */
  listAt(at: number): Intervention[] {
    return this.list.flatMap((entry, place): Intervention[] => {
      const { at: begins, until } = entry as Partial<Timed>;
      const given = this.dish.case.interventions[place];
      // What the recipe brought stays; what was done here later is undone.
      if (given !== undefined) return [entry === given || (until !== undefined && until <= at) ? entry : given];
      if (begins === undefined || begins > at) return [];
      if (until === undefined || until <= at) return [entry];
      const { until: _, ...open } = entry as Timed;
      return [open as Intervention];
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
  size = 0;
  private blob = new Blob();
  private fresh = new Memory();

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

/** What lasts until it is ended. */
const ENDING: readonly string[] = ['host-crash', 'host-pause', 'link-cut', 'link-loss', 'link-delay', 'cpu-delay'];
