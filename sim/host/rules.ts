import type { ConsulRules } from '../../core/consul/rules.ts';
import type { GossipRules } from '../../core/gossip/rules.ts';
import type { RaftRules } from '../../core/raft/rules.ts';
import type { SerfRules } from '../../core/serf/rules.ts';

/**
 * Rules of protocols in place of those that are released; what is not given stays. A program hands them to the protocols that it makes.
 *
 * They are for proving that checks notice: one bug at a time, in every process of a world. Worlds with other rules belong into other
 * threads, as calls of a rule are fast while it is the same one.
 */
export interface Rules {
  readonly gossip?: Partial<GossipRules>;
  readonly serf?: Partial<SerfRules>;
  readonly raft?: Partial<RaftRules>;
  readonly consul?: Partial<ConsulRules>;
}

/** Those of everybody who uses Partita. */
export const RELEASED: Rules = {};
