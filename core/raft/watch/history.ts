import { compareState } from '../../state.ts';
import type { Entry } from '../entry.ts';

/** An entry that some server had. Entries are never changed, so that they are shared and not copied. */
interface Known {
  readonly entry: Entry;
  /** The term of the entry before. */
  readonly previous: number;
}

/** All entries that any server of a cluster ever had, and which of them are committed; by index less `base`. */
export interface HistoryState {
  known: Known[][];
  committed: (Entry | undefined)[];
  base: number;
}

/** Fewer entries than this are not worth forgetting. */
const MANY = 4096;
const SOME = 1024;

export const newHistory = (): HistoryState => ({ known: [], committed: [], base: 1 });

export const copyHistory = ({ known, committed, base }: HistoryState): HistoryState => ({
  known: known.map((there) => [...there]),
  committed: [...committed],
  base,
});

/** What an entry of a log is: `new` when no server had one of its index and term, `other` when that one differs (Log Matching). */
export function take(history: HistoryState, entry: Entry, previous: number): 'new' | 'same' | 'other' {
  const place = entry.index - history.base;
  if (place < 0) return 'same';
  const { known } = history;
  while (known.length <= place) known.push([]);
  const there = known[place] as Known[];
  const same = there.find((other) => other.entry.term === entry.term);
  if (same !== undefined) return same.previous === previous && isSame(same.entry, entry) ? 'same' : 'other';
  there.push({ entry, previous });
  return 'new';
}

/** Notes that a server takes an entry for committed. @returns the other one that is committed there, if one is */
export function commit({ committed, base }: HistoryState, entry: Entry): Entry | undefined {
  const place = entry.index - base;
  if (place < 0) return undefined;
  const there = committed[place];
  if (there !== undefined) return isSame(there, entry) ? undefined : there;
  while (committed.length <= place) committed.push(undefined);
  committed[place] = entry;
  return undefined;
}

export const committedAt = ({ committed, base }: HistoryState, index: number): Entry | undefined => committed[index - base];

/** Whether so much lies before an index that it is worth forgetting. */
export const isWorthTrimming = ({ committed, base }: HistoryState, index: number): boolean =>
  committed.length >= MANY && Math.min(index - base, committed.length) >= SOME;

/** Forgets what is before an index. */
export function trim(history: HistoryState, index: number): void {
  const gone = Math.min(index - history.base, history.committed.length);
  history.committed.splice(0, gone);
  history.known.splice(0, gone);
  history.base += gone;
}

/** Mostly they are one object; not where a run was restored. */
const isSame = (one: Entry, other: Entry): boolean =>
  one === other || (one.term === other.term && compareState(one, other) === undefined);
