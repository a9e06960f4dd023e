import type { Instant } from '../../core/time.ts';
import { BREAKDOWNS } from '../campaign/breakdown.ts';
import { withoutPlace } from '../campaign/failure.ts';
import type { Finding } from '../check/check.ts';
import type { Quiet } from '../check/property.ts';
import { expectationInWords } from '../check/words.ts';
import type { Intervention } from '../intervention/intervention.ts';
import type { RunOptions } from '../run/run.ts';
import type { Plan } from '../scenario/plan.ts';
import { withoutDelays, withoutLosses } from './nominal.ts';
import { describeStep } from './step.ts';

/** One run of a plan, as data: all that makes it what it is beside the plan and the code. */
export interface Case {
  readonly seed: number | string;
  readonly interventions: readonly Intervention[];
  /** Since when, and for whom, what must come true is due; absent in a run that no adversary planned. */
  readonly quiet?: Quiet;
  /** The one property or expectation that the run is held to; all of the plan's when absent. */
  readonly check?: string;
  /** When it ends, instead of the plan's end. */
  readonly until?: Instant;
  /** What of the plan's own network does not happen: its losses (with duplicates, reordering and damage), or the spread of its delays. */
  readonly nominal?: readonly Nominal[];
  /** Steps of the plan's timeline that are left out. */
  readonly without?: readonly Omitted[];
  /** Command lines of the plan's timeline that are typed otherwise. */
  readonly instead?: readonly Retyped[];
}

export type Nominal = 'loss' | 'delay';

/** A step of a plan, as `describeStep` counts them, with what it was when it was found to be superfluous: a guard against a scenario that has changed since. */
export interface Omitted {
  readonly step: number;
  readonly was: string;
}

/** A step that types another command line. */
export interface Retyped extends Omitted {
  readonly run: string;
}

/** What of a case does not apply to a plan: steps that are others than they were. */
export function strangers(plan: Plan, { without = [], instead = [] }: Case): readonly Omitted[] {
  return [...without, ...instead].filter(({ step, was }) => describeStep(plan, step) !== was);
}

/** A plan as a case has it. */
export function planOf(plan: Plan, of: Case): Plan {
  const { until, nominal = [], without = [], instead = [], check } = of;
  const isThere = ({ step, was }: Omitted): boolean => describeStep(plan, step) === was;
  const omitted = new Set(without.filter(isThere).map(({ step }) => step));
  const lines = new Map(instead.filter(isThere).map(({ step, run }) => [step, run]));
  let { topology } = plan;
  if (nominal.includes('loss')) topology = withoutLosses(topology);
  if (nominal.includes('delay')) topology = withoutDelays(topology);
  return {
    ...(check === undefined ? plan : heldTo(plan, check)),
    topology,
    end: until ?? plan.end,
    timeline: plan.timeline.flatMap((step, place) => {
      if (omitted.has(place)) return [];
      const line = lines.get(place);
      return [line === undefined || step.type !== 'run' ? step : { ...step, line }];
    }),
    faults: plan.faults.filter((_, fault) => !omitted.has(plan.timeline.length + fault)),
  };
}

/** What a run of a case is begun with. */
export function runOf({ seed, interventions, quiet }: Case): Pick<RunOptions, 'seed' | 'interventions' | 'quiet'> {
  return { seed, interventions, ...(quiet === undefined ? {} : { quiet }) };
}

/** Whether a finding is about what a case is held to. */
export const isDecisive = ({ check }: Case, finding: Finding): boolean =>
  finding.verdict === 'violated' && (check === undefined || withoutPlace(finding.check) === check);

/** A plan that is held to one thing only: an expectation by its words, or a property by its name, whether it ought to hold or to be violated. */
function heldTo(plan: Plan, check: string): Plan {
  if (check in BREAKDOWNS) return { ...plan, expectations: [], checks: { always: [], eventually: [], sometimes: [] } };
  const nodes = plan.topology.nodes.map(({ name }) => name);
  const expectations = plan.expectations.filter(
    (each) => each.type !== 'violates' && withoutPlace(expectationInWords(each, nodes)) === check,
  );
  const eventually = plan.checks.eventually.filter(({ name }) => name === check);
  const always = expectations.length > 0 || eventually.length > 0 ? [] : [check];
  return { ...plan, expectations, checks: { always, eventually, sometimes: [] } };
}
