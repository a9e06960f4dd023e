import type { Profile } from '../gossip/gossip.ts';

/** Where Serf behaves oddly, or differed between its versions: one switch each, true for the odd or old way. */
export interface SerfQuirks {
  /** The last update of a member is announced again with every later event of any member, until something else happens to that member. */
  readonly coalescerKeepsLatest: boolean;
  /** A departure that does not go out in time fails, and the agent stays in the middle of it (Serf before 0.10). */
  readonly leaveTimeoutFails: boolean;
}

export const SERF_QUIRKS: Readonly<Record<Profile, SerfQuirks>> = {
  'serf-0.9': { coalescerKeepsLatest: true, leaveTimeoutFails: true },
  'serf-0.10': { coalescerKeepsLatest: true, leaveTimeoutFails: false },
  fixed: { coalescerKeepsLatest: false, leaveTimeoutFails: false },
};
