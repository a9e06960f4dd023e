import type { Endpoint, NameId } from '../names.ts';
import type { Out } from '../protocol.ts';
import { checksumSize, lookedUpChecksum } from './checksum.ts';
import { post, postStream } from './envelope.ts';
import type { Gossip } from './gossip.ts';
import type { GossipMessage } from './message.ts';
import { USER_OVERHEAD } from './size.ts';

type GossipOut = Out<GossipMessage>;

/*
 * Messages of the application that go straight to one member and are not gossiped. Nothing goes along with them.
 */

/**
 * Sends one message of the application to an address, also to this node's own, as one datagram whatever its size.
 *
 * @param bytes of the message alone
 * @returns false when the own host refused
 */
export function sendToAddress(g: Gossip, to: Endpoint, message: unknown, bytes: number, out: GossipOut): boolean {
  return post(g, to, { type: 'user', message }, USER_OVERHEAD + bytes + lookedUpChecksum(g, to), out);
}

/** The same to a member that is in the list. */
export function sendBestEffort(g: Gossip, node: NameId, message: unknown, bytes: number, out: GossipOut): boolean {
  const { address, versions } = g.describe(node);
  return post(g, address, { type: 'user', message }, USER_OVERHEAD + bytes + checksumSize(versions), out);
}

/** Sends one message of the application over a stream of its own. What becomes of it nobody is told. */
export function sendReliable(g: Gossip, node: NameId, message: unknown, bytes: number, out: GossipOut): void {
  const stream = out.open(g.streamSocket, g.describe(node).address);
  postStream(g, stream, { type: 'user', message }, g.userBytes(bytes), true, out);
  out.close(stream);
}
