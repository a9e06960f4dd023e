import type { NameId } from '../../core/names.ts';
import type { Plan } from '../scenario/plan.ts';
import type { World } from '../world.ts';

/**
 * Whether the agent of a member could answer if it was asked now: it runs, on a host that is up and whose processes neither stand still
 * nor are kept waiting. What lies between it and others is not looked at.
 */
export function isWell(member: NameId, world: World, plan: Plan): boolean {
  const name = world.names.text(member);
  const host = plan.hosts.find(({ node }) => plan.topology.nodes[node]?.name === name);
  if (host === undefined || !world.hosts.isUp(host.node)) return false;
  if (!world.hosts.processes(host.node).some((process) => process.name === 'serf' && !process.paused)) return false;
  const { now } = world.simulation;
  return ![...plan.faults, ...plan.interventions].some(
    (entry) => entry.kind === 'cpu-delay' && entry.host === name && entry.at <= now && now < (entry.until ?? Infinity),
  );
}
