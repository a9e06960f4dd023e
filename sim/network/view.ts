import type { Address, Prefix } from '../../core/address.ts';

/** An interface as `ip addr` and `ifconfig` show it; the loopback interface comes first. */
export interface InterfaceView {
  /** From 1: `lo`. */
  readonly index: number;
  readonly name: string;
  /** `02:42:0a:00:01:0a`; all zeros for the loopback interface. */
  readonly mac: string;
  readonly mtu: number;
  readonly loopback: boolean;
  readonly up: boolean;
  readonly addresses: readonly { readonly address: Address; readonly length: number; readonly broadcast: Address | undefined }[];
  /** Multicast groups joined on it. */
  readonly groups: readonly Address[];
  readonly received: Traffic;
  readonly sent: Traffic;
}

export interface Traffic {
  readonly packets: number;
  readonly bytes: number;
}

/** States of a neighbour entry (RFC 4861 §7.3.2, as Linux applies them to ARP). */
export type NeighbourStateName = 'incomplete' | 'reachable' | 'stale' | 'delay' | 'probe' | 'failed';

/** A line of the ARP table; sorted by address. */
export interface NeighbourView {
  readonly address: Address;
  readonly interface: string;
  /** Absent while it is not known. */
  readonly mac: string | undefined;
  readonly state: NeighbourStateName;
}

/** A line of the routing table as `ip route` shows it: the default route first, then by address and length. */
export interface RouteView {
  readonly prefix: Prefix;
  /** Absent on a connected route. */
  readonly via: Address | undefined;
  readonly interface: string;
  readonly metric: number;
  /** The address that the host itself uses as source. */
  readonly source: Address | undefined;
}
