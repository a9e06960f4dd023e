import type { Instant } from '../../core/time.ts';
import { properties as ours } from '../check/properties.ts';
import type { Property } from '../check/property.ts';
import type { Registry } from '../host/commands/registry.ts';
import type { RunOptions } from '../run/run.ts';
import type { Plan } from '../scenario/plan.ts';
import { failureOf } from './failure.ts';
import { faultKindOf } from './kinds.ts';
import type { Outcome } from './outcome.ts';
import { runSafely } from './safely.ts';
import { suiteOf } from './suite.ts';
import type { Trial } from './trial.ts';

/** What is there for a scenario to use: commands of hosts, and properties. */
export interface Kit {
  readonly registry: Registry;
  /** Ours when absent. */
  readonly properties?: ReadonlyMap<string, Property>;
}

/**
 * One run of a campaign, judged: held to the campaign's suite until the first violation, left alone from the trial's quiet time on. What a
 * protocol throws, and an instant that never ends, are failures like others.
 *
 * @param more for those who want to look at it
 */
export function judge(
  plan: Plan,
  trial: Trial,
  { registry, properties = ours }: Kit,
  { stretch, ...listening }: Pick<RunOptions, 'listen' | 'begun' | 'fingerprint'> & { readonly stretch?: () => void } = {},
): Outcome {
  const { index, seed, interventions, quiet, enabled } = trial;
  const options = { registry, properties, seed, interventions, quiet, enough: isViolated, ...listening };
  const { report, breakdown } = runSafely(tried(plan, trial, properties), options, stretch);
  const failure =
    breakdown ??
    failureOf(
      report,
      plan.topology.nodes.map(({ name }) => name),
    );
  const { findings = [], unapplied = [] } = report ?? {};
  const idle = new Set(unapplied.map((each) => each.index));
  const fired = (kind: string): number =>
    report === undefined ? 0 : interventions.filter((each, place) => faultKindOf(each) === kind && !idle.has(place)).length;
  return {
    index,
    seed,
    failure,
    exercised: Object.fromEntries(findings.map(({ check, exercised }) => [check, exercised])),
    undecided: findings.flatMap(({ check, verdict, exercised }) =>
      verdict === 'inconclusive' && exercised > 0 && failure === undefined ? [check] : [],
    ),
    known: [...new Set(findings.flatMap(({ known = [] }) => known))],
    fired: Object.fromEntries(enabled.map((kind) => [kind, fired(kind)])),
    interventions: interventions.length,
    unapplied: unapplied.length,
    records: report?.records ?? 0,
    simulated: (report?.end ?? failure?.at ?? 0) as number as Outcome['simulated'],
    fingerprint: report?.fingerprint ?? '',
  };
}

const isViolated: NonNullable<RunOptions['enough']> = ({ verdict }) => verdict === 'violated';

/**
 * The plan as a campaign runs it. It ends with the timeline and the adversary; what must come true after that prolongs the run until it
 * has, or is overdue.
 */
export function tried(
  plan: Plan,
  { quiet, end }: Pick<Trial, 'quiet' | 'end'>,
  properties: ReadonlyMap<string, Property> = ours,
): Plan {
  const lastStep = plan.timeline.at(-1)?.at ?? 0;
  return {
    ...plan,
    checks: suiteOf(plan, properties),
    expectations: [],
    end: Math.min(end, Math.max(quiet.from, lastStep)) as Instant,
  };
}
