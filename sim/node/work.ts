import { attempt } from '../campaign/attempt.ts';
import type { Exploration } from '../campaign/exploration.ts';
import { judge, type Kit } from '../campaign/judge.ts';
import { trialOf } from '../campaign/trial.ts';
import { answer } from '../engine/difference.ts';
import type { Plan } from '../scenario/plan.ts';
import type { Job, Results } from './jobs.ts';
import type { Pulse } from './pulse.ts';

/** What jobs are about. */
export interface Explored {
  readonly plan: Plan;
  readonly kit: Kit;
  readonly exploration: Exploration;
  /** Of the campaign. */
  readonly seed: number | string;
}

/**
 * Does a job on this thread.
 *
 * @param pulse where to show that it gets on; absent where nobody looks
 */
export function work(job: Job, { plan, kit, exploration, seed }: Explored, pulse?: Pulse): Results[keyof Results] {
  if (job.type === 'attempt') return attempt(plan, job.attempt, kit);
  const trial = trialOf(plan, exploration, seed, job.index);
  const stretch = (): void => pulse?.tick();
  switch (job.type) {
    case 'trial':
      return judge(plan, trial, kit, { stretch });
    case 'watched':
      return judge(plan, trial, kit, {
        begun: ({ hosts, simulation }) => hosts.observers.push({ feeding: (part) => pulse?.show(part, simulation.now) }),
      });
    case 'question':
      return answer((listen) => judge(plan, trial, kit, { stretch, listen: (world) => [listen(world)] }), job.question);
  }
}
