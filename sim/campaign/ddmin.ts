/**
 * Delta debugging (Zeller and Hildebrandt, 2002): the items that are left when no part of what is left can be taken away any more.
 *
 * Yields selections of which the first that will do is wanted, and is told its place; undefined when none will. Each of its selections lacks a
 * stretch of the items, first halves, then smaller ones, and at last single items.
 *
 * @param most the most items that are of use: it gives up as soon as it is clear that more are needed, as none of more stretches can be missed
 * @returns items none of which can be taken away alone, or too many of them
 */
export function* ddmin<T>(
  items: readonly T[],
  most = Number.POSITIVE_INFINITY,
): Generator<readonly (readonly T[])[], readonly T[], number | undefined> {
  let kept = items;
  let stretches = Math.min(2, kept.length);
  while (kept.length > 0) {
    const size = Math.ceil(kept.length / stretches);
    const selections = Array.from({ length: Math.ceil(kept.length / size) }, (_, stretch) => [
      ...kept.slice(0, stretch * size),
      ...kept.slice((stretch + 1) * size),
    ]);
    const place = yield selections;
    if (place !== undefined) {
      kept = selections[place] as readonly T[];
      stretches = Math.max(Math.min(2, kept.length), stretches - 1);
    } else if (size === 1 || selections.length > most) {
      return kept;
    } else {
      stretches = Math.min(kept.length, stretches * 2);
    }
  }
  return kept;
}
