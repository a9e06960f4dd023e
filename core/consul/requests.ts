import type { Outcome } from '../kv/operation.ts';
import { sizeOf } from '../kv/operation.ts';
import type { Out } from '../protocol.ts';
import { membersOf } from '../raft/configuration.ts';
import type { RaftProblem, RaftReply } from '../raft/interface.ts';
import { add, type Duration, type Instant } from '../time.ts';
import { reportOf } from './autopilot-report.ts';
import type { Consul } from './consul.ts';
import type { ConsulReply, ConsulRequest } from './interface.ts';
import { enqueue } from './leader.ts';
import type { ConsulMessage } from './message.ts';
import { answerServer, callServer } from './rpc.ts';
import { type Held, type Origin, Timer } from './state.ts';

const NO_LEADER: ConsulReply = { ok: false, error: 'No cluster leader' };

/** How many tries a held request has, about, before it is given up. */
const TRIES = 16;

/** Has the leader do something: this server, or another that it is sent to. Without a leader it waits for one. */
export function carryOut(consul: Consul, now: Instant, held: Held, out: Out<ConsulMessage>): void {
  const { raft, config, self } = consul;
  const { leader } = raft.status();
  if (leader === self.name) return lead(consul, now, held, out);
  const server = leader === undefined ? undefined : consul.server(leader);
  if (server === undefined) return hold(consul, now, held, out);
  const { request } = held;
  const left = Math.max(1, held.since + config.rpcHoldTimeout - now) as Duration;
  callServer(consul, { for: 'forward', to: server.rpc, ...held }, (call) => ({ type: 'forward', call, request }), left, out);
}

/** Another server asks for something that only a leader does. It is not sent on. */
export function takeForwarded(
  consul: Consul,
  now: Instant,
  origin: Origin,
  request: ConsulRequest,
  out: Out<ConsulMessage>,
): void {
  if (consul.raft.status().leader === consul.self.name) return lead(consul, now, { origin, request, since: now }, out);
  settle(consul, origin, NO_LEADER, false, out);
}

/** An agent that is no server asks: this server sees to it, as if it were asked on its own host. */
export function takeAsked(
  consul: Consul,
  now: Instant,
  origin: Origin,
  { request, stale }: Extract<ConsulMessage, { type: 'ask' }>,
  out: Out<ConsulMessage>,
): void {
  if (stale) return settle(consul, origin, consul.answerAlone(request), true, out);
  carryOut(consul, now, { origin, request, since: now }, out);
}

/** The leader sent an answer, or is none any more. */
export function forwardReturned(
  consul: Consul,
  now: Instant,
  { origin, request, since }: Held,
  { leads, reply }: Extract<ConsulMessage, { type: 'forwarded' }>,
  out: Out<ConsulMessage>,
): void {
  if (!leads) return hold(consul, now, { origin, request, since }, out);
  const { ok } = reply;
  settle(consul, origin, ok ? reply : { ok, error: `rpc error making call: ${reply.error}` }, true, out);
}

/** The leader cannot be reached, or has gone: a read is tried again, and of a write nobody knows what became of it. */
export function forwardFailed(consul: Consul, now: Instant, { origin, request, since }: Held, out: Out<ConsulMessage>): void {
  if (isRead(request)) return hold(consul, now, { origin, request, since }, out);
  settle(consul, origin, { ok: false, error: 'rpc error making call: EOF' }, true, out);
}

/** Whether it changes nothing, so that it may be asked for again. */
export const isRead = (request: ConsulRequest): boolean =>
  ['configuration', 'autopilot-config', 'autopilot-state'].includes(request.type) ||
  (request.type === 'kv' && request.operation.type === 'get');

/** Tries again a little later, for as long as requests are held. */
function hold(consul: Consul, now: Instant, held: Held, out: Out<ConsulMessage>): void {
  const { state, config, random } = consul;
  const { rpcHoldTimeout } = config;
  if (held.origin.by === 'server' || now >= add(held.since, rpcHoldTimeout)) {
    return settle(consul, held.origin, NO_LEADER, false, out);
  }
  const number = state.next++;
  state.held.set(number, held);
  out.setTimer(Timer.held, number, Math.floor((random.fraction() * rpcHoldTimeout) / TRIES) as Duration);
}

