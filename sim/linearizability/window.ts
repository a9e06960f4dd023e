import { type FailingBlock, within } from './blocks.ts';
import { type Limits, type Model, type Operation, returnOf } from './model.ts';
import { type Standing, search, standings } from './search.ts';

/** The part of a history that cannot be linearized, as small as it was made. */
export interface Window<S> {
  /** How things may have stood before, after all that came earlier; `taken` are places in the history. */
  readonly starts: readonly Standing<S>[];
  /** Places in the history, in the order of invocation. Some were under way when it ends: what they answered later plays no part. */
  readonly operations: readonly number[];
  /** The most of them that can be put in order, in that order. */
  readonly order: readonly number[];
  /** The last of them to return: until then an order explains all outcomes, and with this one none does. */
  readonly stuck: number;
}

/** Beyond so many operations or standings a window is not made smaller: it would take too long, and nobody would read it. */
const MOST = 64;

interface Item<I, O> {
  readonly place: number;
  readonly operation: Operation<I, O>;
}

/**
 * Narrows a history that is not linearizable down to what shows it.
 *
 * The end is the first return that nothing explains. The beginning is when the first of those was invoked that were under way together
 * with it: what came before is told by how things may have stood then. Of what is left, reads and other operations that changed nothing
 * are taken out while it fails without them. Where a search within the limits cannot tell, the larger window stays.
 *
 * @param block where it is known to fail; all of the history when absent
 */
export function failingWindow<S extends string | number | null | undefined, I, O>(
  model: Model<S, I, O>,
  history: readonly Operation<I, O>[],
  limits: Limits,
  block?: FailingBlock<S>,
): Window<S> {
  const judge = (items: readonly Item<I, O>[], from: readonly Standing<S>[]) => {
    const operations = items.map(({ operation }) => operation);
    const places = items.map(({ place }) => place);
    return search(model, operations, limits, within(from, places));
  };
  let starts: readonly Standing<S>[] = block?.starts ?? [{ state: model.initial, taken: [] }];
  const all = history
    .map((operation, place): Item<I, O> => ({ place, operation }))
    .filter(({ operation }) => block === undefined || (returnOf(operation) >= block.from && operation.invoked < block.until));
  let items = shortestPrefix(all, (part) => judge(part, starts).verdict === 'violated');
  const begin = beginning(items, history);
  const places = items.map(({ place }) => place);
  const operations = items.map(({ operation }) => operation);
  const before = standings(model, operations, limits, within(starts, places), begin);
  if (!('verdict' in before) && before.ends.length <= MOST) {
    starts = before.ends.map(({ state, taken }) => ({ state, taken: taken.map((i) => places[i] as number) }));
    items = items.filter(({ operation }) => returnOf(operation) >= begin);
  }
  if (items.length <= MOST) {
    const taken = new Set(starts.flatMap((start) => start.taken));
    for (const item of [...items]) {
      const { input, done } = item.operation;
      if (taken.has(item.place) || !model.observes(input, done?.outcome)) continue;
      const without = items.filter((other) => other !== item);
      if (judge(without, starts).verdict === 'violated') items = without;
    }
  }
  const failed = judge(items, starts);
  const order = failed.verdict === 'violated' ? failed.furthest : [];
  return {
    starts,
    operations: items.toSorted((a, b) => a.operation.invoked - b.operation.invoked).map(({ place }) => place),
    order: order.map((i) => (items[i] as Item<I, O>).place),
    stuck: lastToReturn(items).place,
  };
}

function lastToReturn<I, O>(items: readonly Item<I, O>[]): Item<I, O> {
  const returned = items.filter(({ operation }) => operation.done !== undefined);
  return returned.reduce((last, each) => (returnOf(each.operation) > returnOf(last.operation) ? each : last));
}

/** When the first of those was invoked that were under way together with the last one to return; what never returned does not count. */
function beginning<I, O>(items: readonly Item<I, O>[], history: readonly Operation<I, O>[]): number {
  const { invoked } = lastToReturn(items).operation;
  const together = items.filter(({ place, operation }) => history[place]?.done !== undefined && returnOf(operation) >= invoked);
  return together.reduce((first, { operation }) => Math.min(first, operation.invoked), invoked);
}

/** The history up to the first return at which it fails; what was under way then counts as of unknown outcome. */
function shortestPrefix<I, O>(
  all: readonly Item<I, O>[],
  fails: (items: readonly Item<I, O>[]) => boolean,
): readonly Item<I, O>[] {
  const returned = all
    .filter(({ operation }) => operation.done !== undefined)
    .sort((a, b) => returnOf(a.operation) - returnOf(b.operation));
  const upTo = (count: number): readonly Item<I, O>[] => {
    const kept = returned.slice(0, count);
    const end = returnOf((kept.at(-1) as Item<I, O>).operation);
    const known = new Set(kept);
    const others = all.filter((item) => !known.has(item) && item.operation.invoked <= end);
    return [...kept, ...others.map(({ place, operation: { input, invoked } }) => ({ place, operation: { input, invoked } }))];
  };
  let [good, bad] = [0, returned.length];
  while (bad - good > 1) {
    const middle = (good + bad) >>> 1;
    if (fails(upTo(middle))) bad = middle;
    else good = middle;
  }
  return upTo(bad);
}
