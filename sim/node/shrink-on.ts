import type { Tried } from '../campaign/attempt.ts';
import { isFatal } from '../campaign/breakdown.ts';
import { type Failure, isSame } from '../campaign/failure.ts';
import type { Batch, Budget, Shrunk } from '../campaign/search.ts';
import { shrink } from '../campaign/shrink.ts';
import type { Case } from '../replay/case.ts';
import type { Plan } from '../scenario/plan.ts';
import type { Crew } from './crew.ts';
import { aborted, BROKEN } from './explore.ts';
import { isLost, type Lost } from './jobs.ts';

/**
 * Shrinks on all threads of a crew; comes to the same as on one.
 *
 * @param told how far it is, before each batch of candidates
 */
export async function shrinkOn(
  crew: Crew,
  plan: Plan,
  start: Case,
  failure: Failure,
  {
    budget,
    told,
    interrupted,
  }: { readonly budget: Budget; readonly told: (batch: Batch) => void; readonly interrupted: AbortSignal },
): Promise<Shrunk> {
  const search = shrink(plan, start, failure, budget);
  const abort = aborted(interrupted);
  const end = performance.now() + (budget.seconds ?? Number.POSITIVE_INFINITY) * 1_000;
  let step = search.next();
  while (!step.done) {
    told(step.value);
    if (performance.now() > end) {
      step = search.next('late');
      continue;
    }
    const answer = await Promise.race([tryAll(crew, step.value, failure), abort]);
    step = search.next(answer ?? 'stop');
  }
  crew.drop();
  return step.value;
}

/** Runs candidates, several at once, until those before the first that fails in the same way are known. */
async function tryAll(crew: Crew, { attempts }: Batch, failure: Failure): Promise<readonly (Tried | undefined)[]> {
  const answers: (Tried | undefined)[] = [];
  let next = 0;
  let first = attempts.length;
  const work = async (): Promise<void> => {
    while (next < first) {
      const place = next++;
      const attempt = attempts[place];
      if (attempt === undefined) return;
      const tried = await crew.do({ type: 'attempt', attempt });
      const answer = isLost(tried) ? lostAs(failure, tried) : likened(failure, tried);
      if (answer === undefined) continue;
      answers[place] = answer;
      if (isSame(answer.failure, failure)) first = Math.min(first, place);
    }
  };
  await Promise.all(Array.from({ length: crew.appetite }, work));
  return Array.from({ length: attempts.length }, (_, place) => (place <= first ? answers[place] : undefined));
}

/** A run that took its thread with it, as the one that is to be made smaller did: then it is the same, whatever was at work. */
const lostAs = (failure: Failure, { lost }: Lost): Tried | undefined =>
  isFatal(failure) && BROKEN[lost] === failure.check
    ? { failure, kind: 'always', end: failure.at, fingerprint: '', unapplied: [] }
    : undefined;

/** What was at work when there was too much of something is not the same each time. */
const likened = (failure: Failure, tried: Tried): Tried =>
  isFatal(failure) && tried.failure?.check === failure.check
    ? { ...tried, failure: { ...tried.failure, sort: failure.sort } }
    : tried;
