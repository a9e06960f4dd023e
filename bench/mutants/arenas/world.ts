import { attempt } from '../../../sim/campaign/attempt.ts';
import { explorationOf } from '../../../sim/campaign/exploration.ts';
import { isSame } from '../../../sim/campaign/failure.ts';
import { judge, tried } from '../../../sim/campaign/judge.ts';
import { shrink } from '../../../sim/campaign/shrink.ts';
import { type Trial, trialOf } from '../../../sim/campaign/trial.ts';
import { properties } from '../../../sim/check/properties.ts';
import { registryWith } from '../../../sim/host/commands/all.ts';
import { describeIntervention, type Intervention } from '../../../sim/intervention/intervention.ts';
import type { Case } from '../../../sim/replay/case.ts';
import { printScenario, scenario } from '../../../sim/scenario/load.ts';
import type { Plan } from '../../../sim/scenario/plan.ts';
import type { ScenarioInput } from '../../../sim/scenario/schema.ts';
import { surroundings } from '../../../sim/surroundings.ts';
import { type Arena, cpuSeconds, NO_SWAP, type Reduced, type Swap } from './arena.ts';

const inWords = (each: Intervention): string =>
  `${'at' in each ? `${(each.at / 1e9).toFixed(3)} s ` : ''}${describeIntervention(each)}`;

/** Whole worlds of one kind, with programs on hosts in networks, users, and the faults that a campaign draws for them. */
export function worldArena(kind: string, world: (seed: string) => ScenarioInput): Arena {
  const runOf = (seed: string, index: number, { quirks }: Swap): { plan: Plan; trial: Trial } => {
    const data = world(`${seed}/${kind}/${index}`);
    const { plan } = scenario({ ...data, ...(Object.keys(quirks).length > 0 ? { quirks } : {}) }, surroundings);
    return { plan, trial: trialOf(plan, explorationOf(plan), `${seed}/${kind}`, index) };
  };
  return {
    isWorld: true,
    run(seed, index, swap) {
      const { plan, trial } = runOf(seed, index, swap);
      const { failure, records } = judge(plan, trial, { registry: registryWith(swap.rules) }, { fingerprint: false });
      return { noticed: failure, events: records };
    },
    reduce(seed, index, swap, budget) {
      return reduced(runOf(seed, index, swap), swap, budget);
    },
    tell: (seed, index) => [
      printScenario(world(`${seed}/${kind}/${index}`)),
      ...runOf(seed, index, NO_SWAP).trial.interventions.map((each) => `# ${describeIntervention(each)}`),
    ],
  };
}

/** Shrinks a failing run, and finds out which faults it needed by leaving each kind out. */
function reduced({ plan, trial }: { plan: Plan; trial: Trial }, { rules }: Swap, budget: number): Reduced {
  const kit = { registry: registryWith(rules) };
  const began = cpuSeconds();
  const { failure } = judge(plan, trial, kit);
  const before = trial.interventions.length;
  const nothing = { faults: trial.interventions.map(inWords), steps: plan.timeline.length, before, necessary: [] };
  if (failure === undefined) return { ...nothing, ended: 'it does not fail again', cpuSeconds: cpuSeconds() - began };
  const kinds = [...new Set(trial.interventions.map(({ kind }) => kind))];
  const necessary = kinds.filter((kind) => {
    const interventions = trial.interventions.filter((each) => each.kind !== kind);
    return judge(plan, { ...trial, interventions }, kit).failure === undefined;
  });
  const held = tried(plan, trial, properties);
  const start: Case = { seed: trial.seed, interventions: trial.interventions, quiet: trial.quiet };
  const search = shrink(held, start, failure, { runs: 2_000 });
  for (let step = search.next(); ; ) {
    if (step.done) {
      const { case: small, ended } = step.value;
      const steps = plan.timeline.length - (small.without ?? []).length;
      const faults = small.interventions.map(inWords);
      return { faults, steps, before, ended, cpuSeconds: cpuSeconds() - began, necessary };
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
