import type { Profile } from '../gossip/gossip.ts';

/** Where Serf behaves oddly, or differed between its versions: one switch each, true for the odd or old way. */
export interface SerfQuirks {
  /** The last update of a member is announced again with every later event of any member, until something else happens to that member. */
  readonly coalescerKeepsLatest: boolean;
  /** A departure that does not go out in time fails, and the agent stays in the middle of it (Serf before 0.10). */
  readonly leaveTimeoutFails: boolean;
  /** While a leaving member waits to be erased, six seconds by default, Serf does nothing at all: what memberlist tells and what is asked has to wait. */
  readonly pruneBlocks: boolean;
  /** A user event that comes in an exchange of states is not gathered with others, since the state does not say whether it may be. */
  readonly mergeDropsCoalesceFlag: boolean;
  /** Every exchange of states that tells of a member that left makes its departure, and so the member clocks of the whole cluster, later by one, for ever. */
  readonly leftTimesGrow: boolean;
  /** After a departure the snapshot goes on telling the member clock, so that a restart knows it and nothing else. */
  readonly leaveThenClock: boolean;
  /** An address found by multicast DNS is never dialled again, also when nobody was there. */
  readonly mdnsNoRetry: boolean;
  /** A member that finds its own answer dials itself. */
  readonly mdnsDialsSelf: boolean;
  /** When the question cannot be sent by IPv6 too, the answers to the one by IPv4 are not listened to. */
  readonly mdnsV6Abort: boolean;
}

const RELEASED: SerfQuirks = {
  coalescerKeepsLatest: true,
  leaveTimeoutFails: false,
  pruneBlocks: true,
  mergeDropsCoalesceFlag: true,
  leftTimesGrow: true,
  leaveThenClock: true,
  mdnsNoRetry: true,
  mdnsDialsSelf: true,
  mdnsV6Abort: true,
};

export const SERF_QUIRKS: Readonly<Record<Profile, SerfQuirks>> = {
  'serf-0.9': { ...RELEASED, leaveTimeoutFails: true },
  'serf-0.10': RELEASED,
  fixed: {
    coalescerKeepsLatest: false,
    leaveTimeoutFails: false,
    pruneBlocks: false,
    mergeDropsCoalesceFlag: false,
    leftTimesGrow: false,
    leaveThenClock: false,
    mdnsNoRetry: false,
    mdnsDialsSelf: false,
    mdnsV6Abort: false,
  },
};
