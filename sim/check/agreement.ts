import { type GossipConfig, LAN, WAN } from '../../core/gossip/config.ts';
import { suspicionMinimum } from '../../core/gossip/suspicion.ts';
import type { NameId } from '../../core/names.ts';
import { type Duration, nanoseconds, seconds } from '../../core/time.ts';
import type { Plan } from '../scenario/plan.ts';
import type { World } from '../world.ts';
import type { Cells } from './cells.ts';
import { HEALTH, STATUS } from './observed.ts';

/** Reconnect ticks after which a healed partition whose sides still know each other has healed but for one run in 10⁹. */
const RECONNECT_TICKS = 21;
const RECONNECT_INTERVAL = seconds(30);
/** Exchanges of states after which everybody has heard what anybody knew. */
const EXCHANGES = 4;
/** The programs that are agents. */
const GOSSIPS: readonly string[] = ['serf', 'consul'];

/** The timers of memberlist in a plan, or the slower ones where some agents have those. */
export function timersOf({ timeline, hosts }: Plan): GossipConfig {
  const texts = [
    ...timeline.flatMap((step) => (step.type === 'run' ? [step.line] : [])),
    ...hosts.flatMap(({ files }) => [...files.values()]),
  ];
  return texts.some((text) => /-profile[= ]wan\b|"profile"\s*:\s*"wan"/.test(text)) ? WAN : LAN;
}

/**
 * How long it may take until those who do not run are failed for everybody: a probe that is under way, then every other peer is probed in
 * vain first, at the worst health (memberlist's schedule) and twice, as those who come and go move the turns; and the suspicion finds
 * nobody to confirm it.
 */
export function detectionBound(plan: Plan): Duration {
  const { probeInterval, suspicionMult, suspicionMaxTimeoutMult, awarenessMaxMultiplier } = timersOf(plan);
  const members = plan.hosts.length;
  const probes = 1 + 2 * (2 * Math.max(1, members - 1) - 1);
  const suspicion = suspicionMaxTimeoutMult * suspicionMinimum(suspicionMult, members, probeInterval);
  return nanoseconds(probes * awarenessMaxMultiplier * probeInterval + suspicion);
}

/**
 * How long agents may take to agree once nothing more is done to them.
 *
 * First those who do not run are detected. Then it heals: with a failed and a reachable side each tick of an agent dials one failed member with
 * a probability of (failed / alive), so all of them miss it with at most 1/e each time (Serf's reconnect loop). And whom gossip missed hears
 * of it by some exchanges of states.
 */
export function agreementBound(plan: Plan): Duration {
  const { pushPullInterval } = timersOf(plan);
  return nanoseconds(detectionBound(plan) + RECONNECT_TICKS * RECONNECT_INTERVAL + EXCHANGES * pushPullInterval);
}

/** As what an agent shows those whom it gossips with or dials: those who left it leaves alone. */
const CONNECTS: readonly (number | string)[] = ['alive', 'leaving', 'failed'];

/** The agents of a world that run, and those of them that are not left alone, so that nothing is due to them or about them. */
interface Running {
  /** The nodes of those that are left alone, by the names of their members. */
  readonly due: ReadonlyMap<NameId, number>;
  readonly others: ReadonlySet<NameId>;
}

function runningIn({ names, hosts, plan }: World, cells: Cells, quiet: readonly string[] | undefined): Running {
  const self = names.id(HEALTH);
  const due = new Map<NameId, number>();
  const others = new Set<NameId>();
  for (const { node, name: host } of plan.hosts) {
    if (!hosts.isUp(node) || !hosts.processes(node).some(({ name, paused }) => GOSSIPS.includes(name) && !paused)) continue;
    for (const member of cells.column(node, self).keys()) {
      if (quiet?.includes(host) === false) others.add(member);
      else due.set(member, node);
    }
  }
  return { due, others };
}

/**
 * What keeps the agents of a world from agreeing, in words; undefined when they agree.
 *
 * Agents belong together when one of them gossips with the other or dials it, or a third that does. Those that belong together must all
 * show each other as alive, and nobody as alive whose agent does not run.
 *
 * @param quiet the hosts that are left alone; all when absent
 * @param excused members that others may show as leaving though they stay, as somebody said so and they did not hear of it
 */
export function agreement(
  world: World,
  cells: Cells,
  quiet?: readonly string[],
  excused?: ReadonlySet<NameId>,
): string | undefined {
  const { names, plan } = world;
  const status = names.id(STATUS);
  const running = runningIn(world, cells, quiet);
  const { due } = running;
  const together = components([...due.values()], (node) =>
    [...cells.column(node, status)].flatMap(([member, shown]) => (CONNECTS.includes(shown) ? (due.get(member) ?? []) : [])),
  );
  const nameOf = (node: number) => plan.topology.nodes[node]?.name;
  for (const [member, node] of due) {
    for (const [observer, component] of together) {
      if (component !== together.get(node)) continue;
      const shown = cells.value(observer, member, status) ?? 'unknown';
      const isExcused = shown === 'leaving' && observer !== node && excused?.has(member) === true;
      if (shown !== 'alive' && !isExcused)
        return `${nameOf(observer)} shows ${names.text(member)} as ${shown === '' ? 'unknown' : shown}, and it runs`;
    }
  }
  return undetected(world, cells, running);
}

/** Whom somebody shows as there though its agent does not run, in words. @param quiet the hosts that are left alone; all when absent */
export const detection = (world: World, cells: Cells, quiet?: readonly string[]): string | undefined =>
  undetected(world, cells, runningIn(world, cells, quiet));

function undetected({ names, plan }: World, cells: Cells, { due, others }: Running): string | undefined {
  for (const observer of due.values()) {
    for (const [member, shown] of cells.column(observer, names.id(STATUS))) {
      if ((shown === 'alive' || shown === 'leaving') && !due.has(member) && !others.has(member))
        return `${plan.topology.nodes[observer]?.name} shows ${names.text(member)} as ${shown}, and it does not run`;
    }
  }
  return undefined;
}

/** Of whom some agents say that it left and others that it failed, in words. */
export function departures({ names, plan }: World, cells: Cells): string | undefined {
  const status = names.id(STATUS);
  const left = new Map<NameId, number>();
  const failed = new Map<NameId, number>();
  for (const { node } of plan.hosts) {
    for (const [member, shown] of cells.column(node, status)) {
      if (shown === 'left') left.set(member, node);
      if (shown === 'failed') failed.set(member, node);
    }
  }
  for (const [member, node] of failed) {
    const other = left.get(member);
    if (other === undefined) continue;
    const [one, another] = [plan.topology.nodes[node]?.name, plan.topology.nodes[other]?.name];
    return `${one} shows ${names.text(member)} as failed, and ${another} as left`;
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
