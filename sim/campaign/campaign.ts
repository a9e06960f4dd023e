import { type Failure, failureFingerprint } from './failure.ts';
import type { Outcome } from './outcome.ts';

/** When a campaign is over. */
export interface CampaignLimits {
  /** After so many runs; it goes on until it is stopped when absent. */
  readonly runs?: number | undefined;
  /** With so many distinct failures. */
  readonly failures: number;
}

/** Runs that failed in the same way. */
export interface FailureGroup {
  readonly fingerprint: string;
  /** That of the first of them, by their index. */
  readonly failure: Failure;
  readonly index: number;
  readonly seed: string;
  /** How many there are. */
  readonly runs: number;
}

/** How often a kind of fault was there, and how often that made a difference. */
export interface FaultCount {
  /** Runs that had it. */
  readonly enabled: number;
  /** Its interventions that changed a run. */
  readonly fired: number;
}

/** What the runs of a campaign came to. It holds no real time: equal campaigns have equal summaries. */
export interface CampaignSummary {
  readonly runs: number;
  readonly failures: readonly FailureGroup[];
  /** By check: in how many runs it had something to judge, and in how many of these that could not be decided. */
  readonly checks: Readonly<Record<string, { readonly runs: number; readonly undecided: number }>>;
  readonly faults: Readonly<Record<string, FaultCount>>;
  /** In how many runs an oddity of an original was met that is known, by its name. */
  readonly known: Readonly<Record<string, number>>;
  readonly interventions: number;
  readonly unapplied: number;
  readonly records: number;
  /** Nanoseconds, of all runs together. */
  readonly simulated: number;
}

/**
 * Hands out the runs of a campaign and counts what they came to.
 *
 * Runs may be made by as many as there are and come back in any order: they are counted by their index, up to the first with which the
 * campaign is over, and what was made behind it is forgotten. So the same campaign comes to the same summary whoever makes its runs.
 */
export class Campaign {
  private readonly limits: CampaignLimits;
  private next = 0;
  /** Runs counted: all before this index. */
  private counted = 0;
  /** No run behind this index is needed. */
  private bound = Number.POSITIVE_INFINITY;
  private readonly waiting = new Map<number, Outcome>();
  /** Failing runs, counted or not: their fingerprints by index. */
  private readonly failing = new Map<number, string>();

  private readonly groups = new Map<string, { failure: Failure; index: number; seed: string; runs: number }>();
  private readonly checks = new Map<string, { runs: number; undecided: number }>();
  private readonly faults: Map<string, { enabled: number; fired: number }>;
  private readonly known = new Map<string, number>();
  private readonly totals = { interventions: 0, unapplied: 0, records: 0, simulated: 0 };

  /** @param expected the checks and kinds of faults that there should be something to say about */
  constructor(limits: CampaignLimits, expected: { readonly checks: readonly string[]; readonly faults: readonly string[] }) {
    this.limits = limits;
    for (const check of expected.checks) this.checks.set(check, { runs: 0, undecided: 0 });
    this.faults = new Map(expected.faults.map((kind) => [kind, { enabled: 0, fired: 0 }]));
  }

  /** The next run to be made, by its index; undefined when no more are needed. */
  hand(): number | undefined {
    return this.next < (this.limits.runs ?? Number.POSITIVE_INFINITY) && this.next <= this.bound ? this.next++ : undefined;
  }

  /** Whether all runs that count are counted. */
  get isOver(): boolean {
    return this.counted > this.bound || this.counted === this.limits.runs;
  }

  /**
   * Takes what a run came to, in any order.
   *
   * @returns the outcomes that are counted now, in order
   */
  take(outcome: Outcome): readonly Outcome[] {
    if (outcome.index > this.bound) return [];
    this.waiting.set(outcome.index, outcome);
    if (outcome.failure !== undefined) {
      this.failing.set(outcome.index, failureFingerprint(outcome.failure));
      this.bound = this.boundOfFailures();
    }
    const counted: Outcome[] = [];
    for (let each = this.waiting.get(this.counted); each !== undefined && !this.isOver; each = this.waiting.get(this.counted)) {
      this.waiting.delete(this.counted);
      this.count(each);
      counted.push(each);
    }
    return counted;
  }

