import type { ScenarioInput } from '../../../sim/scenario/schema.ts';
import { consulWorld } from './consul.ts';
import { kvdWorld } from './kvd.ts';
import { serfWorld } from './serf.ts';

/** Kinds of worlds, made new for every run: what runs in them, and how they come about from a seed. */
export const WORLDS = {
  serf: serfWorld,
  kvd: kvdWorld,
  consul: consulWorld,
} as const satisfies Readonly<Record<string, (seed: string) => ScenarioInput>>;

export type WorldKind = keyof typeof WORLDS;
