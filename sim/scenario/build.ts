import { parseWallClock } from '../host/clock.ts';
import type { Registry } from '../host/commands/registry.ts';
import { Behaviours } from './build/behaviours.ts';
import { Cast } from './build/cast.ts';
import { Commands } from './build/commands.ts';
import { Conditions } from './build/conditions.ts';
import { buildExplore } from './build/explore.ts';
import { buildFaults } from './build/faults.ts';
import { buildInterventions } from './build/interventions.ts';
import type { Machine } from './build/machines.ts';
import type { Reporter } from './build/reporter.ts';
import { durationOf } from './build/segments.ts';
import { startOf } from './build/start.ts';
import { buildTimeline } from './build/timeline.ts';
import { Times } from './build/times.ts';
import { buildTopology } from './build/topology.ts';
import type { HostPlan, Plan } from './plan.ts';
import type { Path } from './problem.ts';
import { readDrift, readSignedTime, readSize } from './quantity.ts';
import type { HostInput, ScenarioInput } from './schema.ts';

/** The text of a real file, or why it cannot be had. */
export type Beside = { readonly text: string } | { readonly problem: string };

/** What a build needs to know beside the scenario. */
export interface Surroundings {
  /** The commands that hosts have. */
  readonly registry: Registry;
  /** Reads a file beside the scenario; absent where there are no such files. */
  readonly beside?: ((name: string) => Beside) | undefined;
  /** The properties that `check` and `violates` may use, by name; absent: any. */
  readonly properties?: ReadonlyMap<string, unknown> | undefined;
}

/**
 * Turns a scenario into what a world is made of, and reports everything about it that cannot be.
 *
 * @param lineOf the line of a path in the scenario's file, for reports on expectations
 * @returns a plan that is fit for use only if nothing was reported
 */
export function build(
  data: ScenarioInput,
  { registry, properties, beside }: Surroundings,
  reporter: Reporter,
  lineOf: (path: Path) => number | undefined,
): Plan {
  const { topology, machines } = buildTopology(data, reporter);
  const cast = new Cast(machines, reporter);
  const times = new Times(data.until, reporter);
  const behaviours = new Behaviours(data);
  const commands = new Commands(machines.all, { registry, reporter, beside, behaviours, segments: topology.segments });
  const entries = data.timeline ?? [];
  const timeline = buildTimeline(entries, { cast, times, commands, reporter, network: data.network });
  const faults = buildFaults(entries, { cast, times, reporter });
  const known = properties === undefined ? undefined : new Set(properties.keys());
  commands.compareNames();
  const conditions = new Conditions({
    cast,
    times,
    reporter,
    members: new Set([...agentNames(data), ...commands.namesGiven()]),
    properties: known,
    lineOf,
  });
  const expectations = conditions.expectations(data.expect ?? []);
  const measures = conditions.measures(data.measure ?? {});
  const checks = checksOf(data, conditions);
  const interventions = buildInterventions(data.interventions ?? [], cast, times, reporter, { commands, topology });
  return {
    name: data.name,
    description: data.description,
    seed: data.seed ?? 1,
    epoch: parseWallClock(data.epoch ?? '2000-01-01T00:00:00Z') as number,
    end: times.runEnd(),
    start: startOf(data, timeline, machines.all, reporter),
    topology,
    hosts: machines.all.flatMap((machine, node) =>
      machine.kind === 'host' ? [hostOf(machine, node, commands, behaviours)] : [],
    ),
    timeline,
    expectations,
    checks,
    measures,
    faults,
    interventions,
    ...(data.explore === undefined ? {} : { explore: buildExplore(data.explore, { cast, times, commands, reporter }) }),
  };
}

function hostOf(machine: Machine, node: number, commands: Commands, behaviours: Behaviours): HostPlan {
  const { clock = {}, disk = {} } = machine.input as HostInput;
  return {
    node,
    name: machine.name,
    files: commands.filesOf(machine),
    behaviour: behaviours.of(machine),
    clock: {
      offset: clock.offset === undefined ? 0 : (readSignedTime(clock.offset) as number),
      drift: clock.drift === undefined ? 0 : (readDrift(clock.drift) as number),
    },
    disk: {
      ...(disk.capacity === undefined ? {} : { capacity: readSize(disk.capacity) as number }),
      ...(disk.write === undefined ? {} : { write: durationOf(disk.write) }),
      ...(disk.sync === undefined ? {} : { sync: durationOf(disk.sync) }),
    },
  };
}

function checksOf({ check = {} }: ScenarioInput, conditions: Conditions): Plan['checks'] {
  const named = (list: readonly string[], kind: string): readonly string[] => {
    for (const [index, name] of list.entries()) conditions.property(name, ['check', kind, index]);
    return list;
  };
  const eventually = (check.eventually ?? []).map((each, index) => {
    const { name, within } = typeof each === 'string' ? { name: each, within: undefined } : each;
    conditions.property(name, ['check', 'eventually', index]);
    return { name, within: within === undefined ? undefined : durationOf(within) };
  });
  return { always: named(check.always ?? [], 'always'), eventually, sometimes: named(check.sometimes ?? [], 'sometimes') };
}

/** Names that agents are given on their command lines, instead of the names of their hosts. */
function agentNames({ timeline = [] }: ScenarioInput): ReadonlySet<string> {
  const names = new Set<string>();
  for (const entry of timeline) {
    if (!('run' in entry)) continue;
    for (const [, name] of entry.run.matchAll(/\s-{1,2}node[= ]["']?([^\s"']+)/g)) if (name !== undefined) names.add(name);
  }
  return names;
}
