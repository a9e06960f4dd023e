import { assert } from '../../core/assert.ts';
import type { Instant } from '../../core/time.ts';
import type { Intervention } from './intervention.ts';

/** An entry that another one came to while the run went on: a blow that was aimed at somebody. */
interface Resolved {
  readonly entry: Intervention;
  /** The place in the list of the one that it came from. */
  readonly of: number;
}

interface EntriesState {
  /** For each entry, how often it changed what happened to something. */
  readonly applied: number[];
  /** For each fine entry that met its coordinate but not its message or operation, what was there instead. */
  readonly mismatched: Map<number, string>;
  /** The entries, fine where there are finer ones, that have the same effects as what was done so far; empty unless recording. */
  readonly recorded: Intervention[];
  /** For each of these the places in the list of the entries that caused it. */
  readonly causes: (readonly number[])[];
  /** The entries that changed what is being decided; empty unless recording. */
  touched: number[];
  readonly resolved: Resolved[];
}

/** Places from here on are those of resolved entries. */
const RESOLVED = 2 ** 24;

/** The interventions of a run by their places: the list that it was given, and what they came to. */
export class Entries {
  readonly state: EntriesState;
  readonly recording: boolean;
  private readonly list: readonly Intervention[];
  private readonly nodes: ReadonlyMap<string, number>;

  /** @param nodes the names of all nodes, in the order of their numbers */
  constructor(list: readonly Intervention[], nodes: readonly string[], recording: boolean) {
    this.list = list;
    this.nodes = new Map(nodes.map((name, node) => [name, node]));
    this.recording = recording;
    this.state = { applied: list.map(() => 0), mismatched: new Map(), recorded: [], causes: [], touched: [], resolved: [] };
  }

  /** All places. */
  places(): number[] {
    return [...this.list.keys(), ...this.state.resolved.map((_, i) => RESOLVED + i)];
  }

  at(place: number): Intervention {
    const entry = place < RESOLVED ? this.list[place] : this.state.resolved[place - RESOLVED]?.entry;
    assert(entry !== undefined, () => `there is no intervention ${place}`);
    return entry;
  }

  /** The place in the list of an entry, or of the one that it came from. */
  origin(place: number): number {
    return place < RESOLVED ? place : (this.state.resolved[place - RESOLVED] as Resolved).of;
  }

  /** Tells that an entry was put at the end of the list. */
  added(): void {
    this.state.applied.push(0);
  }

  /** Puts what an entry came to among the others. @returns its place */
  resolve(entry: Intervention, of: number): number {
    return RESOLVED + this.state.resolved.push({ entry, of }) - 1;
  }

  /** Something is about to be decided: what is recorded next is due to those that change it. */
  decide(): void {
    if (this.recording) this.state.touched = [];
  }

  /** Tells that an entry changed what happened to something. */
  applied(place: number): void {
    const origin = this.origin(place);
    (this.state.applied[origin] as number)++;
    if (this.recording) this.state.touched.push(origin);
  }

  /** Keeps an entry that does what was just decided. */
  record(entry: Intervention): void {
    if (!this.recording) return;
    this.state.recorded.push(entry);
    this.state.causes.push([...new Set(this.state.touched)]);
  }

  node(name: string): number {
    const node = this.nodes.get(name);
    assert(node !== undefined, () => `an intervention names ${name}, which is no node`);
    return node;
  }
}

/** Whether an entry holds at an instant. */
export const holds = ({ at, until }: { readonly at: Instant; readonly until?: Instant }, now: Instant): boolean =>
  now >= at && (until === undefined || now < until);

/** A number from one to the other, both included, for a fraction of the way. */
export const between = ({ min, max }: { readonly min: number; readonly max: number }, fraction: number): number =>
  min + Math.floor(fraction * (max - min + 1));
