import { type Gossip, LAN, QUIRKS } from '../../core/gossip/gossip.ts';
import { incarnationOf } from '../../core/gossip/members.ts';
import type { GossipRules } from '../../core/gossip/rules.ts';
import type { NameId } from '../../core/names.ts';
import type { Protocol } from '../../core/protocol.ts';
import { type Duration, type Instant, seconds } from '../../core/time.ts';
import type { EntryInput } from '../../sim/scenario/schema.ts';
import { phaseOf } from './detection.ts';
import { at, Lab } from './lab.ts';
import { Sluggish } from './sluggish.ts';

/** A cluster of which a minority is slow. */
export interface Trouble {
  readonly nodes: number;
  readonly slow: number;
  readonly blocked: Duration;
  readonly well: Duration;
  readonly lasts: Duration;
}

/** How slow nodes are slow: what they send and are sent waits, and their timers go on; or the whole process stands still. */
export type Manner = 'blocked' | 'paused';

export interface Slander {
  /** How often a healthy member held a healthy one to be dead. */
  readonly atHealthy: number;
  /** How often anybody did. */
  readonly anywhere: number;
  /** Seconds from each first suspicion of a healthy member by a healthy one until it refuted. */
  readonly refuted: readonly number[];
}

/** Counts false positives about healthy members while a minority is slow. */
export function slander(trouble: Trouble, rules: Partial<GossipRules>, seed: number, manner: Manner = 'blocked'): Slander {
  const { nodes, slow, blocked, well, lasts } = trouble;
  /** Healthy members, by name, and their nodes. */
  const healthy = new Map<number, number>();
  const accused = new Map<number, number>();
  const refuted: number[] = [];
  let [atHealthy, anywhere] = [0, 0];
  const lab: Lab = new Lab({
    nodes,
    config: LAN,
    quirks: QUIRKS['serf-0.10'],
    rules,
    seed,
    timeline: manner === 'blocked' ? [] : pauses(trouble, seed),
    wrap: (gossip, node) => {
      if (node >= slow || manner !== 'blocked') return gossip as unknown as Protocol<never, never>;
      const first = Math.floor(phaseOf(seed * nodes + node) * (blocked + well)) as Duration;
      return new Sluggish(gossip, { first: (first + seconds(1)) as Duration, blocked, well });
    },
    listen: [
      {
        cell: (_id, now, node, subject, field, value) => {
          const accusedNode = healthy.get(subject);
          if (accusedNode === undefined) return;
          if (value === 'suspect' && node >= slow && !accused.has(subject) && isNew(lab, subject, accusedNode, node))
            accused.set(subject, now);
          const since = accused.get(subject);
          if (since !== undefined && node === accusedNode && lab.world.names.text(field) === 'gossip.incarnation') {
            refuted.push((now - since) / 1e9);
            accused.delete(subject);
          }
          if (value !== 'dead') return;
          anywhere++;
          if (node >= slow) atHealthy++;
        },
      },
    ],
  });
  for (let node = slow; node < nodes; node++) healthy.set(lab.name(node), node);
  lab.runUntil(lasts as number as Instant);
  return { atHealthy, anywhere, refuted };
}

/** Whether a member that begins to suspect another has not just missed that it refuted. */
function isNew(lab: Lab, subject: NameId, accused: number, accuser: number): boolean {
  const held = (node: number): number => incarnationOf((lab.gossips[node] as Gossip).state.members, subject);
  return held(accuser) === held(accused);
}

function pauses({ nodes, slow, blocked, well, lasts }: Trouble, seed: number): EntryInput[] {
  const entries: EntryInput[] = [];
  for (let node = 0; node < slow; node++) {
    const on = `n${node + 1}`;
    const first = Math.floor(phaseOf(seed * nodes + node) * (blocked + well)) + seconds(1);
    for (let start = first; start < lasts; start += blocked + well) {
      entries.push({ at: at(start), pause: on }, { at: at(start + blocked), resume: on });
    }
  }
  return entries;
}
