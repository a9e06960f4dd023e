import type { Records } from './run.ts';

/** What a record follows from, and what follows from it, as far as it was looked for. */
export interface Cone {
  /** Places. */
  readonly past: ReadonlySet<number>;
  readonly future: ReadonlySet<number>;
  /** Whether there is more of either that was not collected. */
  readonly more: boolean;
}

/**
 * What `cause` follows: only what led to a record, and what it led to. `before` is Lamport's: whatever happened on the same node earlier
 * may have had its part, so all of that belongs to the past, too, and all that came later there to the future.
 */
export type ConeType = 'cause' | 'before';

/** More than so many on each side cannot be told apart, and would take long to find. */
export const MOST_COLLECTED = 2000;
/** Records that are looked at on each side. */
const RANGE = 200_000;

export function coneOf(records: Records, place: number, type: ConeType): Cone {
  return type === 'cause' ? causal(records, place) : happened(records, place);
}

function causal({ cause, count, first }: Records, place: number): Cone {
  const past = new Set<number>();
  let more = false;
  for (let at = (cause[place] as number) - first; at >= 0; at = (cause[at] as number) - first) {
    if (past.size === MOST_COLLECTED || past.has(at)) {
      more = past.size === MOST_COLLECTED;
      break;
    }
    past.add(at);
  }
  const future = new Set<number>();
  const end = Math.min(count, place + RANGE);
  for (let i = place + 1; i < end; i++) {
    const from = (cause[i] as number) - first;
    if (from !== place && !future.has(from)) continue;
    if (future.size === MOST_COLLECTED) return { past, future, more: true };
    future.add(i);
  }
  return { past, future, more: more || end < count };
}

function happened({ cause, count, first, node }: Records, place: number): Cone {
  const past = new Set<number>();
  const future = new Set<number>();
  let more = false;
  // A sweep back over the records with the nodes that have been reached: what happened on one of them before lies in the past.
  const reached = new Set([node[place] as number]);
  const wanted = new Set([(cause[place] as number) - first]);
  for (let i = place - 1; i >= Math.max(0, place - RANGE); i--) {
    if (!wanted.has(i) && !reached.has(node[i] as number)) continue;
    if (past.size === MOST_COLLECTED) {
      more = true;
      break;
    }
    past.add(i);
    if ((node[i] as number) >= 0) reached.add(node[i] as number);
    wanted.add((cause[i] as number) - first);
  }
  const touched = new Set([node[place] as number]);
  for (let i = place + 1; i < Math.min(count, place + RANGE); i++) {
    const from = (cause[i] as number) - first;
    if (from !== place && !future.has(from) && !touched.has(node[i] as number)) continue;
    if (future.size === MOST_COLLECTED) {
      more = true;
      break;
    }
    future.add(i);
    if ((node[i] as number) >= 0) touched.add(node[i] as number);
  }
  return { past, future, more };
}
