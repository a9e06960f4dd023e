import { type RaftRules, RULES } from '../raft/rules.ts';
import type { ConsulConfig } from './config.ts';

/** The rules of Raft where Consul's differ. */
export function raftRules({ bootstrap, loneServerLeads }: ConsulConfig): RaftRules {
  const rules: RaftRules = {
    ...RULES,
    // A server whose disk was wiped comes back as one that never was: nobody looks whether it ran before.
    hasForgotten: () => false,
  };
  if (loneServerLeads || bootstrap) return rules;
  // Without other peers there was no election, unless single-node mode was asked for (Consul's issue 993).
  const { mayCampaign } = RULES;
  return {
    ...rules,
    mayCampaign: (name, standing, leavingMay) => standing.active.voters.length > 1 && mayCampaign(name, standing, leavingMay),
  };
}
