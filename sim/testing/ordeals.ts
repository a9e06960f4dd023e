import fc from 'fast-check';
import type { Fault } from '../../core/gossip/ordeal.ts';

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
