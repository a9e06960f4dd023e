import { type Profile, QUIRKS, type Quirks } from '../../../core/gossip/gossip.ts';
import { SERF_QUIRKS, type SerfQuirks } from '../../../core/serf/quirks.ts';
import type { Behaviour } from '../program.ts';

/** Where the agent behaves oddly: one switch each, true for the odd way. */
export interface AgentQuirks {
  /** Of `enable_compression`, `disable_coordinates` and `validate_node_names` in files nothing comes: the command line alone counts. */
  readonly configCompressionMerge: boolean;
  /** A reload (HUP) of an agent that keeps its tags in a file empties that file and the tags, as the configuration has none. */
  readonly tagsFileHup: boolean;
}

const AGENT_QUIRKS: Readonly<Record<Profile, AgentQuirks>> = {
  'serf-0.9': { configCompressionMerge: true, tagsFileHup: true },
  'serf-0.10': { configCompressionMerge: true, tagsFileHup: true },
  fixed: { configCompressionMerge: false, tagsFileHup: false },
};

export const PROFILES = Object.keys(AGENT_QUIRKS) as readonly Profile[];

/** What agents behave as when nobody says otherwise: the Serf that people run. */
export const USUAL_PROFILE: Profile = 'serf-0.10';

/** The names of all switches of memberlist, Serf and the agent, in alphabetical order. */
export const QUIRK_NAMES: readonly string[] = [QUIRKS.fixed, SERF_QUIRKS.fixed, AGENT_QUIRKS.fixed].flatMap(Object.keys).sort();

/** How an agent on a host behaves. */
export interface AgentBehaviour {
  readonly profile: Profile;
  readonly gossip: Quirks;
  readonly serf: SerfQuirks;
  readonly agent: AgentQuirks;
}

/** Of a profile that is none of Serf's nothing is taken. */
export function behaviourOf({ profile: named, quirks }: Behaviour): AgentBehaviour {
  const profile = PROFILES.find((each) => each === named) ?? USUAL_PROFILE;
  const over = <T extends object>(all: Readonly<Record<Profile, T>>): T => {
    const own = Object.entries(quirks).filter(([name]) => Object.hasOwn(all[profile], name));
    return { ...all[profile], ...Object.fromEntries(own) };
  };
  return { profile, gossip: over(QUIRKS), serf: over(SERF_QUIRKS), agent: over(AGENT_QUIRKS) };
}
