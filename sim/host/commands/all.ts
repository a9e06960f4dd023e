import { consul } from './consul.ts';
import { kv } from './kv.ts';
import { kvd } from './kvd.ts';
import { raft } from './raft.ts';
import { Registry } from './registry.ts';
import { serf } from './serf.ts';
import { standardCommands } from './standard.ts';

/** The commands that hosts know. */
export const registry = new Registry([...standardCommands, consul, kv, kvd, raft, serf]);
