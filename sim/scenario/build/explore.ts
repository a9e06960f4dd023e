import { add, START } from '../../../core/time.ts';
import type { FaultKind } from '../../campaign/kinds.ts';
import type { Errand, ExplorePlan } from '../plan.ts';
import type { Path } from '../problem.ts';
import { type Delay, readDelay } from '../quantity.ts';
import type { ExploreInput } from '../schema.ts';
import type { Cast } from './cast.ts';
import type { Commands } from './commands.ts';
import type { Reporter } from './reporter.ts';
import { durationOf } from './segments.ts';
import type { Times } from './times.ts';

interface Parts {
  readonly cast: Cast;
  readonly times: Times;
  readonly commands: Commands;
  readonly reporter: Reporter;
}

/** What a scenario says of how it is to be tried. A campaign has an end of its own, so times may be beyond that of the scenario. */
export function buildExplore(input: ExploreInput, parts: Parts): ExplorePlan {
  const { cast, reporter } = parts;
  const { kinds, also, without, hosts, faults, from, until, quiet, heals, workload } = input;
  const path: Path = ['explore'];
  const begin = from === undefined ? undefined : add(START, durationOf(from));
  const end = until === undefined ? undefined : add(START, durationOf(until));
  if (end !== undefined && end <= (begin ?? START))
    reporter.say([...path, 'until'], 'The faults are over when they begin.', 'The end comes after the beginning.');
  const [least, most] = typeof faults === 'number' ? [Math.min(1, faults), faults] : [faults?.min ?? 1, faults?.max ?? 1];
  if (least > most)
    reporter.say([...path, 'faults', 'max'], `The most, ${most}, is less than the least, ${least}.`, 'Swap them.');
  return {
    ...(kinds === undefined ? {} : { kinds: weightsOf(kinds) }),
    ...(also === undefined ? {} : { also }),
    ...(without === undefined ? {} : { without }),
    ...(hosts === undefined ? {} : { hosts: cast.names(cast.hosts(hosts, [...path, 'hosts'])) }),
    ...(faults === undefined ? {} : { faults: { least, most } }),
    ...(begin === undefined ? {} : { from: begin }),
    ...(end === undefined ? {} : { until: end }),
    ...(quiet === undefined ? {} : { quiet: durationOf(quiet) }),
    ...(heals === undefined ? {} : { heals: heals === 'both' ? (['all', 'majority'] as const) : [heals] }),
    ...(workload === undefined
      ? {}
      : { workload: workload.map((each, index) => errandOf(each, [...path, 'workload', index], parts)) }),
  };
}

const weightsOf = (kinds: NonNullable<ExploreInput['kinds']>): NonNullable<ExplorePlan['kinds']> =>
  Array.isArray(kinds)
    ? Object.fromEntries(kinds.map((kind) => [kind, 1]))
    : (Object.fromEntries(Object.entries(kinds).filter(([, weight]) => weight !== undefined)) as Partial<
        Record<FaultKind, number>
      >);

function errandOf(
  { on, run, at, every }: NonNullable<ExploreInput['workload']>[number],
  path: Path,
  { cast, commands, reporter }: Parts,
): Errand {
  const range = (delay: Delay, key: string) => {
    const drawn = readDelay(delay);
    if (drawn?.type === 'constant') return { min: drawn.value, max: drawn.value };
    if (drawn?.type === 'uniform') return { min: drawn.min, max: drawn.max };
    reporter.say([...path, key], 'It is drawn from a time or a range.', 'Write 5s or 5s..20s.');
    return undefined;
  };
  const nodes = on === 'leader' ? cast.hosts('all', [...path, 'on']) : cast.hosts(on, [...path, 'on']);
  commands.check(run, nodes, [...path, 'run']);
  const when = at === undefined ? undefined : range(at, 'at');
  const again = every === undefined ? undefined : range(every, 'every');
  if (again !== undefined && again.max <= 0)
    reporter.say([...path, 'every'], 'It would be typed for ever.', 'Take a longer time.');
  return {
    on: on === 'leader' ? on : cast.names(nodes),
    run,
    ...(when === undefined ? {} : { at: when }),
    ...(again === undefined ? {} : { every: again }),
  };
}
