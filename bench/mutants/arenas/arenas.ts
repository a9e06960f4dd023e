import { gossipTrial } from '../../../core/gossip/trial.ts';
import { raftTrial } from '../../../core/raft/trial.ts';
import { serfTrial } from '../../../core/serf/trial.ts';
import { consulWorld } from '../worlds/consul.ts';
import { kvdWorld } from '../worlds/kvd.ts';
import { serfWorld } from '../worlds/serf.ts';
import type { Arena } from './arena.ts';
import { ordealArena } from './ordeal.ts';
import { worldArena } from './world.ts';

/** Where bugs are looked for, by name: the cores alone, whose runs cost least, and whole worlds. */
export const ARENAS = {
  gossip: ordealArena('gossip', (seed, { rules, quirks }, without) => gossipTrial(seed, { ...rules, quirks }, without)),
  agents: ordealArena('agents', (seed, { rules, quirks }, without) => serfTrial(seed, { ...rules, quirks }, without)),
  raft: ordealArena('raft', (seed, { rules }, without) => raftTrial(seed, rules, without)),
  serf: worldArena('serf', serfWorld),
  kvd: worldArena('kvd', kvdWorld),
  consul: worldArena('consul', consulWorld),
} as const satisfies Readonly<Record<string, Arena>>;

export type ArenaName = keyof typeof ARENAS;
