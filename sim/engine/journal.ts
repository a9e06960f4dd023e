import { Hash, type HashState } from '../../core/hash.ts';
import type { NameId, Names } from '../../core/names.ts';
import type { Instant } from '../../core/time.ts';
import { type EventId, type EventKind, NO_CAUSE, type Simulation } from './simulation.ts';

/** What can happen in a world; the kinds of the records of a trace. */
export const Kind = {
  boot: 0,
  crash: 1,
  start: 2,
  stop: 3,
  pause: 4,
  resume: 5,
  send: 6,
  forward: 7,
  deliver: 8,
  drop: 9,
  timer: 10,
  command: 11,
  output: 12,
  log: 13,
  notice: 14,
  fault: 15,
  verdict: 16,
  written: 17,
  exit: 18,
} as const;

/** No node; no peer. */
export const NOBODY = -1;

/** Where records go: a trace, a console, checks, a live picture. */
export interface Sink {
  /** The kinds of records that it wants to hear, as `kindsOf` makes them; all when absent. Cells are told in any case. */
  readonly kinds?: number;
  record(
    id: EventId,
    at: Instant,
    kind: number,
    node: number,
    peer: number,
    cause: EventId,
    word: NameId,
    size: number,
    payload: unknown,
  ): void;
  /** @param id the record that the change follows from */
  cell(id: EventId, at: Instant, node: number, subject: NameId, field: NameId, value: number | string): void;
  /** A moment between two events, at which the world's state is whole; every 65 536 records, and less often where that state is large. */
  keyframe?(at: Instant, id: EventId): void;
}

/** Some kinds of records, a bit for each. */
export const kindsOf = (...kinds: readonly number[]): number => kinds.reduce((all, kind) => all | (1 << kind), 0);

interface JournalState extends HashState {
  /** Records so far. */
  count: number;
  /** Those of them that are in the fingerprint. */
  hashed: number;
  /** How many of those there are at the next keyframe. */
  due: number;
}

/** Records between two keyframes. */
const KEYFRAME = 65_536;
/** Words of the world's state that each record pays for: taking them in costs about as much as a word of its own. */
const WORDS_PER_RECORD = 4;

/** Counts what it takes in. */
class Meter extends Hash {
  words = 0;

  override pair(a: number, b: number): void {
    this.words++;
    super.pair(a, b);
  }
}

/** 2³² divided by the golden ratio: of all factors the one that keeps multiples of small numbers furthest from each other. */
const SPREAD = 0x9e37_79b1;

/** What a change of a cell has in the hash where a record has its kind. */
const CELL = 32 << 24;
const TEXT_CELL = 33 << 24;

/**
 * Kinds that are not in the fingerprint, a bit for each: what the adversary does and what is said about the run, so that a finer
 * list of interventions, or another listener, leaves the fingerprint as it is; and texts for people.
 */
const UNHASHED = kindsOf(Kind.fault, Kind.verdict, Kind.log, Kind.output);
const EVERY = kindsOf(...Object.values(Kind));

/** Everything observable passes here once: it is numbered, goes into the fingerprint, and on to the sinks. */
export class Journal {
  readonly state: JournalState = { high: 0, low: 0, count: 0, hashed: 0, due: KEYFRAME };
  readonly sinks: Sink[] = [];
  /** Takes in the state of the whole world, at each keyframe; absent while there is none. */
  digest: ((hash: Hash) => void) | undefined;

  private readonly simulation: Simulation;
  private readonly names: Names;
  private readonly hashing: boolean;
  private readonly hash = new Hash(this.state);
  /** Hashes of names, each computed once; derived, and gone after a restore. */
  private words: number[] = [];
  private readonly keyframe: EventKind;
  /** Derived: who hears records of each kind, of so many sinks. */
  private readonly hearers: Sink[][] = Object.values(Kind).map(() => []);
  private sorted = 0;

  constructor(simulation: Simulation, names: Names, options: { readonly fingerprint?: boolean } = {}) {
    this.simulation = simulation;
    this.names = names;
    this.hashing = options.fingerprint ?? true;
    this.keyframe = simulation.register('keyframe', () => this.pause());
  }

