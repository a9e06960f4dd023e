import { RELEASED, type Rules } from '../rules.ts';
import { consulWith } from './consul.ts';
import { curl } from './curl.ts';
import { kv } from './kv.ts';
import { kvdWith } from './kvd.ts';
import { raft } from './raft.ts';
import { Registry } from './registry.ts';
import { serfWith } from './serf.ts';
import { standardCommands } from './standard.ts';

/** The commands that hosts know, with programs that follow these rules. */
export const registryWith = (rules: Rules): Registry =>
  new Registry([...standardCommands, consulWith(rules), curl, kv, kvdWith(rules), raft, serfWith(rules)]);

/** The commands that hosts know. */
export const registry = registryWith(RELEASED);
