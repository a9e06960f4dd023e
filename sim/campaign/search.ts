import { Hash } from '../../core/hash.ts';
import { type Instant, seconds } from '../../core/time.ts';
import type { Case } from '../replay/case.ts';
import type { Attempt, Tried } from './attempt.ts';
import { type Failure, isSame } from './failure.ts';

/** How far a search may go. */
export interface Budget {
  /** Runs at most, counted as if one was made after another. */
  readonly runs: number;
  /** Seconds of real time at most, where they are limited: what it comes to then depends on the machine. */
  readonly seconds?: number | undefined;
}

/** How far a search is. */
export interface Progress {
  readonly runs: number;
  /** The smallest case so far that still fails. */
  readonly smallest: Case;
}

/** Candidates, of which the first that still fails is wanted; to be run in order, or all at once. */
export interface Batch extends Progress {
  readonly attempts: readonly Attempt[];
}

/**
 * What became of the candidates of a batch, in their order. Those behind the first that fails in the same way may be missing. Or that no more is
 * to be asked for: somebody stopped it, or its time is up.
 */
export type Answer = readonly (Tried | undefined)[] | 'stop' | 'late';

export interface Shrunk {
  /** The smallest case that was found. */
  readonly case: Case;
  readonly failure: Failure;
  readonly fingerprint: string;
  readonly runs: number;
  /** `minimal`: nothing can be taken away and nothing made simpler. `unrepeatable`: the case does not fail in the same way when it is run again. */
  readonly ended: 'minimal' | 'budget' | 'time' | 'stopped' | 'unrepeatable';
}

/** A part of a search: asks for runs and is told what they came to. */
export type Searching<T> = Generator<Batch, T, Answer>;

/** How much later than before a smaller case may fail. */
const SLACK = seconds(2);

/** The smallest case so far, and what is asked to make it smaller. */
export class Search {
  smallest: Case;
  failure: Failure;
  /** What the run of the smallest case came to. */
  last: Tried | undefined;
  private runs = 0;
  private ended: Shrunk['ended'] | undefined;
  private readonly budget: Budget;
  /** The end of a run in which nothing fails. */
  private readonly end: Instant;
  /** The keys of cases that are known not to fail in the same way. */
  private readonly refuted = new Set<string>();

  constructor(start: Case, failure: Failure, { end, budget }: { readonly end: Instant; readonly budget: Budget }) {
    this.smallest = start;
    this.end = end;
    this.failure = failure;
    this.budget = budget;
  }

  /** Whether no more is to be asked for. */
  get isOver(): boolean {
    return this.ended !== undefined;
  }

  /** Takes the first of these cases that fails in the same way, if one does. @returns its place */
  *first(asked: readonly Case[]): Searching<number | undefined> {
    const cases = asked.map((each) => ({ ...each, until: this.endOf(each) }));
    const places = [...cases.keys()].filter((place) => !this.refuted.has(keyOf(cases[place] as Case)));
    const answer = yield* this.ask(places.map((place) => ({ case: cases[place] as Case })));
    const index = answer.findIndex((tried) => isSame(tried?.failure, this.failure));
    for (const place of places.slice(0, index < 0 ? answer.length : index)) this.refuted.add(keyOf(cases[place] as Case));
    if (index < 0) return undefined;
    const place = places[index] as number;
    this.last = answer[index] as Tried;
    this.smallest = cases[place] as Case;
    this.failure = this.last.failure as Failure;
    return place;
  }

  /** What the interventions of the smallest case come to, each for itself; undefined when no more is to be asked for. */
  *record(): Searching<Tried['refined']> {
    const [recorded] = yield* this.ask([{ case: this.smallest, recording: true }]);
    return recorded?.refined;
  }

  /** When a case must have failed. Where a failure ends the run a smaller case may take somewhat longer; elsewhere its end is a part of it. */
  private endOf({ until = this.end }: Case): Instant {
    const { failure, last } = this;
    if (last === undefined || last.kind === 'whole') return until;
    if (last.kind !== 'always') return Math.min(until, failure.at) as Instant;
    return Math.min(this.end, failure.at + Math.max(SLACK, Math.floor(failure.at / 4))) as Instant;
  }

  result(ended: Shrunk['ended']): Shrunk {
    const { smallest, failure, last, runs } = this;
    return {
      case: last === undefined || last.kind === 'whole' ? smallest : { ...smallest, until: failure.at },
      failure,
      fingerprint: last?.fingerprint ?? '',
      runs,
      ended: this.ended ?? ended,
    };
  }

  private *ask(attempts: readonly Attempt[]): Searching<readonly (Tried | undefined)[]> {
    const left = attempts.slice(0, this.budget.runs - this.runs);
    if (left.length < attempts.length && this.ended === undefined) this.ended = 'budget';
    if (this.ended === 'stopped' || this.ended === 'time' || left.length === 0) return [];
    const answer = yield { attempts: left, runs: this.runs, smallest: this.smallest };
    if (answer === 'stop' || answer === 'late') {
      this.ended = answer === 'stop' ? 'stopped' : 'time';
      return [];
    }
    const place = answer.findIndex((tried) => isSame(tried?.failure, this.failure));
    this.runs += place < 0 ? left.length : place + 1;
    return answer;
  }
}

/** Stands for a case: those of long lists are too many to be kept. */
function keyOf(of: Case): string {
  const hash = new Hash();
  hash.text(JSON.stringify(of));
  return hash.hex();
}
