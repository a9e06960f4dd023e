import { Xoshiro } from '../../../core/laws/xoshiro.ts';
import type { Tried } from '../../../core/tried.ts';
import { type Arena, cpuSeconds, NO_SWAP, type Swap } from './arena.ts';

/**
 * One run of a synthetic cluster, without hosts and networks around it. Its size, configuration and faults and what is asked of it are drawn
 * from a number, and all that a protocol is held to is looked at.
 *
 * @param without the numbers of faults that are left out; all else stays the same
 */
export type Ordeal = (seed: number, swap: Swap, without?: ReadonlySet<number>) => Tried;

/** The type of a fault is its first word. */
const typeOf = (fault: string): string => fault.split(' ')[0] ?? fault;

export function ordealArena(kind: string, ordeal: Ordeal): Arena {
  const numberOf = (seed: string, index: number): number => new Xoshiro(index, `${seed}/${kind}`).integer(2 ** 31);
  return {
    isWorld: false,
    run(seed, index, swap) {
      const { broken, events } = ordeal(numberOf(seed, index), swap);
      return { noticed: broken && { check: broken.property, says: broken.says }, events };
    },
    reduce(seed, index, swap, budget) {
      const began = cpuSeconds();
      const number = numberOf(seed, index);
      const { broken, faults } = ordeal(number, swap);
      const all = faults.map((_, i) => i);
      const fails = (without: ReadonlySet<number>): boolean =>
        ordeal(number, swap, without).broken?.property === broken?.property;
      const left = new Set<number>();
      let ended = 'none of them can be left out';
      // From the last on, again and again until each one that is left has been found to be needed.
      for (let i = all.length - 1, needed = 0; needed < all.length - left.size; i = i === 0 ? all.length - 1 : i - 1) {
        if (left.has(i)) continue;
        if (cpuSeconds() - began > budget) {
          ended = 'the time was over';
          break;
        }
        if (fails(new Set([...left, i]))) {
          left.add(i);
          needed = 0;
        } else needed++;
      }
      const types = [...new Set(faults.map(typeOf))];
      const ofType = (type: string): Set<number> => new Set(all.filter((i) => typeOf(faults[i] as string) === type));
      return {
        faults: faults.filter((_, i) => !left.has(i)),
        steps: 0,
        before: faults.length,
        ended,
        cpuSeconds: cpuSeconds() - began,
        necessary: types.filter((type) => ordeal(number, swap, ofType(type)).broken === undefined),
      };
    },
    tell: (seed, index) => ordeal(numberOf(seed, index), NO_SWAP).faults.map((fault) => `# ${fault}`),
  };
}
