import { assert } from '../../core/assert.ts';
import type { NameId } from '../../core/names.ts';
import { add, type Duration, type Instant } from '../../core/time.ts';
import { StoreHistory } from '../linearizability/history.ts';
import { checkStore } from '../linearizability/store.ts';
import { describeViolation } from '../linearizability/words.ts';
import type { Plan } from '../scenario/plan.ts';
import type { World } from '../world.ts';
import { agreement, agreementBound } from './agreement.ts';
import { bootstraps } from './bootstrap.ts';
import { type Check, VACUOUS } from './check.ts';
import { asksStore, bootstrapsConsul, gossips, hasRaft } from './commands.ts';
import { containment } from './containment.ts';
import { elections } from './elections.ts';
import { type Belief, type Change, Membership } from './membership.ts';
import { HEALTH } from './observed.ts';
import type { Property, Subject } from './property.ts';
import { isWell } from './wellness.ts';

/** Judges each change of what an agent believes of a member: something wrong in words, or undefined. */
type Judge = (change: Change, belief: Belief, names: Subject) => string | undefined;

const always = (says: string, judge: Judge): Property => ({
  kind: 'always',
  says,
  applies: gossips,
  make: (name, subject) => judging(name, subject, judge),
});

/** The same, where nobody interferes. */
const nominal = (says: string, judge: Judge): Property => ({ ...always(says, judge), applies: 'nominal' });

function judging(name: string, subject: Subject, judge: Judge): Check {
  let judged = false;
  let wrong: string | undefined;
  new Membership(subject.world, (change, belief) => {
    const found = judge(change, belief, subject);
    judged = true;
    wrong ??= found;
  });
  return {
    kind: 'always',
    name,
    judge: () => {
      if (!judged) return VACUOUS;
      judged = false;
      return wrong;
    },
  };
}

/** After each status those that may come; the empty one is a member that is unknown, or erased. */
const MAY_FOLLOW: Readonly<Record<string, readonly string[]>> = {
  '': ['alive', 'leaving'],
  alive: ['leaving', 'failed', ''],
  leaving: ['alive', 'left', ''],
  failed: ['alive', 'left', ''],
  left: ['alive', ''],
};

const sometimes = (
  says: string,
  is: (change: Change, belief: Belief) => boolean,
  applies: (plan: Plan) => boolean = gossips,
): Property => ({
  kind: 'sometimes',
  says,
  applies,
  make: (name, { world }) => {
    let reached = false;
    new Membership(world, (change, belief) => {
      reached ||= is(change, belief);
    });
    return { kind: 'sometimes', name, reached: () => reached };
  },
});

const who = ({ node, member }: Change, { world, plan }: Subject): string =>
  `${plan.topology.nodes[node]?.name} about ${world.names.text(member as NameId)}`;

