import { Hash } from '../../core/hash.ts';
import type { Failure } from '../campaign/failure.ts';
import type { Verdict } from '../check/check.ts';
import { printScenario } from '../scenario/load.ts';
import type { ScenarioInput } from '../scenario/schema.ts';
import type { Case } from './case.ts';
import type { Checkpoints } from './checkpoints.ts';

/** A run to be repeated, whatever becomes of the code that found it: what a replay file holds. */
export interface Replay {
  /** The version of Partita that recorded it. */
  readonly partita: string;
  /** Why it happened, in a sentence, where somebody has found out. */
  readonly cause?: string;
  readonly scenario: {
    readonly name?: string;
    /** Where it is, from the replay file. */
    readonly file?: string;
    /** See `scenarioHash`. */
    readonly hash: string;
    /** All of it; the file is read when it is absent. */
    readonly text?: string;
  };
  /** The bug that was put into the protocols, by its name. */
  readonly rules?: string;
  readonly case: Case;
  readonly verdict: Verdict;
  readonly failure?: Failure;
  readonly fingerprint: string;
  readonly checkpoints: Checkpoints;
}

/** A hash of what a scenario says: comments and layout do not count. */
export function scenarioHash(data: ScenarioInput): string {
  const hash = new Hash();
  hash.text(printScenario(data));
  return hash.hex();
}
