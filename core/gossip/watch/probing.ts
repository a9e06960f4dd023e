import { ln } from '../../math.ts';
import type { NameId } from '../../names.ts';
import type { Gossip } from '../gossip.ts';
import { memberAt } from '../members.ts';
import type { Ack } from '../message.ts';
import { Timer } from '../tables.ts';
import { opened, partsGiven } from './parts.ts';
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
    name: 'Only its answer ends a probe',
    fed(life) {
      const { probe: held } = life.before;
      if (held === undefined || life.input.type !== 'receive') return undefined;
      const { probe } = life.gossip.state;
      const parts = partsGiven(life);
      const isAnswered = parts.some((part) => part.type === 'ack' && part.sequence === held.sequence);
      if (isAnswered === (probe === held))
        return `${isAnswered ? 'goes on with' : 'ends'} its probe ${held.sequence} of ${called(life, held.node)}`;
      const nacks = parts.filter((part) => part.type === 'nack' && part.sequence === held.sequence).length;
      const counted = held.nacks - life.before.nacks;
      return unless(isAnswered || counted === nacks, () => `counts ${counted} nacks, of ${nacks} that came`);
    },
  }),

  () => {
    let wasAnswered = false;
    return {
      name: 'Only its answer over TCP saves a probe',
      feeding({ gossip: { state } }) {
        wasAnswered = state.probe?.fallbackAnswered ?? false;
      },
      fed({ before, gossip, input }) {
        const { probe } = gossip.state;
        if (probe === undefined || probe !== before.probe || input.type !== 'stream') return undefined;
        const message =
          input.event.type === 'data' ? (opened(gossip, input.event.message) as Partial<Ack> | undefined) : undefined;
        const isAnswer = input.stream === probe.fallback && message?.type === 'ack' && message.sequence === probe.sequence;
        if (!probe.fallbackAnswered || wasAnswered) return undefined;
        return unless(isAnswer, () => `takes something else for the answer to ${probe.sequence} over TCP`);
      },
    };
  },

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

  () => {
    /** By life: where in the order it was when a period began and its probe still went on. */
    const pending = new Map<Life, number>();
    return {
      name: 'A period that came during a probe is made up for',
      fed(life) {
        const { before, gossip, late } = life;
        const { probe, probeIndex } = gossip.state;
        if (before.probe !== undefined && probe === before.probe) {
          if (isTimeout(life, Timer.probe)) pending.set(life, probeIndex);
          return undefined;
        }
        const index = pending.get(life);
        pending.delete(life);
        if (before.probe === undefined || index === undefined || late) return undefined;
        // Perhaps all that it came upon are gone.
        return unless(
          probe !== undefined || probeIndex !== index,
          () => 'looks for nobody to probe though a period began meanwhile',
        );
      },
      adopted: (life) => void pending.delete(life),
      ended: (life) => void pending.delete(life),
    };
  },

  () => {
    /** By life: the order of the last time around, and how unlikely it is that it was the same so often, as a logarithm. */
    const rounds = new Map<Life, { order: string; unlikely: number }>();
    const places = new Map<Life, number>();
    return {
      name: 'Each time around is in another order',
      fed(life) {
        const { probe, probeIndex, members } = life.gossip.state;
        if (probe === undefined || probe === life.before.probe) return undefined;
        const isNewRound = probeIndex <= (places.get(life) ?? 0);
        places.set(life, probeIndex);
        if (!isNewRound) return undefined;
        const { estimate } = life.gossip.state;
        if (estimate !== members.count) return `goes around once more, and takes ${members.count} members for ${estimate}`;
        const order = Array.from({ length: members.count }, (_, place) => memberAt(members, place)).join();
        const last = rounds.get(life);
        const unlikely = last?.order === order ? last.unlikely + lnFactorial(members.count) : 0;
        rounds.set(life, { order, unlikely });
        return unless(unlikely < BEYOND_CHANCE, () => `goes around in the same order again and again: ${order}`);
      },
      changed(life, { field }) {
        // Who comes or goes changes the order, but not at random.
        if (field !== 'state') return undefined;
        rounds.delete(life);
        places.delete(life);
        return undefined;
      },
      adopted: (life) => void rounds.delete(life),
      ended(life) {
        rounds.delete(life);
        places.delete(life);
      },
    };
  },

  () => {
    /** How unlikely it is that so many newcomers were put to the end or to the beginning, in all lives together. */
    const unlikely = { last: 0, first: 0 };
    return {
      name: 'A newcomer is put anywhere',
      changed(life, { field, subject, value }, before) {
        const { members } = life.gossip.state;
        const { count } = members;
        if (field !== 'incarnation' || value === '' || before !== undefined || subject === life.self || count < 3)
          return undefined;
        for (const [end, place] of [
          ['last', count - 1],
          ['first', 0],
        ] as const) {
          unlikely[end] = memberAt(members, place) === subject ? unlikely[end] + ln(count - 1) : 0;
          if (unlikely[end] > BEYOND_CHANCE) return `puts ${called(life, subject)} ${end}, as all others before`;
        }
        return SOUND;
      },
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

/** What is less likely than 10⁻¹⁵ is no chance, as a natural logarithm. */
const BEYOND_CHANCE = 34;

const lnFactorial = (n: number): number => (n < 2 ? 0 : ln(n) + lnFactorial(n - 1));

const mostHealth = ({ config }: Gossip): number => config.awarenessMaxMultiplier - 1;
