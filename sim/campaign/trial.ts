import { add, type Instant } from '../../core/time.ts';
import { changesMembers } from '../check/commands.ts';
import type { Quiet } from '../check/property.ts';
import type { Intervention } from '../intervention/intervention.ts';
import { Randomness } from '../rng.ts';
import type { Errand, Plan } from '../scenario/plan.ts';
import { Dice } from './dice.ts';
import type { Exploration } from './exploration.ts';
import { Faults } from './faults.ts';
import { type FaultKind, faultKindOf } from './kinds.ts';
import { peace } from './peace.ts';

/** One run of a campaign: all that makes it what it is, beside the plan. */
export interface Trial {
  readonly index: number;
  readonly seed: string;
  readonly interventions: readonly Intervention[];
  /** The kinds of which it has at least one. */
  readonly enabled: readonly FaultKind[];
  /** Since when nothing is done any more, and for whom liveness is due. */
  readonly quiet: Quiet;
  readonly heals: 'all' | 'majority';
  /** Whatever must come true has come true by then. */
  readonly end: Instant;
}

/**
 * Run `index` of a campaign: the same whoever asks, and whatever was asked before.
 *
 * Each run enables a random half of all kinds, more or less (swarm testing, Groce et al. 2012): so there are runs in which one kind can do what
 * others would cover up. How many faults there are and how long they last is drawn for each run, too.
 */
export function trialOf(plan: Plan, exploration: Exploration, campaignSeed: number | string, index: number): Trial {
  const seed = `${campaignSeed}/${index}`;
  const dice = new Dice(new Randomness(seed).stream('trial'));
  const { chaos, quiet, faults: counts, workload } = exploration;
  const heals = dice.pick(exploration.heals);
  const { kinds, weights } = swarm(exploration, dice);
  const faults = new Faults(plan, exploration, dice);
  const count = dice.few(counts.least, counts.most);
  const drawn = Array.from({ length: kinds.length === 0 ? 0 : count }, () => dice.weighted(kinds, weights));
  const errands = drawn.includes('command') ? dice.some(workload, 0.5) : [];
  const done = [
    ...errands.filter((errand) => heals === 'all' || !changes(errand)).flatMap((errand) => typed(errand, exploration, dice)),
    ...drawn.flatMap((kind) => (kind === 'command' ? [] : faults.draw(kind))),
  ];
  const { interventions, hosts } = peace(plan, exploration, heals, done, dice);
  const sorted = interventions
    .map((entry, place) => ({ entry, place }))
    .sort((a, b) => begin(a.entry) - begin(b.entry) || a.place - b.place)
    .map(({ entry }) => entry);
  return {
    index,
    seed,
    interventions: sorted,
    enabled: [...new Set(done.map((entry) => faultKindOf(entry) as FaultKind))],
    quiet: { from: chaos.until, hosts },
    heals,
    end: add(chaos.until, quiet),
  };
}

const begin = (entry: Intervention): number => ('at' in entry ? entry.at : 0);

/** The kinds of a run: each is in it with a probability that is the same for all, and another one in each run. */
function swarm({ kinds, weights }: Exploration, dice: Dice): { kinds: readonly FaultKind[]; weights: readonly number[] } {
  const probability = dice.pick([0.15, 0.3, 0.5, 0.8]);
  const places = kinds.map((_, place) => place).filter(() => dice.chance(probability));
  const chosen = places.length > 0 || kinds.length === 0 ? places : [dice.below(kinds.length)];
  return { kinds: chosen.map((place) => kinds[place] as FaultKind), weights: chosen.map((place) => weights[place] as number) };
}

/** Whether an errand changes who is in a cluster: then nobody can say beforehand what a majority of it is. */
const changes = ({ run }: Errand): boolean =>
  changesMembers({ timeline: [{ type: 'run', line: run, node: 0, at: 0 }] } as unknown as Plan);

function typed({ on, run, at: when, every }: Errand, { chaos }: Exploration, dice: Dice): Intervention[] {
  const all: Intervention[] = [];
  const span = chaos.until - chaos.from;
  let at = when === undefined ? dice.instant(chaos.from, chaos.until) : dice.later(chaos.from, when);
  for (let times = 0; at < chaos.until && times < span; times++) {
    if (on === 'leader') all.push({ kind: 'aimed', aim: 'leader', does: { kind: 'command', run }, at });
    else all.push({ kind: 'command', host: dice.pick(on), run, at });
    if (every === undefined) break;
    at = dice.later(at, every);
  }
  return all;
}
