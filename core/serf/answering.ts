import { sample, textSize } from '../gossip/gossip.ts';
import type { Endpoint, NameId } from '../names.ts';
import type { Out } from '../protocol.ts';
import { type Instant, LAST_INSTANT } from '../time.ts';
import type { QueryNotice } from './events.ts';
import { parseExpression } from './expression.ts';
import { answerInternal, isInternal } from './internal.ts';
import type { LamportTime } from './lamport.ts';
import { namesOf, statusOf } from './members.ts';
import type { Filter, Payload, Query, QueryResponse, Relay } from './message.ts';
import type { Serf } from './serf.ts';
import { relaySize, responseSize } from './size.ts';
import { recordQuery } from './snapshot.ts';
import { slotOf } from './window.ts';

/*
 * Being asked: queries of others and our own, and what goes back.
 */

/** The ids of the queries of one time. */
export interface HeardQueries {
  readonly time: LamportTime;
  readonly ids: readonly number[];
}

/** A query that may be answered. */
export interface Asked {
  readonly time: LamportTime;
  readonly id: number;
  readonly source: Endpoint;
  readonly addressBytes: 4 | 16;
  readonly sourceNode: NameId;
  readonly relay: number;
  readonly deadline: Instant;
  readonly answered: boolean;
}

/** Members that relay know how to from this version of memberlist's protocol on. */
const RELAYS_FROM = 5;

/**
 * Takes in a query. One that is new is remembered and, if it is for this node, acknowledged and announced.
 *
 * @returns whether it is new and to be passed on
 */
export function applyQuery(s: Serf, now: Instant, query: Query, out: Out<never>): boolean {
  const { state, rules } = s;
  const { time, id } = query;
  state.queryTime = rules.witness(state.queryTime, time);
  if (!rules.isExpected(time, state.queryMinTime)) return false;
  if (rules.isTooOld(time, state.queryTime, s.config.queryBuffer)) {
    out.log(`[WARN] serf: received old query ${query.name} from time ${time} (current: ${state.queryTime})`);
    return false;
  }
  const slot = slotOf(time, s.config.queryBuffer);
  const seen = state.heard.get(slot);
  const known = seen?.time === time ? seen.ids : [];
  if (known.includes(id)) return false;
  state.heard.set(slot, { time, ids: [...known, id] });
  if (query.filters.every((filter) => isMeant(s, filter, out))) asked(s, now, query, out);
  return !query.noBroadcast;
}

function isMeant(s: Serf, filter: Filter, out: Out<never>): boolean {
  if (filter.type === 'nodes') return filter.nodes.includes(s.names.text(s.state.self));
  const expression = parseExpression(filter.expression);
  if (typeof expression === 'string') {
    out.log(`[WARN] serf: failed to compile filter regex (${filter.expression}): ${expression}`);
    return false;
  }
  return expression.found(s.state.tags.find(([tag]) => tag === filter.tag)?.[1] ?? '');
}

function asked(s: Serf, now: Instant, query: Query, out: Out<never>): void {
  const { time, id, source, addressBytes, sourceNode, relay, name, payload } = query;
  const deadline = Math.min(now + query.timeout, LAST_INSTANT) as Instant;
  const record: Asked = { time, id, source, addressBytes, sourceNode, relay, deadline, answered: false };
  if (query.ack) {
    const ack: QueryResponse = { type: 'query response', time, id, from: s.state.self, ack: true };
    const problem = send(s, record, ack, sizeOf(s, ack), out);
    if (problem !== undefined) out.log(`[ERR] serf: failed to relay ack: ${problem}`);
  }
  recordQuery(s, now, time, out);
  const handle = remember(s, now, record);
  if (isInternal(name)) return answerInternal(s, now, handle, name, payload, out);
  const notice: QueryNotice = {
    type: 'query',
    query: handle,
    time,
    id,
    name,
    payload: typeof payload === 'string' ? payload : '',
    source: s.names.text(sourceNode),
    deadline,
  };
  out.announce(notice);
}

