import type { Endpoint, NameId } from '../names.ts';
import type { Out } from '../protocol.ts';
import { between, type Instant } from '../time.ts';
import { sendAlong } from './dissemination.ts';
import type { Gossip } from './gossip.ts';
import type { GossipMessage, Ping, SequenceNumber } from './message.ts';
import { pingSize } from './size.ts';
import { Timer } from './tables.ts';

type GossipOut = Out<GossipMessage>;

/** A ping that somebody asked for; whatever comes of it changes nothing in what is held of the member. */
export function reach(g: Gossip, now: Instant, id: number, node: NameId, address: Endpoint, out: GossipOut): void {
  const sequence = g.nextSequence();
  const ping: Ping = { type: 'ping', sequence, node, source: g.self.address, sourceNode: g.self.name };
  const bytes = pingSize(sequence, g.nameSize(node), g.self.addressBytes, g.ownPort, g.ownNameSize);
  g.state.reaching.set(sequence, { command: id, node, startedAt: now });
  out.setTimer(Timer.reach, sequence, g.config.probeTimeout);
  sendAlong(g, address, ping, bytes, out);
}

/** An ack came, perhaps for such a ping. */
export function reached(g: Gossip, now: Instant, sequence: SequenceNumber, out: GossipOut): void {
  const asked = g.state.reaching.get(sequence);
  if (asked === undefined) return;
  g.state.reaching.delete(sequence);
  out.cancelTimer(Timer.reach, sequence);
  out.reply(asked.command, { took: between(asked.startedAt, now) });
}

export function notReached(g: Gossip, sequence: SequenceNumber, out: GossipOut): void {
  const asked = g.state.reaching.get(sequence);
  if (asked === undefined) return;
  g.state.reaching.delete(sequence);
  const node = g.names.text(asked.node);
  out.log(`[DEBUG] memberlist: Failed UDP ping ${node} (timeout reached)`);
  out.reply(asked.command, { error: `No response from node ${node}` });
}
