import { propertyNames } from './check/properties.ts';
import { registryWith } from './host/commands/all.ts';
import { RELEASED, type Rules } from './host/rules.ts';
import type { Surroundings } from './scenario/build.ts';

/** What scenarios may refer to, in worlds whose protocols follow these rules: the commands that hosts have, and the properties that runs can be held to. */
export const surroundingsWith = (rules: Rules): Surroundings => ({
  registry: registryWith(rules),
  properties: [...propertyNames.keys()],
});

/** The same with the rules that are released. */
export const surroundings: Surroundings = surroundingsWith(RELEASED);
