import type { Out } from '../protocol.ts';
import { isMember } from '../raft/configuration.ts';
import type { RaftReply } from '../raft/interface.ts';
import { between, type Instant } from '../time.ts';
import type { Consul } from './consul.ts';
import type { RemovalReply } from './interface.ts';
import type { ConsulMessage } from './message.ts';
import { type Asked, Timer } from './state.ts';

/** A server is about to leave. A leader with other voters hands over first, so that the next leader can remove it; the last voter does nothing. */
export function prepareLeave(consul: Consul, now: Instant, id: number, out: Out<ConsulMessage>): void {
  const { raft, config, self } = consul;
  const { role, config: members } = raft.status();
  out.log('[INFO] consul: server starting leave');
  if (role !== 'leader' || members.voters.length <= 1) return out.reply(id, {});
  if (config.transfersOnLeave) return consul.ask(now, { for: 'leave', id }, { command: 'transfer' }, out);
  removeSelf(consul, now, id, self.name, out);
}

function removeSelf(consul: Consul, now: Instant, id: number, name: Consul['self']['name'], out: Out<ConsulMessage>): void {
  consul.ask(now, { for: 'removal', id }, { command: 'change', steps: [{ type: 'remove', name }] }, out);
}

/** Leadership was handed over, or could not be: then the leader removes itself, as all did once. */
export function handedOver(
  consul: Consul,
  now: Instant,
  asked: Extract<Asked, { for: 'leave' | 'removal' }>,
  reply: RaftReply,
  out: Out<ConsulMessage>,
): void {
  if (asked.for === 'leave' && reply.outcome !== 'ok' && consul.raft.status().role === 'leader') {
    out.log(`[WARN] consul: failed to transfer leadership, removing the server: ${reply.problem}`);
    return removeSelf(consul, now, asked.id, consul.self.name, out);
  }
  if (reply.outcome !== 'ok') out.log(`[ERR] consul: failed to remove ourself as raft peer: ${reply.problem}`);
  out.reply(asked.id, {});
}

/** Gossip has told everybody that this server left: the leader removes it from the configuration, which it should see before it stops. */
export function waitForRemoval(consul: Consul, now: Instant, id: number, out: Out<ConsulMessage>): void {
  const { role } = consul.raft.status();
  if (role === 'leader') return answer(id, false, out);
  consul.state.waiting = { id, since: now };
  out.setTimer(Timer.removal, 0, consul.config.removePoll);
}

export function lookForRemoval(consul: Consul, now: Instant, out: Out<ConsulMessage>): void {
  const { waiting } = consul.state;
  if (waiting === undefined) return;
  const removed = !isMember(consul.raft.status().config, consul.self.name);
  const { removeGrace, removePoll } = consul.config;
  if (!removed && between(waiting.since, now) < removeGrace) return out.setTimer(Timer.removal, 0, removePoll);
  consul.state.waiting = undefined;
  if (!removed) out.log('[WARN] consul: failed to leave raft configuration gracefully, timeout');
  answer(waiting.id, removed, out);
}

function answer(id: number, removed: boolean, out: Out<ConsulMessage>): void {
  const reply: RemovalReply = { removed };
  out.reply(id, reply);
}
