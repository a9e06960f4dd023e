/** One contestant, set up. */
export interface Contestant {
  /** Does the next portion of the work; @returns how many operations that were */
  round(): number;
  /** Ends what is under way; @returns a hash of all that was done, to show that all contestants did the same work */
  finish(): number;
}

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
  readonly contestants: Readonly<Record<string, () => Contestant>>;
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
