import type { NameId, Names } from '../../core/names.ts';
import { copyState, restoreState } from '../../core/state.ts';
import type { Instant } from '../../core/time.ts';
import { Cells } from '../check/cells.ts';
import { type Check, Checks, type Finding } from '../check/check.ts';
import { Conditions } from '../check/conditions.ts';
import { checkOf } from '../check/properties.ts';
import type { Property, Quiet } from '../check/property.ts';
import { expectationInWords } from '../check/words.ts';
import { Kind, NOBODY, type Sink } from '../engine/journal.ts';
import type { Simulation } from '../engine/simulation.ts';
import type { Registry } from '../host/commands/registry.ts';
import type { Intervention } from '../intervention/intervention.ts';
import type { Unapplied } from '../intervention/interventions.ts';
import type { Expectation, Plan } from '../scenario/plan.ts';
import { type SavedWorld, World } from '../world.ts';
import { type Measured, Measures } from './measures.ts';
import { type PacketCounts, Tally } from './tally.ts';
import { type Job, type TerminalLine, Terminals } from './terminals.ts';

export interface RunOptions {
  /** The commands that hosts have. */
  readonly registry: Registry;
  /** The properties that the plan may name; ours when absent. */
  readonly properties?: ReadonlyMap<string, Property>;
  /** Instead of the scenario's own. */
  readonly seed?: number | string;
  /** Instead of the scenario's own. */
  readonly interventions?: readonly Intervention[];
  /** Whether to keep what the interventions came to, packet by packet. */
  readonly recording?: boolean;
  /** Whether to compute the fingerprint; on unless said otherwise. */
  readonly fingerprint?: boolean;
  /**
   * Since when the world is left alone, and who in it. With it the run goes on beyond its end until all that must come true by then has, or
   * is overdue.
   */
  readonly quiet?: Quiet;
  /** Whether interventions may be added while it runs. */
  readonly amendable?: boolean;
  /**
   * Given the world when it has been made, and a way to save the run where it yields.
   *
   * A run that goes on from there is the same as this one. Only what the checks of properties remember is not all saved: some begin to look again
   * where it goes on, and may miss what is wrong only together with what was before.
   */
  readonly begun?: (world: World, save: () => SavedRun) => void;
  /** Where to go on, instead of at the start. The list of interventions must be the one of that moment, and `listen` that of one who joins late. */
  readonly from?: SavedRun;
  /** Asked before each event: whether to yield there. */
  readonly leave?: () => boolean;
  /** How far it may go before it yields; asked when it has begun and after it yielded. */
  readonly upTo?: () => Instant;
  /** Ends the run after the event with which something is found that this holds for. */
  readonly enough?: (finding: Finding) => boolean;
  /** Further listeners, such as a trace. */
  readonly listen?: (world: { readonly names: Names; readonly simulation: Simulation }) => readonly Sink[];
  /** Told each line that appears on a terminal, as it does. */
  readonly printed?: (line: TerminalLine) => void;
}

/** A run between two events, as plain data. */
export interface SavedRun {
  readonly at: Instant;
  readonly world: SavedWorld;
  /** What listens beside it: in the order of `begin`. */
  readonly listeners: readonly object[];
}

/** What a run came to. It holds no real time, so equal runs have equal reports. */
export interface Report {
  readonly seed: number | string;
  readonly end: Instant;
  /** Whether it was stopped before its end. */
  readonly interrupted: boolean;
  readonly fingerprint: string;
  /** Records in the journal. */
  readonly records: number;
  readonly packets: PacketCounts;
  /** What was typed on the hosts, with what it printed. */
  readonly jobs: readonly Job[];
  /** First the scenario's expectations, then its checks. */
  readonly findings: readonly Finding[];
  readonly measures: readonly Measured[];
  /** The list that repeats this run packet by packet; only if it was recorded. */
  readonly recorded: readonly Intervention[] | undefined;
  /** For each intervention the finer ones that it came to; only if it was recorded. See `Interventions.refined`. */
  readonly refined: readonly (readonly Intervention[] | undefined)[] | undefined;
  /** For each intervention how often it changed what happened to something. */
  readonly applied: readonly number[];
  readonly unapplied: readonly Unapplied[];
}

/** Runs a scenario's plan from its start to its end and judges it. */
export function run(plan: Plan, options: RunOptions): Report {
  const running = begin(plan, options);
  for (;;) {
    const { done, value } = running.next();
    if (done) return value;
  }
}

const UNHEARD = { exercised: 0, verdict: 'inconclusive', says: '' } as const;

/** Events between two moments at which a run can be left. */
const STRETCH = 20_000;

/**
 * A run in stretches, for a caller who has to attend to other things in between.
 *
 * Yields the instant it has come to. Sending `'stop'` ends the run there; the report then says so.
 */
