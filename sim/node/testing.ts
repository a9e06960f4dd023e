// What `partita/testing` is: all of sim/testing, and what needs files and threads.
import fc from 'fast-check';
import type { Subject } from '../../core/laws.ts';
import { type Duration, formatInstant, seconds } from '../../core/time.ts';
import { Campaign, type CampaignSummary, gapsOf } from '../campaign/campaign.ts';
import { type Exploration, explorationOf } from '../campaign/exploration.ts';
import { type Failure, isSame } from '../campaign/failure.ts';
import type { Kit } from '../campaign/judge.ts';
import { suiteOf } from '../campaign/suite.ts';
import { describeIntervention } from '../intervention/intervention.ts';
import { type Extension, extended } from '../own/own-protocol.ts';
import { type Scenario, scenario } from '../scenario/load.ts';
import type { ScenarioInput } from '../scenario/schema.ts';
import { surroundings } from '../surroundings.ts';
import { ownWorld } from '../testing/own-world.ts';
import { type Crew, LoneCrew } from './crew.ts';
import { explore } from './explore.ts';
import { type Kept, keep, shrinkingInWords } from './keep.ts';
import { Pool } from './pool.ts';
import { readScenario } from './scenario-file.ts';

export * from '../testing/index.ts';

/** How something is checked. */
export interface CheckOptions {
  /** Runs with generated faults; 100 unless said otherwise, and 10 of each scenario that is generated. */
  readonly runs?: number;
  /** Of the campaign; the scenario's own unless said otherwise. */
  readonly seed?: number | string;
  /** Protocols that a scenario uses which is no file. */
  readonly protocols?: readonly Extension[];
  /** Of a protocol alone: how many nodes, 3 unless said otherwise; how long they run, 30 s; and how many commands they are given, 20. */
  readonly nodes?: number;
  readonly lasts?: Duration;
  readonly commands?: number;
  /** Scenarios that are generated; 20 unless said otherwise. */
  readonly scenarios?: number;
  /** How many runs to make a failure smaller with; 1 000 unless said otherwise. */
  readonly budget?: number;
  /** Where the replay file and the trace of a failure go; `failures` unless said otherwise. */
  readonly folder?: string;
  /** Threads for a scenario that is a file; 2 unless said otherwise. */
  readonly workers?: number;
  /** Whether checks that never had anything to judge are no reason to throw. */
  readonly allowUnexercised?: boolean;
}

/** What can be checked: a scenario's file, a scenario, a protocol, or generated scenarios. */
export type Checked = string | ScenarioInput | (Subject<never, unknown> & Extension) | fc.Arbitrary<ScenarioInput>;

/** A run violated something, or all of them proved little. Its message says what, and how to see it again. */
export class CheckError extends Error {
  override name = 'CheckError';
}

/**
 * Tries something with generated faults, as `partita check` does, and holds it to all that applies.
 *
 * A file is tried on threads of its own, so that also what never ends is found. The rest is tried on this thread.
 *
 * @returns what the runs came to; of generated scenarios those of the last one
 * @throws CheckError at the first failure, with the interventions that are left when it is as small as it gets, the command that repeats it
 *   and the path of its trace; and when a check never had anything to judge
 */
export async function check(what: Checked, options: CheckOptions = {}): Promise<CampaignSummary> {
  if (typeof what === 'string') return checkFile(what, options);
  if (isArbitrary(what)) return checkGenerated(what, options);
  return checkData(what, options);
}

const isArbitrary = (what: object): what is fc.Arbitrary<ScenarioInput> => 'generate' in what && 'shrink' in what;
const isProtocol = (what: object): what is Subject<never, unknown> & Extension => 'make' in what;

/** One campaign, what it is made of, and who makes its runs. */
interface Trying {
  readonly scenario: Scenario;
  readonly path?: string;
  readonly kit: Required<Kit>;
  readonly exploration: Exploration;
  readonly seed: number | string;
  readonly crew: Crew;
}

