import { Xoshiro } from '../laws/xoshiro.ts';
import type { Tried } from '../tried.ts';
import { agrees, DRILLS, led } from './drills.ts';
import { drawFaults, inWords, type RaftFault } from './faults.ts';
import { Broken, RaftOrdeal } from './ordeal.ts';
import type { RaftRules } from './rules.ts';
import { canChange, drawSetting, type Setting } from './setting.ts';

/** What is put into the core in place of what it is: nothing, or a bug. */
interface Swapped {
  readonly raft?: Partial<RaftRules>;
}

const MOST_DRILLS = 2;

/** A trial of Raft: a cluster of a size, with settings, faults and drills that are all drawn from the number. */
export function raftTrial(seed: number, { raft: rules = {} }: Swapped, without: ReadonlySet<number> = new Set()): Tried {
  const random = new Xoshiro(seed, 'trial');
  const setting = drawSetting(random);
  const faults = random.chance(0.15) ? [] : drawFaults(random, setting);
  const left = faults.filter((_, i) => !without.has(i));
  const told = { faults: faults.map(inWords) };
  const cluster = new RaftOrdeal(seed, setting, rules);
  const eventsOf = (): number => cluster.watch?.state.moment ?? 0;
  try {
    attempt(cluster, left, setting, new Xoshiro(seed, 'drills'));
    return { broken: undefined, events: eventsOf(), ...told };
  } catch (error) {
    const property = error instanceof Broken ? error.property : 'NothingThrown';
    const says = error instanceof Error ? error.message : String(error);
    return { broken: { property, says }, events: eventsOf(), ...told };
  }
}

function attempt(cluster: RaftOrdeal, faults: readonly RaftFault[], { config }: Setting, random: Xoshiro): void {
  cluster.start();
  cluster.suffer(faults);
  cluster.heal();
  // Where voters are loyal to nobody, whoever was removed and does not know it disturbs the others for ever; elsewhere some changes get stuck.
  const changed = faults.some(({ type }) => type === 'changes');
  if (!changed || canChange(config)) inPeace(cluster, random);
  const wrong = cluster.customers.review();
  if (wrong !== undefined) throw new Broken(wrong);
}

function inPeace(cluster: RaftOrdeal, random: Xoshiro): void {
  led(cluster);
  agrees(cluster);
  // A transfer that was asked for before may be under way for so long.
  cluster.pass(cluster.rounds(1.2));
  let leader = led(cluster);
  for (let drills = random.integer(MOST_DRILLS + 1); drills > 0; drills--) {
    const chosen = random.pick(DRILLS);
    if (!chosen.applies(cluster, leader)) continue;
    try {
      chosen.run(cluster, leader, random);
    } catch (error) {
      if (error instanceof Broken) throw new Broken({ property: error.property, says: `${error.message} (${chosen.name})` });
      throw error;
    }
    cluster.join();
    leader = led(cluster);
  }
  agrees(cluster);
  const silent = cluster.customers.unanswered(cluster.rounds(10));
  if (silent !== undefined) throw new Broken(silent);
}
