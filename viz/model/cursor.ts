import type { Instant } from '../../core/time.ts';
import type { Target } from './book.ts';
import { positionAt, type Records, type Run } from './run.ts';

/**
 * Where in a run we are looking. `position` records of what is open have happened; `instant` is not before the last of them and not after the next. The
 * position tells apart records of one instant, which steps visit one by one.
 */
export interface Cursor {
  readonly instant: Instant;
  readonly position: number;
}

export const START_CURSOR: Cursor = { instant: 0 as Instant, position: 0 };

/** After everything that happened at or before an instant, which is first brought into the run. */
export function cursorAt(records: Records, end: Instant, instant: number): Cursor {
  const within = Math.max(0, Math.min(end, Math.round(Number.isNaN(instant) ? 0 : instant))) as Instant;
  return { instant: within, position: positionAt(records, within) };
}

/** Just after the given number of records. */
export function cursorAfter(records: Records, position: number): Cursor {
  const within = Math.max(0, Math.min(records.count, Math.floor(position)));
  return { instant: (within === 0 ? 0 : records.at[within - 1]) as Instant, position: within };
}

export const stepForward = (records: Records, cursor: Cursor): Cursor => cursorAfter(records, cursor.position + 1);

/** Undoes one record. From between two records this first returns to the last one. */
export function stepBack(records: Records, cursor: Cursor): Cursor {
  const last = cursorAfter(records, cursor.position);
  return last.instant < cursor.instant ? last : cursorAfter(records, cursor.position - 1);
}

/** To the next record (direction 1) or the previous one (−1) of a node, as actor or as peer; unchanged when there is none. */
export function stepOnNode(records: Records, cursor: Cursor, node: number, direction: 1 | -1): Cursor {
  const first = direction === 1 ? cursor.position : cursor.position - 2;
  for (let i = first; i >= 0 && i < records.count; i += direction) {
    if (records.node[i] === node || records.peer[i] === node) return cursorAfter(records, i + 1);
  }
  return cursor;
}

/** The record that the cursor rests on, as a place; undefined before the first one and between two instants. */
export function currentRecord(records: Records, cursor: Cursor): number | undefined {
  const i = cursor.position - 1;
  return i >= 0 && records.at[i] === cursor.instant ? i : undefined;
}

/** Whether a window shows a target: the place just after a record, or after all that happened at an instant. */
export function holds({ records: { first, count, at }, total }: Run, target: Target): boolean {
  const begins = first <= 1;
  const ends = first + count > total;
  if ('number' in target) return target.number >= (begins ? 0 : first) && target.number < first + count;
  return (begins || target.instant >= (at[0] as number)) && (ends || target.instant < (at[count - 1] as number));
}