async function checkFile(path: string, options: CheckOptions): Promise<CampaignSummary> {
  const { kit, ...read } = await readScenario(path);
  const seed = options.seed ?? read.plan.seed;
  const pool = new Pool({ path, plan: read.plan, seed, workers: options.workers ?? 2, patience: 10_000, memory: 1_024 });
  try {
    const trying = { scenario: read, path, kit, exploration: explorationOf(read.plan), seed, crew: pool };
    return await conclude(trying, await campaign(trying, options), options);
  } finally {
    await pool.close();
  }
}

type Data = ScenarioInput | (Subject<never, unknown> & Extension);

async function checkData(what: Data, options: CheckOptions): Promise<CampaignSummary> {
  const trying = tryingOf(what, options);
  return conclude(trying, await campaign(trying, options), options);
}

function tryingOf(what: Data, options: CheckOptions): Trying {
  const { nodes = 3, lasts = seconds(30), commands = 20, seed: asked, protocols = [] } = options;
  const kit = (isProtocol(what) ? [what] : protocols).reduce(extended, surroundings);
  const made = scenario(isProtocol(what) ? ownWorld(what, { nodes, lasts, commands, seed: asked ?? 1 }) : what, kit);
  const { plan } = made;
  const [exploration, seed] = [explorationOf(plan), asked ?? plan.seed];
  return { scenario: made, kit, exploration, seed, crew: new LoneCrew({ plan, kit, exploration, seed }) };
}

async function checkGenerated(what: fc.Arbitrary<ScenarioInput>, options: CheckOptions): Promise<CampaignSummary> {
  const each = { ...options, runs: options.runs ?? 10, allowUnexercised: true };
  let summary: CampaignSummary | undefined;
  let first: Failure | undefined;
  const found = await fc.check(
    fc.asyncProperty(what, async (data) => {
      summary = await campaign(tryingOf(data, each), each);
      const failure = summary.failures[0]?.failure;
      first ??= failure;
      // A smaller scenario that fails in another way is no smaller one of this failure.
      return failure === undefined || !isSame(failure, first);
    }),
    { numRuns: options.scenarios ?? 20 },
  );
  if (!found.failed) return summary as CampaignSummary;
  if (first === undefined) throw found.errorInstance;
  return checkData((found.counterexample as [ScenarioInput])[0], each);
}

/** Nobody interrupts it. */
const never = (): AbortSignal => new AbortController().signal;

async function campaign({ scenario: { plan }, kit, ...trying }: Trying, { runs = 100 }: CheckOptions): Promise<CampaignSummary> {
  const { always, eventually, sometimes } = suiteOf(plan, kit.properties);
  const checks = [...always, ...eventually.map(({ name }) => name), ...sometimes];
  const all = new Campaign({ runs, failures: 1 }, { checks, faults: trying.exploration.kinds });
  await explore({ ...trying, plan, campaign: all, counted: () => undefined, isOver: () => false, interrupted: never() });
  return all.summary();
}

async function conclude(trying: Trying, summary: CampaignSummary, options: CheckOptions): Promise<CampaignSummary> {
  const { budget = 1_000, folder = 'failures' } = options;
  const [group] = summary.failures;
  if (group !== undefined) throw new CheckError(message(await keep({ ...trying, budget, folder, interrupted: never() }, group)));
  if (options.allowUnexercised === true) return summary;
  const { unexercised } = gapsOf(summary);
  if (Object.keys(summary.checks).length === 0) throw new CheckError('No property applies to what runs there.');
  if (unexercised.length > 0)
    throw new CheckError(`${summary.runs} runs proved little. Never exercised: ${unexercised.join(', ')}.`);
  return summary;
}

function message(kept: Kept): string {
  const { failure, case: of, files } = kept;
  return [
    `${failure.check} violated at ${formatInstant(failure.at, 3)} s: ${failure.says}`,
    shrinkingInWords(kept),
    ...of.interventions.map((each) => `  ${describeIntervention(each)}`),
    `To see it again: npx partita replay ${files.replay}`,
    ...(files.trace === undefined ? [] : [`The trace is in ${files.trace}`]),
  ].join('\n');
}
