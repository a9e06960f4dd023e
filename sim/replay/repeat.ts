import { START } from '../../core/time.ts';
import { type Failure, failureOf, isSame } from '../campaign/failure.ts';
import type { Kit } from '../campaign/judge.ts';
import { runSafely } from '../campaign/safely.ts';
import { Entries, type Entry, keep } from '../engine/entry.ts';
import type { Unapplied } from '../intervention/interventions.ts';
import type { Report, RunOptions } from '../run/run.ts';
import { overall } from '../run/verdict.ts';
import type { Plan } from '../scenario/plan.ts';
import { type Case, isDecisive, type Omitted, planOf, runOf, strangers } from './case.ts';
import { Checkpointing, type Checkpoints, intervalFor, parting, type Stretch } from './checkpoints.ts';
import type { Replay } from './replay.ts';

/** A run of a case, with all that a replay file keeps of one. */
export interface Taken extends Pick<Replay, 'verdict' | 'fingerprint' | 'checkpoints'> {
  readonly failure?: Failure;
  /** Absent when the run broke down. */
  readonly report: Report | undefined;
}

/**
 * Runs a case on a plan, up to its failure where it is held to one thing, and takes down how it went.
 *
 * @param more who else is to hear it; how far the checkpoints are from each other
 */
export function take(
  plan: Plan,
  of: Case,
  kit: Kit,
  { listen, printed, every }: Pick<RunOptions, 'listen' | 'printed'> & { readonly every?: Checkpoints['every'] } = {},
): Taken {
  const altered = planOf(plan, of);
  const interval = every ?? intervalFor(altered.end);
  let checkpointing: Checkpointing | undefined;
  const { report, breakdown } = runSafely(altered, {
    ...kit,
    ...runOf(of),
    ...(of.check === undefined ? {} : { enough: (finding) => isDecisive(of, finding) }),
    ...(printed === undefined ? {} : { printed }),
    listen: (world) => {
      checkpointing = new Checkpointing(world.names, interval);
      return [checkpointing, ...(listen?.(world) ?? [])];
    },
  });
  const nodes = plan.topology.nodes.map(({ name }) => name);
  const failure = breakdown ?? failureOf({ findings: report.findings.filter((finding) => isDecisive(of, finding)) }, nodes);
  const end = report === undefined ? breakdown.at : report.end;
  return {
    verdict: failure === undefined ? verdictOf(report, of) : 'violated',
    ...(failure === undefined ? {} : { failure }),
    fingerprint: report?.fingerprint ?? NO_FINGERPRINT,
    checkpoints: checkpointing?.finish(end) ?? { every: interval, marks: [] },
    report,
  };
}

/** That of a run that broke down. */
const NO_FINGERPRINT = '0'.repeat(16);

const verdictOf = (report: Report | undefined, { check }: Case): Taken['verdict'] =>
  report === undefined ? 'inconclusive' : overall(report.findings, check !== undefined);

/** What became of a recorded run. */
export interface Repetition extends Taken {
  /** `same`: it fails in the same way, or holds as it did. */
  readonly outcome: 'same' | 'differently' | 'no longer' | 'fails now';
  /** Interventions that changed nothing, and steps to be left out that are not what they were. */
  readonly unapplied: readonly Unapplied[];
  readonly strangers: readonly Omitted[];
  /** Where it first left the recorded run; undefined while it is the same. */
  readonly parting?: Stretch & { readonly events: readonly Entry[] };
  /** Whether it left the run that it was when it was run once more. */
  readonly isErratic: boolean;
}

/** Runs what was recorded once more, and says how the two differ. */
export function repeat(plan: Plan, replay: Replay, kit: Kit, more: Pick<RunOptions, 'listen' | 'printed'> = {}): Repetition {
  const { every } = replay.checkpoints;
  const taken = take(plan, replay.case, kit, { ...more, every });
  const stretch = parting(replay.checkpoints, taken.checkpoints);
  const isErratic = stretch !== undefined && take(plan, replay.case, kit, { every }).fingerprint !== taken.fingerprint;
  return {
    ...taken,
    outcome: outcomeOf(replay, taken),
    unapplied: taken.report?.unapplied ?? [],
    strangers: strangers(plan, replay.case),
    ...(stretch === undefined ? {} : { parting: { ...stretch, events: eventsIn(stretch, plan, replay.case, kit) } }),
    isErratic,
  };
}

function outcomeOf({ verdict, failure: recorded }: Replay, { failure }: Taken): Repetition['outcome'] {
  if (verdict !== 'violated') return failure === undefined ? 'same' : 'fails now';
  if (failure === undefined) return 'no longer';
  return isSame(failure, recorded) ? 'same' : 'differently';
}

/** So many events of a stretch are shown. */
const MOST_EVENTS = 8;

/** What happens first in a stretch: something of it, or before it that it does not show, is not what it was. */
function eventsIn({ from, to }: Stretch, plan: Plan, of: Case, kit: Kit): Entry[] {
  const events: Entry[] = [];
  const hear = (entry: Entry, isCompared: boolean) => {
    if (isCompared && (entry.at > from || from === START) && entry.at <= to && events.length < MOST_EVENTS)
      events.push(keep(entry));
  };
  take(plan, of, kit, { listen: ({ names }) => [new Entries(names, hear)] });
  return events;
}
