import type { Endpoint, NameId } from '../../names.ts';
import type { Duration, Instant } from '../../time.ts';
import type { Ack, IndirectPing, Ping, PushPull, Single } from '../message.ts';
import { STATUSES, type StatusNumber } from '../status.ts';
import { Timer } from '../tables.ts';
import { messagesIn, opened, partsGiven, partsOf } from './parts.ts';
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
        // With two of one number in one packet nobody can tell which was answered.
        if (partsGiven(life).some((other) => other !== part && other.type === 'ping' && other.sequence === sequence)) continue;
        const answered = sends(life, source, (each) => each.type === 'ack' && each.sequence === sequence);
        if (answered !== (node === life.self)) return `${answered ? 'answers' : 'leaves'} a ping for ${called(life, node)}`;
        found = SOUND;
      }
      return found;
    },
  }),

  () => ({
    name: 'A ping over TCP is answered by whom it is for',
    fed(life) {
      const { input, before, self, sends: sent } = life;
      if (!before.merges || input.type !== 'stream' || input.event.type !== 'data') return undefined;
      const { type, node, sequence } = (opened(life.gossip, input.event.message) ?? {}) as Partial<Ping>;
      if (type !== 'ping' || node === undefined) return undefined;
      const answered = sent.some(({ to, message }) => {
        const [ack] = messagesIn(message) as [Partial<Ack>];
        return to === undefined && ack.type === 'ack' && ack.sequence === sequence;
      });
      return unless(answered === (node === self), () => `${answered ? 'answers' : 'leaves'} a ping for ${called(life, node)}`);
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

  () => {
    /** By life: to whom an answer is due, under which number, and until when. */
    const promised = new Map<Life, Promised[]>();
    return {
      name: 'Who helps says what comes of it',
      fed(life) {
        const due = promised.get(life) ?? [];
        for (const part of partsGiven(life)) {
          if (part.type !== 'indirect-ping') continue;
          const { nack, source, sequence } = part as IndirectPing;
          const by = (life.now + life.gossip.config.probeTimeout + life.rounding) as Instant;
          if (nack) due.push({ to: source, sequence, by });
        }
        if (due.length === 0) return undefined;
        const open = due.filter(
          ({ to, sequence }) =>
            !sends(life, to, ({ type, ...said }) => (type === 'ack' || type === 'nack') && said.sequence === sequence),
        );
        promised.set(life, life.late ? [] : open);
        const broken = life.late ? undefined : open.find(({ by }) => life.now > by);
        return unless(broken === undefined, () => `says neither ack nor nack to ${broken?.sequence}`);
      },
      adopted: (life) => void promised.delete(life),
      ended: (life) => void promised.delete(life),
    };
  },

  () => {
    let due: Promised[] = [];
    return {
      name: 'Who helps passes the answer on',
      feeding(life) {
        due = [];
        const { helping, probe } = life.gossip.state;
        if (helping.size === 0) return;
        for (const part of partsGiven(life)) {
          if (part.type !== 'ack' || part.sequence === probe?.sequence) continue;
          const help = helping.get(part.sequence);
          if (help !== undefined) due.push({ to: help.requester, sequence: help.sequence, by: life.now });
        }
      },
      fed(life) {
        if (due.length === 0) return undefined;
        const kept = due.find(
          ({ to, sequence }) => !sends(life, to, (each) => each.type === 'ack' && each.sequence === sequence),
        );
        return unless(kept === undefined, () => `keeps to itself that ${kept?.sequence} was answered`);
      },
    };
  },

  () => ({
    name: 'An exchange tells all that is held',
    sent(life, { to, message }) {
      const { type, nodes } = message as Partial<PushPull>;
      if (to !== undefined || type !== 'push-pull' || nodes === undefined) return undefined;
      const { beliefs } = life;
      if (nodes.names.length !== beliefs.size) return `tells of ${nodes.names.length} members, and holds ${beliefs.size}`;
      for (const [i, name] of nodes.names.entries()) {
        const belief = beliefs.get(name as NameId);
        const told = `${STATUSES[nodes.states[i] as StatusNumber]} at ${nodes.incarnations[i]}`;
        const held = belief === undefined ? 'unknown' : `${belief.state} at ${belief.incarnation}`;
        if (told !== held) return `tells that ${called(life, name as NameId)} is ${told}, and holds it ${held}`;
      }
      return SOUND;
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

/** An answer that is due to somebody. */
interface Promised {
  readonly to: Endpoint;
  readonly sequence: number;
  readonly by: Instant;
}

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
