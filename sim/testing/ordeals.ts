import fc from 'fast-check';
import { type GossipConfig, LAN, LOCAL } from '../../core/gossip/config.ts';
import type { Fault } from '../../core/gossip/ordeal.ts';
import { Broken } from '../../core/gossip/watch/broken.ts';

/** Faults for a cluster of these names, all begun within a time in milliseconds. Shrinks to fewer, earlier, shorter and weaker ones. */
export function clusterFaults(names: readonly string[], within = 40_000): fc.Arbitrary<Fault[]> {
  const time = { at: fc.nat({ max: within }), lasts: fc.integer({ min: 100, max: 40_000 }) };
  const name = fc.constantFrom(...names);
  const chance = fc.integer({ min: 5, max: 90 }).map((percent) => percent / 100);
  const type = <T extends string>(word: T) => fc.constant(word);
  return fc.array(
    fc.oneof(
      fc.record({ type: type('cut'), names: fc.subarray([...names], { minLength: 1 }), oneWay: fc.boolean(), ...time }),
      fc.record({ type: type('lose'), probability: chance, streams: fc.boolean(), ...time }),
      fc.record({ type: type('slow'), delay: fc.integer({ min: 1, max: 700 }), ...time }),
      fc.record({ type: type('repeat'), probability: chance, within: fc.integer({ min: 1, max: 20_000 }), ...time }),
      fc.record({ type: type('refuse'), name, ...time }),
      fc.record({ type: type('pause'), name, ...time }),
      fc.record({ type: type('restart'), name, ...time }),
      fc.record({ type: type('leave'), name, ...time }),
    ),
    { minLength: 1, maxLength: 6 },
  );
}

/** A cluster to try: who is in it, with which timers, and what befalls it. */
export interface ClusterCase {
  readonly names: readonly string[];
  readonly config: GossipConfig;
  readonly seed: number;
  readonly faults: Fault[];
}

/** Cases for the first three of some names or more. */
export const clusterCases = (all: readonly string[], least = 3): fc.Arbitrary<ClusterCase> =>
  fc.integer({ min: least, max: all.length }).chain((size) => {
    const names = all.slice(0, size);
    return fc.record({
      names: fc.constant(names),
      config: fc.constantFrom(LAN, LOCAL),
      seed: fc.integer(),
      faults: clusterFaults(names),
    });
  });

/**
 * The first of some generated cases with all these names in which one of the trials breaks a property, from 1; undefined when none does.
 * What breaks another property does not count, and what is no broken property is thrown.
 */
export function firstToBreak<T>(
  property: string,
  names: readonly string[],
  most: number,
  trials: readonly T[],
  run: (trial: T, tried: ClusterCase) => void,
): number | undefined {
  const breaks = (trial: T, tried: ClusterCase): boolean => {
    try {
      run(trial, tried);
      return false;
    } catch (error) {
      if (!(error instanceof Broken)) throw error;
      return error.property === property;
    }
  };
  const cases = fc.sample(clusterCases(names, names.length), most);
  const first = cases.findIndex((each) => trials.some((trial) => breaks(trial, each)));
  return first < 0 ? undefined : first + 1;
}
