import { type Limits, type Model, type Operation, returnOf } from './model.ts';
import { type Standing, standings, type Undecided } from './search.ts';

/** The part of a history in which it fails: what returned from `from` on and was invoked before `until`. */
export interface FailingBlock<S> {
  readonly from: number;
  readonly until: number;
  /** How things may have stood when all that returned before `from` had taken effect; `taken` are places in the history. */
  readonly starts: readonly Standing<S>[];
}

/** Returns in a block, unless said otherwise. */
const SIZE = 256;

/**
 * Judges a history block by block: for each, all ways in which things may stand at its end, given all in which they may at its
 * beginning.
 *
 * What is remembered is one block, however long the history is. But every way is found, where a search for one order may find a good one at
 * once: with many operations at a time there are too many.
 */
export function searchInBlocks<S extends string | number | null | undefined, I, O>(
  model: Model<S, I, O>,
  history: readonly Operation<I, O>[],
  limits: Limits,
  size = SIZE,
): { readonly verdict: 'linearizable' } | { readonly verdict: 'violated'; readonly block: FailingBlock<S> } | Undecided {
  const returns = history.filter(({ done }) => done !== undefined).map(returnOf);
  returns.sort((a, b) => a - b);
  const waiting = [...history.keys()].sort((a, b) => at(a).invoked - at(b).invoked);
  let steps = limits.steps;
  let from = Number.NEGATIVE_INFINITY;
  let starts: readonly Standing<S>[] = [{ state: model.initial, taken: [] }];
  let places: number[] = [];
  let invoked = 0;
  for (let end = size; ; end += size) {
    const until = returns[end] ?? Number.POSITIVE_INFINITY;
    places = places.filter((place) => returnOf(at(place)) >= from);
    while (invoked < waiting.length && at(waiting[invoked] as number).invoked < until) {
      places.push(waiting[invoked++] as number);
    }
    const found = standings(model, places.map(at), { ...limits, steps }, within(starts, places), until);
    if ('verdict' in found) return found;
    steps -= found.steps;
    if (found.ends.length === 0) return { verdict: 'violated', block: { from, until, starts } };
    if (until === Number.POSITIVE_INFINITY) return { verdict: 'linearizable' };
    starts = found.ends.map(({ state, taken }) => ({ state, taken: taken.map((i) => places[i] as number) }));
    from = until;
  }

  function at(place: number): Operation<I, O> {
    return history[place] as Operation<I, O>;
  }
}

/** Standings whose operations are named by where they are in a list of places. */
export const within = <S>(standing: readonly Standing<S>[], places: readonly number[]): Standing<S>[] => {
  const index = new Map(places.map((place, i) => [place, i]));
  return standing.map(({ state, taken }) => ({ state, taken: taken.map((place) => index.get(place) as number) }));
};
