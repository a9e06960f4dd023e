import type { Instant } from '../../core/time.ts';
import type { Intervention } from '../intervention/intervention.ts';
import type { Case } from '../replay/case.ts';
import { describeStep } from '../replay/step.ts';
import type { Plan } from '../scenario/plan.ts';
import { attempt, type Tried } from './attempt.ts';
import { ddmin } from './ddmin.ts';
import { type Failure, isSame } from './failure.ts';
import type { Kit } from './judge.ts';
import { simplerCases, sooner, stepsOf, withoutSteps } from './neighbours.ts';
import { type Answer, type Batch, type Budget, type Progress, Search, type Searching, type Shrunk } from './search.ts';

/**
 * Looks for the smallest case that fails in the same way.
 *
 * It only says what is to be run; who calls it runs that, on as many threads as there are, and comes to the same case.
 */
export function* shrink(plan: Plan, start: Case, failure: Failure, budget: Budget): Searching<Shrunk> {
  // A run that waits for something to come true goes on beyond its end, and with the one check that counts it may have nothing to wait for.
  const end = Math.max(start.until ?? plan.end, failure.at) as Instant;
  const search = new Search({ ...start, check: failure.check, until: end }, failure, { end, budget });
  if ((yield* search.first([search.smallest])) === undefined) return search.result('unrepeatable');
  yield* shorten(search);
  yield* withoutIdle(search);
  yield* removeInterventions(search);
  yield* calm(search);
  yield* removeSteps(search, plan);
  // What became shorter may have come down to a packet, and with a packet for it something else may become simpler.
  for (let before: Case | undefined; before !== search.smallest && !search.isOver; ) {
    before = search.smallest;
    yield* refine(search);
    yield* simplify(search, plan);
  }
  return search.result('minimal');
}

/** Ends the run sooner, if what is judged about the whole of it is there sooner. */
function* shorten(search: Search): Searching<void> {
  if (search.last?.kind !== 'whole') return;
  let place: number | undefined;
  do place = yield* search.first(sooner(search.failure.at).map((until) => ({ ...search.smallest, until })));
  while (place !== undefined);
}

/** Takes away at once what changed nothing. */
function* withoutIdle(search: Search): Searching<void> {
  const idle = new Set(search.last?.unapplied);
  if (idle.size === 0) return;
  const interventions = search.smallest.interventions.filter((_, place) => !idle.has(place));
  yield* search.first([{ ...search.smallest, interventions }]);
}

function* removeInterventions(search: Search): Searching<void> {
  if (search.smallest.interventions.length === 0) return;
  const build = (interventions: readonly Intervention[]): Case => ({ ...search.smallest, interventions });
  if ((yield* search.first([build([])])) !== undefined) return;
  yield* least(search, search.smallest.interventions, build);
}

/** What of the scenario's own network does not matter. */
function* calm(search: Search): Searching<void> {
  const { smallest } = search;
  yield* search.first([
    { ...smallest, nominal: ['loss', 'delay'] },
    { ...smallest, nominal: ['loss'] },
    { ...smallest, nominal: ['delay'] },
  ]);
}

function* removeSteps(search: Search, plan: Plan): Searching<void> {
  const all = stepsOf(plan, search);
  if (all.length === 0) return;
  const omitted = search.smallest.without ?? [];
  yield* least(search, all, (kept) => {
    const left = new Set(kept);
    const more = all.filter((step) => !left.has(step)).map((step) => ({ step, was: describeStep(plan, step) as string }));
    return withoutSteps(search.smallest, [...omitted, ...more]);
  });
}

/** Delta debugging of a part of a case. */
function* least<T>(search: Search, items: readonly T[], build: (kept: readonly T[]) => Case, most?: number): Searching<void> {
  const removal = ddmin(items, most);
  for (let step = removal.next(); !step.done && !search.isOver; ) {
    const { value } = step;
    step = removal.next(yield* search.first(value.map(build)));
  }
}

/** Most entries that one is replaced by which leaves something open: a strategy, or a share of packets. */
const MOST_FOR_CHANCE = 4;

/**
 * Puts what coarse entries came to in their places, where that is no more to read: a packet for a cut, a few for what loses some of them by
 * chance, and the blows that a strategy came to.
 */
function* refine(search: Search): Searching<void> {
  const refined = yield* search.record();
  if (refined === undefined) return;
  const coarse = [...search.smallest.interventions.keys()].filter((place) => refined[place] !== undefined).reverse();
  for (const place of coarse) {
    const entry = search.smallest.interventions[place] as Intervention;
    const isStrategy = entry.kind === 'aimed';
    // A packet of a smaller run may be sent when the world is to be left alone.
    if (search.last?.kind === 'eventually' && !isStrategy) continue;
    const most = isStrategy || ('rate' in entry && entry.rate < 1) ? MOST_FOR_CHANCE : 1;
    const { smallest, failure, last } = search;
    const all = refined[place] as readonly Intervention[];
    const build = (fine: readonly Intervention[]) => replaced(smallest, place, fine);
    if ((yield* search.first([build(all)])) === undefined) continue;
    yield* least(search, all, build, most);
    const grown = search.smallest.interventions.length - smallest.interventions.length;
    if (grown + 1 > most) Object.assign(search, { smallest, failure, last });
  }
}

const replaced = (of: Case, place: number, by: readonly Intervention[]): Case => ({
  ...of,
  interventions: [...of.interventions.slice(0, place), ...by, ...of.interventions.slice(place + 1)],
});

/** Goes one step at a time until no step is left that keeps the failure. */
function* simplify(search: Search, plan: Plan): Searching<void> {
  for (let stuck = false; !stuck && !search.isOver; ) {
    stuck = true;
    for (let site = 0; !search.isOver; site++) {
      for (;;) {
        const cases = simplerCases(plan, search, site);
        if (cases === undefined || (yield* search.first(cases)) === undefined) break;
        stuck = false;
      }
      if (simplerCases(plan, search, site) === undefined) break;
    }
  }
}

/** Shrinks on this thread. */
export function shrinkHere(
  plan: Plan,
  start: Case,
  failure: Failure,
  {
    kit,
    budget,
    told,
  }: { readonly kit: Kit; readonly budget: Budget; readonly told?: (progress: Progress) => 'stop' | undefined },
): Shrunk {
  const search = shrink(plan, start, failure, budget);
  for (let step = search.next(); ; ) {
    if (step.done) return step.value;
    const batch: Batch = step.value;
    step = search.next(told?.(batch) ?? inOrder(plan, batch, failure, kit));
  }
}

/** Runs candidates until one fails in the same way. */
function inOrder(plan: Plan, { attempts }: Batch, failure: Failure, kit: Kit): Answer {
  const answer: Tried[] = [];
  for (const each of attempts) {
    const tried = attempt(plan, each, kit);
    answer.push(tried);
    if (isSame(tried.failure, failure)) break;
  }
  return answer;
}
