import type { Run } from './run.ts';

/** What a record follows from and what follows from it. */
export interface Causes {
  /** Places of its causes, the nearest first. */
  readonly chain: readonly number[];
  /** Whether the chain goes on beyond those. */
  readonly more: boolean;
  /** Places of records that follow from it directly, among the next ones. */
  readonly effects: readonly number[];
}

const MOST_CAUSES = 12;
const MOST_EFFECTS = 8;
/** How far effects are looked for: a cause may be any number of records back, and no index leads forwards. */
const EFFECT_RANGE = 50_000;

export function causesOf(run: Run, record: number): Causes {
  const { cause, count } = run.records;
  const chain: number[] = [];
  let number = cause[record] as number;
  // A cause always lies before its effect; in a damaged file it need not.
  for (let last = record; number > 0 && number - 1 < last && chain.length < MOST_CAUSES; number = cause[last] as number) {
    last = number - 1;
    chain.push(last);
  }
  const effects: number[] = [];
  for (let i = record + 1; i < Math.min(count, record + EFFECT_RANGE) && effects.length < MOST_EFFECTS; i++) {
    if (cause[i] === record + 1) effects.push(i);
  }
  return { chain, more: number > 0 && chain.length === MOST_CAUSES, effects };
}
