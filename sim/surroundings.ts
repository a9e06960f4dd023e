import type { Kit } from './campaign/judge.ts';
import { properties } from './check/properties.ts';
import { registryWith } from './host/commands/all.ts';
import { RELEASED, type Rules } from './host/rules.ts';

/** What scenarios may refer to, in worlds whose protocols follow these rules: the commands that hosts have, and the properties that runs can be held to. */
export const surroundingsWith = (rules: Rules): Required<Kit> => ({ registry: registryWith(rules), properties });

/** The same with the rules that are released. */
export const surroundings: Required<Kit> = surroundingsWith(RELEASED);
