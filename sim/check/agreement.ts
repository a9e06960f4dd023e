import { LAN } from '../../core/gossip/config.ts';
import { suspicionMinimum } from '../../core/gossip/suspicion.ts';
import type { NameId } from '../../core/names.ts';
import { type Duration, nanoseconds, seconds } from '../../core/time.ts';
import type { World } from '../world.ts';
import type { Cells } from './cells.ts';
import { HEALTH, STATUS } from './observed.ts';

/** Reconnect ticks after which a healed partition whose sides still know each other has healed but for one run in 10⁹. */
const RECONNECT_TICKS = 21;
const RECONNECT_INTERVAL = seconds(30);
/** The programs that are agents. */
const GOSSIPS: readonly string[] = ['serf', 'consul'];

/**
 * How long agents with the timers of a LAN may take to agree once nothing more is done to them.
 *
 * The worst case of detection: every other peer is probed in vain first, at the worst health (memberlist's schedule), and the suspicion
 * finds nobody to confirm it. Then of healing: with a failed and a reachable side each tick of an agent dials one failed member with a
 * probability of (failed / alive), so all of them miss it with at most 1/e each time (Serf's reconnect loop).
 */
export function agreementBound(members: number): Duration {
  const { probeInterval, suspicionMult, suspicionMaxTimeoutMult, awarenessMaxMultiplier } = LAN;
  const pass = (2 * Math.max(1, members - 1) - 1) * awarenessMaxMultiplier * probeInterval;
  const suspicion = suspicionMaxTimeoutMult * suspicionMinimum(suspicionMult, members, probeInterval);
  return nanoseconds(pass + suspicion + RECONNECT_TICKS * RECONNECT_INTERVAL);
}

/**
 * What keeps the agents of a world from agreeing, in words; undefined when they agree.
 *
 * Agents belong together when one of them lists the other, or a third that does. Those that belong together must all show
 * each other as alive, and nobody as alive whose agent does not run.
 */
export function agreement(world: World, cells: Cells): string | undefined {
  const { names, hosts, plan } = world;
  const self = names.id(HEALTH);
  const status = names.id(STATUS);
  /** The nodes of the agents that run, by the names of their members. */
  const running = new Map<NameId, number>();
  for (const node of plan.hosts.map((host) => host.node)) {
    if (!hosts.isUp(node) || !hosts.processes(node).some(({ name, paused }) => GOSSIPS.includes(name) && !paused)) continue;
    for (const member of cells.column(node, self).keys()) running.set(member, node);
  }
  const lists = (node: number): [NameId, string][] =>
    [...cells.column(node, status)].map(([member, shown]) => [member, String(shown)]);
  const together = components([...running.values()], (node) =>
    lists(node).flatMap(([member, shown]) => (shown === '' || !running.has(member) ? [] : [running.get(member) as number])),
  );
  const nameOf = (node: number) => plan.topology.nodes[node]?.name;
  for (const [member, node] of running) {
    for (const [observer, component] of together) {
      if (component !== together.get(node)) continue;
      const shown = cells.value(observer, member, status) ?? 'unknown';
      if (shown !== 'alive')
        return `${nameOf(observer)} shows ${names.text(member)} as ${shown === '' ? 'unknown' : shown}, and it runs`;
    }
  }
  for (const observer of running.values()) {
    for (const [member, shown] of lists(observer)) {
      if (shown === 'alive' && !running.has(member))
        return `${nameOf(observer)} shows ${names.text(member)} as alive, and it does not run`;
    }
  }
  return undefined;
}

/** For each node the first of those that it is connected with, in either direction. */
function components(nodes: readonly number[], neighbours: (node: number) => readonly number[]): Map<number, number> {
  const first = new Map(nodes.map((node) => [node, node]));
  const find = (node: number): number => {
    let root = node;
    while (first.get(root) !== root) root = first.get(root) as number;
    return root;
  };
  for (const node of nodes) for (const other of neighbours(node)) first.set(find(other), find(node));
  return new Map(nodes.map((node) => [node, find(node)]));
}
