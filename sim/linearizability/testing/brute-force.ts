import type { Model, Operation } from '../model.ts';

/** Whether some order of some of the operations is legal: all that returned, each subset of the others, every permutation of them. */
export function isLinearizable<S extends string | number | null | undefined, I, O>(
  model: Model<S, I, O>,
  history: readonly Operation<I, O>[],
): boolean {
  const unknown = history.filter(({ done }) => done === undefined);
  for (let subset = 0; subset < 1 << unknown.length; subset++) {
    const left = history.filter((operation) => {
      const place = unknown.indexOf(operation);
      return place < 0 || ((subset >> place) & 1) === 1;
    });
    for (const order of permutations(left)) if (isLegal(model, order)) return true;
  }
  return false;
}

function isLegal<S extends string | number | null | undefined, I, O>(
  model: Model<S, I, O>,
  order: readonly Operation<I, O>[],
): boolean {
  let state = model.initial;
  let latest = Number.NEGATIVE_INFINITY;
  for (const { input, invoked, done } of order) {
    // Something before it in the order was invoked after it had returned.
    if (done !== undefined && done.returned < latest) return false;
    if (done !== undefined && model.outcome(state, input) !== done.outcome) return false;
    latest = Math.max(latest, invoked);
    state = model.next(state, input);
  }
  return true;
}

function* permutations<T>(items: readonly T[]): Generator<T[]> {
  if (items.length === 0) yield [];
  for (const [i, item] of items.entries()) {
    for (const rest of permutations([...items.slice(0, i), ...items.slice(i + 1)])) yield [item, ...rest];
  }
}
