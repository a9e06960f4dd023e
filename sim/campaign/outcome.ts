import type { Duration } from '../../core/time.ts';
import type { Failure } from './failure.ts';

/** What one run of a campaign came to: plain data, without anything of the machine that ran it. */
export interface Outcome {
  readonly index: number;
  readonly seed: string;
  readonly failure: Failure | undefined;
  /** How often each check had something to judge, by its name. */
  readonly exercised: Readonly<Record<string, number>>;
  /** Checks that had something to judge and could not be decided. */
  readonly undecided: readonly string[];
  /** Oddities of originals that were met and are known, by name. */
  readonly known: readonly string[];
  /** For each kind of fault that was enabled, how many of its interventions changed the run. */
  readonly fired: Readonly<Record<string, number>>;
  /** Interventions in all, and those that changed nothing. */
  readonly interventions: number;
  readonly unapplied: number;
  /** Records in the journal. */
  readonly records: number;
  readonly simulated: Duration;
  /** Empty where none was computed. */
  readonly fingerprint: string;
}
