import type { Out } from '../protocol.ts';
import { includes, membersOf } from '../raft/configuration.ts';
import type { MemberEvent } from '../serf/coalesce.ts';
import type { Instant } from '../time.ts';
import type { Consul } from './consul.ts';
import { enqueue } from './leader.ts';
import type { ConsulMessage } from './message.ts';
import type { ServerMember } from './servers.ts';
import { maybeBootstrap } from './survey.ts';

/** Gossip has something to tell about members: to be noted by all servers, and to be acted upon by the leader. */
export function happened(
  consul: Consul,
  now: Instant,
  event: MemberEvent,
  members: readonly string[],
  out: Out<ConsulMessage>,
): void {
  for (const member of members) {
    const server = consul.servers().find(({ name }) => consul.names.text(name) === member);
    if (server !== undefined) noted(consul, event, member, server, out);
    lead(consul, now, event, member, out);
  }
  if (event === 'member-join') maybeBootstrap(consul, now, out);
}

const NOTED: Readonly<Partial<Record<MemberEvent, string>>> = {
  'member-join': 'Adding',
  'member-failed': 'Removing',
  'member-leave': 'Removing',
};

function noted(consul: Consul, event: MemberEvent, member: string, server: ServerMember, out: Out<ConsulMessage>): void {
  const does = NOTED[event];
  if (does === undefined) return;
  const where = `Addr: tcp/${consul.where(server.endpoint)}`;
  out.log(`[INFO] consul: ${does} LAN server ${member} (${where}) (DC: ${server.datacenter})`);
}

/** What only a leader does. A member that failed stays in the configuration: it may come back. */
function lead(consul: Consul, now: Instant, event: MemberEvent, member: string, out: Out<ConsulMessage>): void {
  const { state, names, self, raft } = consul;
  if (state.leadership === undefined) return;
  const name = names.id(member);
  switch (event) {
    case 'member-join':
    case 'member-update':
      if (!includes(membersOf(raft.status().config), name))
        out.log(`[INFO] consul: member '${member}' joined, marking health alive`);
      return enqueue(consul, now, { type: 'admit', name }, out);
    case 'member-failed':
      return out.log(`[INFO] consul: member '${member}' failed, marking health critical`);
    case 'member-leave':
    case 'member-reap':
      if (name === self.name) return;
      out.log(`[INFO] consul: member '${member}' ${event === 'member-reap' ? 'reaped' : 'left'}, deregistering`);
      return enqueue(consul, now, { type: 'depart', name }, out);
  }
}
