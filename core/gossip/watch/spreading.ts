import type { NameId } from '../../names.ts';
import type { Instant } from '../../time.ts';
import type { Input, Passing } from '../cluster.ts';
import type { Rumour } from '../message.ts';
import { transmitLimit } from '../queue.ts';
import { Timer } from '../tables.ts';
import { isRumour, partsOf } from './parts.ts';
import type { Life, NewProperty } from './property.ts';

/** Bytes beyond the budget: a checksum, and the length of a message that others go along with. */
const CHECKSUM = 5;
const LENGTH = 2;
/** What the count of a packet's messages, one byte, can say. */
const MOST_PARTS = 255;

/** How rumours go out. */
export const SPREAD_PROPERTIES: readonly NewProperty[] = [
  () => ({
    name: 'Compound count',
    sent(_life, passing) {
      const { length } = passing.streamed ? [] : partsOf(passing);
      return length > MOST_PARTS ? `sends ${length} messages in one packet` : undefined;
    },
  }),

  () => ({
    name: 'Packet budget',
    sent({ gossip }, passing) {
      if (passing.streamed) return undefined;
      const parts = partsOf(passing);
      const carried = parts.some((part) => !isRumour(part) && part.type !== 'user');
      const most = gossip.config.udpBufferSize + CHECKSUM + (carried ? LENGTH : 0);
      return passing.bytes <= most || parts.length === 1 ? undefined : `sends a packet of ${passing.bytes} bytes`;
    },
  }),

  ({ members }) => {
    /** By life and rumour: in how many packets it went. */
    const counts = new Map<Life, Map<NameId, Map<string, number>>>();
    return {
      name: 'Transmit limit',
      changed(life, { subject }) {
        // What is learnt of a member takes the place of what was queued about it.
        counts.get(life)?.delete(subject as NameId);
        return undefined;
      },
      fed(life) {
        // What was queued just now begins anew.
        for (const { name, transmits } of life.gossip.state.queue.entries) {
          if (transmits === 0) counts.get(life)?.delete(name as NameId);
        }
        return undefined;
      },
      sent(life, passing) {
        if (passing.streamed || isWarning(passing, life.self)) return undefined;
        const { config, state } = life.gossip;
        const limit = transmitLimit(config.retransmitMult, Math.max(state.estimate, members.size));
        const parts = partsOf(passing);
        // A bare one outside the rounds is an answer to somebody: nothing was taken from the queue for it.
        if (parts.length === 1 && !isRound(life.input)) return undefined;
        const packet = new Set<string>();
        for (const part of parts) {
          if (!isRumour(part)) continue;
          const rumour = textOf(part);
          if (packet.has(rumour)) return `says "${rumour}" twice in one packet`;
          packet.add(rumour);
          const count = countOf(counts, life, part, rumour);
          if (count > limit) return `says "${rumour}" in ${count} packets, more than ${limit}`;
        }
        return undefined;
      },
    };
  },

  ({ cluster, members }) => ({
    name: 'Gossip goes to whom it may concern',
    fed(life, input) {
      if (!isRound(input)) return undefined;
      const concerned = concernedBy(life, cluster.now);
      const wrong = targetsOf(life, members).find((target) => !concerned.has(target));
      return wrong && `gossips to ${wrong}, which is ${life.beliefs.get(wrong)?.state ?? 'unknown'}`;
    },
  }),

  ({ cluster, members }) => ({
    name: 'Gossip goes to as many as it may',
    fed(life, input) {
      const { queue, members: list } = life.gossip.state;
      const { gossipNodes } = life.gossip.config;
      // From a longer list they are drawn, and may be missed; and with nothing left to say a round ends.
      if (!isRound(input) || queue.count === 0 || list.count >= 3 * gossipNodes) return undefined;
      const concerned = concernedBy(life, cluster.now);
      const targets = new Set(targetsOf(life, members));
      const wanted = Math.min(gossipNodes, concerned.size);
      return targets.size === wanted ? undefined : `gossips to ${targets.size} of ${concerned.size} whom it may concern`;
    },
  }),
];

const isRound = (input: Input): boolean => input.type === 'timeout' && input.kind === Timer.gossip;

const targetsOf = ({ sends }: Life, members: ReadonlyMap<string, NameId>): NameId[] =>
  sends.filter(({ streamed }) => !streamed).map(({ to }) => members.get(to) as NameId);

/** Those who are to hear news: the living, and for a while the dead. */
function concernedBy({ gossip, beliefs, self }: Life, now: Instant): ReadonlySet<NameId> {
  const concerned = new Set<NameId>();
  for (const [name, { state, since }] of beliefs) {
    const gone = state === 'dead' ? now - since > gossip.config.gossipToTheDeadTime : state === 'left';
    if (name !== self && !gone) concerned.add(name);
  }
  return concerned;
}

/** A ping that tells its target of its suspicion: that is not taken from the queue. */
function isWarning(passing: Passing, self: NameId): boolean {
  const [ping, suspect, ...others] = partsOf(passing);
  return (
    ping?.type === 'ping' &&
    suspect?.type === 'suspect' &&
    suspect.node === ping.node &&
    suspect.from === self &&
    others.length === 0
  );
}

const textOf = (rumour: Rumour): string =>
  `${rumour.type} ${rumour.node} ${rumour.incarnation} ${rumour.type === 'alive' ? rumour.description : rumour.from}`;

function countOf(counts: Map<Life, Map<NameId, Map<string, number>>>, life: Life, { node }: Rumour, rumour: string): number {
  const about = counts.get(life) ?? new Map<NameId, Map<string, number>>();
  counts.set(life, about);
  const said = about.get(node) ?? new Map<string, number>();
  about.set(node, said);
  const count = (said.get(rumour) ?? 0) + 1;
  said.set(rumour, count);
  return count;
}
