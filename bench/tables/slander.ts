import { LAN, QUIRKS } from '../../core/gossip/gossip.ts';
import type { GossipRules } from '../../core/gossip/rules.ts';
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
}

/** Counts false positives about healthy members while a minority is slow. */
export function slander(trouble: Trouble, rules: Partial<GossipRules>, seed: number, manner: Manner = 'blocked'): Slander {
  const { nodes, slow, blocked, well, lasts } = trouble;
  const healthy = new Set<number>();
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
        cell: (_id, _now, node, subject, _field, value) => {
          if (value !== 'dead' || !healthy.has(subject)) return;
          anywhere++;
          if (node >= slow) atHealthy++;
        },
      },
    ],
  });
  for (let node = slow; node < nodes; node++) healthy.add(lab.name(node));
  lab.runUntil(lasts as number as Instant);
  return { atHealthy, anywhere };
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
