import type { Instant } from '../../core/time.ts';
import { begin, type Report, type RunOptions } from '../run/run.ts';
import type { Plan } from '../scenario/plan.ts';
import type { World } from '../world.ts';
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
  const nodes = plan.topology.nodes.map(({ name }) => name);
  let world: World | undefined;
  let now = 0 as Instant;
  let still = 0;
  const busy = new Map<string, number>();
  try {
    const running = begin(plan, {
      ...options,
      begun: (made, save) => {
        world = made;
        options.begun?.(made, save);
      },
    });
    for (;;) {
      const { done, value } = running.next();
      if (done) return { report: value, breakdown: undefined };
      stretch?.();
      still = value === now ? still + 1 : 0;
      now = value;
      if (still === MOST_AT_ONE_INSTANT - 1) world?.hosts.observers.push(counting(busy, nodes));
      if (still === MOST_AT_ONE_INSTANT) return { report: undefined, breakdown: livelock(busy, now) };
    }
  } catch (error) {
    return { report: undefined, breakdown: thrown(error, now, nodes) };
  }
}

/** Counts what protocols are given. */
const counting = (busy: Map<string, number>, nodes: readonly string[]) => ({
  feeding: (
    { program, node }: { readonly program: string; readonly node: number },
    _now: Instant,
    { type }: { readonly type: string },
  ) => {
    const what = `${program} on ${nodes[node]} is given a ${type}`;
    busy.set(what, (busy.get(what) ?? 0) + 1);
  },
});

function livelock(busy: ReadonlyMap<string, number>, at: Instant): Failure {
  const [most] = [...busy].sort(([, a], [, b]) => b - a);
  const who = most === undefined ? '' : `: ${most[0]} again and again`;
  return breakdown('NoLivelock', {
    sort: 'an instant without end',
    at,
    says: `half a million events at one instant, and no end of them${who}`,
  });
}
