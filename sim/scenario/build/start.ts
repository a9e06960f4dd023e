import { START } from '../../../core/time.ts';
import type { Plan, Step } from '../plan.ts';
import type { ScenarioInput } from '../schema.ts';
import type { Machine } from './machines.ts';
import type { Reporter } from './reporter.ts';

const AGENT = /(?:^|[;&|\s])serf\s+agent(?:\s|$)/;
const NAME = /\s-{1,2}node[= ]["']?([^\s"']+)/;

/** Whether members know each other from the start, and what is wrong with that. */
export function startOf(
  { start = 'cold' }: ScenarioInput,
  timeline: readonly Step[],
  machines: readonly Machine[],
  reporter: Reporter,
): Plan['start'] {
  if (start === 'cold') return start;
  const names = timeline.flatMap((step) =>
    step.type === 'run' && step.at === START && AGENT.test(step.line)
      ? [NAME.exec(step.line)?.[1] ?? machines[step.node]?.name ?? '']
      : [],
  );
  if (names.length < 2) {
    reporter.say(
      ['start'],
      `${names.length === 0 ? 'No agent starts' : 'Only one agent starts'} at 0 s, so there is nobody to know each other.`,
      'Start agents at 0s: - { at: 0s, on: all, run: serf agent }',
    );
  }
  const seen = new Set<string>();
  const twice = names.find((name) => seen.size === seen.add(name).size);
  if (twice !== undefined) {
    reporter.say(
      ['start'],
      `Two agents that start at 0 s are called ${twice}.`,
      'Members that know each other have a name each: serf agent -node=NAME.',
    );
  }
  return start;
}
