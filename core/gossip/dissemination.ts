import type { Endpoint, NameId } from '../names.ts';
import type { Out } from '../protocol.ts';
import type { Duration, Instant } from '../time.ts';
import { checksumSize, lookedUpChecksum } from './checksum.ts';
import type { Versions } from './description.ts';
import { alongEnvelope, gossipEnvelope, post } from './envelope.ts';
import type { Gossip } from './gossip.ts';
import { settle } from './leave.ts';
import { descriptionOf } from './members.ts';
import type { Compound, GossipMessage, Rumour, Single } from './message.ts';
import { phase } from './phase.ts';
import { gossipTargets } from './picks.ts';
import { enqueue, fetch } from './queue.ts';
import { COMPOUND_HEADER, COMPOUND_OVERHEAD, USER_OVERHEAD } from './size.ts';
import type { Waiter } from './state.ts';
import { Timer } from './tables.ts';

type GossipOut = Out<GossipMessage>;

/** What the next packet takes along: one list for all nodes, without meaning between packets. */
const parts: Single[] = [];

/**
 * Queues a rumour, in place of an older one under the same key.
 *
 * Frozen, because from now on the queue and packets in flight share it.
 */
export function broadcast(g: Gossip, now: Instant, rumour: Rumour, key: NameId, out: GossipOut, waiter?: Waiter): void {
  const { queue } = g.state;
  enqueue(queue, { message: Object.freeze(rumour), bytes: g.rumourSize(rumour), name: key, waiter });
  if (queue.completed.length > 0) g.state.touched = true;
  wake(g, now, out);
}

/** Sets the tick of gossip if it is not set. Ticks lie on a grid that begins with the node; with nothing to say they are left out. */
export function wake(g: Gossip, now: Instant, out: GossipOut): void {
  const { state, config } = g;
  if (state.gossiping || config.gossipInterval === 0 || config.gossipNodes === 0) return;
  state.gossiping = true;
  const sinceTick = phase(now, state.origin, config.gossipInterval);
  // The tick of this very instant is still to come, unless it has been.
  const due = sinceTick === 0 && state.lastGossip !== now && now !== state.origin;
  out.setTimer(Timer.gossip, 0, (due ? 0 : config.gossipInterval - sinceTick) as Duration);
}

/**
 * A round of gossip: what is queued goes to a few random members, each of which gets its own helping.
 *
 * Who waits for a broadcast to go out hears of it between two of them. A departing agent's death so goes to the last of a round whose first
 * got the last copy of its intent to leave; real agents nearly always win that race, and leave a tenth of a second sooner for it.
 */
export function gossipTick(g: Gossip, now: Instant, out: GossipOut): void {
  const { state, config } = g;
  state.gossiping = false;
  state.lastGossip = now;
  const targets = gossipTargets(g, now);
  const budget = config.udpBufferSize - COMPOUND_HEADER - gossipEnvelope(g);
  for (let i = 0; i < targets.length; i++) {
    clear();
    const used = fetchFor(g, budget, parts);
    if (parts.length === 0) break;
    sendParts(g, targets[i] as NameId, used, out);
    if (state.touched) settle(g, now, out);
  }
  if (hasNews(g)) wake(g, now, out);
}

/** Setting the length of an array takes an engine longer than this does, as long as it is short. */
function clear(): void {
  while (parts.length > 0) parts.pop();
}

/** Sends what was fetched, bare if it is one message; several targets in a row that get the same get the same object. */
function sendParts(g: Gossip, target: NameId, used: number, out: GossipOut): void {
  const description = descriptionOf(g.state.members, target);
  const address = g.descriptions.addressOf(description);
  const checksum = checksumSize(g.descriptions.versionsOf(description) as Versions);
  if (parts.length === 1) {
    post(g, address, parts[0] as Single, used - COMPOUND_OVERHEAD + checksum, out);
    return;
  }
  if (g.lastCompound === undefined || !sameParts(g.lastCompound.parts, parts)) g.lastCompound = compoundOf(parts);
  post(g, address, g.lastCompound, COMPOUND_HEADER + used + checksum, out);
}

function sameParts(a: readonly Single[], b: readonly Single[]): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

const compoundOf = (parts: readonly Single[]): Compound => ({ type: 'compound', parts: parts.slice() });

/**
 * Sends a message of failure detection, and with it as much of what is queued as there is room for (SWIM §4.1). The two bytes for the
 * message's own length are not reckoned with, so such a packet may be two bytes longer than the limit (`piggyback1402`).
 *
 * @param bytes of the message alone
 * @returns false when the own host refused
 */
export function sendAlong(g: Gossip, to: Endpoint, message: Single, bytes: number, out: GossipOut): boolean {
  const checksum = lookedUpChecksum(g, to);
  if (!mayHaveNews(g)) return post(g, to, message, bytes + checksum, out);
  clear();
  parts.push(message);
  const own = g.quirks.piggyback1402 ? bytes : bytes + COMPOUND_OVERHEAD;
  const used = fetchFor(g, g.config.udpBufferSize - own - COMPOUND_HEADER - alongEnvelope(g), parts);
  if (parts.length === 1) return post(g, to, message, bytes + checksum, out);
  return post(g, to, compoundOf(parts), COMPOUND_HEADER + COMPOUND_OVERHEAD + bytes + used + checksum, out);
}

/** Sends messages together to a member and nothing else with them. */
export function sendTogether(g: Gossip, target: NameId, parts: readonly Single[], bytes: number, out: GossipOut): boolean {
  const { address, versions } = g.describe(target);
  const size = COMPOUND_HEADER + COMPOUND_OVERHEAD * parts.length + bytes + checksumSize(versions);
  return post(g, address, compoundOf(parts), size, out);
}

function hasNews(g: Gossip): boolean {
  if (g.state.offered && g.delegate?.hasBroadcasts() !== true) g.state.offered = false;
  return g.state.offered || g.state.queue.count > 0;
}

/**
 * Whether something may be queued, by a look at one word: with nothing queued the tick of gossip is not set. The queues of a quiet node
 * are in no cache, and every ping and ack would wait for them.
 */
const mayHaveNews = ({ state, config }: Gossip): boolean =>
  state.gossiping || config.gossipInterval === 0 || config.gossipNodes === 0;

/** Our own rumours first; what room is left then is offered to the application. Returns the bytes used. */
function fetchFor(g: Gossip, budget: number, into: Single[]): number {
  const { state, config, quirks } = g;
  let used = 0;
  if (state.queue.count > 0) {
    const limit = g.rules.transmitLimit(config.retransmitMult, state.estimate);
    const { queueIdReset: ranksRestart, compoundUnsplit: uncounted } = quirks;
    used = fetch(state.queue, { limit, overhead: COMPOUND_OVERHEAD, budget, ranksRestart, uncounted }, into);
    if (state.queue.completed.length > 0) state.touched = true;
  }
  const left = budget - used;
  const overhead = COMPOUND_OVERHEAD + USER_OVERHEAD;
  if (state.offered && g.delegate !== undefined && left > overhead) {
    state.touched = true;
    used += g.delegate.broadcasts(overhead, left, into);
  }
  return used;
}
