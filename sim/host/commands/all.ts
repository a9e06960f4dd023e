import { Registry } from './registry.ts';
import { serf } from './serf.ts';
import { standardCommands } from './standard.ts';

/** The commands that hosts know. */
export const registry = new Registry([...standardCommands, serf]);
