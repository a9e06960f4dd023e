import type { Invariant } from '../invariant.ts';
import { namesOf, statusOf } from './members.ts';
import type { SerfNodeState } from './state.ts';

/** What must hold of Serf on every node at every instant, whatever the network does. */
export const serfInvariants: readonly Invariant<SerfNodeState>[] = [
  {
    name: 'Who is gone is listed as gone',
    violation: (states) =>
      find(states, ({ members }) => {
        for (const [status, list] of [
          ['failed', members.failed],
          ['left', members.left],
        ] as const) {
          const names = namesOf(members).filter((name) => statusOf(members, name) === status);
          if (names.join() !== list.toSorted((a, b) => a - b).join())
            return `lists ${list} as ${status} and holds ${names} to be`;
        }
        return undefined;
      }),
  },
  {
    name: 'Members are counted',
    violation: (states) =>
      find(states, ({ members }) => {
        const held = namesOf(members).length;
        return held === members.count ? undefined : `counts ${members.count} members and has ${held}`;
      }),
  },
  {
    name: 'Nobody fails itself',
    violation: (states) =>
      find(states, ({ members, self }) => (statusOf(members, self) === 'failed' ? 'holds itself to have failed' : undefined)),
  },
];

function find(states: readonly SerfNodeState[], wrong: (state: SerfNodeState) => string | undefined): string | undefined {
  for (const state of states) {
    const words = wrong(state);
    if (words !== undefined) return `node ${state.self} ${words}`;
  }
  return undefined;
}
