import { attempt } from '../../sim/campaign/attempt.ts';
import { explorationOf } from '../../sim/campaign/exploration.ts';
import { type Failure, isSame } from '../../sim/campaign/failure.ts';
import { judge, tried } from '../../sim/campaign/judge.ts';
import type { Outcome } from '../../sim/campaign/outcome.ts';
import { shrink } from '../../sim/campaign/shrink.ts';
import { type Trial, trialOf } from '../../sim/campaign/trial.ts';
import { properties } from '../../sim/check/properties.ts';
import { registryWith } from '../../sim/host/commands/all.ts';
import type { Rules } from '../../sim/host/rules.ts';
import type { Intervention } from '../../sim/intervention/intervention.ts';
import type { Case } from '../../sim/replay/case.ts';
import { scenario } from '../../sim/scenario/load.ts';
import type { Plan } from '../../sim/scenario/plan.ts';
import { surroundings } from '../../sim/surroundings.ts';
import { WORLDS, type WorldKind } from './worlds/worlds.ts';

/** A bug as a thread is told of it. */
export interface Swap {
  readonly rules: Rules;
  readonly quirks: Readonly<Record<string, boolean>>;
}

/** The working tree as it stands. */
export const NO_SWAP: Swap = { rules: {}, quirks: {} };

/** Run `index` of a kind of worlds: the same for everybody, whatever is swapped. */
export function runOf(kind: WorldKind, seed: string, index: number, { quirks }: Swap): { plan: Plan; trial: Trial } {
  const data = WORLDS[kind](`${seed}/${kind}/${index}`);
  const { plan } = scenario({ ...data, ...(Object.keys(quirks).length > 0 ? { quirks } : {}) }, surroundings);
  return { plan, trial: trialOf(plan, explorationOf(plan), `${seed}/${kind}`, index) };
}

/** A run in which something was noticed. */
export interface Found {
  readonly world: WorldKind;
  readonly index: number;
  readonly failure: Failure;
}

/** What a hunt has come to. */
export interface Hunted {
  readonly found: Found | undefined;
  readonly runs: number;
  /** What happened in them, in records of their journals. */
  readonly events: number;
  /** Of this thread's process. */
  readonly cpuSeconds: number;
}

const cpuSeconds = (): number => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
};

/** What is hunted, where, and for how long. */
export interface Hunt {
  readonly swap: Swap;
  readonly worlds: readonly WorldKind[];
  readonly seed: string;
  /** CPU seconds. */
  readonly budget: number;
  /** The first run of each kind, and how far it is to the next: threads share a hunt by taking turns. */
  readonly first?: number;
  readonly step?: number;
  /** Runs at most. */
  readonly most?: number;
}

/** Runs worlds of the kinds in turn until something is noticed, or the time is over. */
export function hunt({ swap, worlds, seed, budget, first = 0, step = 1, most = Number.POSITIVE_INFINITY }: Hunt): Hunted {
  const kit = { registry: registryWith(swap.rules) };
  const began = cpuSeconds();
  let events = 0;
  let runs = 0;
  for (let index = first; runs < most && cpuSeconds() - began < budget; index += step) {
    for (const world of worlds) {
      const { plan, trial } = runOf(world, seed, index, swap);
      const { failure, records }: Outcome = judge(plan, trial, kit);
      runs++;
      events += records;
      if (failure !== undefined) return { found: { world, index, failure }, runs, events, cpuSeconds: cpuSeconds() - began };
    }
  }
  return { found: undefined, runs, events, cpuSeconds: cpuSeconds() - began };
}

/** A failure made small. */
export interface Reduced {
  readonly interventions: readonly Intervention[];
  /** Steps of the timeline that are left. */
  readonly steps: number;
  /** Interventions that there were. */
  readonly before: number;
  readonly ended: string;
  readonly cpuSeconds: number;
  /** Kinds of faults without which nothing is noticed in the run. */
  readonly necessary: readonly string[];
}

/** Shrinks what a hunt has found, and finds out which faults it needed by leaving each kind out. */
export function reduce({ world, index, failure }: Found, { swap, seed }: Pick<Hunt, 'swap' | 'seed'>, budget: number): Reduced {
  const kit = { registry: registryWith(swap.rules) };
  const { plan, trial } = runOf(world, seed, index, swap);
  const kinds = [...new Set(trial.interventions.map(({ kind }) => kind))];
  const necessary = kinds.filter((kind) => {
    const interventions = trial.interventions.filter((each) => each.kind !== kind);
    return judge(plan, { ...trial, interventions }, kit).failure === undefined;
  });
  const began = cpuSeconds();
  const held = tried(plan, trial, properties);
  const start: Case = { seed: trial.seed, interventions: trial.interventions, quiet: trial.quiet };
  const search = shrink(held, start, failure, { runs: 2_000 });
  for (let step = search.next(); ; ) {
    if (step.done) {
      const { case: small, ended } = step.value;
      const steps = plan.timeline.length - (small.without ?? []).length;
      const took = cpuSeconds() - began;
      return {
        interventions: small.interventions,
        steps,
        before: trial.interventions.length,
        ended,
        cpuSeconds: took,
        necessary,
      };
    }
    if (cpuSeconds() - began > budget) {
      step = search.next('stop');
      continue;
    }
    const answers = [];
    for (const each of step.value.attempts) {
      const answer = attempt(held, each, kit);
      answers.push(answer);
      if (isSame(answer.failure, failure)) break;
    }
    step = search.next(answers);
  }
}
