import type { Gossip } from '../core/gossip/gossip.ts';
import type { Serf } from '../core/serf/serf.ts';
import { type Duration, type Instant, milliseconds } from '../core/time.ts';
import { scenario } from '../sim/scenario/load.ts';
import type { EntryInput, ScenarioInput } from '../sim/scenario/schema.ts';
import { surroundings } from '../sim/surroundings.ts';
import { World } from '../sim/world.ts';

/**
 * How much a cluster has to say: `quiet`, nothing; there are probes, acks and exchanges of state. `busy`: every half second a member
 * describes itself anew, which everybody passes on. A rumour is in each queue for at least 0.8 s or until the next one takes its place, so
 * that every member always has one and sends three packets of gossip in each 200 ms.
 */
export type Mode = 'busy' | 'quiet';

const BETWEEN_RUMOURS = 500;

/** What makes a cluster busy: how a member describes itself anew until then, in seconds. */
export function rumours(member: string, mode: Mode, until: number): EntryInput[] {
  return Array.from({ length: mode === 'busy' ? (until * 1000) / BETWEEN_RUMOURS : 0 }, (_, i): EntryInput => {
    // Tags that stay the same after the first time: a new incarnation, which all pass on, and no event.
    return { at: `${(i + 1) * BETWEEN_RUMOURS}ms`, on: member, run: 'serf tags -set rack=a' };
  });
}

/** A cluster of Serf agents on one segment that have long been together, with the LAN's settings. */
function input(nodes: number, mode: Mode, until: number): ScenarioInput {
  return {
    seed: 1,
    until: `${until}s`,
    start: 'converged',
    network: { segments: { lan: { subnet: '10.0.0.0/16', latency: '100us..200us' } } },
    hosts: { n: { on: 'lan', count: nodes } },
    timeline: [{ at: '0s', on: 'all', run: 'serf agent' }, ...rumours('n1', mode, until)],
  };
}

/** What to measure: virtual time before the first round, of each round, and how many rounds. */
export interface Course {
  readonly nodes: number;
  readonly mode: Mode;
  readonly warmUp: number;
  readonly round: number;
  readonly rounds: number;
}

/** What was measured. */
export interface Figures {
  /** Virtual seconds per second of CPU time, of each round. */
  readonly rates: readonly number[];
  /** Packets sent per node and virtual second. */
  readonly packets: number;
  /** Bytes of the whole process at the end. */
  readonly resident: number;
  /** Bytes of what one member holds of another: memberlist's columns, and Serf's. */
  readonly view: number;
  readonly serfView: number;
}

function cpuSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}

/** Runs a cluster and measures it, with all that the simulator does, the fingerprint included. */
export function measure({ nodes, mode, warmUp, round, rounds }: Course): Figures {
  const { plan } = scenario(input(nodes, mode, Math.ceil(warmUp + round * rounds)), surroundings);
  const world = new World(plan, { registry: surroundings.registry });
  const run = (span: number): void => world.simulation.runUntil((world.now + (milliseconds(span * 1000) as Duration)) as Instant);
  run(warmUp);
  const rates: number[] = [];
  const sentBefore = sent(world);
  for (let i = 0; i < rounds; i++) {
    const before = cpuSeconds();
    run(round);
    rates.push(round / (cpuSeconds() - before));
  }
  const packets = (sent(world) - sentBefore) / nodes / (round * rounds);
  const views = Array.from({ length: Math.min(nodes, 50) }, (_, node) => viewOf(world, node));
  const mean = (pick: (view: View) => number) => views.reduce((sum, view) => sum + pick(view), 0) / views.length / nodes;
  return {
    rates,
    packets,
    resident: process.memoryUsage().rss,
    view: mean(({ memberlist }) => memberlist),
    serfView: mean(({ serf }) => serf),
  };
}

/** Packets that all hosts have sent. */
function sent({ network, plan }: World): number {
  return plan.hosts.reduce(
    (sum, { node }) => sum + network.interfaces(node).reduce((own, each) => own + each.sent.packets, 0),
    0,
  );
}

interface View {
  readonly memberlist: number;
  readonly serf: number;
}

/** Bytes of the columns of one node's views. */
function viewOf(world: World, node: number): View {
  const parts = world.hosts.program(node, 'serf')?.parts ?? [];
  const gossip = parts[0]?.protocol as unknown as Gossip;
  const serf = parts[1]?.protocol as unknown as Serf;
  const { order, rows } = gossip.state.members;
  const { statuses, times } = serf.state.members;
  return {
    memberlist: order.byteLength + rows.byteLength,
    serf: statuses.byteLength + times.byteLength,
  };
}
