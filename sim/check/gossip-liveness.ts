import { add, type Duration, type Instant, nanoseconds } from '../../core/time.ts';
import { holds } from '../intervention/entries.ts';
import type { Plan } from '../scenario/plan.ts';
import type { World } from '../world.ts';
import { forcedIn } from './agent-watch.ts';
import { agreement, agreementBound, departures, detection, detectionBound, timersOf } from './agreement.ts';
import { Calm } from './calm.ts';
import type { Check } from './check.ts';
import { gossips } from './commands.ts';
import type { Property, Subject } from './property.ts';

/** Since when nothing more is done to the world: neither by an adversary nor by the timeline. */
export function quietSince({ plan, world, quiet }: Subject): Instant {
  const steps = plan.timeline.map(({ at }) => at);
  if (quiet === undefined) return quietFrom(plan, world);
  return Math.max(quiet.from, ...steps) as Instant;
}

/** When the last thing is done to the world: the timeline's last step, or the end of the last intervention. */
export function quietFrom(plan: Plan, world: World): Instant {
  const instants = [...plan.timeline.map(({ at }) => at), ...world.interventionEnds()];
  return Math.max(0, ...instants.filter((at) => at <= plan.end), 0) as Instant;
}

type Missing = (subject: Subject) => () => string | undefined;

function eventually(says: string, bound: (plan: Plan) => Duration, missing: Missing, every?: (plan: Plan) => Duration): Property {
  return {
    kind: 'eventually',
    says,
    applies: gossips,
    make(name, subject, within): Check {
      const from = quietSince(subject);
      const by = add(from, within ?? bound(subject.plan));
      const looked = every === undefined ? {} : { every: every(subject.plan) };
      return { kind: 'eventually', name, from, by, missing: missing(subject), ...looked };
    },
  };
}

/** Each member has been probed by each other, and an exchange of states begun by each: whatever is wrong shows. */
const calmTime = (plan: Plan): Duration => {
  const { probeInterval, pushPullInterval } = timersOf(plan);
  return nanoseconds(2 * plan.hosts.length * probeInterval + pushPullInterval);
};

/** Whether all of a plan's hosts are left alone in the end. */
export const isWholeQuiet = ({ plan, quiet }: Subject): boolean =>
  quiet === undefined || plan.hosts.every(({ name }) => quiet.hosts.includes(name));

/** Kinds of faults that keep agents from being calm for as long as they last. */
const UNREST = /^(link|partition|trunk|router|multicast|host-pause|cpu)/;

/** Whether a plan disturbs something for good, so that nobody is sure to be calm there. */
const isRestless = ({ faults, interventions, end }: Plan): boolean =>
  [...faults, ...interventions].some((entry) => UNREST.test(entry.kind) && 'at' in entry && holds(entry, end));

const nothing = (): undefined => undefined;

/** What agents of Serf and Consul must come to once nothing more is done to the world. */
export const GOSSIP_LIVENESS = {
  Agreement: eventually(
    'Agents that know of each other, over whatever others, show all of them that run as alive, and none that does not.',
    agreementBound,
    (subject) => {
      const { world, cells, quiet } = subject;
      const excused = forcedIn(subject);
      return () => agreement(world, cells, quiet?.hosts, excused);
    },
  ),
  Completeness: eventually(
    'Nobody shows a member as alive whose agent does not run: every member was probed and its suspicion is over.',
    detectionBound,
    ({ world, cells, quiet }) =>
      () =>
        detection(world, cells, quiet?.hosts),
  ),
  DeparturesAgree: eventually(
    'Of who is gone all agents say the same: that it left, or that it failed.',
    agreementBound,
    (subject) => (isWholeQuiet(subject) ? () => departures(subject.world, subject.cells) : nothing),
  ),
  Calm: eventually(
    'Agents come to agree in good health and then change nothing for as long as everybody is probed and exchanges states once; where all is healed.',
    (plan) => nanoseconds(agreementBound(plan) + 2 * calmTime(plan)),
    (subject) => {
      if (!isWholeQuiet(subject) || isRestless(subject.plan)) return nothing;
      const calm = new Calm(subject.world, subject.cells);
      const excused = forcedIn(subject);
      return () => calm.missing(calmTime(subject.plan), excused);
    },
    calmTime,
  ),
} satisfies Record<string, Property>;
