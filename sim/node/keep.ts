import { isFatal, isImpure } from '../campaign/breakdown.ts';
import type { FailureGroup } from '../campaign/campaign.ts';
import type { Exploration } from '../campaign/exploration.ts';
import type { Failure } from '../campaign/failure.ts';
import { type Kit, tried } from '../campaign/judge.ts';
import type { Batch, Budget, Shrunk } from '../campaign/search.ts';
import { trialOf } from '../campaign/trial.ts';
import type { Case } from '../replay/case.ts';
import type { Scenario } from '../scenario/load.ts';
import type { Crew } from './crew.ts';
import { type FailureFiles, writeFailure } from './failure-files.ts';
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
  /** What it might have taken. */
  readonly limits: Budget;
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
  /** Seconds of real time that may go into it, where they are limited. */
  readonly seconds?: number | undefined;
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
  const isLost = isFatal(group.failure);
  // Each try of what takes its thread with it takes as long as it takes to find out.
  if (isLost) crew.hurry?.(1 / 4);
  const seconds = keeping.seconds ?? (isLost ? FATAL_SECONDS : undefined);
  const searched =
    budget === 0 || interrupted.aborted
      ? undefined
      : await shrinkOn(crew, plan, start, group.failure, {
          budget: { runs: budget, seconds },
          interrupted,
          told: (batch) => told?.(batch, interventions.length),
        });
  crew.hurry?.(1);
  // Whether a thread is lost depends on what else the machine does.
  const shrunk = isLost && searched?.ended === 'unrepeatable' ? undefined : searched;
  const failure = shrunk?.failure ?? group.failure;
  const of = shrunk?.case ?? start;
  const limits = { runs: budget, seconds };
  return {
    group,
    failure,
    case: of,
    before: interventions.length,
    shrunk,
    limits,
    files: await writeFailure(keeping, of, failure),
  };
}

/** So long it may take to make smaller what takes its thread with it. */
const FATAL_SECONDS = 60;

/** Whether what was found is that runs cannot be repeated. */
export const isErratic = ({ failure, shrunk }: Kept): boolean => isImpure(failure) || shrunk?.ended === 'unrepeatable';

const ENDS: Readonly<Record<Shrunk['ended'], (limits: Budget) => string>> = {
  minimal: () => 'nothing more can be taken away',
  budget: ({ runs }) => `then the budget of ${runs} runs was used up`,
  time: ({ seconds }) => `then its ${seconds} s were used up; with more time, or elsewhere, it may become smaller`,
  stopped: () => 'then it was stopped',
  unrepeatable: () => 'it does not fail in this way when it is run again',
};

const counted = (number: number): string => `${number} ${number === 1 ? 'intervention' : 'interventions'}`;

/** `shrunk from 9 to 2 interventions in 143 runs: nothing more can be taken away` */
export const shrinkingInWords = ({ case: { interventions }, before, shrunk, limits }: Kept): string =>
  shrunk === undefined
    ? interventions.length === 0
      ? 'without any intervention'
      : `${counted(interventions.length)}:`
    : `shrunk from ${before} to ${counted(interventions.length)} in ${shrunk.runs} runs: ${ENDS[shrunk.ended](limits)}`;
