import { AUTOPILOT_DEFAULTS, CONSUL_DEFAULTS } from '../../core/consul/config.ts';
import type { Consul } from '../../core/consul/consul.ts';
import { includes, isMember } from '../../core/raft/configuration.ts';
import { add, type Duration, nanoseconds } from '../../core/time.ts';
import { ConsulAgent } from '../host/commands/consul-program.ts';
import type { Plan } from '../scenario/plan.ts';
import type { World } from '../world.ts';
import { agreementBound } from './agreement.ts';
import type { Check } from './check.ts';
import { runsConsul } from './commands.ts';
import { isWholeQuiet, quietSince } from './gossip-liveness.ts';
import type { Property } from './property.ts';

/**
 * How long it may take until the servers of Raft are those whom gossip shows: agents agree, the leader compares all members twice, and whom
 * it takes in is healthy for long enough and then looked at by autopilot.
 */
function peersBound(plan: Plan): Duration {
  const { serverStabilizationTime, updateInterval, reconcileInterval } = AUTOPILOT_DEFAULTS;
  const promotion = serverStabilizationTime + updateInterval + 2 * reconcileInterval;
  return nanoseconds(agreementBound(plan) + 2 * CONSUL_DEFAULTS.reconcileInterval + 2 * promotion);
}

/** The servers that lead and know what was decided before; several where there are several clusters. */
function leadersIn({ hosts, plan }: World): Consul[] {
  return plan.hosts.flatMap(({ node }) => {
    const program = hosts.isUp(node) ? hosts.program(node, 'consul') : undefined;
    const consul = program instanceof ConsulAgent ? program.own.server?.consul : undefined;
    return consul?.state.leadership?.established === true ? [consul] : [];
  });
}

/** Where Raft's configuration and the members of gossip differ, in words. */
function difference(world: World): string | undefined {
  const leaders = leadersIn(world);
  const [leader] = leaders;
  if (leader === undefined) return 'no server leads';
  // Of two clusters that have met by gossip each has servers that the other cannot take in.
  if (leaders.length > 1) return undefined;
  const { config } = leader.raft.status();
  for (const { name, status, datacenter, readReplica } of leader.servers()) {
    const called = leader.names.text(name);
    if (status === 'left' && isMember(config, name)) return `${called} has left and is a peer of Raft`;
    if (status !== 'alive' || datacenter !== leader.config.datacenter || readReplica) continue;
    if (!isMember(config, name)) return `${called} is alive and no peer of Raft`;
    if (leader.config.autopilot.enabled && !includes(config.voters, name)) return `${called} is alive and has no vote`;
  }
  return undefined;
}

/** What Consul servers must come to once nothing more is done to the world. */
export const CONSUL_LIVENESS = {
  PeersFollowMembers: {
    kind: 'eventually',
    says: 'The peers of Raft are the servers that are alive for gossip, each with a vote, and none that has left; where all is healed.',
    applies: runsConsul,
    make(name, subject, within): Check {
      const from = quietSince(subject);
      const by = add(from, within ?? peersBound(subject.plan));
      const missing = () => (isWholeQuiet(subject) ? difference(subject.world) : undefined);
      return { kind: 'eventually', name, from, by, every: CONSUL_DEFAULTS.autopilot.reconcileInterval, missing };
    },
  },
} satisfies Record<string, Property>;
