import { QUIRKS, type Quirks } from '../gossip/quirks.ts';
import { byWork, drawn, type Swapped, tried } from '../gossip/trial.ts';
import { Xoshiro } from '../laws/xoshiro.ts';
import { seconds } from '../time.ts';
import type { Tried } from '../tried.ts';
import type { SerfConfig } from './config.ts';
import { type SerfVictims, SNAPSHOT } from './ordeal.ts';
import { SERF_QUIRKS, type SerfQuirks } from './quirks.ts';
import type { SerfRules } from './rules.ts';
import { SERF_TRIALS } from './trials.ts';

/** What is put into the cores of agents in place of what they are. */
export interface SerfSwapped extends Swapped {
  readonly serf?: Partial<SerfRules>;
}

/** A trial of Serf, as of memberlist; `quirks` are of either. */
export function serfTrial(seed: number, { gossip, serf, quirks }: SerfSwapped, without?: ReadonlySet<number>): Tried {
  const random = new Xoshiro(seed, 'trial');
  const { names, config: usual, odd, faults } = drawn(random);
  const way = byWork(random, SERF_TRIALS);
  const config = way.anyTimers === true ? odd : usual;
  const work = { done: 0 };
  const victims: SerfVictims = {
    names,
    config,
    quirks: { ...QUIRKS.fixed, ...(quirks as Partial<Quirks>) },
    serfQuirks: { ...SERF_QUIRKS.fixed, ...(quirks as Partial<SerfQuirks>) },
    ...(gossip === undefined ? {} : { rules: gossip }),
    ...(serf === undefined ? {} : { serfRules: serf }),
    ...(way.anyTimers === true ? { serf: varied(random) } : {}),
    work,
  };
  return tried(faults, way.name, work, (left) => way.run(victims, seed, left), without);
}

/** Agents with a snapshot or without, and with events gathered as real agents do, or told at once. */
function varied(random: Xoshiro): Partial<SerfConfig> {
  const gathers = random.chance(0.3);
  return {
    ...(random.chance(0.5) ? { snapshot: SNAPSHOT, rejoinAfterLeave: random.chance(0.5) } : {}),
    ...(gathers ? { coalescePeriod: seconds(3), quiescentPeriod: seconds(1) } : {}),
    ...(random.chance(0.2) ? { disableCoordinates: true } : {}),
  };
}
