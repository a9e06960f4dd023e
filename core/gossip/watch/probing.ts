import type { NameId } from '../../names.ts';
import type { Gossip } from '../gossip.ts';
import { Timer } from '../tables.ts';
import { called, isOverdue, isTimeout, type Life, type NewProperty, SOUND, unless } from './property.ts';

/** How a node probes the others, and what it makes of the outcome. */
export const PROBE_PROPERTIES: readonly NewProperty[] = [
  () => ({
    name: 'Health range',
    fed({ gossip }) {
      const { health } = gossip.state;
      return unless(health >= 0 && health <= mostHealth(gossip), () => `has health ${health}`);
    },
  }),

  () => ({
    name: 'Probe shape',
    fed(life) {
      const { before, gossip, self, beliefs, input, now } = life;
      const { probe, health } = gossip.state;
      const { probeInterval } = gossip.config;
      const ended = before.probe !== undefined && before.probe !== probe ? before.probe : undefined;
      if (ended !== undefined && isOverdue(life, ended.deadline)) {
        return `probed ${called(life, ended.node)} until ${now}, longer than to ${ended.deadline}`;
      }
      const isOver = ended !== undefined && isTimeout(life, Timer.deadline);
      if (isOver && now < ended.deadline) return `gives ${called(life, ended.node)} up at ${now}, before ${ended.deadline}`;
      if (probe === undefined || probe === before.probe) return ended === undefined ? undefined : SOUND;
      // In one packet with the answer that ended the last probe there may be news of the next, and an accusation of this node.
      if (input.type === 'receive') return undefined;
      const state = beliefs.get(probe.node)?.state;
      if (probe.node === self || (state !== 'alive' && state !== 'suspect'))
        return `probes ${called(life, probe.node)}, which is ${state}`;
      const window = probe.deadline - probe.startedAt;
      return unless(window === (health + 1) * probeInterval, () => `gives a probe ${window} ns with health ${health}`);
    },
  }),

  () => ({
    name: 'A failed probe lowers health by what the helpers did not say',
    fed(life) {
      const { before, gossip } = life;
      const { probe } = before;
      if (probe === undefined || !isTimeout(life, Timer.deadline) || gossip.state.probe === probe) return undefined;
      const missed = probe.expectedNacks > 0 ? Math.max(0, probe.expectedNacks - before.nacks) : 1;
      const delta = probe.fallbackAnswered ? (probe.unsent ? 0 : -1) : missed;
      const expected = Math.min(Math.max(before.health + delta, 0), mostHealth(gossip));
      const { health } = gossip.state;
      return unless(health === expected, () => `goes from health ${before.health} to ${health}, not to ${expected}`);
    },
  }),

  () => ({
    name: 'Every refutation lowers health, and nothing else but a failed probe',
    fed({ before, gossip, input }) {
      if (input.type !== 'receive') return undefined;
      const { health, incarnation } = gossip.state;
      if (incarnation === before.incarnation)
        return unless(health <= before.health, () => `goes from health ${before.health} to ${health}`);
      if (incarnation < before.incarnation || gossip.state.probe !== before.probe) return undefined;
      const lower = health > before.health || health >= mostHealth(gossip);
      return unless(lower, () => `refutes and goes from health ${before.health} to ${health}`);
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
          if (turn >= most && turn > 0)
            return `has probed others ${turn} times since ${called(life, name)} had its turn, of ${live.length}`;
          waited.set(name, turn);
        }
        return SOUND;
      },
      adopted: (life) => void turns.delete(life),
      ended: (life) => void turns.delete(life),
    };
  },

  () => ({
    name: 'All helpers there are are asked',
    fed(life) {
      const { before, gossip, beliefs, self, sends } = life;
      const { probe } = gossip.state;
      if (probe === undefined || probe !== before.probe || !isTimeout(life, Timer.direct)) return undefined;
      const { indirectChecks } = gossip.config;
      // In a longer list they are drawn, and may be missed.
      if (gossip.state.members.count >= 3 * indirectChecks) return undefined;
      const able = new Set(
        [...beliefs]
          .filter(([name, { state }]) => state === 'alive' && name !== self && name !== probe.node)
          .map(([, { address }]) => address),
      );
      const wanted = Math.min(indirectChecks, able.size);
      const asked = new Set(sends.flatMap(({ to }) => to ?? [])).size;
      return unless(
        asked === wanted,
        () => `asks ${asked} helpers to probe ${called(life, probe.node)}, of ${able.size} there are`,
      );
    },
  }),
];

const mostHealth = ({ config }: Gossip): number => config.awarenessMaxMultiplier - 1;
