import type { Endpoint, NameId } from '../../names.ts';
import type { Duration, Instant } from '../../time.ts';
import type { IndirectPing, Ping, Single } from '../message.ts';
import { Timer } from '../tables.ts';
import { partsGiven, partsOf } from './parts.ts';
import { called, isTimeout, type Life, type NewProperty, SOUND, unless } from './property.ts';

/** What is asked of a node, and what it does by itself. */
export const ANSWER_PROPERTIES: readonly NewProperty[] = [
  () => ({
    name: 'Every ping is answered by whom it is for',
    fed(life) {
      let found: string | undefined;
      for (const part of partsGiven(life)) {
        if (part.type !== 'ping') continue;
        const { sequence, source, node } = part as Ping;
        const answered = sends(life, source, (each) => each.type === 'ack' && each.sequence === sequence);
        if (answered !== (node === life.self)) return `${answered ? 'answers' : 'leaves'} a ping for ${called(life, node)}`;
        found = SOUND;
      }
      return found;
    },
  }),

  () => ({
    name: 'Who is asked to help does',
    fed(life) {
      let found: string | undefined;
      for (const part of partsGiven(life)) {
        if (part.type !== 'indirect-ping') continue;
        const { target, node } = part as IndirectPing;
        if (!sends(life, target, (each) => each.type === 'ping' && each.node === node))
          return `does not ping ${called(life, node)} as it is asked to`;
        found = SOUND;
      }
      return found;
    },
  }),

  () => ({
    name: 'A suspect that is probed is told so',
    fed(life) {
      const { probe } = life.gossip.state;
      if (probe === undefined || probe === life.before.probe || life.input.type !== 'timeout') return undefined;
      const belief = life.beliefs.get(probe.node);
      if (belief?.state !== 'suspect' || life.gossip.quirks.noLifeguard) return undefined;
      const told = sends(life, belief.address, (each) => each.type === 'suspect' && each.node === probe.node);
      return unless(told, () => `probes ${called(life, probe.node)} and does not say that it suspects it`);
    },
  }),

  () => {
    /** Since when there is something to say and nothing was said. */
    const waiting = new Map<Life, Instant>();
    return {
      name: 'Gossip goes on',
      fed(life) {
        const { gossip, now, late } = life;
        const { gossipInterval } = gossip.config;
        if (gossip.state.queue.count === 0 || gossipInterval === 0 || late || isTimeout(life, Timer.gossip)) {
          waiting.delete(life);
          return undefined;
        }
        const since = waiting.get(life) ?? now;
        waiting.set(life, since);
        return unless(now - since <= 2 * gossipInterval, () => `has had news for ${now - since} ns without a round of gossip`);
      },
      adopted: (life) => void waiting.delete(life),
      ended: (life) => void waiting.delete(life),
    };
  },

  () =>
    goesOn('Probing goes on', {
      happens: (life) => life.gossip.state.probe !== life.before.probe,
      within: ({ config }) =>
        config.probeInterval === 0 ? undefined : (config.awarenessMaxMultiplier + 2) * config.probeInterval,
      what: 'probed nobody',
    }),

  () =>
    goesOn('Exchanges of states go on', {
      happens: ({ gossip }) => gossip.state.pushPull === 'exchanging',
      within: ({ config }) => (config.pushPullInterval === 0 ? undefined : 4 * (config.pushPullInterval + config.tcpTimeout)),
      what: 'exchanged states with nobody',
    }),
];

interface Regular {
  happens(life: Life): boolean;
  /** Undefined where it never does; in a cluster of 32 and fewer. */
  within(gossip: Life['gossip']): number | undefined;
  readonly what: string;
}

/** Something that happens again and again as long as there is anybody else who is alive. */
function goesOn(name: string, { happens, within, what }: Regular): ReturnType<NewProperty> {
  const last = new Map<Life, Instant>();
  return {
    name,
    fed(life) {
      const { now, late, beliefs, self } = life;
      const most = within(life.gossip);
      const alone = ![...beliefs].some(([member, { state }]) => member !== self && state === 'alive');
      if (alone || late || happens(life) || most === undefined || beliefs.size > 32) {
        last.set(life, now);
        return undefined;
      }
      const since = last.get(life) ?? now;
      last.set(life, since);
      return unless(now - since <= most, () => `has ${what} for ${(now - since) as Duration} ns`);
    },
    adopted: (life) => void last.delete(life),
    ended: (life) => void last.delete(life),
  };
}

const sends = (
  life: Life,
  to: Endpoint,
  is: (part: Single & { readonly node?: NameId; readonly sequence?: number }) => boolean,
): boolean => life.sends.some((sent) => sent.to === to && partsOf(sent).some(is));