  /** The campaign is broken off: counts what has come back, though something before it has not. */
  breakOff(): readonly Outcome[] {
    const rest = [...this.waiting.values()].filter(({ index }) => index <= this.bound).sort((a, b) => a.index - b.index);
    for (const each of rest) this.count(each);
    this.waiting.clear();
    return rest;
  }

  summary(): CampaignSummary {
    const failures = [...this.groups].map(([fingerprint, group]) => ({ fingerprint, ...group }));
    return {
      runs: this.counted,
      failures,
      checks: Object.fromEntries([...this.checks].map(([name, count]) => [name, { ...count }])),
      faults: Object.fromEntries([...this.faults].map(([kind, count]) => [kind, { ...count }])),
      known: Object.fromEntries(this.known),
      ...this.totals,
    };
  }

  /** The run with which there are as many distinct failures as are wanted, of what is known so far. */
  private boundOfFailures(): number {
    const distinct = new Set<string>();
    for (const [index, fingerprint] of [...this.failing].sort(([a], [b]) => a - b)) {
      distinct.add(fingerprint);
      if (distinct.size === this.limits.failures) return index;
    }
    return Number.POSITIVE_INFINITY;
  }

  private count({ index, seed, failure, exercised, undecided, known, fired, ...numbers }: Outcome): void {
    this.counted++;
    if (failure !== undefined) {
      const fingerprint = this.failing.get(index) as string;
      const group = this.groups.get(fingerprint);
      if (group === undefined) this.groups.set(fingerprint, { failure, index, seed, runs: 1 });
      else group.runs++;
    }
    for (const [name, times] of Object.entries(exercised)) {
      const check = this.checks.get(name) ?? { runs: 0, undecided: 0 };
      if (times > 0) check.runs++;
      if (undecided.includes(name)) check.undecided++;
      this.checks.set(name, check);
    }
    for (const [kind, times] of Object.entries(fired)) {
      const fault = this.faults.get(kind) ?? { enabled: 0, fired: 0 };
      fault.enabled++;
      fault.fired += times;
      this.faults.set(kind, fault);
    }
    for (const name of known) this.known.set(name, (this.known.get(name) ?? 0) + 1);
    for (const key of ['interventions', 'unapplied', 'records', 'simulated'] as const) this.totals[key] += numbers[key];
  }
}

/** What keeps a campaign that found nothing from having proved everything, by name. */
export interface Gaps {
  /** Checks that never had anything to judge. */
  readonly unexercised: readonly string[];
  /** Those that had, and could not be decided in any run. */
  readonly undecided: readonly string[];
  /** Kinds of faults that never changed a run, and in how many runs there were some. */
  readonly idle: readonly { readonly kind: string; readonly enabled: number }[];
}

export function gapsOf({ checks, faults }: CampaignSummary): Gaps {
  const named = Object.entries(checks);
  return {
    unexercised: named.filter(([, { runs }]) => runs === 0).map(([name]) => name),
    undecided: named.filter(([, { runs, undecided }]) => runs > 0 && undecided === runs).map(([name]) => name),
    idle: Object.entries(faults).flatMap(([kind, { enabled, fired }]) => (fired === 0 ? [{ kind, enabled }] : [])),
  };
}

/** The gaps, a sentence for each sort of them; none when there are none. */
export function describeGaps({ unexercised, undecided, idle }: Gaps): string[] {
  const kinds = idle.map(({ kind, enabled }) => `${kind} (${enabled === 0 ? 'in no run' : `in ${enabled}`})`);
  return [
    ...(unexercised.length === 0 ? [] : [`never exercised: ${unexercised.join(', ')}`]),
    ...(undecided.length === 0 ? [] : [`not decided in any run: ${undecided.join(', ')}`]),
    ...(kinds.length === 0 ? [] : [`faults that never changed a run: ${kinds.join(', ')}`]),
  ];
}
