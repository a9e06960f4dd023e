/** What one round came to. */
export interface Result {
  readonly operations: number;
  /** A hash of what was done, to show that all contestants did the same work. */
  readonly sum: number;
}

/** One contestant, set up and warm: each call does the next portion of the work. */
export type Round = () => Result;

/** A measure that is to be reached. */
export interface Reach {
  readonly contestant: string;
  readonly against: string;
  /** The largest share of the other's time, or the smallest factor by which it is as fast. */
  readonly atMost?: number;
  readonly timesAsFast?: number;
}

/** Several ways to do the same work, measured side by side. */
export interface Contest {
  readonly name: string;
  readonly contestants: Readonly<Record<string, () => Round | Promise<Round>>>;
  readonly rounds: number;
  /** Rounds before those that are measured. */
  readonly warmUp: number;
  readonly reach: readonly Reach[];
}

export interface Bench {
  /** What is done, in a sentence or two. */
  readonly description: string;
  /** What an operation is, in the plural. */
  readonly operations: string;
  readonly contests: readonly Contest[];
}
