import type { Server } from '../raft/configuration.ts';
import type { Instant } from '../time.ts';
import { failureTolerance } from './autopilot.ts';
import type { Consul } from './consul.ts';
import type { AutopilotReport, ServerReport } from './interface.ts';

/** How a leader's autopilot finds the servers; what it was not told since it asked last is as that of a server that never heard a leader. */
export function reportOf(consul: Consul, now: Instant): AutopilotReport {
  const { raft, self, state } = consul;
  const { voters, learners } = raft.status().config;
  const { health, stats } = state.leadership ?? {};
  const report =
    (status: 'voter' | 'non-voter') =>
    ({ name, endpoint }: Server): ServerReport => {
      const member = consul.server(name);
      const told = name === self.name ? consul.stats(now) : stats?.get(name);
      return {
        name,
        endpoint,
        status: name === self.name ? 'leader' : status,
        member: member?.status === 'alive' || member?.status === 'failed' ? member.status : 'left',
        readReplica: member?.readReplica === true,
        healthy: health?.get(name)?.healthy === true,
        lastContact: told?.lastContact ?? -1,
        lastTerm: told?.lastTerm ?? 0,
        lastIndex: told?.lastIndex ?? 0,
      };
    };
  const servers = [...voters.map(report('voter')), ...learners.map(report('non-voter'))];
  const healthyVoters = servers.filter(({ status, healthy }) => healthy && status !== 'non-voter').length;
  return {
    healthy: servers.every(({ healthy }) => healthy),
    tolerance: failureTolerance(voters.length, healthyVoters),
    leader: self.name,
    voters: voters.map(({ name }) => name),
    servers,
  };
}
