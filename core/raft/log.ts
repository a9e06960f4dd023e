import type { Entry } from './entry.ts';

/** The end of a log: what votes are decided by. */
export interface LogEnd {
  readonly index: number;
  readonly term: number;
}

/**
 * The entries from `cut + 1` on, in order. What was before is in a snapshot; of the last entry that is gone the term is kept, so that
 * the one after it can be checked.
 */
export interface LogState {
  /** The last index dropped by compaction; 0 for none. */
  cut: number;
  cutTerm: number;
  entries: Entry[];
  /** How often a tail was cut off in this life, and from where the last time. */
  truncations: number;
  truncatedFrom: number;
}

export const newLog = (): LogState => ({ cut: 0, cutTerm: 0, entries: [], truncations: 0, truncatedFrom: 0 });

export const lastIndexOf = ({ cut, entries }: LogState): number => cut + entries.length;

export function lastTermOf({ cutTerm, entries }: LogState): number {
  const { length } = entries;
  return length === 0 ? cutTerm : (entries[length - 1] as Entry).term;
}

/** The term of the entry at an index, 0 for index 0; undefined beyond the end and for what was compacted. */
export function termAt({ cut, cutTerm, entries }: LogState, index: number): number | undefined {
  if (index > cut) return entries[index - cut - 1]?.term;
  return index === cut ? cutTerm : undefined;
}

/** The entry at an index that the log has. */
export const entryAt = ({ cut, entries }: LogState, index: number): Entry | undefined => entries[index - cut - 1];

/** Forgets everything from `index` on. */
export function truncateFrom(log: LogState, index: number): void {
  log.entries.length = index - log.cut - 1;
  log.truncations++;
  log.truncatedFrom = index;
}

/** Forgets everything up to `index`, which the log has. */
export function compactTo(log: LogState, index: number): void {
  if (index <= log.cut) return;
  log.cutTerm = termAt(log, index) as number;
  log.entries = log.entries.slice(index - log.cut);
  log.cut = index;
}

/** Forgets everything: the log goes on after a snapshot. */
export function resetLog(log: LogState, index: number, term: number): void {
  log.cut = index;
  log.cutTerm = term;
  log.entries = [];
}

/** Entries from `from` on: so many, and so many bytes, but at least one if there is one. A new array, to be sent. */
export function slice(log: LogState, from: number, maxEntries: number, maxBytes: number): readonly Entry[] {
  const { entries, cut } = log;
  const start = from - cut - 1;
  const limit = Math.min(entries.length, start + maxEntries);
  if (limit - start === 1) return [entries[start] as Entry];
  let bytes = 0;
  let end = start;
  while (end < limit) {
    bytes += (entries[end] as Entry).bytes;
    if (bytes > maxBytes && end > start) break;
    end++;
  }
  return entries.slice(start, end);
}

/** The last index, from `index` down, whose entry is of `term` or an earlier one; stops where terms are no longer known. */
export function lastIndexUpToTerm(log: LogState, index: number, term: number): number {
  let last = Math.min(index, lastIndexOf(log));
  while (last > log.cut && (termAt(log, last) as number) > term) last--;
  return last;
}
