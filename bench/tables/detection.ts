import { type GossipConfig, QUIRKS } from '../../core/gossip/gossip.ts';
import type { Compound, GossipMessage } from '../../core/gossip/message.ts';
import type { GossipRules } from '../../core/gossip/rules.ts';
import type { Duration } from '../../core/time.ts';
import { Kind } from '../../sim/engine/journal.ts';
import { at, Lab } from './lab.ts';

/** What became of one crash, in nanoseconds since then; NaN for what did not happen. */
export interface Detection {
  /** When each observer sent it its first probe, in order. */
  readonly probed: readonly number[];
  readonly suspected: number;
  readonly declared: number;
  /** When the last observer held it to be dead. */
  readonly known: number;
}

/** The part of a period at which something happens, different for each seed and spread evenly (the golden ratio's multiples). */
export const phaseOf = (seed: number): number => (seed * 0.6180339887498949) % 1;

export interface Circumstances {
  /** How many others crash at the same moment. */
  readonly others?: number;
  readonly rules?: Partial<GossipRules>;
}

/** Crashes a node of a cluster at a moment of its periods that depends on the seed, and follows what the others make of it. */
export function detect(
  nodes: number,
  config: GossipConfig,
  seed: number,
  { others = 0, rules = {} }: Circumstances = {},
): Detection {
  const { probeInterval } = config;
  const crashed = Math.round(probeInterval * (1 + phaseOf(seed)));
  const crashing = Array.from({ length: 1 + others }, (_, i) => `n${i + 1}`);
  const probed = new Map<number, number>();
  const seen = { suspected: Number.NaN, declared: Number.NaN, known: Number.NaN };
  let victim = -1;
  let dead = 0;
  const lab: Lab = new Lab({
    nodes,
    config,
    quirks: QUIRKS['serf-0.10'],
    rules,
    seed,
    timeline: [{ at: at(crashed), on: crashing, signal: 'KILL', of: 'memberlist' }],
    listen: [
      {
        record: (_id, now, kind, node, _peer, _cause, _word, _size, payload) => {
          if (kind !== Kind.send || now < crashed || probed.has(node)) return;
          if (isProbeOf(victim, lab, node, payload)) probed.set(node, now - crashed);
        },
        cell: (_id, now, _node, subject, _field, value) => {
          if (subject !== victim || now < crashed) return;
          if (value === 'suspect' && Number.isNaN(seen.suspected)) seen.suspected = now - crashed;
          if (value !== 'dead') return;
          if (dead === 0) seen.declared = now - crashed;
          if (++dead === nodes - crashing.length) seen.known = now - crashed;
        },
      },
    ],
  });
  victim = lab.name(0);
  lab.runTo(() => dead === nodes - crashing.length, (probeInterval * 400) as Duration);
  return { probed: [...probed.values()], ...seen };
}

/** Whether a packet of a node is its own probe of this member. */
const isProbeOf = (member: number, lab: Lab, node: number, payload: unknown): boolean => probedBy(lab, node, payload) === member;

/** Whom a packet of a node probes for the node itself, and not for another that asked; undefined for any other packet. */
export function probedBy(lab: Lab, node: number, payload: unknown): number | undefined {
  const { message } = payload as { readonly message?: GossipMessage };
  const first = message?.type === 'compound' ? (message as Compound).parts[0] : message;
  if (first?.type !== 'ping' || lab.gossips[node]?.state.helping.has(first.sequence) === true) return undefined;
  return first.node;
}

/** The same for many seeds. */
export const detections = (nodes: number, config: GossipConfig, runs: number, circumstances?: Circumstances): Detection[] =>
  Array.from({ length: runs }, (_, seed) => detect(nodes, config, seed + 1, circumstances));
