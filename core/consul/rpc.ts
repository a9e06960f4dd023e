import type { Endpoint } from '../names.ts';
import type { Out, Socket, StreamEvent, StreamId } from '../protocol.ts';
import type { Duration, Instant } from '../time.ts';
import { healthReported } from './autopilot-loop.ts';
import type { Consul } from './consul.ts';
import { bytesOf, type ConsulMessage, isMessage } from './message.ts';
import { forwardFailed, forwardReturned, takeAsked, takeForwarded } from './requests.ts';
import type { Call } from './state.ts';
import { Timer } from './state.ts';
import { peersReported } from './survey.ts';

const SOCKET = 0 as Socket;

/** Calls another server; what comes of it finds its way by `call`. */
export function callServer(
  consul: Consul,
  call: Call,
  make: (number: number) => ConsulMessage,
  patience: Duration,
  out: Out<ConsulMessage>,
): void {
  const { state } = consul;
  const number = state.next++;
  state.calls.set(number, call);
  let link = state.links.get(call.to);
  if (link === undefined) {
    link = out.open(SOCKET, call.to);
    state.links.set(call.to, link);
  }
  const message = make(number);
  out.setTimer(Timer.call, number, patience);
  out.transmit(link, message, bytesOf(message));
}

/** Answers a call of another server, if its connection still lives. */
export function answerServer({ state }: Consul, stream: StreamId, message: ConsulMessage, out: Out<ConsulMessage>): void {
  if (state.accepted.has(stream)) out.transmit(stream, message, bytesOf(message));
}

export function streamed(
  consul: Consul,
  now: Instant,
  stream: StreamId,
  event: StreamEvent<ConsulMessage>,
  out: Out<ConsulMessage>,
): void {
  const { state } = consul;
  switch (event.type) {
    case 'accepted':
      state.accepted.add(stream);
      return;
    case 'opened':
      return;
    case 'data':
      if (!isMessage(event.message, consul.names)) return;
      if (state.accepted.has(stream)) return called(consul, now, stream, event.message, out);
      return returned(consul, now, event.message, out);
    default:
      if (event.type === 'closed') out.close(stream);
      if (state.accepted.delete(stream)) return;
      for (const [endpoint, link] of state.links) if (link === stream) broken(consul, now, endpoint, out);
  }
}

/** Another server asks. */
function called(consul: Consul, now: Instant, stream: StreamId, message: ConsulMessage, out: Out<ConsulMessage>): void {
  const { call } = message;
  switch (message.type) {
    case 'peers-call':
      return answerServer(consul, stream, { type: 'peers', call, count: consul.countPeers() }, out);
    case 'stats-call':
      return answerServer(consul, stream, { type: 'stats', call, ...consul.stats(now) }, out);
    case 'forward':
      return takeForwarded(consul, now, { by: 'server', stream, call }, message.request, out);
    case 'ask':
      return takeAsked(consul, now, { by: 'client', stream, call }, message, out);
    default:
  }
}

/** Another server has answered. An answer of another kind than the call is none. */
function returned(consul: Consul, now: Instant, message: ConsulMessage, out: Out<ConsulMessage>): void {
  const call = consul.state.calls.get(message.call);
  if (call === undefined) return;
  const end = () => {
    consul.state.calls.delete(message.call);
    out.cancelTimer(Timer.call, message.call);
  };
  if (call.for === 'survey' && message.type === 'peers') {
    end();
    peersReported(consul, now, message.count, out);
  } else if (call.for === 'stats' && message.type === 'stats') {
    end();
    const { lastContact, lastTerm, lastIndex } = message;
    healthReported(consul, call.server, { lastContact, lastTerm, lastIndex });
  } else if (call.for === 'forward' && message.type === 'forwarded') {
    end();
    forwardReturned(consul, now, call, message, out);
  }
}

/** A call was not answered in time: its connection is given up, and whatever else waits on it. */
export function callTimedOut(consul: Consul, now: Instant, number: number, out: Out<ConsulMessage>): void {
  const call = consul.state.calls.get(number);
  if (call === undefined) return;
  const link = consul.state.links.get(call.to);
  if (link !== undefined) out.close(link);
  broken(consul, now, call.to, out);
}

function broken(consul: Consul, now: Instant, endpoint: Endpoint, out: Out<ConsulMessage>): void {
  const { state } = consul;
  state.links.delete(endpoint);
  const lost = [...state.calls].filter(([, { to }]) => to === endpoint);
  for (const [number] of lost) {
    state.calls.delete(number);
    out.cancelTimer(Timer.call, number);
  }
  for (const [, call] of lost) {
    if (call.for === 'survey') peersReported(consul, now, undefined, out);
    else if (call.for === 'forward') forwardFailed(consul, now, call, out);
  }
}
