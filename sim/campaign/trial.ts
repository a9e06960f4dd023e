import type { Rng } from '../../core/random.ts';
import { add, type Duration, type Instant, milliseconds } from '../../core/time.ts';
import type { Quiet } from '../check/property.ts';
import type { Intervention } from '../intervention/intervention.ts';
import { Randomness } from '../rng.ts';
import type { Plan } from '../scenario/plan.ts';
import type { Exploration, FaultKind } from './exploration.ts';

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

/** Run `index` of a campaign: the same whoever asks, and whatever was asked before. */
export function trialOf(_plan: Plan, exploration: Exploration, campaignSeed: number | string, index: number): Trial {
  const seed = `${campaignSeed}/${index}`;
  const random = new Randomness(seed).stream('trial');
  const { hosts, chaos, quiet, faults } = exploration;
  const enabled = exploration.kinds.filter(() => random.fraction() < 0.5);
  const kinds = enabled.length > 0 ? enabled : exploration.kinds.slice(0, 1);
  const count = faults.least + random.integer(faults.most - faults.least + 1);
  const interventions = Array.from({ length: count }, () => fault(pick(random, kinds), hosts, chaos, random));
  return {
    index,
    seed,
    interventions,
    enabled: kinds.filter((kind) => interventions.some((each) => each.kind === kind)),
    quiet: { from: chaos.until, hosts },
    heals: 'all',
    end: add(chaos.until, quiet),
  };
}

function fault(kind: FaultKind, hosts: readonly string[], chaos: Exploration['chaos'], random: Rng): Intervention {
  const span = Math.floor((chaos.until - chaos.from) / milliseconds(1));
  const start = random.integer(span);
  const length = 1 + random.integer(span - start);
  const at = (chaos.from + milliseconds(start)) as Instant;
  const during = { at, until: (at + milliseconds(length)) as Instant };
  const [host, other] = two(random, hosts);
  const least = random.integer(200);
  const range = { min: milliseconds(least) as Duration, max: milliseconds(least + 1 + random.integer(500)) as Duration };
  switch (kind) {
    case 'link-loss':
      return { kind, from: host, to: other, rate: (1 + random.integer(100)) / 100, ...during };
    case 'link-delay':
      return { kind, from: host, to: other, ...range, ...during };
    case 'link-cut':
      return { kind, from: host, to: other, ...during };
    case 'host-pause':
      return { kind, host, ...during };
    case 'cpu-delay':
      return { kind, host, ...range, ...during };
    default:
      return { kind: 'host-crash', host, ...during };
  }
}

const pick = <T>(random: Rng, list: readonly T[]): T => list[random.integer(list.length)] as T;

function two(random: Rng, hosts: readonly string[]): [string, string] {
  const first = random.integer(hosts.length);
  const step = hosts.length < 2 ? 0 : 1 + random.integer(hosts.length - 1);
  return [hosts[first] as string, hosts[(first + step) % hosts.length] as string];
}
