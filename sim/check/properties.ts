import { assert } from '../../core/assert.ts';
import type { NameId } from '../../core/names.ts';
import type { Duration } from '../../core/time.ts';
import { StoreHistory } from '../linearizability/history.ts';
import { checkStore } from '../linearizability/store.ts';
import { describeViolation } from '../linearizability/words.ts';
import type { Plan } from '../scenario/plan.ts';
import { sparesQuorum } from './autopilot.ts';
import { agreesOnStart, startsWithEnough } from './bootstrap.ts';
import { type Check, VACUOUS } from './check.ts';
import { asksStore, bootstrapsConsul, gossips, hasRaft, runsConsul } from './commands.ts';
import { CONSUL_LIVENESS } from './consul-liveness.ts';
import { containment } from './containment.ts';
import { elections } from './elections.ts';
import { GOSSIP_LIVENESS } from './gossip-liveness.ts';
import { GOSSIP_PROPERTIES } from './gossip-properties.ts';
import { type Belief, type Change, Membership } from './membership.ts';
import type { Property, Subject } from './property.ts';
import { RAFT_LIVENESS } from './raft-liveness.ts';
import { RAFT_PROPERTIES } from './raft-properties.ts';
import { SERF_PROPERTIES } from './serf-properties.ts';
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
  ...GOSSIP_PROPERTIES,
  ...SERF_PROPERTIES,
  ...GOSSIP_LIVENESS,
  ...CONSUL_LIVENESS,
  ...RAFT_PROPERTIES,
  ...RAFT_LIVENESS,
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
    make: (name, { world, plan }) => agreesOnStart(name, world, plan),
  },
  BootstrapExpected: {
    kind: 'always',
    says: 'A Consul server that waits for others starts a cluster with no fewer servers than it was told to expect.',
    applies: bootstrapsConsul,
    make: (name, { world, plan }) => startsWithEnough(name, world, plan),
  },
  AutopilotQuorum: {
    kind: 'always',
    says: 'Autopilot sends away less than half of the servers at once, and never so many that fewer than `min_quorum` stay.',
    applies: runsConsul,
    make: (name, { world }) => sparesQuorum(name, world),
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
