import { formatInstant } from '../../core/time.ts';
import { Kind } from '../../sim/engine/journal.ts';
import type { Book } from './book.ts';
import { Describer, type Row } from './describe.ts';
import { shortestEdit } from './myers.ts';
import { nameOf, type Run, wordOf } from './run.ts';

/** What is said about a run, and what is done to it from outside, is not compared; as in the fingerprint. */
const UNCOMPARED: ReadonlySet<number> = new Set([Kind.fault, Kind.verdict, Kind.log, Kind.output]);

/** Records of each run that are put side by side, from where they part. */
const WINDOW = 400;

/** A record of one of two runs. */
export interface Side extends Row {
  readonly number: number;
  readonly at: number;
}

/** One line of two runs side by side. */
export type DiffRow =
  | { readonly type: 'same'; readonly left: Side; readonly right: Side }
  | { readonly type: 'left'; readonly left: Side }
  | { readonly type: 'right'; readonly right: Side }
  /** In both, and in another place; stands where it is in the right one. */
  | { readonly type: 'moved'; readonly left: Side; readonly right: Side };

/** How two runs differ. */
export interface Comparison {
  /** The instant of the first record that is not the same; undefined when none is. */
  readonly from: number | undefined;
  /** The first records that differ, by their numbers; absent where a run has no more. */
  readonly left?: number;
  readonly right?: number;
  readonly sentence: string;
  readonly rows: readonly DiffRow[];
}

/**
 * Finds where two runs part, and puts side by side what comes then.
 *
 * The rolling hashes of chunks lead to the first chunk that differs, whatever their number; from there on records are compared one by one.
 *
 * @param names what the left and the right run are called in a sentence
 */
export async function compareRuns(
  left: Book,
  right: Book,
  names: { readonly left: string; readonly right: string },
  signal?: AbortSignal,
): Promise<Comparison> {
  const start = firstDifferent(left, right);
  const one = new Walk(left, start);
  const other = new Walk(right, start);
  for (;;) {
    signal?.throwIfAborted();
    const [here, there] = [await one.next(), await other.next()];
    if (here === undefined && there === undefined) {
      return { from: undefined, sentence: 'Both runs are the same in all that happens.', rows: [] };
    }
    if (here !== undefined && there !== undefined && here === there) continue;
    return part(one, other, here !== undefined, there !== undefined, names);
  }
}

/** The first chunk after which the rolling hashes differ, by bisection; before it nothing does. */
function firstDifferent(left: Book, right: Book): number {
  const [a, b] = [left.trace.chunks, right.trace.chunks];
  const same = (i: number): boolean => a[i]?.hash === b[i]?.hash && a[i]?.first === b[i]?.first;
  let low = 0;
  let high = Math.min(a.length, b.length);
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (same(middle)) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Goes through what is compared of a run, and says of each record what must be the same. */
class Walk {
  private readonly book: Book;
  private chunk: number;
  private run: Run | undefined;
  private i = -1;

  constructor(book: Book, chunk: number) {
    this.book = book;
    this.chunk = chunk;
  }

  /** The next record in a form that can be compared; undefined at the end. */
  async next(): Promise<string | undefined> {
    for (;;) {
      if (this.run === undefined || ++this.i >= this.run.records.count) {
        if (this.chunk >= this.book.trace.chunks.length) return undefined;
        this.run = await this.book.chunkRun(this.chunk++, true);
        this.i = -1;
        continue;
      }
      const { records } = this.run;
      if (!UNCOMPARED.has(records.kind[this.i] as number)) return `${records.at[this.i]} ${keyOf(this.run, this.i)}`;
    }
  }

  /** So many records from the current one on. */
  async window(count: number): Promise<{ readonly side: Side; readonly key: string }[]> {
    const found: { readonly side: Side; readonly key: string }[] = [];
    let describer: { readonly run: Run; readonly of: Describer } | undefined;
    for (let more: string | undefined = ''; more !== undefined && found.length < count; more = await this.next()) {
      const { run, i } = this;
      if (run === undefined || i < 0 || i >= run.records.count) break;
      if (describer?.run !== run) describer = { run, of: new Describer(run) };
      const row = describer.of.row(i);
      const at = run.records.at[i] as number;
      found.push({ side: { ...row, number: run.records.first + i, at }, key: `${keyOf(run, i)} ${row.text}` });
    }
    return found;
  }
}

const keyOf = (run: Run, i: number): string => {
  const { kind, node, peer, word, size } = run.records;
  // Why a packet was dropped does not count.
  const label = kind[i] === Kind.drop ? '' : wordOf(run, word[i] as number);
  return `${kind[i]} ${nameOf(run, node[i] as number)} ${nameOf(run, peer[i] as number)} ${label} ${size[i]}`;
};

async function part(
  one: Walk,
  other: Walk,
  hasLeft: boolean,
  hasRight: boolean,
  names: { readonly left: string; readonly right: string },
): Promise<Comparison> {
  const lefts = hasLeft ? await one.window(WINDOW) : [];
  const rights = hasRight ? await other.window(WINDOW) : [];
  const [left, right] = [lefts[0]?.side, rights[0]?.side];
  const from = Math.min(left?.at ?? Number.POSITIVE_INFINITY, right?.at ?? Number.POSITIVE_INFINITY);
  const says = (name: string, side: Side | undefined): string =>
    side === undefined ? `nothing more happens in ${name}` : `in ${name} ${inWords(side)}`;
  return {
    from,
    ...(left === undefined ? {} : { left: left.number }),
    ...(right === undefined ? {} : { right: right.number }),
    sentence: `Both runs are the same up to ${formatInstant(from as never, 6)} s. Then ${says(names.right, right)}; ${says(names.left, left)}.`,
    rows: aligned(lefts, rights),
  };
}

const inWords = ({ node, kind, text, time }: Side): string =>
  `${[node, `${kind}:`, text].filter((each) => each !== '').join(' ')} (${time} s)`;

/** Two windows side by side: what is in both, what is in one of them, and what is elsewhere in the other. */
function aligned(
  lefts: readonly { readonly side: Side; readonly key: string }[],
  rights: readonly { readonly side: Side; readonly key: string }[],
): DiffRow[] {
  const edit = shortestEdit(
    lefts.map(({ key }) => key),
    rights.map(({ key }) => key),
  );
  // The n-th of equal records that are missing on one side goes with the n-th that are missing on the other.
  const missing = new Map<string, number[]>();
  for (const step of edit) {
    if (step.type !== 'left') continue;
    const { key } = lefts[step.left] as { readonly key: string };
    missing.set(key, [...(missing.get(key) ?? []), step.left]);
  }
  const movedTo = new Map<number, number>();
  for (const step of edit) {
    if (step.type !== 'right') continue;
    const place = missing.get((rights[step.right] as { readonly key: string }).key)?.shift();
    if (place !== undefined) movedTo.set(step.right, place);
  }
  const moved = new Set(movedTo.values());
  return edit.flatMap((step): DiffRow[] => {
    if (step.type === 'left') return moved.has(step.left) ? [] : [{ type: 'left', left: (lefts[step.left] as Item).side }];
    const right = (rights[step.right] as Item).side;
    if (step.type === 'same') return [{ type: 'same', left: (lefts[step.left] as Item).side, right }];
    const from = movedTo.get(step.right);
    return [from === undefined ? { type: 'right', right } : { type: 'moved', left: (lefts[from] as Item).side, right }];
  });
}

type Item = { readonly side: Side };
