import type { Instant } from '../../core/time.ts';
import { begin, type Report, type RunOptions } from '../run/run.ts';
import type { Plan } from '../scenario/plan.ts';
import { breakdown, thrown } from './breakdown.ts';
import type { Failure } from './failure.ts';

/** What became of a run: its report, or how it broke down. */
export type Conclusion =
  | { readonly report: Report; readonly breakdown: undefined }
  | { readonly report: undefined; readonly breakdown: Failure };

/** Stretches of a run at one instant after which nobody believes that it will ever go on: half a million events. */
const MOST_AT_ONE_INSTANT = 25;

/**
 * Runs a plan to its end and never throws: what a protocol throws, and an instant that never ends, are failures like others.
 *
 * @param stretch called now and then while it runs
 */
export function runSafely(plan: Plan, options: RunOptions, stretch?: () => void): Conclusion {
  let now = 0 as Instant;
  let still = 0;
  try {
    const running = begin(plan, options);
    for (;;) {
      const { done, value } = running.next();
      if (done) return { report: value, breakdown: undefined };
      stretch?.();
      still = value === now ? still + 1 : 0;
      now = value;
      if (still < MOST_AT_ONE_INSTANT) continue;
      const says = 'half a million events at one instant, and no end of them';
      return { report: undefined, breakdown: breakdown('NoLivelock', { sort: '', at: now, says }) };
    }
  } catch (error) {
    return {
      report: undefined,
      breakdown: thrown(
        error,
        now,
        plan.topology.nodes.map(({ name }) => name),
      ),
    };
  }
}
