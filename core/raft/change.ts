import { type Configuration, configuration, includes, isJoint, type Server } from './configuration.ts';
import type { ChangeStep } from './interface.ts';

const without = (servers: readonly Server[], { name }: Pick<Server, 'name'>): Server[] =>
  servers.filter((server) => server.name !== name);

const withAddress = (servers: readonly Server[], moved: Server): Server[] =>
  servers.map((server) => (server.name === moved.name ? moved : server));

/**
 * A configuration after one step, outside a joint change. Who is a voter already is given the address; adding who is there, or removing who is
 * not, changes nothing.
 *
 * @param learnerKeepsVoter making a voter a learner changes its address only
 */
export function applyStep(config: Configuration, step: ChangeStep, learnerKeepsVoter: boolean): Configuration {
  const { voters, learners } = config;
  if (step.type === 'remove') return configuration({ voters: without(voters, step), learners: without(learners, step) });
  const { server } = step;
  const isVoter = includes(voters, server.name);
  if (isVoter && (step.type === 'voter' || learnerKeepsVoter))
    return configuration({ voters: withAddress(voters, server), learners });
  if (step.type === 'voter') return configuration({ voters: [...voters, server], learners: without(learners, server) });
  if (includes(learners, server.name)) return configuration({ voters, learners: withAddress(learners, server) });
  return configuration({ voters: without(voters, server), learners: [...learners, server] });
}

/** Whether two configurations differ by one voter at most, so that any two majorities of them meet (thesis §4.1). */
export function isAllowed(before: Configuration, after: Configuration): boolean {
  if (isJoint(before) || isJoint(after)) return false;
  const gone = before.voters.filter(({ name }) => !includes(after.voters, name)).length;
  const added = after.voters.filter(({ name }) => !includes(before.voters, name)).length;
  return gone + added <= 1;
}

/** The joint configuration between two: the old voters and the new ones both decide. Voters that become learners do so at its end. */
export function enterJoint(before: Configuration, after: Configuration): Configuration {
  const isOutgoing = ({ name }: Server): boolean => includes(before.voters, name);
  return configuration({
    voters: after.voters,
    learners: after.learners.filter((server) => !isOutgoing(server)),
    outgoing: before.voters,
    learnersNext: after.learners.filter(isOutgoing),
    autoLeave: true,
  });
}

/** What a joint configuration becomes. */
export const leaveJoint = ({ voters, learners, learnersNext }: Configuration): Configuration =>
  configuration({ voters, learners: [...learners, ...learnersNext] });
