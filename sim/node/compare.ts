import { isImpure } from '../campaign/breakdown.ts';
import type { Failure } from '../campaign/failure.ts';
import type { Outcome } from '../campaign/outcome.ts';
import { type Difference, differing, type Elusive, type Question } from '../engine/difference.ts';
import { isLost } from './jobs.ts';
import type { Answered, Pool } from './pool.ts';

/** A run that was not the same twice. */
export interface Unlike {
  readonly index: number;
  readonly seed: string;
  /** Where the two part; absent where what they do and show is the same, and only the state that they end in is not. */
  readonly difference: Difference | Elusive | undefined;
  /** That it looked at something that is never the same. */
  readonly impure: Failure | undefined;
}

/** Makes a run of a campaign on two threads and compares them. @returns undefined when they are equal */
export async function compareRun(
  pool: Pool,
  index: number,
): Promise<{ readonly outcome: Outcome | undefined; readonly unlike?: Unlike }> {
  const first = await pool.doElsewhere({ type: 'trial', index, fingerprint: true }, undefined);
  const second = await pool.doElsewhere({ type: 'trial', index, fingerprint: true }, first.by);
  const [one, other] = [of(first), of(second)];
  const known = one ?? other;
  const impure = [one, other].find((each) => each?.failure !== undefined && isImpure(each.failure));
  if (impure !== undefined) {
    const unlike = { index, seed: impure.seed, difference: undefined, impure: impure.failure };
    return { outcome: impure, unlike };
  }
  if (JSON.stringify(one) === JSON.stringify(other)) return { outcome: known };
  const difference = await locate(pool, index, first.by);
  return { outcome: known, unlike: { index, seed: known?.seed ?? '', difference, impure: undefined } };
}

/** A run that takes its thread with it does so twice. */
const of = ({ answer }: Answered<'trial'>): Outcome | undefined => (isLost(answer) ? undefined : answer);

async function locate(pool: Pool, index: number, by: number): Promise<Unlike['difference']> {
  const search = differing();
  const ask = async (question: Question, avoids: number) => {
    const asked = await pool.doElsewhere({ type: 'question', index, question }, avoids);
    if (isLost(asked.answer)) throw new Error(`run ${index} was lost while it was looked at: ${asked.answer.says}`);
    return { answer: asked.answer, by: asked.by };
  };
  for (let step = search.next(); ; ) {
    if (step.done) return step.value;
    const [left, right] = step.value;
    const theirs = await ask(right, by);
    const ours = await ask(left, theirs.by);
    step = search.next([ours.answer, theirs.answer]);
  }
}
