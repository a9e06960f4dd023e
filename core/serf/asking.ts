import type { NameId } from '../names.ts';
import type { Out } from '../protocol.ts';
import type { Duration, Instant } from '../time.ts';
import { applyQuery } from './answering.ts';
import { conflictAnswered, conflictClosed, type Vote } from './conflict.ts';
import type { QueryAckNotice, QueryClosedNotice, QueryResponseNotice } from './events.ts';
import type { QueryCommand, QueryReply } from './interface.ts';
import { isInternal, PREFIX } from './internal.ts';
import { keysAnswered, keysClosed, type Tally } from './keys.ts';
import type { LamportTime } from './lamport.ts';
import type { Filter, Payload, Query, QueryResponse } from './message.ts';
import { bytesOf, spreadQuery } from './queues.ts';
import type { Serf } from './serf.ts';
import { Timer } from './tables.ts';

/*
 * Asking: our own queries, from the first word to the last answer.
 */

/** A query of our own that is not closed. */
export interface OpenQuery {
  /** What its timer is called by. */
  readonly number: number;
  readonly id: number;
  readonly wantsAcks: boolean;
  /** Who has sent an ack, and who an answer. */
  readonly acks: Set<NameId>;
  readonly responses: Set<NameId>;
  readonly purpose: Purpose;
}

/** Why we ask, and what came of it so far. */
export type Purpose = { readonly for: 'command'; readonly command: number } | Vote | Tally;

/** What is asked. */
export interface Question {
  readonly name: string;
  readonly payload: Payload;
  readonly filters: readonly Filter[];
  readonly ack: boolean;
  readonly relay: number;
  /** 0 for the default. */
  readonly timeout: Duration;
}

/** From this version of Serf's protocol on there are queries. */
const QUERIES_FROM = 4;

export function askForCommand(s: Serf, now: Instant, id: number, command: QueryCommand, out: Out<never>): void {
  const { name, payload, nodes, tags, ack, relay, timeout } = command;
  if (isInternal(name) && (name !== `${PREFIX}ping` || payload !== '')) {
    return reply(id, { error: `Queries cannot contain the '${PREFIX}' prefix` }, out);
  }
  const filters: Filter[] = nodes.length === 0 ? [] : [{ type: 'nodes', nodes }];
  for (const [tag, expression] of tags) filters.push({ type: 'tag', tag, expression });
  // The answers come after this reply: they take at least the way to the network and back.
  reply(id, ask(s, now, { name, payload, filters, ack, relay, timeout }, { for: 'command', command: id }, out), out);
}

const reply = (id: number, result: QueryReply, out: Out<never>): void => out.reply(id, result);

/** Asks everybody, this node first. */
export function ask(s: Serf, now: Instant, question: Question, purpose: Purpose, out: Out<never>): QueryReply {
  const { state, gossip } = s;
  const { self } = gossip;
  if (self.versions[5] < QUERIES_FROM) return { error: 'Feature not supported' };
  const timeout = question.timeout === 0 ? defaultTimeout(s) : question.timeout;
  const query: Query = {
    ...question,
    type: 'query',
    time: state.queryTime,
    id: s.random.integer(0x8000_0000),
    source: self.address,
    addressBytes: self.addressBytes,
    sourceNode: self.name,
    noBroadcast: false,
    timeout,
  };
  const limit = s.config.querySizeLimit;
  if (bytesOf(s, query) > limit) return { error: `query exceeds limit of ${limit} bytes` };
  const number = state.nextQuery++;
  state.queries.set(query.time, {
    number,
    id: query.id,
    wantsAcks: query.ack,
    acks: new Set(),
    responses: new Set(),
    purpose,
  });
  out.setTimer(Timer.query, number, timeout);
  applyQuery(s, now, query, out);
  spreadQuery(s, now, query, out);
  return { timeout };
}

const defaultTimeout = (s: Serf): Duration =>
  s.rules.queryTimeout(s.gossip.config.gossipInterval, s.config.queryTimeoutMult, s.gossip.countLive());

/** An ack or an answer came, straight or relayed. */
export function heard(s: Serf, now: Instant, response: QueryResponse, out: Out<never>): void {
  const { time, id, from, ack } = response;
  const query = s.state.queries.get(time);
  if (query === undefined) {
    return out.log(`[WARN] serf: reply for non-running query (LTime: ${time}, ID: ${id}) From: ${s.names.text(from)}`);
  }
  if (query.id !== id) {
    return out.log(`[WARN] serf: query reply ID mismatch (Local: ${query.id}, Response: ${id})`);
  }
  const senders = ack ? query.acks : query.responses;
  if (senders.has(from)) return;
  if (ack && !query.wantsAcks) return out.log('[WARN] serf: Failed to deliver query response, dropping');
  senders.add(from);
  if (ack) acknowledged(s, query, from, out);
  else answered(s, now, query, from, response.payload ?? '', out);
}

function acknowledged(s: Serf, { purpose }: OpenQuery, from: NameId, out: Out<never>): void {
  if (purpose.for !== 'command') return;
  const notice: QueryAckNotice = { type: 'query-ack', command: purpose.command, from: s.names.text(from) };
  out.announce(notice);
}

function answered(s: Serf, now: Instant, { purpose }: OpenQuery, from: NameId, payload: Payload, out: Out<never>): void {
  switch (purpose.for) {
    case 'command': {
      const notice: QueryResponseNotice = {
        type: 'query-response',
        command: purpose.command,
        from: s.names.text(from),
        payload: typeof payload === 'string' ? payload : '',
      };
      return out.announce(notice);
    }
    case 'conflict':
      return conflictAnswered(s, purpose, payload, out);
    case 'keys':
      return keysAnswered(s, now, purpose, s.names.text(from), payload, out);
  }
}

/** The time for answers to one of our queries is over. */
export function queryClosed(s: Serf, now: Instant, number: number, out: Out<never>): void {
  const found = find(s, number);
  if (found === undefined) return;
  const [time, { purpose, acks, responses }] = found;
  s.state.queries.delete(time);
  switch (purpose.for) {
    case 'command': {
      const { command } = purpose;
      const notice: QueryClosedNotice = { type: 'query-closed', command, acks: acks.size, responses: responses.size };
      return out.announce(notice);
    }
    case 'conflict':
      return conflictClosed(s, now, purpose, out);
    case 'keys':
      return keysClosed(s, now, purpose, out);
  }
}

function find(s: Serf, number: number): readonly [LamportTime, OpenQuery] | undefined {
  for (const entry of s.state.queries) if (entry[1].number === number) return entry;
  return undefined;
}
