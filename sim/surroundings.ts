import { propertyNames } from './check/properties.ts';
import { registry } from './host/commands/all.ts';
import type { Surroundings } from './scenario/build.ts';

/** What scenarios may refer to: the commands that hosts have, and the properties that runs can be held to. */
export const surroundings: Surroundings = { registry, properties: [...propertyNames.keys()] };
