import { withoutImpurity } from '../../core/laws/impure.ts';
import { attempt } from '../campaign/attempt.ts';
import type { Exploration } from '../campaign/exploration.ts';
import { judge, type Kit } from '../campaign/judge.ts';
import { trialOf } from '../campaign/trial.ts';
import type { Plan } from '../scenario/plan.ts';
import type { Job, Lost, Results } from './jobs.ts';

/** Those who make the runs of a campaign. */
export interface Crew {
  /** How many jobs keep all of them busy. */
  readonly appetite: number;
  /** Does a job, after those that were given before. */
  do<T extends keyof Results>(job: Job & { readonly type: T }): Promise<Results[T] | Lost>;
  /** Takes back what has not begun. */
  drop(): void;
}

/** This thread alone. What never ends cannot be stopped on it. */
export class LoneCrew implements Crew {
  readonly appetite = 1;
  private readonly plan: Plan;
  private readonly kit: Kit;
  private readonly exploration: Exploration;
  private readonly seed: number | string;

  constructor(of: {
    readonly plan: Plan;
    readonly kit: Kit;
    readonly exploration: Exploration;
    /** Of the campaign. */
    readonly seed: number | string;
  }) {
    this.plan = of.plan;
    this.kit = of.kit;
    this.exploration = of.exploration;
    this.seed = of.seed;
  }

  async do<T extends keyof Results>(job: Job & { readonly type: T }): Promise<Results[T]> {
    return withoutImpurity(() => this.work(job)) as Results[T];
  }

  drop(): void {}

  private work(job: Job): Results[keyof Results] {
    const { plan, kit, exploration, seed } = this;
    return job.type === 'attempt'
      ? attempt(plan, job.attempt, kit)
      : judge(plan, trialOf(plan, exploration, seed, job.index), kit);
  }
}
