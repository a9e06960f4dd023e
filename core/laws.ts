import { showsItsState } from './laws/cells.ts';
import { leavesAlone } from './laws/handed.ts';
import { withoutImpurity } from './laws/impure.ts';
import { survivesGarbage } from './laws/memory.ts';
import { countsSoundly } from './laws/numbers.ts';
import { replays, survivesRestore, survivesRewind } from './laws/sameness.ts';
import type { Subject } from './laws/subject.ts';
import { run } from './laws/world.ts';
import { assertTree } from './state.ts';

export type { Neighbour, Place, Subject } from './laws/subject.ts';

/** Something that is true of every protocol. */
export interface Law {
  /** A sentence about the protocol that could be false. */
  readonly name: string;
  /**
   * Holds the protocol to it in one run of a small closed world.
   *
   * @throws AssertionError that says at which event it was broken, and how
   */
  check(seed: number): void;
}

/**
 * What the contract demands of every protocol, as laws to be checked with many seeds:
 *
 * ```ts
 * describe.each(laws({ name: 'echo', sockets, make }))('$name', ({ check }) => {
 *   test.each([1, 2, 3])('with seed %i', (seed) => check(seed));
 * });
 * ```
 *
 * Each runs a few nodes in a world that loses, delays, duplicates, crashes and fails writes, until it has had its number
 * of events. What the protocol hands to other parts of its process (`Out.of`) is compared and goes nowhere.
 */
export function laws<M, C>(subject: Subject<M, C>): Law[] {
  return [
    { name: 'the same inputs give the same calls', check: (seed) => replays(subject, seed) },
    { name: 'a fresh instance goes on from a saved state', check: (seed) => survivesRestore(subject, seed) },
    { name: 'a rewound instance goes on as if it had not seen the future', check: (seed) => survivesRewind(subject, seed) },
    {
      name: 'the state is a tree of plain data',
      check: (seed) => run(subject, seed, { after: ({ protocol }) => assertTree(protocol.state) }),
    },
    { name: 'nothing impure is touched', check: (seed) => run(subject, seed, { around: withoutImpurity }) },
    { name: 'garbage does no harm', check: (seed) => survivesGarbage(subject, seed) },
    { name: 'what was handed over stays as it was', check: (seed) => leavesAlone(subject, seed) },
    { name: 'the cells show the state', check: (seed) => showsItsState(subject, seed) },
    { name: 'the numbers are sound', check: (seed) => countsSoundly(subject, seed) },
  ];
}