  /** To be called after `state` was restored. */
  restored(): void {
    this.words = [];
  }

  /**
   * Something happened. Its cause is the simulation's current one.
   *
   * @param kind one of `Kind`
   * @param word its short label: kind of message, reason of a drop, name of a timer or of a process
   * @returns its number; the simulation's cause stays what it was
   */
  record(kind: number, node: number, peer: number, word: NameId, size: number, payload: unknown): EventId {
    const { state, simulation } = this;
    const id = ++state.count as EventId;
    const at = simulation.now;
    if (((UNHASHED >> kind) & 1) === 0) {
      if (this.hashing) {
        const { hash } = this;
        hash.pair(at, (at * 2 ** -32) | (kind << 24)); // an instant has 53 bits
        // Which of several reasons a packet was dropped for may differ between a coarse intervention and the finer one it came to.
        const label = kind === Kind.drop ? 0 : this.word(word);
        // Nodes are few and sizes are small; spread over the word they stay apart, and so do two in one word.
        hash.pair(node + Math.imul(size, SPREAD), peer + label);
      }
      // An event of its own, so that it comes between two others, when the state of the world is whole.
      if (++state.hashed === state.due) simulation.schedule(at, this.keyframe, NO_CAUSE, 0, 0, 0);
    }
    const hearers = this.hearersOf(kind);
    for (let i = 0; i < hearers.length; i++)
      (hearers[i] as Sink).record(id, at, kind, node, peer, simulation.cause, word, size, payload);
    return id;
  }

  /** Whether anybody hears records of a kind: what nobody hears needs no payload. */
  isHeard(kind: number): boolean {
    return this.hearersOf(kind).length > 0;
  }

  /** A value that the world may see has changed. */
  cell(node: number, subject: NameId, field: NameId, value: number | string): void {
    const { simulation, sinks } = this;
    const at = simulation.now;
    if (this.hashing) {
      const { hash } = this;
      hash.pair(at, (at * 2 ** -32) | (typeof value === 'number' ? CELL : TEXT_CELL));
      hash.pair(node, this.word(subject));
      hash.word(this.word(field));
      if (typeof value === 'number') hash.float(value);
      else hash.text(value);
    }
    for (let i = 0; i < sinks.length; i++) (sinks[i] as Sink).cell(simulation.cause, at, node, subject, field, value);
  }

  /** A value that was there from the start: told to the sinks, and in the fingerprint only by the state that it is part of. */
  show(node: number, subject: NameId, field: NameId, value: number | string): void {
    const { simulation, sinks } = this;
    for (const sink of sinks) sink.cell(simulation.cause, simulation.now, node, subject, field, value);
  }

  /** The rolling hash of all that has happened so far, in 16 hex digits. */
  fingerprint(): string {
    return this.hash.hex();
  }

  private hearersOf(kind: number): readonly Sink[] {
    if (this.sorted !== this.sinks.length) this.sort();
    return this.hearers[kind] as Sink[];
  }

  private sort(): void {
    for (const [kind, hearers] of this.hearers.entries())
      hearers.splice(0, hearers.length, ...this.sinks.filter(({ kinds = EVERY }) => ((kinds >> kind) & 1) === 1));
    this.sorted = this.sinks.length;
  }

  private word(name: NameId): number {
    return this.words[name] ?? this.hashName(name);
  }

  private hashName(name: NameId): number {
    while (this.words.length <= name) {
      const hash = new Hash();
      hash.text(this.names.text(this.words.length as NameId));
      this.words.push(hash.state.low);
    }
    return this.words[name] as number;
  }

  private pause(): void {
    const whole = new Meter();
    if (this.hashing) this.digest?.(whole);
    this.hash.word(whole.state.high);
    this.hash.word(whole.state.low);
    this.state.due = this.state.hashed + Math.max(KEYFRAME, Math.ceil(whole.words / WORDS_PER_RECORD));
    for (const sink of this.sinks) sink.keyframe?.(this.simulation.now, this.state.count as EventId);
  }
}
