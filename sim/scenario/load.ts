import { stringify } from 'yaml';
import { absolute } from '../host/path.ts';
import { type Declared, Reporter } from './build/reporter.ts';
import { build, type Surroundings } from './build.ts';
import { dataSource } from './data.ts';
import { findingsOf, valueAt } from './finding.ts';
import type { Plan } from './plan.ts';
import { formatPath, type Path, type Problem, ScenarioError } from './problem.ts';
import { salvage } from './salvage.ts';
import { type ScenarioInput, schema } from './schema.ts';
import { readSource, type Source } from './source.ts';
import type { Part } from './yaml/places.ts';

/** A scenario without mistakes. */
export interface Scenario {
  /** What was written, and the texts of the files that it is taken from in their places. */
  readonly data: ScenarioInput;
  /** What it means. */
  readonly plan: Plan;
  readonly file: string | undefined;
  /** What may not be meant so, though it can be run. */
  readonly warnings: readonly Problem[];
}

/**
 * Reads a scenario in YAML or JSON and finds everything that is wrong with it.
 *
 * @param input the bytes of a file, or text
 * @param file its name, for messages
 * @throws ScenarioError with all problems at once
 */
export function loadScenario(input: Uint8Array | string, surroundings: Surroundings, file?: string): Scenario {
  const source = readSource(input, file);
  if (source.value === undefined) throw new ScenarioError(source.problems, source.text);
  return judge(source, surroundings);
}

/**
 * Takes a scenario that was built in TypeScript; the same rules hold, and problems name paths instead of lines.
 *
 * @throws ScenarioError with all problems at once
 */
export function scenario(data: ScenarioInput, surroundings: Surroundings): Scenario {
  return judge(dataSource(data), surroundings);
}

/** Writes a scenario as YAML. Loaded again it is equal. */
export function printScenario(data: ScenarioInput): string {
  return stringify(data, { version: '1.2', schema: 'core', aliasDuplicateObjects: false, lineWidth: 120 });
}

function judge(source: Source, surroundings: Surroundings): Scenario {
  const problems: Problem[] = [...source.problems];
  const at = (path: Path, part: Part, message: string, hint: string | undefined): Problem => ({
    ...(source.file === undefined ? {} : { file: source.file }),
    ...source.place(path, part),
    path: formatPath(path),
    message,
    ...(hint === undefined ? {} : { hint }),
  });
  const result = schema.safeParse(source.value);
  const findings = result.success
    ? []
    : findingsOf(result.error.issues, source.value).filter(({ path }) => !within(path, source.broken));
  for (const { path, part, message, hint } of findings) problems.push(at(path, part, message, hint));
  const rest =
    result.success && source.broken.length === 0
      ? { data: result.data, original: (path: Path) => path }
      : salvage(source.value, source.broken);
  if (rest === undefined) throw failure(problems, source);
  const reporter = new Reporter(declaredBy(source.value));
  const plan = build(rest.data, surroundings, reporter, (path) => source.place(path)?.line);
  // An entry that lost something above may seem to lack it; what is said of the entry as a whole can wait.
  const lost = [...source.broken, ...findings.map(({ path }) => path)];
  const warnings: Problem[] = [];
  for (const { path, part, message, hint, isWarning } of reporter.reports) {
    const place = rest.original(path);
    if (lost.some((each) => each.length > place.length && within(each, [place]))) continue;
    (isWarning ? warnings : problems).push(at(place, part, message, hint));
  }
  if (problems.length > 0) throw failure(problems, source);
  return { data: complete(rest.data, plan), plan, file: source.file, warnings: inOrder(warnings) };
}

/** Puts the texts of files in the places of what says where to take them from, so that the scenario stands for itself. */
function complete(data: ScenarioInput, plan: Plan): ScenarioInput {
  const hosts = Object.entries(data.hosts).map(([name, host]) => {
    if (host.files === undefined) return [name, host];
    const texts = plan.hosts.find((each) => each.name === (host.count === undefined ? name : `${name}1`))?.files;
    const files = Object.entries(host.files).map(([path, given]) => [path, texts?.get(absolute(path)) ?? given]);
    return [name, { ...host, files: Object.fromEntries(files) }];
  });
  return { ...data, hosts: Object.fromEntries(hosts) };
}

/** In the order of the file. */
function failure(problems: readonly Problem[], { text }: Source): ScenarioError {
  return new ScenarioError(inOrder(problems), text === '' ? undefined : text);
}

const inOrder = (problems: readonly Problem[]): Problem[] =>
  [...problems].sort((a, b) => (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0));

/** Whether a path is one of these places or leads into one. */
const within = (path: Path, places: readonly Path[]): boolean =>
  places.some((each) => each.length <= path.length && each.every((step, index) => step === path[index]));

export function declaredBy(value: unknown): Declared {
  const keys = (...path: string[]): string[] => {
    const at = valueAt(value, path);
    if (Array.isArray(at)) return at.filter((each) => typeof each === 'string');
    return typeof at === 'object' && at !== null ? Object.keys(at) : [];
  };
  const hosts = keys('hosts').flatMap((name) => {
    const count = valueAt(value, ['hosts', name, 'count']);
    const row =
      typeof count === 'number' && count > 0 && count <= 100_000
        ? Array.from({ length: count }, (_, step) => `${name}${step + 1}`)
        : [];
    return [name, ...row];
  });
  return {
    segments: new Set(keys('network', 'segments')),
    routers: new Set(keys('network', 'routers')),
    switches: new Set(keys('network', 'switches')),
    hosts: new Set(hosts),
  };
}
