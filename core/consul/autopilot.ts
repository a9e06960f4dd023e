import type { NameId } from '../names.ts';
import { type Configuration, includes, type Server } from '../raft/configuration.ts';
import { between, type Instant } from '../time.ts';
import type { AutopilotConfig } from './config.ts';
import type { ServerMember } from './servers.ts';

/** What a server says of its Raft. */
export interface Stats {
  /** How long ago it heard the leader; -1 for never, 0 for the leader itself. */
  readonly lastContact: number;
  readonly lastTerm: number;
  readonly lastIndex: number;
}

/** How a server is, and since when. */
export interface Health {
  readonly healthy: boolean;
  readonly since: Instant;
}

/**
 * Whether a server is healthy: gossip takes it for alive, it answered in time, it has heard the leader lately, and its log is nearly as long
 * and of the same term.
 *
 * @param leader how the leader itself is
 */
export function isHealthy(
  member: ServerMember | undefined,
  stats: Stats | undefined,
  leader: Stats,
  { lastContactThreshold, maxTrailingLogs }: AutopilotConfig,
): boolean {
  if (member?.status !== 'alive' || stats === undefined) return false;
  if (stats.lastContact < 0 || stats.lastContact > lastContactThreshold) return false;
  return stats.lastTerm === leader.lastTerm && stats.lastIndex + maxTrailingLogs >= leader.lastIndex;
}

/** How a server is now, after it was looked at. */
export const healthAfter = (before: Health | undefined, healthy: boolean, now: Instant): Health =>
  before !== undefined && before.healthy === healthy ? before : { healthy, since: now };

/** How many more voters may die before there is no quorum. */
export function failureTolerance(voters: number, healthyVoters: number): number {
  return Math.max(0, healthyVoters - ((voters >>> 1) + 1));
}

/**
 * The learners that have been healthy for long enough to become voters. For a leader whose autopilot has not run that long the wait is waived, as
 * nobody can have been seen healthy for so long.
 *
 * @param startedAt when this leader's autopilot began
 */
export function promotable(
  { learners }: Configuration,
  members: ReadonlyMap<NameId, ServerMember>,
  health: ReadonlyMap<NameId, Health>,
  startedAt: Instant,
  now: Instant,
  { serverStabilizationTime }: AutopilotConfig,
): readonly Server[] {
  const needed = between(startedAt, now) < serverStabilizationTime ? 0 : serverStabilizationTime;
  return learners.filter(({ name }) => {
    const member = members.get(name);
    const found = health.get(name);
    if (member === undefined || member.readReplica || found?.healthy !== true) return false;
    return between(found.since, now) >= needed;
  });
}

/** Which of the dead are to go: those whom gossip has forgotten from the configuration, the others by telling gossip that they have left. */
export interface Pruned {
  readonly remove: readonly NameId[];
  readonly forceLeave: readonly NameId[];
}

/**
 * The dead that may be removed without risk (autopilot's dead-server cleanup): learners always; of voters less than half of those whom gossip knows, and never
 * so many that fewer than `minQuorum` stay. What gossip does not know at all does not count among those.
 */
export function prunable(
  { voters, learners }: Configuration,
  members: ReadonlyMap<NameId, ServerMember>,
  minQuorum: number,
): Pruned {
  const isStale = ({ name }: Server) => !members.has(name);
  const isFailed = ({ name }: Server) => members.get(name)?.status === 'failed';
  const potential = new Set([...voters, ...learners].filter(({ name }) => members.get(name)?.readReplica === false).map(nameOf));
  const among = (servers: readonly Server[]): NameId[] => {
    const atFirst = potential.size;
    let left = (atFirst - 1) >> 1;
    let removed = 0;
    return servers.map(nameOf).filter((name) => {
      const counts = potential.has(name);
      if (!counts && !includes(voters, name)) return true;
      if (left < 1 || atFirst - removed - 1 < minQuorum) return false;
      if (!counts) return true;
      left--;
      removed++;
      return potential.delete(name);
    });
  };
  const staleLearners = learners.filter(isStale).map(nameOf);
  const staleVoters = among(voters.filter(isStale));
  const failedLearners = among(learners.filter(isFailed));
  const failedVoters = among(voters.filter(isFailed));
  return { remove: [...staleLearners, ...staleVoters], forceLeave: [...failedLearners, ...failedVoters] };
}

const nameOf = ({ name }: Server): NameId => name;
