import { findingsOf, valueAt } from './finding.ts';
import type { Path } from './problem.ts';
import { type ScenarioInput, schema } from './schema.ts';

/** What is left of a scenario when everything that is wrong with its shape is taken away. */
export interface Salvage {
  readonly data: ScenarioInput;
  /** The path in the original of a path in `data`: entries of lists have moved up. */
  original(path: Path): Path;
}

/** What stands in for a missing value, so that the rest of its entry can still be checked. */
const SUBSTITUTES: Readonly<Record<string, unknown>> = { at: '0s', by: '0s', hosts: {}, network: { segments: {} }, segments: {} };

type Tree = Record<string | number, unknown>;

/** For each list of the copy, where its entries were in the original. */
type Places = Map<unknown, number[]>;

/**
 * Takes away what the schema refuses, and what cannot be without it, so that the rest can be checked as well and a person sees all
 * mistakes at once.
 *
 * @param broken paths whose values could not be read at all
 * @returns undefined when nothing is left
 */
export function salvage(value: unknown, broken: readonly Path[]): Salvage | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const places: Places = new Map();
  const copy = copyOf(value, places) as Tree;
  remove(copy, broken, places);
  // Each round takes something away, so that a scenario of usual depth is done after a few.
  for (let round = 0; round < 64; round++) {
    const result = schema.safeParse(copy);
    if (result.success) return { data: result.data, original: (path) => original(copy, path, places) };
    const removals: Path[] = [];
    for (const { path, missing } of findingsOf(result.error.issues, copy)) {
      const substitute = missing?.find((key) => Object.hasOwn(SUBSTITUTES, key));
      if (substitute !== undefined) (valueAt(copy, path) as Tree)[substitute] = copyOf(SUBSTITUTES[substitute], places);
      else if (path.length === 0) return undefined;
      else removals.push(path);
    }
    remove(copy, removals, places);
  }
  return undefined;
}

function copyOf(value: unknown, places: Places): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (!Array.isArray(value)) return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, copyOf(each, places)]));
  const copy = value.map((each) => copyOf(each, places));
  places.set(copy, [...copy.keys()]);
  return copy;
}

/** Later entries of a list go first, so that the places of earlier ones hold. */
function remove(copy: Tree, paths: readonly Path[], places: Places): void {
  const done = new Set<string>();
  for (const path of [...paths].sort(backwards)) {
    const name = JSON.stringify(path);
    const parent = valueAt(copy, path.slice(0, -1));
    if (done.has(name) || typeof parent !== 'object' || parent === null) continue;
    done.add(name);
    const key = path.at(-1) as string | number;
    if (Array.isArray(parent)) {
      parent.splice(key as number, 1);
      places.get(parent)?.splice(key as number, 1);
    } else delete (parent as Tree)[key];
  }
}

function backwards(a: Path, b: Path): number {
  for (let i = 0; i < Math.min(a.length, b.length); i++) {
    const [left, right] = [a[i], b[i]];
    if (left === right) continue;
    if (typeof left === 'number' && typeof right === 'number') return right - left;
    return String(left) < String(right) ? 1 : -1;
  }
  return b.length - a.length;
}

function original(copy: Tree, path: Path, places: Places): Path {
  let at: unknown = copy;
  return path.map((step) => {
    const place = places.get(at)?.[step as number];
    at = valueAt(at, [step]);
    return place ?? step;
  });
}
