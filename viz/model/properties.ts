import type { Instant } from '../../core/time.ts';
import { parseDuration } from '../../core/time.ts';
import type { Outcome, Verdict } from './run.ts';

/** What is known of a property at one moment: what a check found, or how it stands before that. */
export type Standing =
  | { readonly known: Outcome }
  /** Nothing speaks against it yet. */
  | { readonly known: undefined; readonly so: 'holds so far' }
  /** It is to be seen once, and has not been. */
  | { readonly known: undefined; readonly so: 'not seen so far' }
  /** It is judged, or must be seen, in a while. */
  | { readonly known: undefined; readonly so: 'due'; readonly left: number };

/**
 * How a property stands after so many records of the run. What a check found is not known before it found it: a property that will be violated holds so
 * far, and one that was never exercised has not been so far.
 *
 * @param number of the last record that has happened
 */
export function standingOf(verdict: Verdict, number: number, instant: Instant, end: Instant): Standing {
  if (verdict.record <= number) return { known: verdict.outcome };
  const due = dueOf(verdict.check);
  if (due !== undefined && instant < due.from) return { known: undefined, so: 'due', left: due.from - instant };
  if (due?.to !== undefined) return { known: undefined, so: 'holds so far' };
  if (due !== undefined) return { known: undefined, so: 'due', left: 0 };
  // What must be seen once is known as soon as it is; what must always hold, only at the end.
  const once = verdict.outcome === 'inconclusive' || (verdict.outcome === 'held' && verdict.at < end);
  return { known: undefined, so: once ? 'not seen so far' : 'holds so far' };
}

/** When an expectation is judged: `by 22s …` and `at 5s …` at one instant, `from 11.2s to 20s …` from one to another. */
function dueOf(check: string): { readonly from: number; readonly to: number | undefined } | undefined {
  const range = /^from (\S+) to (\S+) /.exec(check);
  if (range !== null) {
    const [from, to] = [parseDuration(range[1] as string), parseDuration(range[2] as string)];
    return from === undefined || to === undefined ? undefined : { from, to };
  }
  const once = /^(?:at|by) (\S+) /.exec(check);
  const at = once === null ? undefined : parseDuration(once[1] as string);
  return at === undefined ? undefined : { from: at, to: undefined };
}
