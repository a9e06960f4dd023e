import type { Run } from './run.ts';

/** Records of a chain that say the same of the same node, such as a timer that set itself again and again. */
export interface Link {
  /** The place of the nearest of them. */
  readonly record: number;
  readonly times: number;
}

/** What a record follows from and what follows from it. */
export interface Causes {
  /** Its causes, the nearest first. */
  readonly chain: readonly Link[];
  /** Whether the chain goes on beyond those. */
  readonly more: boolean;
  /** Places of records that follow from it directly, among the next ones. */
  readonly effects: readonly number[];
}

const MOST_LINKS = 12;
/** How far back is looked, however alike the records are. */
const MOST_CAUSES = 10_000;
const MOST_EFFECTS = 8;
/** How far effects are looked for: a cause may be any number of records back, and no index leads forwards. */
const EFFECT_RANGE = 50_000;

export function causesOf(run: Run, record: number): Causes {
  const { cause, count, first } = run.records;
  const effects: number[] = [];
  for (let i = record + 1; i < Math.min(count, record + EFFECT_RANGE) && effects.length < MOST_EFFECTS; i++) {
    if (cause[i] === first + record) effects.push(i);
  }
  return { ...chainOf(run, record), effects };
}

function chainOf(run: Run, record: number): { chain: Link[]; more: boolean } {
  const chain: { record: number; times: number }[] = [];
  let last = record;
  for (let left = MOST_CAUSES; left > 0; left--) {
    const next = (run.records.cause[last] as number) - 1;
    // A cause always lies before its effect; in a damaged file it need not.
    if (next < 0 || next >= last) return { chain, more: false };
    const link = chain.at(-1);
    if (link !== undefined && isAlike(run, link.record, next)) link.times++;
    else if (chain.length === MOST_LINKS) return { chain, more: true };
    else chain.push({ record: next, times: 1 });
    last = next;
  }
  return { chain, more: true };
}

const isAlike = ({ records: { kind, node, word } }: Run, a: number, b: number): boolean =>
  kind[a] === kind[b] && node[a] === node[b] && word[a] === word[b];
