import type { Out } from '../protocol.ts';
import type { CoordinateReply, InfoReply, MemberInfo } from './interface.ts';
import { namesOf, statusOf } from './members.ts';
import { positionOf } from './peers.ts';
import type { Serf } from './serf.ts';

/*
 * What Serf tells whoever asks how things are.
 */

export function listMembers(s: Serf): MemberInfo[] {
  const { members } = s.state;
  return namesOf(members).map((node) => {
    const { versions } = s.gossip.describe(node);
    return {
      ...s.noticed(node),
      status: statusOf(members, node) ?? 'alive',
      protocol: { min: versions[3], max: versions[4], version: versions[5] },
    };
  });
}

export function info(s: Serf): InfoReply {
  const { members, memberTime, eventTime, queryTime, queues, coordinates, tags } = s.state;
  return {
    members: members.count,
    failed: members.failed.length,
    left: members.left.length,
    health: s.gossip.state.health,
    memberTime,
    eventTime,
    queryTime,
    intentQueue: queues.intents.count,
    eventQueue: queues.events.count,
    queryQueue: queues.queries.count,
    coordinateResets: coordinates.resets,
    encrypted: s.gossip.hasKeys,
    tags,
  };
}

/** Where a member places itself, as far as this node has heard. */
export function tellCoordinate(s: Serf, id: number, name: string, out: Out<never>): void {
  const { coordinates, self } = s.state;
  const node = s.names.state.ids.get(name);
  const coordinate = node === undefined ? undefined : node === self ? coordinates.own : positionOf(coordinates.peers, node);
  const reply: CoordinateReply = coordinate === undefined || s.config.disableCoordinates ? {} : { coordinate };
  out.reply(id, reply);
}
