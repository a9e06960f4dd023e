import type { NameId } from '../../names.ts';
import type { Input } from '../cluster.ts';
import { Timer } from '../tables.ts';
import type { Life, NewProperty } from './property.ts';

/** How a node probes the others, and what it makes of the outcome. */
export const PROBE_PROPERTIES: readonly NewProperty[] = [
  () => ({
    name: 'Health range',
    fed({ gossip }) {
      const { health } = gossip.state;
      const most = gossip.config.awarenessMaxMultiplier - 1;
      return health >= 0 && health <= most ? undefined : `has health ${health}`;
    },
  }),

  ({ cluster }) => ({
    name: 'Probe shape',
    fed({ before, gossip, self, beliefs, node }, input) {
      const { probe, health } = gossip.state;
      const { probeInterval } = gossip.config;
      const ended = before.probe !== undefined && before.probe !== probe ? before.probe : undefined;
      if (ended !== undefined && cluster.now > ended.deadline && cluster.now !== node.resumedAt) {
        return `probed ${ended.node} until ${cluster.now}, longer than to ${ended.deadline}`;
      }
      const isOver = ended !== undefined && isTimeout(input, Timer.deadline);
      if (isOver && cluster.now < ended.deadline) return `gives ${ended.node} up at ${cluster.now}, before ${ended.deadline}`;
      if (probe === undefined || probe === before.probe) return undefined;
      // In one packet with the answer that ended the last probe there may be news of the next, and an accusation of this node.
      if (input.type === 'receive') return undefined;
      const state = beliefs.get(probe.node)?.state;
      if (probe.node === self || (state !== 'alive' && state !== 'suspect')) return `probes ${probe.node}, which is ${state}`;
      const window = probe.deadline - probe.startedAt;
      const fair = window === (health + 1) * probeInterval;
      return fair ? undefined : `gives a probe ${window} ns with health ${health}`;
    },
  }),

  () => ({
    name: 'A failed probe lowers health by what the helpers did not say',
    fed({ before, gossip }, input) {
      const { probe } = before;
      if (probe === undefined || !isTimeout(input, Timer.deadline) || gossip.state.probe === probe) return undefined;
      const missed = probe.expectedNacks > 0 ? Math.max(0, probe.expectedNacks - before.nacks) : 1;
      const delta = probe.fallbackAnswered ? (probe.unsent ? 0 : -1) : missed;
      const most = gossip.config.awarenessMaxMultiplier - 1;
      const expected = Math.min(Math.max(before.health + delta, 0), most);
      const { health } = gossip.state;
      return health === expected ? undefined : `goes from health ${before.health} to ${health}, not to ${expected}`;
    },
  }),

  () => ({
    name: 'Every refutation lowers health, and nothing else but a failed probe',
    fed({ before, gossip }, input) {
      if (input.type !== 'receive') return undefined;
      const { health, incarnation } = gossip.state;
      const most = gossip.config.awarenessMaxMultiplier - 1;
      if (incarnation === before.incarnation && health > before.health) return `goes from health ${before.health} to ${health}`;
      const refutes = incarnation > before.incarnation && gossip.state.probe === before.probe;
      return refutes && health <= before.health && health < most
        ? `refutes and goes from health ${before.health} to ${health}`
        : undefined;
    },
  }),

  () => {
    const turns = new Map<Life, Map<NameId, number>>();
    return {
      name: 'Everybody has a turn',
      changed(life, { field }) {
        // Who comes or goes moves the others' turns.
        if (field === 'state') turns.delete(life);
        return undefined;
      },
      fed(life) {
        const { probe } = life.gossip.state;
        if (probe === undefined || probe === life.before.probe) return undefined;
        const waited = turns.get(life) ?? new Map<NameId, number>();
        turns.set(life, waited);
        const live = [...life.beliefs].filter(
          ([name, { state }]) => name !== life.self && (state === 'alive' || state === 'suspect'),
        );
        // Of the next probe's target there may have been news in the packet that ended the last.
        if (!live.some(([name]) => name === probe.node)) return undefined;
        const most = 2 * live.length - 1;
        for (const [name] of live) {
          const turn = name === probe.node ? 0 : (waited.get(name) ?? 0) + 1;
          if (turn >= most && turn > 0) return `has probed others ${turn} times since ${name} had its turn, of ${live.length}`;
          waited.set(name, turn);
        }
        return undefined;
      },
    };
  },

  () => ({
    name: 'All helpers there are are asked',
    fed({ before, gossip, beliefs, self, sends }, input) {
      const { probe } = gossip.state;
      if (probe === undefined || probe !== before.probe || !isTimeout(input, Timer.direct)) return undefined;
      const { indirectChecks } = gossip.config;
      // In a longer list they are drawn, and may be missed.
      if (gossip.state.members.count >= 3 * indirectChecks) return undefined;
      const able = [...beliefs].filter(([name, { state }]) => state === 'alive' && name !== self && name !== probe.node).length;
      const wanted = Math.min(indirectChecks, able);
      const asked = new Set(sends.filter(({ streamed }) => !streamed).map(({ to }) => to)).size;
      return asked === wanted ? undefined : `asks ${asked} helpers to probe ${probe.node}, of ${able} there are`;
    },
  }),
];

const isTimeout = (input: Input, kind: number): boolean => input.type === 'timeout' && input.kind === kind;
