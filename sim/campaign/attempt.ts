import type { Instant } from '../../core/time.ts';
import type { Check, Finding } from '../check/check.ts';
import type { Intervention } from '../intervention/intervention.ts';
import { type Case, isDecisive, planOf, runOf } from '../replay/case.ts';
import type { RunOptions } from '../run/run.ts';
import type { Plan } from '../scenario/plan.ts';
import { asFailure, type Failure } from './failure.ts';
import type { Kit } from './judge.ts';
import { runSafely } from './safely.ts';

/** A run that a search for a smaller failure asks for. Plain data, as is its answer: both may go to another thread. */
export interface Attempt {
  readonly case: Case;
  /** Whether what its interventions came to is wanted. */
  readonly recording?: true;
}

/** What came of it. */
export interface Tried {
  readonly failure: Failure | undefined;
  /** Of which kind the check is that failed; a breakdown fails at once, as what must always hold. */
  readonly kind?: Check['kind'];
  /** When it ended: with the failure, where it failed. */
  readonly end: Instant;
  readonly fingerprint: string;
  /** Places of interventions that changed nothing. */
  readonly unapplied: readonly number[];
  /** For each intervention the finer ones that it came to; undefined for those that have none. */
  readonly refined?: readonly (readonly Intervention[] | undefined)[];
}

/**
 * Runs an attempt on a plan, up to the failure.
 *
 * @param stretch called now and then while it runs
 */
export function attempt(plan: Plan, { case: of, recording }: Attempt, kit: Kit, stretch?: () => void): Tried {
  let found: Finding | undefined;
  const options: RunOptions = {
    ...kit,
    ...runOf(of),
    recording: recording === true,
    enough: (finding) => {
      if (found === undefined && isDecisive(of, finding)) found = finding;
      return found !== undefined;
    },
  };
  const { report, breakdown } = runSafely(planOf(plan, of), options, stretch);
  if (report === undefined) {
    const failure = of.check === undefined || of.check === breakdown.check ? breakdown : undefined;
    return { failure, kind: 'always', end: breakdown.at, fingerprint: '', unapplied: [] };
  }
  const nodes = plan.topology.nodes.map(({ name }) => name);
  return {
    failure: found === undefined ? undefined : asFailure(found, nodes),
    ...(found === undefined ? {} : { kind: found.kind }),
    end: report.end,
    fingerprint: report.fingerprint,
    unapplied: report.unapplied.map(({ index }) => index),
    ...(report.refined === undefined ? {} : { refined: report.refined }),
  };
}
