import { withoutImpurity } from '../../core/laws/impure.ts';
import type { Job, Lost, Results } from './jobs.ts';
import { type Explored, work } from './work.ts';

/** Those who make the runs of a campaign. */
export interface Crew {
  /** How many jobs keep all of them busy. */
  readonly appetite: number;
  /** Does a job, after those that were given before. */
  do<T extends keyof Results>(job: Job & { readonly type: T }): Promise<Results[T] | Lost>;
  /** Takes back what has not begun. */
  drop(): void;
  /** Gives threads that do not get on up sooner, from now on, where somebody looks after them: in so much of the usual time. */
  hurry?(share: number): void;
}

/** This thread alone. What never ends cannot be stopped on it. */
export class LoneCrew implements Crew {
  readonly appetite = 1;
  private readonly explored: Explored;

  constructor(explored: Explored) {
    this.explored = explored;
  }

  async do<T extends keyof Results>(job: Job & { readonly type: T }): Promise<Results[T]> {
    return withoutImpurity(() => work(job, this.explored)) as Results[T];
  }

  drop(): void {}
}
