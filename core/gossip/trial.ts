import { Xoshiro } from '../laws/xoshiro.ts';
import { type Duration, milliseconds, seconds } from '../time.ts';
import type { Tried } from '../tried.ts';
import { type GossipConfig, LAN, LOCAL, WAN } from './config.ts';
import type { Fault, Victims } from './ordeal.ts';
import { QUIRKS, type Quirks } from './quirks.ts';
import type { GossipRules } from './rules.ts';
import { TRIALS } from './trials.ts';
import { Broken } from './watch/broken.ts';

/** What is put into the cores in place of what they are: nothing, or a bug. */
export interface Swapped {
  readonly gossip?: Partial<GossipRules>;
  /** Oddities of memberlist or Serf, by name, over the profile that has none. */
  readonly quirks?: Readonly<Record<string, boolean>>;
}

/** What a cluster is and goes through, drawn from a number. */
export interface Drawn {
  readonly names: readonly string[];
  /** The timers of one of memberlist's profiles, and others, for what holds whatever they are. */
  readonly config: GossipConfig;
  readonly odd: GossipConfig;
  readonly faults: readonly Fault[];
}

const FEWEST = 3;
const USUAL = 8;
/** One cluster in so many is larger, and how large at most. */
const LARGE_ONES = 12;
const MOST = 20;
const MOST_FAULTS = 6;
/** When the last one begins, and how long each lasts at most; in milliseconds. */
const WITHIN = 40_000;
const SHORTEST = 100;
const LONGEST = 40_000;
/** A datagram comes as much later, in milliseconds. */
const SLOWEST = 700;
const LATEST = 20_000;

/** Size, timers and faults of a cluster. */
export function drawn(random: Xoshiro): Drawn {
  const most = random.integer(LARGE_ONES) === 0 ? MOST : USUAL;
  const size = FEWEST + random.integer(most - FEWEST + 1);
  const names = Array.from({ length: size }, (_, i) => `n${i + 1}`);
  const config = random.pick([LAN, LAN, LOCAL, LOCAL, WAN]);
  const faults = Array.from({ length: 1 + random.integer(MOST_FAULTS) }, () => faultOn(random, names));
  return { names, config, odd: random.chance(0.5) ? config : varied(random, config), faults };
}

/** Some knobs turned, each within what memberlist allows. */
function varied(random: Xoshiro, base: GossipConfig): GossipConfig {
  const turned = <T>(value: T, others: readonly T[]): T => (random.chance(0.3) ? random.pick(others) : value);
  return {
    ...base,
    indirectChecks: turned(base.indirectChecks, [0, 1, 2, 5]),
    retransmitMult: turned(base.retransmitMult, [2, 3, 6]),
    suspicionMult: turned(base.suspicionMult, [2, 3, 5, 8]),
    suspicionMaxTimeoutMult: turned(base.suspicionMaxTimeoutMult, [1, 2, 10]),
    pushPullInterval: turned(base.pushPullInterval, [seconds(3), seconds(10), seconds(45)]),
    probeInterval: turned(base.probeInterval, [2 * base.probeTimeout, 4 * base.probeTimeout] as Duration[]),
    disableTcpPings: turned(base.disableTcpPings, [true]),
    awarenessMaxMultiplier: turned(base.awarenessMaxMultiplier, [1, 2, 4]),
    gossipInterval: turned(base.gossipInterval, [milliseconds(30), milliseconds(170), seconds(1)]),
    gossipNodes: turned(base.gossipNodes, [1, 2, 5]),
    gossipToTheDeadTime: turned(base.gossipToTheDeadTime, [seconds(5), seconds(45)]),
    udpBufferSize: turned(base.udpBufferSize, [300, 512, 4000, 65_000]),
  };
}

function faultOn(random: Xoshiro, names: readonly string[]): Fault {
  const time = { at: random.integer(WITHIN), lasts: SHORTEST + random.integer(LONGEST) };
  const name = random.pick(names);
  const probability = (5 + random.integer(86)) / 100;
  switch (random.integer(9)) {
    case 0: {
      const some = names.filter(() => random.chance(0.4));
      return { type: 'cut', names: some.length === 0 ? [name] : some, oneWay: random.chance(0.3), ...time };
    }
    case 1:
      return { type: 'lose', probability, streams: random.chance(0.5), ...time };
    case 2:
      return { type: 'slow', delay: 1 + random.integer(SLOWEST), ...time };
    case 3:
      return { type: 'repeat', probability, within: 1 + random.integer(LATEST), ...time };
    case 4:
      return { type: 'refuse', name, ...time };
    case 5:
      return { type: 'pause', name, ...time };
    case 6:
      return { type: 'restart', name, ...time };
    case 7:
      return { type: 'power', name, ...time };
    default:
      return { type: 'leave', name, ...time };
  }
}

/** One of a list, each with a chance in inverse proportion to the work that it is, so that as much is spent on each. */
export function byWork<T extends { readonly weight: number }>(random: Xoshiro, all: readonly T[]): T {
  let rest = random.fraction() * all.reduce((sum, { weight }) => sum + 1 / weight, 0);
  for (const each of all) {
    rest -= 1 / each.weight;
    if (rest < 0) return each;
  }
  return all[0] as T;
}

/** A trial of memberlist: one of the ways to try a cluster, of a size, with timers and faults that are all drawn from the number. */
export function gossipTrial(seed: number, { gossip: rules = {}, quirks }: Swapped, without?: ReadonlySet<number>): Tried {
  const random = new Xoshiro(seed, 'trial');
  const { names, config: usual, odd, faults } = drawn(random);
  const way = byWork(random, TRIALS);
  const config = way.anyTimers === true ? odd : usual;
  const work = { done: 0 };
  const victims: Victims = { names, config, quirks: { ...QUIRKS.fixed, ...(quirks as Partial<Quirks>) }, rules, work };
  return tried(faults, way.name, work, (left) => way.run(victims, seed, left), without);
}

/** Tries it, without some of the faults. What is thrown beside broken properties is a bug too. */
export function tried(
  faults: readonly Fault[],
  way: string,
  work: { readonly done: number },
  attempt: (faults: readonly Fault[]) => void,
  without: ReadonlySet<number> = new Set(),
): Tried {
  const told = { faults: faults.map(inWords) };
  try {
    attempt(faults.filter((_, i) => !without.has(i)));
    return { broken: undefined, events: work.done, ...told };
  } catch (error) {
    const property = error instanceof Broken ? error.property : 'Nothing is thrown';
    const says = `${error instanceof Error ? error.message : error} (${way})`;
    return { broken: { property, says }, events: work.done, ...told };
  }
}

function inWords({ type, at, lasts, ...rest }: Fault): string {
  const details = Object.entries(rest).map(([key, value]) => `${key}=${value}`);
  return [type, ...details, `from ${at} ms for ${lasts} ms`].join(' ');
}