export function heldDue(consul: Consul, now: Instant, number: number, out: Out<ConsulMessage>): void {
  const held = consul.state.held.get(number);
  if (held === undefined) return;
  consul.state.held.delete(number);
  carryOut(consul, now, held, out);
}

/** This server leads. */
function lead(consul: Consul, now: Instant, held: Held, out: Out<ConsulMessage>): void {
  const { origin, request } = held;
  switch (request.type) {
    case 'configuration':
      return settle(consul, origin, { ok: true, result: consul.raftServers() }, true, out);
    case 'kv': {
      const { operation } = request;
      return consul.ask(
        now,
        { for: 'request', ...held },
        operation.type === 'get'
          ? { command: 'read', query: operation, mode: request.consistent === true ? 'index' : 'default' }
          : { command: 'propose', payload: operation, bytes: sizeOf(operation) },
        out,
      );
    }
    case 'transfer': {
      const target = request.id === undefined ? undefined : consul.names.id(request.id);
      if (target !== undefined && consul.server(target) === undefined)
        return settle(consul, origin, { ok: false, error: `Could not find address for server id ${request.id}` }, true, out);
      const command = { command: 'transfer', ...(target === undefined ? {} : { target }) } as const;
      return consul.ask(now, { for: 'request', ...held }, command, out);
    }
    case 'autopilot-config':
      return settle(consul, origin, { ok: true, result: consul.config.autopilot }, true, out);
    case 'autopilot-state':
      return settle(consul, origin, { ok: true, result: reportOf(consul, now) }, true, out);
    case 'remove-peer': {
      const { id, address } = request;
      const { config } = consul.raft.status();
      const found = membersOf(config).find(({ name, endpoint }) =>
        id === undefined ? endpoint === address : consul.names.text(name) === id,
      );
      if (found !== undefined) return enqueue(consul, now, { type: 'remove', name: found.name, origin }, out);
      const what = id === undefined ? `address "${address === undefined ? '' : consul.where(address)}"` : `id "${id}"`;
      return settle(consul, origin, { ok: false, error: `${what} was not found in the Raft configuration` }, true, out);
    }
  }
}

/** Raft has answered a request. */
export function requestAnswered(consul: Consul, now: Instant, held: Held, reply: RaftReply, out: Out<ConsulMessage>): void {
  const { origin, request, since } = held;
  if (reply.outcome === 'ok')
    return settle(
      consul,
      origin,
      { ok: true, result: (request.type === 'transfer' ? true : reply.result) as Outcome },
      true,
      out,
    );
  if (reply.outcome === 'fail' && (reply.problem === 'not leader' || isRead(request)))
    return hold(consul, now, { origin, request, since }, out);
  settle(consul, origin, { ok: false, error: wordsFor(reply.problem) }, true, out);
}

/** What HashiCorp's library says where Raft says it in its own words here. */
const WORDS: Readonly<Partial<Record<RaftProblem, string>>> = {
  'leadership lost': 'leadership lost while committing log',
  'no voter left': 'need at least one voter in configuration: {[]}',
  'transfer failed': 'leadership transfer timeout',
  'transfer in progress': 'leadership transfer in progress',
  'transfer to itself': 'cannot transfer leadership to itself',
  'unknown server': 'cannot find peer',
};

export const wordsFor = (problem: RaftProblem): string => WORDS[problem] ?? problem;

/** Tells whoever asked. */
export function settle(consul: Consul, origin: Origin, reply: ConsulReply, leads: boolean, out: Out<ConsulMessage>): void {
  if (origin.by === 'command') out.reply(origin.id, reply);
  else answerServer(consul, origin.stream, { type: 'forwarded', call: origin.call, leads, reply }, out);
}
