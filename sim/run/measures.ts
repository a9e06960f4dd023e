import { between, type Duration, type Instant } from '../../core/time.ts';
import type { Conditions } from '../check/conditions.ts';
import type { Mark, Measure } from '../scenario/plan.ts';
import type { Terminals } from './terminals.ts';

/** What a measure came to in one run. */
export interface Measured {
  readonly name: string;
  readonly unit: Measure['unit'];
  /** Absent when its end, or its beginning, was never reached. */
  readonly duration: Duration | undefined;
  readonly from: Instant | undefined;
}

/** Watches for the moments that a scenario's measures begin and end with. */
export class Measures {
  private readonly measures: readonly Measure[];
  private readonly conditions: Conditions;
  private readonly terminals: Terminals;
  readonly state: { readonly begun: (Instant | undefined)[]; readonly ended: (Instant | undefined)[] };

  constructor(measures: readonly Measure[], conditions: Conditions, terminals: Terminals) {
    this.measures = measures;
    this.conditions = conditions;
    this.terminals = terminals;
    this.state = {
      begun: measures.map(({ from }) => (from.type === 'instant' ? from.at : undefined)),
      ended: measures.map(() => undefined),
    };
  }

  /** To be called after every event that changed what a mark may be about. */
  ask(now: Instant): void {
    for (const [index, { from, to }] of this.measures.entries()) {
      if (this.state.ended[index] !== undefined) continue;
      if (this.state.begun[index] === undefined) this.state.begun[index] = this.reached(from, now, 0 as Instant);
      const begun = this.state.begun[index];
      if (begun === undefined || begun > now) continue;
      this.state.ended[index] = to.type === 'instant' ? (to.at >= begun ? to.at : undefined) : this.reached(to, now, begun);
    }
  }

  /** @returns the first instant, `since` or later, at which the mark was reached; undefined when it is not so yet */
  private reached(mark: Mark, now: Instant, since: Instant): Instant | undefined {
    switch (mark.type) {
      case 'instant':
        return now >= mark.at ? mark.at : undefined;
      case 'command': {
        for (const node of mark.nodes) for (const { at } of this.terminals.of(node, mark.line)) if (at >= since) return at;
        return undefined;
      }
      default:
        return this.conditions.missing(mark) === undefined ? now : undefined;
    }
  }

  finish(): Measured[] {
    return this.measures.map(({ name, unit }, index) => {
      const [from, to] = [this.state.begun[index], this.state.ended[index]];
      return { name, unit, from, duration: from === undefined || to === undefined ? undefined : between(from, to) };
    });
  }
}
