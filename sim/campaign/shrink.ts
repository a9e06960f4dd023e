import type { Case } from '../replay/case.ts';
import type { Plan } from '../scenario/plan.ts';
import { type Attempt, attempt, type Tried } from './attempt.ts';
import { ddmin } from './ddmin.ts';
import { type Failure, isSame } from './failure.ts';
import type { Kit } from './judge.ts';

/** How far a search may go. */
export interface Budget {
  /** Runs at most, counted as if one was made after another. */
  readonly runs: number;
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

/** What became of the candidates of a batch, in their order. Those behind the first that fails in the same way may be missing. */
export type Answer = readonly (Tried | undefined)[] | 'stop';

export interface Shrunk {
  /** The smallest case that was found. */
  readonly case: Case;
  readonly failure: Failure;
  readonly fingerprint: string;
  readonly runs: number;
  /** `minimal`: nothing can be taken away and nothing made simpler. `unrepeatable`: the case does not fail in the same way when it is run again. */
  readonly ended: 'minimal' | 'budget' | 'stopped' | 'unrepeatable';
}

/**
 * Looks for the smallest case that fails in the same way.
 *
 * It only says what is to be run; who calls it runs that, on as many threads as there are, and comes to the same case.
 */
export function* shrink(_plan: Plan, start: Case, failure: Failure, budget: Budget): Generator<Batch, Shrunk, Answer> {
  const search = new Search({ ...start, check: failure.check }, failure, budget);
  if ((yield* search.first([search.smallest])) === undefined) return search.result('unrepeatable');
  const { until: _, ...rest } = search.smallest;
  yield* search.first([{ ...rest, until: search.failure.at }]);
  const removal = ddmin(search.smallest.interventions);
  for (let step = removal.next(); !step.done; ) {
    const { value } = step;
    step = removal.next(yield* search.first(value.map((interventions) => ({ ...search.smallest, interventions }))));
  }
  return search.result('minimal');
}

class Search {
  smallest: Case;
  failure: Failure;
  private fingerprint = '';
  private runs = 0;
  private ended: Shrunk['ended'] | undefined;
  private readonly budget: Budget;

  constructor(start: Case, failure: Failure, budget: Budget) {
    this.smallest = start;
    this.failure = failure;
    this.budget = budget;
  }

  /** Takes the first of these that fails in the same way, if one does. @returns its place */
  *first(cases: readonly Case[]): Generator<Batch, number | undefined, Answer> {
    if (this.ended !== undefined || cases.length === 0) return undefined;
    const left = cases.slice(0, this.budget.runs - this.runs);
    const answer = yield { attempts: left.map((each) => ({ case: each })), runs: this.runs, smallest: this.smallest };
    if (answer === 'stop') {
      this.ended = 'stopped';
      return undefined;
    }
    const place = answer.findIndex((tried) => isSame(tried?.failure, this.failure));
    this.runs += place < 0 ? left.length : place + 1;
    if (this.runs >= this.budget.runs) this.ended = 'budget';
    if (place < 0) return undefined;
    const tried = answer[place] as Tried;
    this.smallest = left[place] as Case;
    this.failure = tried.failure as Failure;
    this.fingerprint = tried.fingerprint;
    return place;
  }

  result(ended: Shrunk['ended']): Shrunk {
    const { smallest, failure, fingerprint, runs } = this;
    return { case: smallest, failure, fingerprint, runs, ended: this.ended ?? ended };
  }
}

/** Shrinks on this thread. */
export function shrinkHere(
  plan: Plan,
  start: Case,
  failure: Failure,
  {
    kit,
    budget,
    told,
  }: { readonly kit: Kit; readonly budget: Budget; readonly told?: (progress: Progress) => 'stop' | undefined },
): Shrunk {
  const search = shrink(plan, start, failure, budget);
  for (let step = search.next(); ; ) {
    if (step.done) return step.value;
    const batch: Batch = step.value;
    step = search.next(told?.(batch) ?? inOrder(plan, batch, failure, kit));
  }
}

/** Runs candidates until one fails in the same way. */
function inOrder(plan: Plan, { attempts }: Batch, failure: Failure, kit: Kit): Answer {
  const answer: Tried[] = [];
  for (const each of attempts) {
    const tried = attempt(plan, each, kit);
    answer.push(tried);
    if (isSame(tried.failure, failure)) break;
  }
  return answer;
}
