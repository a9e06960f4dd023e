import { assert } from '../../core/assert.ts';
import { add, type Duration, LAST_INSTANT } from '../../core/time.ts';
import type { EventKind, Simulation, Slot } from '../engine/simulation.ts';
import { type ClockState, localTime, virtualTime } from './clock.ts';
import { NONE, QUEUED, TimerTable, type TimerTableState } from './timers.ts';

/** Whose timer has come: an owner, and the owner's own kind and subject. */
type Ring = (owner: number, kind: number, subject: number) => void;

/** The timers of all processes: each runs by the clock of its host and is pending at most once. */
export class Alarms {
  private readonly simulation: Simulation;
  private readonly table: TimerTable;
  private readonly kind: EventKind;

  /**
   * @param holder the state that the table is a part of
   * @param ring called for each timer that comes; it must call `take` or `keep`
   */
  constructor(simulation: Simulation, holder: { readonly timers: TimerTableState }, ring: Ring) {
    this.simulation = simulation;
    this.table = new TimerTable(holder);
    this.kind = simulation.register('timer of a process', ring);
  }

  /** Sets a timer; a pending one of the same kind and subject is replaced. One beyond the end of time never comes. */
  set(clock: ClockState, owner: number, kind: number, subject: number, after: Duration): void {
    assert(after >= 0, () => `a timer ${after} ns from now`);
    const { now, cause } = this.simulation;
    if (after > LAST_INSTANT - now) return this.cancel(owner, kind, subject);
    const at = clock.drift === 0 ? add(now, after) : virtualTime(clock, add(localTime(clock, now), after));
    if (at > LAST_INSTANT) return this.cancel(owner, kind, subject);
    this.forget(this.table.put(owner, kind, subject, this.simulation.schedule(at, this.kind, cause, owner, kind, subject)));
  }

  /** Sets a timer of a host whose clock shows virtual time. */
  setVirtual(owner: number, kind: number, subject: number, after: Duration): void {
    assert(after >= 0, () => `a timer ${after} ns from now`);
    const { now, cause } = this.simulation;
    if (after > LAST_INSTANT - now) return this.cancel(owner, kind, subject);
    const slot = this.simulation.schedule(add(now, after), this.kind, cause, owner, kind, subject);
    this.forget(this.table.put(owner, kind, subject, slot));
  }

  cancel(owner: number, kind: number, subject: number): void {
    this.forget(this.table.remove(owner, kind, subject));
  }

  cancelAll(owner: number): void {
    this.table.removeAll(owner, (slot) => this.forget(slot));
  }

  /** A timer that came is handed over: it is no longer pending. */
  take(owner: number, kind: number, subject: number): void {
    this.table.remove(owner, kind, subject);
  }

  /** A timer that came has to wait for its process: it can still be cancelled or replaced. */
  keep(owner: number, kind: number, subject: number): void {
    this.table.put(owner, kind, subject, QUEUED);
  }

  /** Hands over a timer that was kept. @returns false when it was cancelled or replaced since */
  takeKept(owner: number, kind: number, subject: number): boolean {
    if (this.table.get(owner, kind, subject) !== QUEUED) return false;
    this.table.remove(owner, kind, subject);
    return true;
  }

  /**
   * Moves pending timers to where a clock that has changed its speed shows what they wait for.
   *
   * @param owners whose timers run by this clock
   */
  retime(owners: ReadonlySet<number>, before: ClockState, after: ClockState): void {
    const entries = new Map(this.table.pending(owners).map((entry) => [entry.slot, entry]));
    for (const { at, slot } of this.simulation.waiting()) {
      const entry = entries.get(slot);
      if (entry === undefined) continue;
      const { owner, kind, subject } = entry;
      const moved = virtualTime(after, localTime(before, at));
      if (moved > LAST_INSTANT) this.cancel(owner, kind, subject);
      else this.table.put(owner, kind, subject, this.simulation.move(slot as Slot, moved));
    }
  }

  private forget(slot: number): void {
    if (slot !== NONE && slot !== QUEUED) this.simulation.cancel(slot as Slot);
  }
}
