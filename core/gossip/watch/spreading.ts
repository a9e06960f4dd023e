import type { Endpoint, NameId } from '../../names.ts';
import type { Rumour } from '../message.ts';
import { Timer } from '../tables.ts';
import { isRumour, partsOf } from './parts.ts';
import { called, isTimeout, type Life, type NewProperty, SOUND, unless } from './property.ts';
import { packetsFor } from './reference.ts';

/** Bytes beyond the budget: a checksum, and the length of a message that others go along with. */
const CHECKSUM = 5;
const LENGTH = 2;
/** What is before the lengths: that there are several messages, and how many. */
const COMPOUND = 2;
/** What the count of a packet's messages, one byte, can say. */
const MOST_PARTS = 255;

/** How rumours go out. */
export const SPREAD_PROPERTIES: readonly NewProperty[] = [
  () => ({
    name: 'Compound count',
    sent(_life, sent) {
      const { length } = partsOf(sent);
      if (length < 2) return undefined;
      return unless(length <= MOST_PARTS, () => `sends ${length} messages in one packet`);
    },
  }),

  () => ({
    name: 'Packet budget',
    sent({ gossip }, sent) {
      const parts = partsOf(sent);
      if (parts.length < 2) return undefined;
      let least = COMPOUND;
      for (const part of parts) least += LENGTH + (isRumour(part) ? gossip.rumourSize(part) : 1);
      if (sent.bytes < least) return `says that a packet of ${least} bytes or more has ${sent.bytes}`;
      const carried = parts.some((part) => !isRumour(part) && part.type !== 'user');
      const most = gossip.config.udpBufferSize + CHECKSUM + (carried ? LENGTH : 0);
      return unless(sent.bytes <= most, () => `sends a packet of ${sent.bytes} bytes`);
    },
  }),

  () => ({
    name: 'What was said least goes first',
    fed({ gossip }) {
      const { entries } = gossip.state.queue;
      if (entries.length < 2) return undefined;
      for (let i = 1; i < entries.length; i++) {
        const [one, next] = [entries[i - 1], entries[i]] as [(typeof entries)[0], (typeof entries)[0]];
        // Then the longest, so that packets are filled well; then the newest, whose age the older versions forget.
        const differs = next.transmits - one.transmits || one.bytes - next.bytes || one.rank - next.rank;
        const ranked = one.transmits === next.transmits && one.bytes === next.bytes;
        if (differs < 0 && !(ranked && gossip.quirks.queueIdReset))
          return `has a rumour of ${one.bytes} bytes that was said ${one.transmits} times before one of ${next.bytes} and ${next.transmits}`;
      }
      return SOUND;
    },
  }),

  () => {
    /** By life and rumour: in how many packets it went. */
    const counts = new Map<Life, Map<NameId, Map<string, number>>>();
    return {
      name: 'Transmit limit',
      changed(life, { subject }) {
        // What is learnt of a member takes the place of what was queued about it.
        counts.get(life)?.delete(subject);
        return undefined;
      },
      fed(life) {
        const counted = counts.get(life);
        if (counted === undefined || counted.size === 0) return undefined;
        // What was queued just now begins anew.
        for (const { name, transmits } of life.gossip.state.queue.entries) {
          if (transmits === 0) counted.delete(name as NameId);
        }
        return undefined;
      },
      sent(life, sent) {
        const parts = partsOf(sent);
        if (parts.length === 0 || isWarning(parts, life.self)) return undefined;
        // A bare one outside the rounds is an answer to somebody: nothing was taken from the queue for it.
        if (parts.length === 1 && !isTimeout(life, Timer.gossip)) return undefined;
        const limit = packetsFor(life.gossip.config.retransmitMult, life.largest);
        const packet = new Set<string>();
        for (const part of parts) {
          if (!isRumour(part)) continue;
          const rumour = textOf(life, part);
          if (packet.has(rumour)) return `says "${rumour}" twice in one packet`;
          packet.add(rumour);
          const count = countOf(counts, life, part, rumour);
          if (count > limit) return `says "${rumour}" in ${count} packets, more than ${limit}`;
        }
        return packet.size > 0 ? SOUND : undefined;
      },
      ended: (life) => void counts.delete(life),
    };
  },

  () => ({
    name: 'Gossip goes to whom it may concern',
    fed(life) {
      if (!isTimeout(life, Timer.gossip)) return undefined;
      const targets = targetsOf(life);
      if (targets.size === 0) return undefined;
      const concerned = concernedBy(life);
      const wrong = [...targets].find((target) => !concerned.has(target));
      return unless(wrong === undefined, () => `gossips to ${life.gossip.where(wrong as Endpoint)}, where nobody is concerned`);
    },
  }),

  () => ({
    name: 'Gossip goes to as many as it may',
    fed(life) {
      const { queue, members: list } = life.gossip.state;
      const { gossipNodes } = life.gossip.config;
      // From a longer list they are drawn, and may be missed; and with nothing left to say a round ends.
      if (!isTimeout(life, Timer.gossip) || queue.count === 0 || list.count >= 3 * gossipNodes) return undefined;
      const concerned = concernedBy(life);
      const targets = targetsOf(life);
      const wanted = Math.min(gossipNodes, concerned.size);
      return unless(targets.size === wanted, () => `gossips to ${targets.size} of ${concerned.size} whom it may concern`);
    },
  }),
];

const targetsOf = ({ sends }: Life): ReadonlySet<Endpoint> => new Set(sends.flatMap(({ to }) => to ?? []));

/** Where those are who are to hear news: the living, and for a while the dead. */
function concernedBy({ gossip, beliefs, self, now }: Life): ReadonlySet<Endpoint> {
  const concerned = new Set<Endpoint>();
  for (const [name, { state, since, address }] of beliefs) {
    const gone = state === 'dead' ? now - since > gossip.config.gossipToTheDeadTime : state === 'left';
    if (name !== self && !gone) concerned.add(address);
  }
  return concerned;
}

/** A ping that tells its target of its suspicion: that is not taken from the queue. */
function isWarning([ping, suspect, ...others]: ReturnType<typeof partsOf>, self: NameId): boolean {
  return (
    ping?.type === 'ping' &&
    suspect?.type === 'suspect' &&
    suspect.node === ping.node &&
    suspect.from === self &&
    others.length === 0
  );
}

const textOf = (life: Life, rumour: Rumour): string =>
  `${rumour.type} ${called(life, rumour.node)} ${rumour.incarnation} ${rumour.type === 'alive' ? rumour.description : called(life, rumour.from)}`;

function countOf(counts: Map<Life, Map<NameId, Map<string, number>>>, life: Life, { node }: Rumour, rumour: string): number {
  const about = counts.get(life) ?? new Map<NameId, Map<string, number>>();
  counts.set(life, about);
  const said = about.get(node) ?? new Map<string, number>();
  about.set(node, said);
  const count = (said.get(rumour) ?? 0) + 1;
  said.set(rumour, count);
  return count;
}
