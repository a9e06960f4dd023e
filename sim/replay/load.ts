import { add, START } from '../../core/time.ts';
import { BREAKDOWNS } from '../campaign/breakdown.ts';
import { withoutPlace } from '../campaign/failure.ts';
import { expectationInWords } from '../check/words.ts';
import { Behaviours } from '../scenario/build/behaviours.ts';
import { Cast } from '../scenario/build/cast.ts';
import { Commands } from '../scenario/build/commands.ts';
import { buildInterventions } from '../scenario/build/interventions.ts';
import { Reporter } from '../scenario/build/reporter.ts';
import { durationOf } from '../scenario/build/segments.ts';
import { Times } from '../scenario/build/times.ts';
import { buildTopology } from '../scenario/build/topology.ts';
import type { Surroundings } from '../scenario/build.ts';
import { findingsOf } from '../scenario/finding.ts';
import { declaredBy, loadScenario, type Scenario } from '../scenario/load.ts';
import { formatPath, type Path, type Problem, ScenarioError, suggest } from '../scenario/problem.ts';
import type { Time } from '../scenario/quantity.ts';
import type { InterventionInput } from '../scenario/schema.ts';
import { readSource, type Source } from '../scenario/source.ts';
import type { Part } from '../scenario/yaml/places.ts';
import type { Case } from './case.ts';
import { type Replay, scenarioHash } from './replay.ts';
import { FORMAT, type ReplayInput, replaySchema } from './schema.ts';

/** A replay file that was read, with its scenario. */
export interface Loaded {
  readonly replay: Replay;
  readonly scenario: Scenario;
  /** Whether the scenario is another one than that of the recording. */
  readonly isOther: boolean;
}

/** What is around a replay file. */
export interface Neighbourhood extends Surroundings {
  /** The scenario to repeat it with: that of the file which it names, or another one. Its own text when absent. */
  readonly scenario?: Scenario | undefined;
}

/**
 * Reads a replay file and finds everything that is wrong with it.
 *
 * @param input the bytes of a file, or text
 * @throws ScenarioError with all problems at once
 */
export function loadReplay(input: Uint8Array | string, around: Neighbourhood, file?: string): Loaded {
  const source = readSource(input, file);
  const teller = new Teller(source);
  if (source.value === undefined) throw new ScenarioError(source.problems, source.text);
  const version = versionOf(source.value);
  if (version !== FORMAT) throw teller.refuse(version);
  const parsed = replaySchema.safeParse(source.value);
  const findings = parsed.success ? [] : findingsOf(parsed.error.issues, source.value);
  for (const { path, part, message, hint } of findings) teller.say(path, message, hint, part);
  const given = source.value as Partial<ReplayInput>;
  const isBroken = (...path: Path) => teller.isBroken(path);
  const scenario = isBroken('scenario') ? undefined : scenarioOf(given.scenario, around, teller);
  const interventions = Array.isArray(given.interventions)
    ? [...given.interventions.entries()].filter(([index]) => !isBroken('interventions', index))
    : [];
  if (scenario !== undefined) judgeable(given, scenario, around, teller);
  const built = scenario === undefined ? undefined : interventionsOf(interventions, scenario, around, teller);
  if (teller.problems.length > 0 || !parsed.success || scenario === undefined || built === undefined)
    throw new ScenarioError(teller.inOrder(), source.text);
  const replay = replayOf(parsed.data, built);
  return { replay, scenario, isOther: scenarioHash(scenario.data) !== replay.scenario.hash };
}

function versionOf(value: unknown): unknown {
  return typeof value === 'object' && value !== null && 'replay' in value ? value.replay : undefined;
}

/** Collects problems, with their places in the file. */
class Teller {
  readonly problems: Problem[];
  private readonly source: Source;
  private readonly broken: Path[];

  constructor(source: Source) {
    this.source = source;
    this.problems = [...source.problems];
    this.broken = [...source.broken];
  }

  say(path: Path, message: string, hint?: string, part: Part = 'value'): void {
    if (this.broken.some((each) => leadsTo(each, path))) return;
    if (path.length > 0) this.broken.push(path);
    this.add(path, { path: formatPath(path), message, ...(hint === undefined ? {} : { hint }) }, part);
  }

  /** Takes over what is wrong with a file that a text of this one holds. */
  within(path: Path, { message, hint, line = 1, column = 1, ...inner }: Problem): void {
    this.broken.push(path);
    const shown = [formatPath(path), inner.path].filter((part) => part !== '').join(': ');
    this.add(path, { path: shown, message, ...(hint === undefined ? {} : { hint }) }, { line, column });
  }

  private add(path: Path, problem: Problem, part: Part): void {
    const { file } = this.source;
    this.problems.push({ ...(file === undefined ? {} : { file }), ...this.source.place(path, part), ...problem });
  }

  /** Whether something is wrong there, or below. */
  isBroken(path: Path): boolean {
    return this.broken.some((each) => leadsTo(path, each) || leadsTo(each, path));
  }

