import { assert } from '../assert.ts';
import { CollectingOut } from '../collect.ts';
import { compareState, copyState, restoreState } from '../state.ts';
import { give } from './input.ts';
import type { Happened, Member } from './member.ts';
import type { Subject } from './subject.ts';
import { run } from './world.ts';

/** Same state, input and random numbers: the same calls in the same order. */
export function replays<M, C>(subject: Subject<M, C>, seed: number): void {
  assertSame(subject, run(subject, seed), run(subject, seed), 'when it was run again');
}

/** Nothing that matters lives outside `state`: a fresh instance with the saved state goes on like the old one. */
export function survivesRestore<M, C>(subject: Subject<M, C>, seed: number): void {
  const restored = run(subject, seed, {
    before(member) {
      const saved = save(member);
      member.protocol = subject.make(member.place);
      restore(member, saved);
    },
  });
  assertSame(subject, run(subject, seed), restored, 'when each event met a fresh instance with the saved state');
}

/** Nothing derived from a state survives it: an instance that was rewound goes on like one that never saw the future. */
export function survivesRewind<M, C>(subject: Subject<M, C>, seed: number): void {
  const rewound = run(subject, seed, {
    before(member, input, now) {
      const saved = save(member);
      give(member.protocol, now, input, new CollectingOut<M>());
      restore(member, saved);
    },
  });
  assertSame(subject, run(subject, seed), rewound, 'when each event came twice, the first undone by restoring the state');
}

interface Saved {
  readonly state: object;
  readonly random: object;
}

function save<M, C>({ protocol, random }: Member<M, C>): Saved {
  return copyState({ state: protocol.state, random: random.state });
}

function restore<M, C>({ protocol, random }: Member<M, C>, saved: Saved): void {
  restoreState(protocol.state, saved.state);
  restoreState(random.state, saved.random);
  protocol.restored?.();
}

function assertSame<M, C>(
  { name }: Subject<M, C>,
  one: readonly Happened<M, C>[],
  other: readonly Happened<M, C>[],
  when: string,
): void {
  for (const [step, happened] of one.entries()) {
    const difference = compareState(happened, other[step], `event ${step}`);
    assert(
      difference === undefined,
      () => `${name}: ${difference?.path} was ${difference?.left}, but ${difference?.right} ${when}`,
    );
  }
}
