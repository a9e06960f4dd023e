import { formatAddress, isMulticast } from '../../core/address.ts';
import { Kind, kindsOf } from '../engine/journal.ts';
import type { Packet } from '../network/packet.ts';
import type { Topology } from '../network/topology.ts';
import type { World } from '../world.ts';
import { type Check, VACUOUS } from './check.ts';

/** Follows where multicast datagrams are received: whoever receives one shares a segment with its sender. */
export function containment(name: string, world: World, { nodes }: Topology): Check {
  const segments = nodes.map(({ interfaces }) => new Set(interfaces.map(({ segment }) => segment)));
  let judged = false;
  let wrong: string | undefined;
  world.journal.sinks.push({
    kinds: kindsOf(Kind.deliver),
    record: (_id, _at, kind, node, _peer, _cause, _word, _size, payload) => {
      if (kind !== Kind.deliver) return;
      const { source, to } = payload as Packet;
      const address = world.names.address(to);
      if (!isMulticast(address)) return;
      judged = true;
      const shared = [...(segments[node] ?? [])].some((segment) => segments[source]?.has(segment));
      if (!shared)
        wrong ??= `${nodes[node]?.name} received what ${nodes[source]?.name} sent to ${formatAddress(address)} on another segment`;
    },
    cell: () => undefined,
  });
  return { kind: 'always', name, judge: () => (judged ? wrong : VACUOUS) };
}