  /** That the whole file is of a kind that cannot be read. */
  refuse(version: unknown): ScenarioError {
    if (version === undefined) this.say([], 'This is no replay file: it does not begin with replay: 1.', undefined, 'key');
    else {
      const by = (this.source.value as { readonly partita?: unknown }).partita;
      const writer = typeof by === 'string' ? `It was written by Partita ${by}.` : 'Take the Partita that wrote it.';
      this.say(
        ['replay'],
        `This is a replay file of version ${String(version)}, and this Partita reads version ${FORMAT}.`,
        writer,
      );
    }
    return new ScenarioError(this.inOrder(), this.source.text);
  }

  inOrder(): Problem[] {
    return this.problems.toSorted((a, b) => (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0));
  }
}

const leadsTo = (start: Path, path: Path): boolean =>
  start.length <= path.length && start.every((step, index) => step === path[index]);

/** The scenario that a replay file holds, or the one that is given. */
function scenarioOf(given: ReplayInput['scenario'] | undefined, around: Neighbourhood, teller: Teller): Scenario | undefined {
  if (around.scenario !== undefined) return around.scenario;
  if (given?.text !== undefined) return within(given.text, around, teller);
  teller.say(['scenario'], 'It does not hold the scenario.', 'Add its text.', 'key');
  return undefined;
}

/** A scenario in the middle of a replay file; its problems have their places there. */
function within(text: string, around: Surroundings, teller: Teller): Scenario | undefined {
  try {
    return loadScenario(text, around);
  } catch (error) {
    if (!(error instanceof ScenarioError)) throw error;
    for (const problem of error.problems) teller.within(['scenario', 'text'], problem);
    return undefined;
  }
}

/** Whether there still is what the run is held to, and whom things are due to. */
function judgeable(
  { check, quiet }: Partial<ReplayInput>,
  { plan }: Scenario,
  { properties }: Surroundings,
  teller: Teller,
): void {
  const nodes = plan.topology.nodes.map(({ name }) => name);
  const named = plan.expectations.flatMap((each) =>
    each.type === 'violates' ? [] : [withoutPlace(expectationInWords(each, nodes))],
  );
  const known = [...(properties?.keys() ?? []), ...Object.keys(BREAKDOWNS), ...named];
  if (typeof check === 'string' && properties !== undefined && !known.includes(check))
    teller.say(['check'], `There is no property and no expectation ${check}.`, suggest(check, known, 'properties'));
  for (const [index, host] of (Array.isArray(quiet?.hosts) ? quiet.hosts : []).entries())
    if (!nodes.includes(host)) teller.say(['quiet', 'hosts', index], `No host is called ${host}.`, suggest(host, nodes, 'hosts'));
}

function interventionsOf(
  entries: readonly (readonly [index: number, input: InterventionInput])[],
  { data }: Scenario,
  around: Surroundings,
  teller: Teller,
): Case['interventions'] {
  // What is wrong with the scenario was told before.
  const { topology, machines } = buildTopology(data, new Reporter(declaredBy(data)));
  const reporter = new Reporter(declaredBy(data));
  const commands = new Commands(machines.all, {
    registry: around.registry,
    beside: around.beside,
    reporter,
    behaviours: new Behaviours(data),
    segments: topology.segments,
  });
  const built = buildInterventions(
    entries.map(([, input]) => input),
    new Cast(machines, reporter),
    new Times(undefined, reporter),
    reporter,
    { topology, commands },
  );
  for (const { path, message, hint, part, isWarning } of reporter.reports) {
    const [top, place, ...rest] = path;
    if (top !== 'interventions' || isWarning) continue;
    teller.say([top, entries[place as number]?.[0] as number, ...rest], message, hint, part);
  }
  return built;
}

function replayOf(input: ReplayInput, interventions: Case['interventions']): Replay {
  const { partita, cause, scenario, rules, seed, check, until, quiet, nominal, without, instead, verdict, failure, fingerprint } =
    input;
  const instant = (time: Time) => add(START, durationOf(time));
  const { every, marks } = input.checkpoints;
  return {
    partita,
    ...(cause === undefined ? {} : { cause }),
    scenario: scenario as Replay['scenario'],
    ...(rules === undefined ? {} : { rules }),
    case: {
      seed,
      interventions,
      ...(quiet === undefined ? {} : { quiet: { from: instant(quiet.from), hosts: quiet.hosts } }),
      ...(check === undefined ? {} : { check }),
      ...(until === undefined ? {} : { until: instant(until) }),
      ...(nominal === undefined ? {} : { nominal }),
      ...(without === undefined ? {} : { without }),
      ...(instead === undefined ? {} : { instead }),
    },
    verdict,
    ...(failure === undefined ? {} : { failure: { ...failure, at: instant(failure.at) } }),
    fingerprint,
    checkpoints: { every: durationOf(every), marks: longMarks(marks) },
  };
}

/** Writes out marks that say to be like the one before. */
function longMarks(text: string): string[] {
  const marks: string[] = [];
  for (const mark of text === '' ? [] : text.split(' ')) marks.push(mark === '=' ? (marks.at(-1) ?? '') : mark);
  return marks;
}
