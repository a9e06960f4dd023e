import type { Duration, Instant } from '../../core/time.ts';
import type { Plan } from '../scenario/plan.ts';
import type { World } from '../world.ts';
import type { Cells } from './cells.ts';
import type { Check } from './check.ts';

/** Since when an adversary leaves a world alone, and whom: what must then come true is due to these hosts. */
export interface Quiet {
  readonly from: Instant;
  /** Those that are up, run as they should and reach each other; the others stay as the adversary left them. */
  readonly hosts: readonly string[];
}

/** What a property may look at. */
export interface Subject {
  readonly world: World;
  readonly cells: Cells;
  readonly plan: Plan;
  /** Absent in a run that no adversary planned: it is quiet after the last thing that is done to the world. */
  readonly quiet?: Quiet | undefined;
}

/** Something that runs can be held to, under a name. */
export interface Property {
  readonly kind: 'always' | 'eventually' | 'sometimes';
  /** What it says, for people. */
  readonly says: string;
  /**
   * Whether a campaign holds this plan to it without being told to; `nominal` for what generated faults may break without anything being
   * wrong, so that a campaign never judges it.
   */
  readonly applies: ((plan: Plan) => boolean) | 'nominal';
  make(name: string, subject: Subject, within: Duration | undefined): Check;
}