export function* begin(plan: Plan, options: RunOptions): Generator<Instant, Report, 'stop' | undefined> {
  const { from } = options;
  let watching: { cells: Cells; terminals: Terminals; tally: Tally } | undefined;
  const world = new World(plan, {
    ...options,
    listen: (parts) => {
      watching = { cells: new Cells(parts.names), terminals: new Terminals(options.printed), tally: new Tally(parts.names) };
      const { cells, terminals, tally } = watching;
      return [cells, terminals, tally, ...(from === undefined ? (options.listen?.(parts) ?? []) : [])];
    },
  });
  const { cells, terminals, tally } = watching as NonNullable<typeof watching>;
  const { simulation, journal, names } = world;
  const nodes = plan.topology.nodes.map(({ name }) => name);
  const conditions = new Conditions({ names, cells, terminals, nodes });
  const subject = { world, cells, plan, quiet: options.quiet };
  const properties = propertiesOf(plan).map((named) => {
    const check = checkOf(named, subject, options.properties);
    // What was not heard from the start cannot be judged as a whole.
    return from === undefined || check.kind !== 'whole' ? check : { ...check, judge: () => UNHEARD };
  });
  const expectations = plan.expectations.flatMap((expectation) => expectationCheck(expectation, conditions, nodes));
  let sated = false;
  const checks = new Checks([...expectations, ...properties], (finding) => {
    const asked = asExpected(finding, plan);
    const { check, verdict, says } = asked;
    sated ||= options.enough?.(asked) === true;
    journal.record(Kind.verdict, NOBODY, NOBODY, names.id(verdict) as NameId, 0, { check, verdict, says });
  });
  const measures = new Measures(plan.measures, conditions, terminals);

  const listeners = [cells, terminals, tally, checks, measures];
  if (from !== undefined) {
    world.restore(from.world);
    for (const [i, { state }] of listeners.entries()) restoreState(state, from.listeners[i] as object);
    journal.sinks.push(...(options.listen?.(world) ?? []));
  }
  options.begun?.(world, () => ({
    at: world.now,
    world: world.save(),
    listeners: listeners.map(({ state }) => copyState(state)),
  }));
  let seen = -1;
  let events = 0;
  let left = false;
  const look = (): boolean => {
    const version = cells.version + terminals.version;
    if (version !== seen) {
      seen = version;
      checks.ask(simulation.now);
      measures.ask(simulation.now);
    }
    const leaving = ++events % STRETCH === 0 || options.leave?.() === true;
    left ||= leaving;
    return !leaving && !sated;
  };
  let interrupted = false;
  const stops = checks.stops();
  const later = options.quiet === undefined ? [] : stops.filter((instant) => instant > plan.end);
  for (const stop of [...stops.filter((instant) => instant < plan.end), plan.end, ...later]) {
    if (stop < simulation.now || (stop > plan.end && !checks.awaits(stop))) continue;
    for (;;) {
      const goal = Math.min(stop, options.upTo?.() ?? stop) as Instant;
      left = goal < stop;
      simulation.runWhile(look, goal);
      if (sated || !left) break;
      interrupted = (yield simulation.now) === 'stop';
      if (interrupted) break;
    }
    if (interrupted || sated) break;
    checks.pause(simulation.now);
    measures.ask(simulation.now);
  }
  const findings = checks.finish(simulation.now);
  return {
    seed: world.seed,
    end: simulation.now,
    interrupted,
    fingerprint: world.fingerprint(),
    records: journal.state.count,
    packets: tally.counts(),
    jobs: [...terminals.jobs.values()],
    findings: findings.map((finding) => asExpected(finding, plan)),
    measures: measures.finish(),
    recorded: options.recording === true ? world.interventions.recorded() : undefined,
    refined: options.recording === true ? world.interventions.refined() : undefined,
    applied: [...world.interventions.applied()],
    unapplied: world.interventions.unapplied(),
  };
}

/** The checks that a scenario names, those that it expects to be violated among them. */
function propertiesOf(plan: Plan): readonly { readonly name: string; readonly within?: number | undefined }[] {
  const { always, eventually, sometimes } = plan.checks;
  const violated = plan.expectations.flatMap((each) => (each.type === 'violates' ? [each.property] : []));
  const named = [...always.map((name) => ({ name })), ...eventually, ...sometimes.map((name) => ({ name }))];
  return [...named, ...violated.filter((name) => !named.some((each) => each.name === name)).map((name) => ({ name }))];
}

function expectationCheck(expectation: Expectation, conditions: Conditions, nodes: readonly string[]): Check[] {
  if (expectation.type === 'violates') return [];
  const { condition, window } = expectation;
  const name = expectationInWords(expectation, nodes);
  const missing = () => conditions.missing(condition);
  switch (window.type) {
    case 'at':
      return [{ kind: 'at', name, at: window.at, missing }];
    case 'by':
      return [{ kind: 'eventually', name, by: window.by, missing }];
    case 'throughout':
      return [{ kind: 'throughout', name, from: window.from, until: window.until, missing }];
  }
}

/** A property that is expected to be violated holds when it is, and when it is not, that is a violation of the scenario. */
function asExpected(finding: Finding, { expectations }: Plan): Finding {
  if (!expectations.some((each) => each.type === 'violates' && each.property === finding.check)) return finding;
  return finding.verdict === 'violated'
    ? { ...finding, verdict: 'held', says: `violated as expected: ${finding.says}` }
    : { ...finding, verdict: 'violated', says: 'expected to be violated, and was not' };
}
