import type { Duration } from '../time.ts';
import type { GossipRules } from './rules.ts';

/**
 * memberlist without the parts of Lifeguard, each by the rules that take the place of its own: as before Serf 0.8, but for the times of
 * suspicion, which were longer then.
 */
export const WITHOUT_LIFEGUARD = {
  'health scaling': { probeWindow: (_score: number, interval: Duration) => interval },
  nacks: { failedProbeDelta: () => 1 },
  'dynamic suspicion': { expectedConfirmations: () => 0 },
  buddy: { warnsAccused: () => false },
} as const satisfies Record<string, Partial<GossipRules>>;

/** The rules without any part of it. */
export const withoutLifeguard = (rules: GossipRules): GossipRules =>
  Object.assign({ ...rules }, ...Object.values(WITHOUT_LIFEGUARD));
