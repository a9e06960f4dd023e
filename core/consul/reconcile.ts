import type { NameId } from '../names.ts';
import { type Configuration, includes, isMember, membersOf, type Server } from '../raft/configuration.ts';
import type { ChangeStep } from '../raft/interface.ts';
import type { ServerMember } from './servers.ts';

/** What a leader does about a server that is alive. */
export type Admission =
  | { readonly type: 'change'; readonly steps: readonly ChangeStep[] }
  | { readonly type: 'nothing' }
  /** It and another living server both start clusters of their own. */
  | { readonly type: 'two bootstraps'; readonly other: ServerMember }
  /** Others have its address, and to remove them could cost the quorum. */
  | { readonly type: 'unsafe' };

/**
 * How a living server comes into the configuration (Consul's joinConsulServer and autopilot's AddServer): a new one as a learner that autopilot
 * promotes later, one that moved at its new address. Whoever else has its address is removed before.
 *
 * @param asVoter a new one votes at once, as before there was autopilot
 */
export function admissionOf(
  server: ServerMember,
  known: readonly ServerMember[],
  config: Configuration,
  asVoter: boolean,
): Admission {
  if (server.bootstrap) {
    const other = known.find(({ name, status, bootstrap }) => bootstrap && status === 'alive' && name !== server.name);
    if (other !== undefined) return { type: 'two bootstraps', other };
  }
  const { name, endpoint, readReplica } = server;
  const present = membersOf(config).find((each) => each.name === name);
  if (present?.endpoint === endpoint) return { type: 'nothing' };
  const squatters = membersOf(config).filter((each) => each.endpoint === endpoint && each.name !== name);
  if (!mayRemove(config, squatters)) return { type: 'unsafe' };
  const isVoter = includes(config.voters, name) || (asVoter && !readReplica);
  const step: ChangeStep = { type: isVoter ? 'voter' : 'learner', server: { name, endpoint } };
  return { type: 'change', steps: [...squatters.map(({ name: gone }): ChangeStep => ({ type: 'remove', name: gone })), step] };
}

/** Whether those who are left could still decide: no more voters go than a quorum can spare. */
function mayRemove({ voters }: Configuration, gone: readonly Server[]): boolean {
  const removed = gone.filter(({ name }) => includes(voters, name)).length;
  const quorum = (voters.length >>> 1) + 1;
  return removed <= voters.length - quorum;
}

/** What a leader does about a server that has left, or was forgotten: it is removed, but never the leader by itself. */
export function departureOf(name: NameId, self: NameId, config: Configuration): readonly ChangeStep[] {
  return name === self || !isMember(config, name) ? [] : [{ type: 'remove', name }];
}
