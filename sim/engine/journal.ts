import type { NameId, Names } from '../../core/names.ts';
import type { Instant } from '../../core/time.ts';
import type { EventId, Simulation } from './simulation.ts';

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
  /** A moment between two events, at which the world's state is whole; about every 65 536 records. */
  keyframe?(at: Instant, id: EventId): void;
}

interface JournalState {
  /** Records so far. */
  count: number;
  /** Two words of the rolling hash. */
  low: number;
  high: number;
}

/** Everything observable passes here once, is numbered, goes into the fingerprint and on to the sinks. */
export class Journal {
  readonly state: JournalState = { count: 0, low: 0x1234_5678, high: 0x2545_f491 };
  readonly sinks: Sink[] = [];

  private readonly simulation: Simulation;
  private readonly names: Names;
  private readonly hashing: boolean;

  constructor(simulation: Simulation, names: Names, options: { readonly fingerprint?: boolean } = {}) {
    this.simulation = simulation;
    this.names = names;
    this.hashing = options.fingerprint ?? true;
  }

  /**
   * Something happened. Its cause is the simulation's current one.
   *
   * @param word its short label: message kind, drop reason, timer, process
   * @returns its number; the simulation's cause stays what it was
   */
  record(kind: number, node: number, peer: number, word: NameId, size: number, payload: unknown): EventId {
    const id = ++this.state.count as EventId;
    const at = this.simulation.now;
    if (this.hashing && kind !== Kind.fault && kind !== Kind.verdict && kind !== Kind.log && kind !== Kind.output) {
      this.mix(at);
      this.mix(kind);
      this.mix(node);
      this.mix(peer);
      this.mix(size);
      if (kind !== Kind.drop) this.mixText(this.names.text(word));
    }
    for (const sink of this.sinks) sink.record(id, at, kind, node, peer, this.simulation.cause, word, size, payload);
    return id;
  }

  /** A value that the world may see has changed. */
  cell(node: number, subject: NameId, field: NameId, value: number | string): void {
    const at = this.simulation.now;
    if (this.hashing) {
      this.mix(at);
      this.mix(node);
      this.mixText(this.names.text(subject));
      this.mixText(this.names.text(field));
      if (typeof value === 'number') this.mix(value);
      else this.mixText(value);
    }
    for (const sink of this.sinks) sink.cell(this.simulation.cause, at, node, subject, field, value);
  }

  /** The rolling hash of what has happened so far, in 16 hex digits. */
  fingerprint(): string {
    const hex = (word: number): string => (word >>> 0).toString(16).padStart(8, '0');
    return hex(this.state.high) + hex(this.state.low);
  }

  private mix(value: number): void {
    const state = this.state;
    state.low = Math.imul(state.low ^ value, 0x9e37_79b1) + Math.floor(value / 0x1_0000_0000);
    state.high = Math.imul(state.high ^ (state.low >>> 15), 0x85eb_ca77) | 0;
  }

  private mixText(text: string): void {
    for (let i = 0; i < text.length; i++) this.mix(text.charCodeAt(i));
  }
}
