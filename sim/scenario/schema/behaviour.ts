import { z } from 'zod';
import { CONSUL_PROFILES } from '../../host/commands/consul-profile.ts';
import { PROFILES, QUIRK_NAMES, USUAL_PROFILE } from '../../host/commands/serf-quirks.ts';
import { mapping } from './field.ts';

const quirk = z.boolean().optional().describe('True: as the original does it; false: repaired.');

/** Whose behaviour programs follow: for the whole scenario, and for a host over that. */
export const behaviourShape = {
  profile: z
    .enum([...PROFILES, ...CONSUL_PROFILES])
    .optional()
    .describe(
      `The version whose behaviour agents follow; ${USUAL_PROFILE} when absent. \`fixed\` has none of the known defects.`,
    ),
  quirks: mapping(Object.fromEntries(QUIRK_NAMES.map((name) => [name, quirk])))
    .optional()
    .describe('Single oddities of the profile, switched on or off.'),
};
