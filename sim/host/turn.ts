import type { EventId, Simulation } from '../engine/simulation.ts';

/**
 * What follows from an event, one thing after another, before the event is over.
 *
 * What a protocol announces, logs and replies, and what processes do to each other, is put off until the protocol or command at
 * work has returned, so that nothing is ever entered while it is inside a call of its own.
 */
export class Turn {
  private readonly simulation: Simulation;
  /** Empty between events: this is no state. */
  private deferred: { readonly cause: EventId; readonly run: () => void }[] = [];
  private settling = false;

  constructor(simulation: Simulation) {
    this.simulation = simulation;
  }

  /** Lets something happen when what is at work has returned; it follows from what is the cause now. */
  later(run: () => void): void {
    this.deferred.push({ cause: this.simulation.cause, run });
  }

  /** Carries out what was put off, and what that puts off. To be called at the end of whatever entered from outside; inside itself it does nothing. */
  settle(): void {
    if (this.deferred.length === 0 || this.settling) return;
    this.settling = true;
    const before = this.simulation.cause;
    for (let next = 0; next < this.deferred.length; next++) {
      const entry = this.deferred[next];
      if (entry === undefined) continue;
      this.simulation.cause = entry.cause;
      entry.run();
    }
    this.deferred = [];
    this.simulation.cause = before;
    this.settling = false;
  }

  /** Forgets what a run that was stopped by an error left behind. */
  clear(): void {
    this.deferred = [];
    this.settling = false;
  }
}
