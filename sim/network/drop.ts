/** Why a packet did not get there. The words are what a trace shows. */
export const DROP_REASONS = [
  /** The link lost it, by itself. */
  'loss',
  /** The link lost it in a bad time. */
  'burst-loss',
  /** This direction of the link, or a trunk on the way, is cut. */
  'cut',
  /** It arrived damaged and its checksum gave it away. */
  'corrupt',
  /** It had to wait for bandwidth, or for its neighbour's address, and the queue was full. */
  'queue-full',
  /** A frame larger than the segment or the receiver takes, or a datagram larger than 65 535 bytes. */
  'mtu',
  /** The port's VLAN settings let no such frame in or out. */
  'vlan',
  /** The segment swallows multicast. */
  'multicast-blocked',
  /** The segment swallows broadcast. */
  'broadcast-blocked',
  /** A router does not turn a datagram into a broadcast of a subnet behind it. */
  'directed-broadcast',
  /** An ARP request for an address that no interface of the segment has. */
  'no-owner',
  /** The next hop did not answer three ARP requests. */
  'arp-failed',
  'no-route',
  'ttl-exceeded',
  /** A filter of a router matched it. */
  'filtered',
  /** It arrived at a host that it is not for and that is no router. */
  'not-forwarding',
  /** Nobody has bound the port. */
  'port-unreachable',
  'host-down',
] as const;

export type DropReason = (typeof DROP_REASONS)[number];
