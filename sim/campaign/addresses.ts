import { type Address, broadcastOf, contains } from '../../core/address.ts';
import type { Topology } from '../network/topology.ts';

/**
 * Addresses that a host may have in place of its first one and that nobody has: those of the same subnet, the highest first.
 *
 * @param most no more than so many
 */
export function freeAddresses({ nodes, segments }: Topology, node: number, most: number): Address[] {
  const own = nodes[node]?.interfaces[0];
  const first = own?.addresses[0]?.address;
  const subnet = segments[own?.segment ?? -1]?.subnets.find((each) => first !== undefined && contains(each, first));
  if (subnet === undefined) return [];
  const taken = new Set(
    nodes.flatMap(({ interfaces }) => interfaces.flatMap((each) => each.addresses.map(({ address }) => address))),
  );
  const free: Address[] = [];
  for (let address = broadcastOf(subnet) - 1; address > subnet.base && free.length < most; address--)
    if (!taken.has(address as Address)) free.push(address as Address);
  return free;
}
