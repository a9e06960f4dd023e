import type { Address, Prefix } from '../../core/address.ts';
import type { Distribution } from './distribution.ts';

/**
 * What a network is built of: plain data, the same for the whole run. All references are indexes into these lists.
 *
 * The scenario's builder has checked it: indexes exist, addresses lie in a subnet of their segment and are given once, probabilities
 * are from 0 to 1. The network asserts that and reports nothing to people.
 */
export interface Topology {
  readonly segments: readonly SegmentSpec[];
  /** Absent: each segment is one bridge. Otherwise every interface names its switch, and trunks join the switches. */
  readonly switches?: readonly SwitchSpec[];
  /** Joints of switches. For each VLAN they form a forest: a loop would be a broadcast storm. */
  readonly trunks?: readonly TrunkSpec[];
  /** Hosts and routers; the place in this list is the node's number. */
  readonly nodes: readonly NodeSpec[];
}

/** A broadcast domain: a bridge, or one VLAN inside a set of switches. */
export interface SegmentSpec {
  readonly name: string;
  /** The 802.1Q identifier, 1 … 4094; absent on a bridge that knows no tags. Given at most once in a topology. */
  readonly vlan?: number;
  /** Several subnets may share a segment: multicast reaches both, unicast between them goes by a router. */
  readonly subnets: readonly Prefix[];
  /** What a crossing from any port of the segment to any other is like. */
  readonly link: LinkSpec;
  /** `blocked`: the fabric swallows multicast, as a cloud's does. Unicast and ARP are not affected. */
  readonly multicast: 'flood' | 'blocked';
  /** `blocked`: the fabric swallows broadcast datagrams; ARP is answered all the same. */
  readonly broadcast: 'flood' | 'blocked';
}

/** What happens to what crosses a segment, in one direction. */
export interface LinkSpec {
  readonly delay: Distribution;
  /** Probability from 0 to 1 that a frame is lost, each for itself. */
  readonly loss: number;
  /** Losses that come together, in addition to `loss`. */
  readonly burst?: BurstSpec;
  /** Probability that a frame arrives twice. */
  readonly duplicate: number;
  /** With this probability a frame is held up by an additional time, so that later ones overtake it. */
  readonly reorder?: { readonly probability: number; readonly by: Distribution };
  /** Probability that a frame arrives damaged; its checksum gives it away and the receiver drops it. */
  readonly corrupt: number;
  /** Bits per second of each direction of each attachment; absent for no limit. */
  readonly bandwidth?: number;
  /** Bytes that may wait for that bandwidth before the tail is dropped; 100 full frames when absent. */
  readonly queue?: number;
  /** Largest IP packet in bytes that a frame of this segment carries. */
  readonly mtu: number;
}

/**
 * Gilbert–Elliott: a direction of a link is good or bad and may change from slot to slot. Slots are stretches of virtual time, not packets,
 * so that more traffic does not shorten a burst. A bad time lasts `slot / leave` on average.
 */
export interface BurstSpec {
  /** Probability per slot that a good time ends. */
  readonly enter: number;
  /** Probability per slot that a bad time ends. */
  readonly leave: number;
  /** Loss in good times. */
  readonly lossGood: number;
  /** Loss in bad times. */
  readonly lossBad: number;
  /** Length of a slot in nanoseconds; 10 ms when absent. */
  readonly slot?: number;
}

export interface SwitchSpec {
  readonly name: string;
}

/** A cable between two switches, named by their indexes. */
export interface TrunkSpec {
  readonly between: readonly [number, number];
  /** The VLANs it carries. */
  readonly vlans: readonly number[];
}

/** A machine with a network stack. */
export interface NodeSpec {
  readonly name: string;
  /** Passes on what is not for itself: a router. */
  readonly forwarding: boolean;
  readonly interfaces: readonly InterfaceSpec[];
  /** Beside the connected routes, which follow from the interfaces' addresses. */
  readonly routes: readonly RouteSpec[];
  /** What arrives over a link and matches any of these is dropped without a word, before anything else is decided. */
  readonly deny?: readonly FilterSpec[];
}

/** Matches a packet whose source is in `from` and whose destination is in `to`; an absent side matches all. */
export interface FilterSpec {
  readonly from?: Prefix;
  readonly to?: Prefix;
}

export interface InterfaceSpec {
  /** `eth0`; a sub-interface is `eth0.20` and shares the cable of `eth0`. */
  readonly name: string;
  /** The segment it is meant to be on. An access port belongs to its VLAN. */
  readonly segment: number;
  readonly port: PortSpec;
  /** The 802.1Q tag that this (sub-)interface sends and expects; absent: untagged. */
  readonly tag?: number;
  /** The first is the primary one. */
  readonly addresses: readonly InterfaceAddress[];
  /** Largest IP packet that it sends or takes; its segment's when absent. */
  readonly mtu?: number;
  /** Replaces the segment's link for what leaves by this interface. */
  readonly out?: Partial<LinkSpec>;
  /** Replaces the segment's link, and the sender's `out`, for what arrives at this interface. */
  readonly in?: Partial<LinkSpec>;
  /** The switch it is plugged into; required where there are switches. */
  readonly switch?: number;
}

/** How the switch treats this interface's cable (IEEE 802.1Q). */
export type PortSpec =
  /** Untagged frames belong to the segment's VLAN; tagged ones are dropped. */
  | { readonly mode: 'access' }
  /** Frames with an allowed tag keep it, untagged ones belong to the native VLAN or, without one, are dropped. */
  | { readonly mode: 'trunk'; readonly allowed: readonly number[]; readonly native?: number };

export interface InterfaceAddress {
  readonly address: Address;
  /** Bits of the subnet. */
  readonly length: number;
}

/** A static route; `via` must be on a connected subnet. */
export interface RouteSpec {
  readonly prefix: Prefix;
  readonly via: Address;
  /** The lower wins among equal prefixes; 0 when absent. */
  readonly metric?: number;
}
