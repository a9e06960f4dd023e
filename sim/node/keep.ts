import { isFatal, isImpure } from '../campaign/breakdown.ts';
import type { FailureGroup } from '../campaign/campaign.ts';
import type { Exploration } from '../campaign/exploration.ts';
import { type Failure, isSame } from '../campaign/failure.ts';
import { type Kit, tried } from '../campaign/judge.ts';
import type { Batch, Shrunk } from '../campaign/search.ts';
import { trialOf } from '../campaign/trial.ts';
import type { Case } from '../replay/case.ts';
import type { Scenario } from '../scenario/load.ts';
import type { Crew } from './crew.ts';
import { type FailureFiles, writeFailure } from './failure-files.ts';
import { isLost } from './jobs.ts';
import { shrinkOn } from './shrink-on.ts';

/** A failure that was made as small as it gets, and written down. */
export interface Kept {
  readonly group: FailureGroup;
  /** That of the smallest case. */
  readonly failure: Failure;
  readonly case: Case;
  /** Interventions of the run that was found. */
  readonly before: number;
  /** How it was made smaller; absent when it was not. */
  readonly shrunk: Shrunk | undefined;
  readonly files: FailureFiles;
}

/** What a failure was found in, and what is done about it. */
export interface Keeping {
  readonly scenario: Scenario;
  /** The scenario's file, if it has one. */
  readonly path?: string;
  readonly kit: Kit;
  readonly exploration: Exploration;
  /** Of the campaign. */
  readonly seed: number | string;
  readonly crew: Crew;
  /** Runs that may be made to shrink it; 0 leaves it as it is. */
  readonly budget: number;
  /** Where files go. */
  readonly folder: string;
  readonly interrupted: AbortSignal;
  readonly told?: (batch: Batch, before: number) => void;
}

/**
 * Makes a failure as small as it gets, and writes it down.
 *
 * @throws MissingFile when it cannot be written
 */
export async function keep(keeping: Keeping, group: FailureGroup): Promise<Kept> {
  const { scenario, kit, exploration, seed, crew, budget, interrupted, told } = keeping;
  const { plan } = scenario;
  const trial = trialOf(plan, exploration, seed, group.index);
  const { interventions, quiet } = trial;
  const { check } = group.failure;
  const start: Case = { seed: trial.seed, interventions, quiet, check, until: tried(plan, trial, kit.properties).end };
  // Each try of what takes its thread with it takes as long as it took to find out.
  const shrunk =
    isFatal(group.failure) || budget === 0 || interrupted.aborted
      ? undefined
      : await shrinkOn(crew, plan, start, group.failure, {
          budget: { runs: budget },
          interrupted,
          told: (batch) => told?.(batch, interventions.length),
        });
  const failure = shrunk?.failure ?? group.failure;
  const bare = { ...start, interventions: [] };
  const isOwn = isFatal(group.failure) && budget > 0 && !interrupted.aborted && (await fails(crew, bare, group.failure));
  const of = shrunk?.case ?? (isOwn ? bare : start);
  return { group, failure, case: of, before: interventions.length, shrunk, files: await writeFailure(keeping, of, failure) };
}

/** Whether a run of a case takes its thread with it. */
async function fails(crew: Crew, of: Case, failure: Failure): Promise<boolean> {
  const tried = await crew.do({ type: 'attempt', attempt: { case: of } });
  return isLost(tried) || isSame(tried.failure, failure);
}

/** Whether what was found is that runs cannot be repeated. */
export const isErratic = ({ failure, shrunk }: Kept): boolean => isImpure(failure) || shrunk?.ended === 'unrepeatable';

const ENDS: Readonly<Record<Shrunk['ended'], string>> = {
  minimal: 'nothing more can be taken away',
  budget: 'then the budget was used up',
  stopped: 'then it was stopped',
  unrepeatable: 'it does not fail in this way when it is run again',
};

const counted = (number: number): string => `${number} ${number === 1 ? 'intervention' : 'interventions'}`;

/** `shrunk from 9 to 2 interventions in 143 runs: nothing more can be taken away` */
export const shrinkingInWords = ({ case: { interventions }, before, shrunk }: Kept): string =>
  shrunk === undefined
    ? interventions.length === 0
      ? 'without any intervention'
      : `${counted(interventions.length)}:`
    : `shrunk from ${before} to ${counted(interventions.length)} in ${shrunk.runs} runs: ${ENDS[shrunk.ended]}`;
