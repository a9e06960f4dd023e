import type { Endpoint } from '../names.ts';
import type { Out, Socket, StreamEvent, StreamId } from '../protocol.ts';
import { messageBytes, type RaftMessage } from './message.ts';
import type { Raft } from './raft.ts';
import { isMessage } from './wellformed.ts';

const SOCKET = 0 as Socket;

/** Sends a message, as a whole one or on the connection to its receiver, which is opened when there is none. */
export function transmit(raft: Raft, out: Out<RaftMessage>, to: Endpoint, message: RaftMessage): void {
  if (raft.config.transport === 'message') out.send(SOCKET, to, message, messageBytes(message));
  else out.transmit(raft.state.links.get(to) ?? connect(raft, out, to, message), message, messageBytes(message));
}

function connect({ state, self }: Raft, out: Out<RaftMessage>, to: Endpoint, first: RaftMessage): StreamId {
  const link = out.open(SOCKET, to);
  state.links.set(to, link);
  const hello: RaftMessage = {
    type: 'hello',
    cluster: first.cluster,
    from: state.self,
    to: first.to,
    term: 0,
    endpoint: self.endpoint,
  };
  out.transmit(link, hello, messageBytes(hello));
  return link;
}

/** What came of a connection: a message to be handled, or that it broke, so that what was under way on it may be lost. */
export type Streamed = { readonly message: RaftMessage; readonly from: Endpoint } | { readonly broken: Endpoint } | undefined;

export function streamed(raft: Raft, stream: StreamId, event: StreamEvent<RaftMessage>, out: Out<RaftMessage>): Streamed {
  const { accepted } = raft.state;
  switch (event.type) {
    case 'accepted':
      accepted.set(stream, undefined);
      return undefined;
    case 'opened':
      return undefined;
    case 'data':
      return arrived(raft, stream, event.message);
    default:
      if (event.type === 'closed') out.close(stream);
      return accepted.delete(stream) ? undefined : broken(raft, stream);
  }
}

function arrived({ state, config, names }: Raft, stream: StreamId, message: RaftMessage): Streamed {
  if (!state.accepted.has(stream) || !isMessage(message, config.cluster, names)) return undefined;
  if (message.type === 'hello') {
    state.accepted.set(stream, message.endpoint);
    return undefined;
  }
  const from = state.accepted.get(stream);
  return from === undefined ? undefined : { message, from };
}

function broken({ state: { links } }: Raft, stream: StreamId): Streamed {
  for (const [endpoint, link] of links) {
    if (link !== stream) continue;
    links.delete(endpoint);
    return { broken: endpoint };
  }
  return undefined;
}
