import { formatAddress, parseAddress } from '../address.ts';
import type { Endpoint, NameId, Names } from '../names.ts';
import type { Versions } from './description.ts';
import type { Gossip } from './gossip.ts';
import { descriptionOf, statusOf } from './members.ts';
import { CRC_OVERHEAD } from './size.ts';

/** Least protocol version (pmax) that understands a checksum around a datagram. */
const CHECKSUM_VERSION = 5;

/** Bytes of the checksum around a datagram to a member whose record is at hand. */
export const checksumSize = (versions: Versions): number => (versions[1] >= CHECKSUM_VERSION ? CRC_OVERHEAD : 0);

/**
 * Bytes of the checksum around a datagram to a mere address: none, except that memberlist looks for a member whose *name* is the
 * text of the address.
 */
export function lookedUpChecksum(g: Gossip, to: Endpoint): number {
  if (!g.state.namedAsAddress || !g.quirks.crcByNameLookup) return 0;
  const name = g.names.state.ids.get(formatAddress(g.names.address(to)));
  if (name === undefined || statusOf(g.state.members, name) === undefined) return 0;
  return checksumSize(g.descriptions.of(descriptionOf(g.state.members, name)).versions);
}

/** Whether a member's name is the text of an address. */
export const isNamedAsAddress = (names: Names, name: NameId): boolean => parseAddress(names.text(name)) !== undefined;
