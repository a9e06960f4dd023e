import { PROFILES } from '../../core/raft/profiles.ts';
import { type Duration, type Instant, nanoseconds, seconds } from '../../core/time.ts';
import { agreementBound } from '../check/agreement.ts';
import { gossips, hasRaft } from '../check/commands.ts';
import type { Errand, Plan } from '../scenario/plan.ts';
import { type Cast, castOf } from './cast.ts';
import { errandsFor } from './errands.ts';
import type { FaultKind } from './kinds.ts';

export type { FaultKind } from './kinds.ts';

/** What a campaign tries a scenario with: plain data, the same for all of its runs. */
export interface Exploration {
  /** Those of which each run enables some. */
  readonly kinds: readonly FaultKind[];
  /** How often each is drawn beside the others, in the order of `kinds`. */
  readonly weights: readonly number[];
  /** The hosts that faults befall: those that protocols run on. */
  readonly hosts: readonly string[];
  /** Every fault begins in this time, and but for those that a majority is spared ends with it. */
  readonly chaos: { readonly from: Instant; readonly until: Instant };
  /** How long what must come true may take after that. */
  readonly quiet: Duration;
  /** Faults in a run, of all its kinds together. */
  readonly faults: { readonly least: number; readonly most: number };
  /** What is healed when the chaos is over: everything, or the hosts and links of a majority only, while the others stay as they are. */
  readonly heals: readonly ('all' | 'majority')[];
  /** What is asked of the protocols besides. */
  readonly workload: readonly Errand[];
  /** Parts per million by which a clock may be made to gain or lose. */
  readonly drift: number;
  /** Whether any of the hosts writes to its disk. */
  readonly writes: boolean;
  /** How many of the hosts may come back with an empty disk. */
  readonly forgetful: number;
}

/** A minority of the voters of a store; all hosts where there is none. */
const forgetfulIn = ({ peers, hosts }: Cast): number =>
  peers.length === 0 ? hosts.length : Math.floor((Math.min(peers.length, hosts.length) - 1) / 2);

/** How long the chaos lasts when nothing is said: many elections, or many probes. */
const CHAOS = { raft: seconds(30), gossip: seconds(60) } as const;

/** What a scenario's `explore` says, and where it says nothing what suits what runs on its hosts. */
export function explorationOf(plan: Plan): Exploration {
  const { explore = {} } = plan;
  const cast = castOf(plan);
  const [raft, gossip] = [hasRaft(plan), gossips(plan)];
  const hosts = explore.hosts ?? cast.hosts;
  const from = explore.from ?? (0 as Instant);
  const lastStep = plan.timeline.at(-1)?.at ?? 0;
  const usual = gossip ? CHAOS.gossip : CHAOS.raft;
  const chaos = explore.until ?? (Math.max(from + usual, lastStep + usual / 2) as Instant);
  const suited = kindsFor(plan, cast).map((kind) => [kind, WEIGHTS[kind] ?? 1] as const);
  const weights = Object.entries({
    ...(explore.kinds ?? Object.fromEntries(suited)),
    ...Object.fromEntries((explore.also ?? []).map((kind) => [kind, 1])),
  });
  const workload = explore.workload ?? errandsFor(plan, cast);
  const drawn = weights.filter(
    ([kind, weight]) =>
      weight > 0 && explore.without?.includes(kind as FaultKind) !== true && (kind !== 'command' || workload.length > 0),
  );
  return {
    kinds: drawn.map(([kind]) => kind as FaultKind),
    weights: drawn.map(([, weight]) => weight),
    hosts,
    chaos: { from, until: chaos },
    quiet: explore.quiet ?? nanoseconds((raft ? seconds(120) : 0) + (gossip || !raft ? agreementBound(plan) : 0)),
    faults: explore.faults ?? { least: 1, most: 16 },
    heals: explore.heals ?? (raft && hosts.length >= 3 ? ['all', 'majority'] : ['all']),
    workload,
    drift: cast.leases ? LEASED_DRIFT : FREE_DRIFT,
    writes: cast.writes,
    forgetful: forgetfulIn(cast),
  };
}

/** What is drawn more often than the others. */
const WEIGHTS: Partial<Record<FaultKind, number>> = {
  'host-crash': 3,
  'link-loss': 2,
  'link-delay': 2,
  'link-cut': 2,
  'link-duplicate': 2,
  partition: 2,
  'at-leader': 3,
  'at-subject': 3,
  command: 3,
};

/** Two clocks that gain and lose so much stay within the ratio that leases allow for. */
const LEASED_DRIFT = Math.floor(((PROFILES.partita.clockRatio - 1) / 2) * 0.8 * 1e6);
const FREE_DRIFT = 5_000;

/**
 * The kinds that protocols must survive, of those that can make a difference here.
 *
 * Raft and memberlist assume that messages are lost, late, doubled and out of order, and that hosts stop and come back with what
 * they had synced (Raft §5, SWIM §2). A disk that forgets a part of what it promised breaks Raft, whose author says so, and is tried only
 * when a scenario asks for it; and so is one that is empty, of which a minority of voters have one at most.
 */
function kindsFor(plan: Plan, cast: Cast): FaultKind[] {
  const { hosts, writes } = cast;
  const { segments, nodes, trunks = [] } = plan.topology;
  const [raft, gossip] = [hasRaft(plan), gossips(plan)];
  const host: FaultKind[] = [
    'host-crash',
    'host-pause',
    'cpu-delay',
    'process-restart',
    'restart-storm',
    'signal',
    'clock-drift',
  ];
  if (gossip) host.push('clock-jump');
  if (writes) host.push('crash-at-write', 'disk-stall', 'disk-delay', 'disk-full', 'disk-error');
  if (hosts.length < 2) return host;
  const network: FaultKind[] = [
    ...(['link-loss', 'link-burst', 'link-delay', 'link-reorder', 'link-duplicate', 'link-corrupt'] as const),
    ...(['link-bandwidth', 'link-mtu', 'link-cut', 'link-down', 'link-flap'] as const),
    ...(['partition', 'partition-halves', 'partition-alone'] as const),
  ];
  if (hosts.length >= 3) {
    network.push('partition-minority', 'partition-ring', 'partition-bridge');
    if (raft || gossip) network.push('link-misdelivery');
  }
  if (segments.length > 1) network.push('partition-segment');
  if (trunks.length > 0) network.push('trunk-cut');
  if (nodes.some(({ forwarding }, node) => forwarding && !plan.hosts.some((each) => each.node === node)))
    network.push('router-down');
  const aimed: FaultKind[] = ['at-newest', 'at-subject'];
  if (raft) aimed.push('at-leader', 'at-follower');
  if (gossip) aimed.push('at-probed', 'at-suspected');
  return [...network, ...host, ...aimed, 'command'];
}
