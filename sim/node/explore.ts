import { formatInstant, type Instant } from '../../core/time.ts';
import { type Breakdown, breakdown } from '../campaign/breakdown.ts';
import type { Campaign } from '../campaign/campaign.ts';
import type { Exploration } from '../campaign/exploration.ts';
import type { Outcome } from '../campaign/outcome.ts';
import { trialOf } from '../campaign/trial.ts';
import type { Plan } from '../scenario/plan.ts';
import type { Crew } from './crew.ts';
import { isLost, type Lost } from './jobs.ts';

/** A campaign on its way: what is explored, and who is told. */
export interface Exploring {
  readonly plan: Plan;
  readonly exploration: Exploration;
  /** Of the campaign. */
  readonly seed: number | string;
  readonly crew: Crew;
  readonly campaign: Campaign;
  /** Told the runs that are counted, in order. */
  readonly counted: (outcomes: readonly Outcome[]) => void;
  /** Whether no more runs are to be begun. */
  readonly isOver: () => boolean;
  /** Breaks it off at once. */
  readonly interrupted: AbortSignal;
}

/** Makes the runs of a campaign on all threads, until it is over. */
export async function explore(exploring: Exploring): Promise<void> {
  const { crew, campaign, counted, isOver, interrupted } = exploring;
  const atWork = new Set<Promise<void>>();
  const begin = (index: number): void => {
    const run = runOf(exploring, index).then((outcome) => {
      counted(campaign.take(outcome));
      atWork.delete(run);
    });
    atWork.add(run);
  };
  const abort = aborted(interrupted);
  while (!interrupted.aborted && !campaign.isOver) {
    while (atWork.size < crew.appetite && !isOver()) {
      const index = campaign.hand();
      if (index === undefined) break;
      begin(index);
    }
    if (atWork.size === 0) break;
    await Promise.race([...atWork, abort]);
  }
  crew.drop();
  if (!campaign.isOver) counted(campaign.breakOff());
  // What nobody waits for any more may end as it likes.
  for (const run of atWork) run.catch(() => undefined);
}

/** Never fails; resolves when it is aborted. */
export const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });

/** A run of the campaign. One that is lost is made again by a thread that shows what is at work. */
async function runOf(exploring: Exploring, index: number): Promise<Outcome> {
  const { crew } = exploring;
  const first = await crew.do({ type: 'trial', index, fingerprint: false });
  if (!isLost(first)) return first;
  const second = await crew.do({ type: 'watched', index });
  return isLost(second) ? lostOutcome(exploring, index, second) : second;
}

/** What a run that was lost violates. */
export const BROKEN: Readonly<Record<Lost['lost'], Breakdown>> = {
  endless: 'NoEndlessLoop',
  memory: 'BoundedMemory',
  died: 'NoBugOfPartita',
};

/** What is known of a run that took its thread with it. */
function lostOutcome({ plan, exploration, seed }: Exploring, index: number, { lost, says, at }: Lost): Outcome {
  const trial = trialOf(plan, exploration, seed, index);
  const who = at === undefined ? 'something' : `${at.part} on ${plan.topology.nodes[at.node]?.name}`;
  const when = at === undefined ? '' : ` from ${formatInstant(at.now as Instant, 3)} s on`;
  const words = {
    endless: `${who} is busy with one thing${when}, and does not come to an end`,
    memory: `the run holds more and more in memory, in the end while ${who} was at work${when.replace(' from', ' at').replace(' on', '')}`,
    died: says,
  };
  const failure = breakdown(BROKEN[lost], {
    sort: at?.part ?? 'unknown',
    at: (at?.now ?? 0) as Instant,
    says: words[lost],
  });
  return {
    index,
    seed: trial.seed,
    failure,
    exercised: {},
    undecided: [],
    known: [],
    fired: {},
    interventions: trial.interventions.length,
    unapplied: 0,
    records: 0,
    simulated: failure.at as number as Outcome['simulated'],
    fingerprint: '',
  };
}
