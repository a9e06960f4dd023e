import type { Tried } from '../campaign/attempt.ts';
import { type Failure, isSame } from '../campaign/failure.ts';
import type { Batch, Budget, Shrunk } from '../campaign/search.ts';
import { shrink } from '../campaign/shrink.ts';
import type { Case } from '../replay/case.ts';
import type { Plan } from '../scenario/plan.ts';
import type { Crew } from './crew.ts';
import { aborted } from './explore.ts';
import { isLost } from './jobs.ts';

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
  let step = search.next();
  while (!step.done) {
    told(step.value);
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
      if (isLost(tried)) continue;
      answers[place] = tried;
      if (isSame(tried.failure, failure)) first = Math.min(first, place);
    }
  };
  await Promise.all(Array.from({ length: crew.appetite }, work));
  return Array.from({ length: attempts.length }, (_, place) => (place <= first ? answers[place] : undefined));
}
