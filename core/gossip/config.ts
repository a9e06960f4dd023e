import type { Prefix } from '../address.ts';
import type { NameId } from '../names.ts';
import { type Duration, milliseconds, seconds, ZERO } from '../time.ts';

/**
 * The knobs of memberlist, under its own names.
 *
 * Every period is on the node's own clock. The defaults are those of the three profiles below, which differ in how far apart
 * the members are expected to be.
 */
export interface GossipConfig {
  /** Deadline for dialling, and again for what follows on the stream. Too short: joins over slow links fail. Too long: a dead seed holds a join up. */
  readonly tcpTimeout: Duration;
  /** How many helpers are asked to ping a member that did not answer; 0 or more. More helpers: fewer false suspicions, more packets. */
  readonly indirectChecks: number;
  /** Packets that carry one rumour = this × the decimal digits of the number of members. Too low: rumours die out; too high: packets full of old news. */
  readonly retransmitMult: number;
  /** Scales how long a suspect may stay silent; that less 2 is how many others must agree for the shortest time. */
  readonly suspicionMult: number;
  /** Longest suspicion = this × the shortest; what a member without confirmations waits. */
  readonly suspicionMaxTimeoutMult: number;
  /** Between full exchanges of state with a random member; grows with the cluster. 0 turns them off. */
  readonly pushPullInterval: Duration;
  /** The protocol period: one member is probed in each. 0 turns probing off. Shorter finds the dead sooner and costs packets. */
  readonly probeInterval: Duration;
  /** How long the direct answer may take before helpers are asked. Below the round-trip time every probe needs helpers. */
  readonly probeTimeout: Duration;
  /** Without the ping over TCP a member whose UDP is blocked is suspected. */
  readonly disableTcpPings: boolean;
  /** Says of single members that they are not pinged over TCP. */
  readonly disableTcpPingsFor?: (node: NameId) => boolean;
  /** Health scores run from 0 to this less 1; a probe may take (score + 1) protocol periods. 1 switches local health off. */
  readonly awarenessMaxMultiplier: number;
  /** Between rounds of gossip. 0 turns gossip off: rumours then travel on pings and by push/pull alone. */
  readonly gossipInterval: Duration;
  /** Members that each round of gossip goes to. */
  readonly gossipNodes: number;
  /** How long the dead are still told things, and remembered at least. Too short: a member that was cut off never hears that it was declared dead. */
  readonly gossipToTheDeadTime: Duration;
  /** Bytes of UDP payload that are filled; above the path's MTU packets are fragmented or lost. */
  readonly udpBufferSize: number;
  /** After this age the name of a dead member may be claimed from another address. 0: never. */
  readonly deadNodeReclaimTime: Duration;
  /** Members elsewhere are refused, and so is what others say of members from elsewhere; empty: all are welcome. */
  readonly cidrsAllowed: readonly Prefix[];
  /** Whether only such addresses are contacted as came with the name of their member. Nobody checks the name. */
  readonly requireNodeNames: boolean;
  /** Written before every packet, up to 255 bytes; clusters of different labels do not hear each other. Empty: none. */
  readonly label: string;
  /** Something in front of this node takes the labels off what comes; a label that is there none the less is wrong. */
  readonly skipInboundLabelCheck: boolean;
  /** With keys: whether what is not encrypted is refused. Off while a running cluster is given its first key. */
  readonly gossipVerifyIncoming: boolean;
  /** With keys: whether packets are encrypted. Off in the first step of that. */
  readonly gossipVerifyOutgoing: boolean;
}

/** For members in one data centre. */
export const LAN: GossipConfig = {
  tcpTimeout: seconds(10),
  indirectChecks: 3,
  retransmitMult: 4,
  suspicionMult: 4,
  suspicionMaxTimeoutMult: 6,
  pushPullInterval: seconds(30),
  probeInterval: seconds(1),
  probeTimeout: milliseconds(500),
  disableTcpPings: false,
  awarenessMaxMultiplier: 8,
  gossipInterval: milliseconds(200),
  gossipNodes: 3,
  gossipToTheDeadTime: seconds(30),
  udpBufferSize: 1400,
  deadNodeReclaimTime: ZERO,
  cidrsAllowed: [],
  requireNodeNames: false,
  label: '',
  skipInboundLabelCheck: false,
  gossipVerifyIncoming: true,
  gossipVerifyOutgoing: true,
};

/** For members far apart. */
export const WAN: GossipConfig = {
  ...LAN,
  tcpTimeout: seconds(30),
  suspicionMult: 6,
  pushPullInterval: seconds(60),
  probeInterval: seconds(5),
  probeTimeout: seconds(3),
  gossipInterval: milliseconds(500),
  gossipNodes: 4,
  gossipToTheDeadTime: seconds(60),
};

/** For members on one machine, over its loopback. */
export const LOCAL: GossipConfig = {
  ...LAN,
  tcpTimeout: seconds(1),
  indirectChecks: 1,
  retransmitMult: 2,
  suspicionMult: 3,
  pushPullInterval: seconds(15),
  probeTimeout: milliseconds(200),
  gossipInterval: milliseconds(100),
  gossipToTheDeadTime: seconds(15),
};