/** The properties that a scenario's `check` may name; `docs/checks.md` lists them. */
const PROPERTIES = {
  IncarnationMonotone: always(
    'What an agent knows as a member’s incarnation never falls while it remembers the member.',
    (change, _, subject) =>
      change.field === 'incarnation' &&
      typeof change.before === 'number' &&
      change.value !== '' &&
      Number(change.value) < change.before
        ? `${who(change, subject)}: incarnation fell from ${change.before} to ${change.value}`
        : undefined,
  ),
  NoResurrection: always(
    'A member that was declared dead is alive again only with a higher incarnation, or after it was forgotten.',
    (change, belief, subject) =>
      change.field === 'state' &&
      change.value === 'alive' &&
      belief.state === 'dead' &&
      (belief.incarnation ?? 0) <= (belief.deadAt ?? -1)
        ? `${who(change, subject)}: alive again at incarnation ${belief.incarnation}, declared dead at ${belief.deadAt}`
        : undefined,
  ),
  NoSelfDoubt: always(
    'An agent holds itself for alive, or for left after it has left; never for suspect or dead.',
    (change, _, subject) =>
      change.field === 'state' && (change.value === 'suspect' || change.value === 'dead') && isSelf(change, subject)
        ? `${who(change, subject)}: holds itself for ${change.value}`
        : undefined,
  ),
  OnlyOwnerRaises: {
    kind: 'always',
    says: 'No agent knows a higher incarnation of a member than the member ever gave itself.',
    applies: gossips,
    make: (name, subject) => {
      const issued = new Map<NameId, number>();
      return judging(name, subject, (change, _, all) => {
        if (change.field !== 'incarnation' || change.value === '') return undefined;
        const incarnation = Number(change.value);
        const highest = issued.get(change.member);
        if (isSelf(change, all)) issued.set(change.member, Math.max(incarnation, highest ?? 0));
        else if (highest !== undefined && incarnation > highest)
          return `${who(change, all)}: incarnation ${incarnation}, which never went beyond ${highest}`;
        return undefined;
      });
    },
  },
  StatusChanges: always(
    'A member’s status changes only as it may: alive, then leaving or failed; leaving, then left or alive; failed, then left or alive; left, then alive; erased from any.',
    (change, _, subject) =>
      change.field === 'status' && !MAY_FOLLOW[String(change.before ?? '')]?.includes(String(change.value))
        ? `${who(change, subject)}: ${change.before ?? 'unknown'}, then ${change.value}`
        : undefined,
  ),
  MulticastStays: {
    kind: 'always',
    says: 'A multicast datagram is received only on segments that its sender is on.',
    applies: 'nominal',
    make: (name, { world, plan }) => containment(name, world, plan.topology),
  },
  NoSlander: nominal(
    'No agent shows as failed one that runs on a host that is neither paused nor slow; only where no link fails.',
    (change, _, subject) =>
      change.field === 'status' && change.value === 'failed' && isWell(change.member, subject.world, subject.plan)
        ? `${who(change, subject)}: failed, though it is well`
        : undefined,
  ),
  HealthRange: always('The local health score stays from 0 to 7.', (change, _, subject) =>
    change.field === 'health' && !(Number(change.value) >= 0 && Number(change.value) <= 7)
      ? `${who(change, subject)}: health ${change.value}`
      : undefined,
  ),
  Linearizable: {
    kind: 'always',
    says: 'What the clients of a store were answered could have come from a store that does one operation at a time.',
    applies: asksStore,
    make: (name, { world }) => {
      const history = new StoreHistory(world.names);
      world.journal.sinks.push(history);
      return {
        kind: 'whole',
        name,
        judge: () => judgeHistory(history),
        sort: () => 'no order explains what clients were answered',
      };
    },
  },
  ElectionSafety: {
    kind: 'always',
    says: 'At most one server of Raft is ever leader in a term, of those that count each other among their voters.',
    applies: hasRaft,
    make: (name, { world, cells, plan }) =>
      elections(
        name,
        world.names,
        cells,
        plan.hosts.map(({ node }) => node),
      ),
  },
  BootstrapAgreement: {
    kind: 'always',
    says: 'Consul servers that waited for each other all start their cluster with the same servers.',
    applies: bootstrapsConsul,
    make: (name, { world, plan }) => bootstraps(name, world, plan),
  },
  Agreement: {
    kind: 'eventually',
    says: 'Agents that know of each other, over whatever others, show all of them that run as alive, and none that does not.',
    applies: gossips,
    make: (name, { world, cells, plan, quiet }, within) => {
      const from = quiet?.from ?? quietFrom(plan, world);
      const by = add(from, within ?? agreementBound(plan.hosts.length));
      return { kind: 'eventually', name, from, by, missing: () => agreement(world, cells) };
    },
  },
  Suspicion: sometimes('Some agent suspects a member.', ({ field, value }) => field === 'state' && value === 'suspect'),
  Refutation: sometimes(
    'A suspected member clears its name.',
    ({ field, value, before }) => field === 'state' && value === 'alive' && before === 'suspect',
    () => false,
  ),
  Failure: sometimes('Some agent shows a member as failed.', ({ field, value }) => field === 'status' && value === 'failed'),
  Departure: sometimes(
    'Some agent shows a member as left.',
    ({ field, value }) => field === 'status' && value === 'left',
    () => false,
  ),
} satisfies Record<string, Property>;

/** The names of all properties, with what each says. */
export const propertyNames: ReadonlyMap<string, string> = new Map(
  Object.entries(PROPERTIES).map(([name, { says }]) => [name, says]),
);

/** All of them, by name. */
export const properties: ReadonlyMap<string, Property> = new Map(Object.entries(PROPERTIES));

/**
 * Makes the check of a property, which the scenario's checker knows to exist.
 *
 * @param known all there are; ours unless said otherwise
 */
export function checkOf(
  { name, within }: { readonly name: string; readonly within?: number | undefined },
  subject: Subject,
  known = properties,
): Check {
  const property = known.get(name);
  assert(property !== undefined, () => `there is no property ${name}`);
  return property.make(name, subject, within as Duration | undefined);
}

/** One that was not answered cannot be wrong, so those that were are what counts. */
function judgeHistory({ calls, answered }: StoreHistory): ReturnType<Extract<Check, { kind: 'whole' }>['judge']> {
  const found = checkStore(calls);
  switch (found.verdict) {
    case 'linearizable':
      return { exercised: answered, verdict: 'held', says: '' };
    case 'violated':
      return { exercised: answered, verdict: 'violated', says: describeViolation(found) };
    case 'undecided':
      return {
        exercised: answered,
        verdict: 'inconclusive',
        says: `key ${found.key} takes more ${found.because === 'steps' ? 'time' : 'memory'} to judge than is allowed`,
      };
  }
}

/** The agent's own member carries its health. */
function isSelf({ node, member }: Change, { world, cells }: Subject): boolean {
  return cells.value(node, member, world.names.id(HEALTH)) !== undefined;
}

/** When the last thing is done to the world: the timeline's last step, or the end of the last intervention. */
export function quietFrom(plan: Plan, world: World): Instant {
  const instants = [...plan.timeline.map(({ at }) => at), ...world.interventionEnds()];
  return Math.max(0, ...instants.filter((at) => at <= plan.end), 0) as Instant;
}
