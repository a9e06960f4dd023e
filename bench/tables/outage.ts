import { LAN, QUIRKS } from '../../core/gossip/gossip.ts';
import type { GossipRules } from '../../core/gossip/rules.ts';
import { type Duration, type Instant, seconds } from '../../core/time.ts';
import { phaseOf } from './detection.ts';
import { at, Lab } from './lab.ts';

/** What became of a member that was cut off for a time. */
export interface Outage {
  /** How many others held it to be dead, at whatever time. */
  readonly heldDead: number;
  /** Seconds from the end of the outage until it refuted; NaN if nobody suspected it. */
  readonly refuted: number;
}

/** Longer than any suspicion, and than two exchanges of state. */
const AFTERMATH = seconds(120);

/** Cuts one member of a cluster off from all others, so that what is sent either way is lost, and lets it come back. */
export function outage(nodes: number, lasts: Duration, rules: Partial<GossipRules>, seed: number): Outage {
  const start = Math.round(LAN.probeInterval * (3 + phaseOf(seed)));
  const end = start + lasts;
  const others = Array.from({ length: nodes - 1 }, (_, i) => `n${i + 2}`);
  const holding = new Set<number>();
  let refuted = Number.NaN;
  let member = -1;
  const lab: Lab = new Lab({
    nodes,
    config: LAN,
    quirks: QUIRKS['serf-0.10'],
    rules,
    seed,
    timeline: [
      { at: at(start), cut: { from: 'n1', to: others }, until: at(end) },
      { at: at(start), cut: { from: others, to: 'n1' }, until: at(end) },
    ],
    listen: [
      {
        cell: (_id, now, node, subject, field, value) => {
          if (subject !== member || now < start) return;
          if (value === 'dead') holding.add(node);
          const isOwn = node === 0 && lab.world.names.text(field) === 'gossip.incarnation';
          if (isOwn && Number.isNaN(refuted)) refuted = (now - end) / 1e9;
        },
      },
    ],
  });
  member = lab.name(0);
  lab.runUntil((end + AFTERMATH) as Instant);
  return { heldDead: holding.size, refuted };
}
