import type { Rules } from '../../../sim/host/rules.ts';

/** A bug as a process is told of it. */
export interface Swap {
  readonly rules: Rules;
  readonly quirks: Readonly<Record<string, boolean>>;
}

/** The working tree as it stands. */
export const NO_SWAP: Swap = { rules: {}, quirks: {} };

/** Something that was noticed. */
export interface Noticed {
  /** The property that was violated. */
  readonly check: string;
  readonly says: string;
  /** When, in nanoseconds, where that is known. */
  readonly at?: number;
}

/** What came of a run. */
export interface Ran {
  readonly noticed: Noticed | undefined;
  /** What happened in it. */
  readonly events: number;
}

/** A failing run made small. */
export interface Reduced {
  /** The faults that are left, in words. */
  readonly faults: readonly string[];
  /** Steps of the timeline that are left; 0 where there is none. */
  readonly steps: number;
  /** Faults that there were. */
  readonly before: number;
  readonly ended: string;
  readonly cpuSeconds: number;
  /** Kinds of faults without which nothing is noticed in the run. */
  readonly necessary: readonly string[];
}

/** Somewhere to look for bugs: makes a run from a seed and a number, the same for everybody, whatever is swapped. */
export interface Arena {
  /** Whether whole worlds run in it, and not the cores alone. */
  readonly isWorld: boolean;
  run(seed: string, index: number, swap: Swap): Ran;
  /** Makes a failing run small. @param budget CPU seconds */
  reduce(seed: string, index: number, swap: Swap, budget: number): Reduced;
  /** What is done in a run, for people. */
  tell(seed: string, index: number): readonly string[];
}

/** User and system time of this process so far. */
export const cpuSeconds = (): number => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
};
