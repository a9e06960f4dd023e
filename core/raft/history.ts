import { compareState } from '../state.ts';
import type { Entry } from './entry.ts';

interface Known {
  readonly entry: Entry;
  /** The term of the entry before. */
  readonly previous: number;
}

/** Fewer entries than this are not worth forgetting. */
const MANY = 4096;
const SOME = 1024;

/** All entries that any server of a cluster ever had, and which of them are committed; what all have behind them is forgotten. */
export class History {
  /** By index less `base`. */
  private readonly known: Known[][] = [];
  private readonly committed: (Entry | undefined)[] = [];
  private base = 1;

  /** Takes in an entry of a log. @returns false when one of the same index and term is another, or follows another (Log Matching) */
  holds(entry: Entry, previous: number): boolean {
    const place = entry.index - this.base;
    if (place < 0) return true;
    while (this.known.length <= place) this.known.push([]);
    const there = this.known[place] as Known[];
    const same = there.find((other) => other.entry.term === entry.term);
    if (same === undefined) there.push({ entry, previous });
    return same === undefined || (same.previous === previous && isSame(same.entry, entry));
  }

  /** Notes that a server takes an entry for committed. @returns the other one that is committed there, if one is */
  commit(entry: Entry): Entry | undefined {
    const place = entry.index - this.base;
    if (place < 0) return undefined;
    const there = this.committed[place];
    if (there !== undefined) return isSame(there, entry) ? undefined : there;
    while (this.committed.length <= place) this.committed.push(undefined);
    this.committed[place] = entry;
    return undefined;
  }

  committedAt(index: number): Entry | undefined {
    return this.committed[index - this.base];
  }

  /** Forgets what is before an index, when that is much. */
  trim(index: number): void {
    const gone = Math.min(index - this.base, this.committed.length);
    if (this.committed.length < MANY || gone < SOME) return;
    this.committed.splice(0, gone);
    this.known.splice(0, gone);
    this.base += gone;
  }
}

/** Mostly they are one object; not where a run was restored. */
const isSame = (one: Entry, other: Entry): boolean =>
  one === other || (one.term === other.term && compareState(one, other) === undefined);