/** Keeps a query to be answered, and forgets those for which it is too late. @returns the number to answer it by */
function remember(s: Serf, now: Instant, record: Asked): number {
  const { state } = s;
  for (const [handle, { deadline }] of state.asked) if (deadline < now) state.asked.delete(handle);
  const handle = state.nextAsked++;
  state.asked.set(handle, record);
  return handle;
}

/** Answers a query that this node was asked. @returns why it cannot be, as Serf words it for queries of every kind */
export function respond(s: Serf, now: Instant, handle: number, payload: Payload, out: Out<never>): string | undefined {
  const problem = answerInTime(s, now, handle, payload, out);
  return problem === undefined ? undefined : `failed to respond to key query: ${problem}`;
}

/** Answers a query unless it is too late, or was answered before. */
export function answerInTime(s: Serf, now: Instant, handle: number, payload: Payload, out: Out<never>): string | undefined {
  const record = s.state.asked.get(handle);
  const limit = s.config.queryResponseSizeLimit;
  if (!fits(s, handle, payload)) return `response exceeds limit of ${limit} bytes`;
  if (record?.answered === true) return 'response already sent';
  if (record === undefined || now > record.deadline) return 'response is past the deadline';
  const response = responseOf(s, record, payload);
  const problem = send(s, record, response, sizeOf(s, response), out);
  // One is on its way by now, and still the original takes the query for unanswered.
  if (problem !== undefined) return problem;
  s.state.asked.set(handle, { ...record, answered: true });
  return undefined;
}

/** Whether an answer to a query is short enough. */
export function fits(s: Serf, handle: number, payload: Payload): boolean {
  const record = s.state.asked.get(handle);
  return record === undefined || sizeOf(s, responseOf(s, record, payload)) <= s.config.queryResponseSizeLimit;
}

const responseOf = (s: Serf, { time, id }: Asked, payload: Payload): QueryResponse => ({
  type: 'query response',
  time,
  id,
  from: s.state.self,
  ack: false,
  payload,
});

const sizeOf = (s: Serf, response: QueryResponse): number => responseSize(response, textSize(s.names.text(response.from)));

/** Sends an answer to the asker, and once more through some others. @returns why it is not sent through others */
function send(s: Serf, asked: Asked, message: QueryResponse, bytes: number, out: Out<never>): string | undefined {
  const { source: to, addressBytes, sourceNode: node } = asked;
  const { gossip: memberlist } = s;
  memberlist.sendToAddress(to, message, bytes, out.of(s.parts.gossip));
  if (asked.relay === 0) return undefined;
  const members = namesOf(s.state.members);
  if (members.length < asked.relay + 1) return undefined;
  const relayed: Relay = { type: 'relay', to, addressBytes, node, message };
  const wrapped = relaySize(addressBytes, s.names.port(to), textSize(s.names.text(node)), bytes, s.gossip.dialect);
  const limit = s.config.queryResponseSizeLimit;
  if (wrapped > limit) return `relayed response exceeds limit of ${limit} bytes`;
  const canRelay = (peer: NameId): boolean =>
    peer !== s.state.self && statusOf(s.state.members, peer) === 'alive' && s.gossip.describe(peer).versions[1] >= RELAYS_FROM;
  for (const peer of sample(members, asked.relay, canRelay, s.random)) {
    memberlist.sendToAddress(s.gossip.describe(peer).address, relayed, wrapped, out.of(s.parts.gossip));
  }
  return undefined;
}

/** Passes an answer on to the one who asked. */
export function relay(s: Serf, { to, message }: Relay, out: Out<never>): void {
  out.log(`[DEBUG] serf: Relaying response to addr: ${s.gossip.where(to)}`);
  s.gossip.sendToAddress(to, message, sizeOf(s, message), out.of(s.parts.gossip));
}
