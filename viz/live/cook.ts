import type { Instant } from '../../core/time.ts';
import { registryWith } from '../../sim/host/commands/all.ts';
import type { Registry } from '../../sim/host/commands/registry.ts';
import { describeIntervention, type Intervention } from '../../sim/intervention/intervention.ts';
import { rulesWith } from '../../sim/replay/bugs.ts';
import { type Case, planOf } from '../../sim/replay/case.ts';
import { inputOf } from '../../sim/replay/entry.ts';
import { loadReplay } from '../../sim/replay/load.ts';
import type { Replay } from '../../sim/replay/replay.ts';
import { loadScenario, type Scenario, scenario } from '../../sim/scenario/load.ts';
import type { Plan } from '../../sim/scenario/plan.ts';
import { type Problem, ScenarioError } from '../../sim/scenario/problem.ts';
import type { ScenarioInput } from '../../sim/scenario/schema.ts';
import { readSource } from '../../sim/scenario/source.ts';
import { surroundings } from '../../sim/surroundings.ts';
import type { Recipe } from '../model/recipe.ts';
import type { Entry, Mistake, Prepared } from './messages.ts';

/** A recipe made ready to run. */
export interface Dish {
  readonly name: string;
  /** The scenario alone, as text. */
  readonly text: string;
  readonly scenario: Scenario;
  readonly replay: Replay | undefined;
  readonly case: Case;
  /** The scenario's plan as the case has it. */
  readonly plan: Plan;
}

/**
 * Makes a recipe ready to run.
 *
 * @param shipped the texts of the scenarios that ship with Partita, by their file names
 * @throws ScenarioError with all problems at once
 */
export function cook(recipe: Recipe, shipped: ReadonlyMap<string, string>): Dish {
  const text = recipe.text ?? shipped.get(recipe.shipped ?? '');
  if (text === undefined) {
    const message = `No scenario that ships with this version is called ${recipe.shipped}.`;
    throw new ScenarioError([{ path: '', message }]);
  }
  const replay = isReplay(text) ? loadReplay(text, surroundings) : undefined;
  const loaded = replay?.scenario ?? loadScenario(text, surroundings);
  const of: Case = replay?.replay.case ?? { seed: loaded.plan.seed, interventions: loaded.plan.interventions };
  const { interventions, seed, until } = recipe;
  const given: Case = {
    ...of,
    ...(seed === undefined ? {} : { seed }),
    ...(until === undefined ? {} : { until: until as Instant }),
    ...(interventions === undefined ? {} : { interventions: listOf(interventions, loaded.data) }),
  };
  const name = recipe.name ?? replay?.replay.scenario.name ?? recipe.shipped ?? loaded.plan.name ?? 'scenario.yaml';
  return {
    name: loaded.plan.name ?? name,
    text: replay?.replay.scenario.text ?? text,
    scenario: loaded,
    replay: replay?.replay,
    case: given,
    plan: planOf(loaded.plan, given),
  };
}

/** The commands that hosts have: with the bug that was put into their protocols, if one was. */
export function registryFor(replay: Replay | undefined): Registry {
  if (replay?.rules === undefined) return surroundings.registry;
  const rules = rulesWith(replay.rules);
  if (rules !== undefined) return registryWith(rules);
  const message = `No bug is called ${JSON.stringify(replay.rules)} that can be put into a protocol.`;
  throw new ScenarioError([{ path: 'rules', message }]);
}

/** Whether a text is a replay file and not a scenario. */
function isReplay(text: string): boolean {
  const { value } = readSource(text);
  return typeof value === 'object' && value !== null && 'replay' in value;
}

/**
 * A list as a file would write it, built.
 *
 * @throws ScenarioError
 */
export function listOf(inputs: readonly object[], data: ScenarioInput): readonly Intervention[] {
  const { until: _, expect: __, ...rest } = data;
  // A trace has them as they are built; those of files are the same when they are written again.
  const written = inputs.map((each) => inputOf(each as Intervention));
  return scenario({ ...rest, interventions: written as ScenarioInput['interventions'] }, surroundings).plan.interventions;
}

/** What is wrong with a command line on a host, as far as can be told before it runs. */
export function mistakesIn(run: string, on: string, { network, hosts, profile }: ScenarioInput): readonly string[] {
  try {
    const written = { network, hosts, ...(profile === undefined ? {} : { profile }), timeline: [{ at: '0s', on, run }] };
    scenario(written as ScenarioInput, surroundings);
    return [];
  } catch (error) {
    if (!(error instanceof ScenarioError)) throw error;
    return error.problems.map(({ message, hint }) => (hint === undefined ? message : `${message} ${hint}`));
  }
}

export function preparedOf({ name, text, scenario: { warnings }, case: of, plan, replay }: Dish): Prepared {
  const { failure } = replay ?? {};
  return {
    name,
    text,
    seed: of.seed,
    end: plan.end,
    hosts: plan.hosts.map((host) => host.name),
    entries: of.interventions.map(entryOf),
    warnings: warnings.map(mistakeOf),
    ...(replay === undefined
      ? {}
      : {
          recorded: {
            verdict: replay.verdict,
            fingerprint: replay.fingerprint,
            version: replay.partita,
            ...(failure === undefined ? {} : { failure }),
            idle: [],
          },
        }),
  };
}

export function entryOf(entry: Intervention): Entry {
  const { at, until } = entry as { readonly at?: number; readonly until?: number };
  return {
    input: inputOf(entry),
    says: describeIntervention(entry),
    kind: entry.kind,
    ...(at === undefined ? {} : { at }),
    ...(until === undefined ? {} : { until }),
    lasts: canEnd(entry),
  };
}

/** Whether an entry lasts until something ends it: not what is about an instant, a packet or an operation. */
export const canEnd = ({ kind }: Intervention): boolean =>
  !/^(?:packet|write|sync|torn)-|^(?:process-restart|revive|command|clock-jump|clock-drift|disk-wipe|corrupt-record)$/.test(kind);

/** What the page is told of a mistake or a warning. */
export const mistakeOf = ({ line, column, path, message, hint }: Problem): Mistake => ({
  ...(line === undefined ? {} : { line }),
  ...(column === undefined ? {} : { column }),
  path,
  message,
  ...(hint === undefined ? {} : { hint }),
});
