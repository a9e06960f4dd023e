import type { Behaviour } from '../program.ts';

/** Which Consul agents behave as. */
export type ConsulProfile = 'consul-0.6' | 'consul-1.6';

/** What changed between the two. */
export interface ConsulBehaviour {
  readonly profile: ConsulProfile;
  /** Servers do not leave when they are interrupted, unless they are told to (since 0.7). */
  readonly skipLeaveOnInterrupt: boolean;
  /** A server that knows no other leads by itself (since 0.7); before only one that was started with -bootstrap did. */
  readonly loneServerLeads: boolean;
  /** A leader that leaves hands over (since 1.6); before it removed itself. */
  readonly transfersOnLeave: boolean;
  /** New servers vote when they have been healthy for a while, and dead ones are removed (since 0.8). */
  readonly autopilot: boolean;
  /** peers.json is read on an empty disk too, and needs no peers.info beside it (before 0.7, where it was the list of peers itself). */
  readonly peersAlways: boolean;
}

const PROFILES: Readonly<Record<ConsulProfile, ConsulBehaviour>> = {
  'consul-0.6': {
    profile: 'consul-0.6',
    skipLeaveOnInterrupt: false,
    loneServerLeads: false,
    transfersOnLeave: false,
    autopilot: false,
    peersAlways: true,
  },
  'consul-1.6': {
    profile: 'consul-1.6',
    skipLeaveOnInterrupt: true,
    loneServerLeads: true,
    transfersOnLeave: true,
    autopilot: true,
    peersAlways: false,
  },
};

export const CONSUL_PROFILES = Object.keys(PROFILES) as readonly ConsulProfile[];

/** A profile that is none of Consul's stands for the newer one. */
export const consulBehaviour = ({ profile }: Behaviour): ConsulBehaviour =>
  PROFILES[CONSUL_PROFILES.find((each) => each === profile) ?? 'consul-1.6'];
