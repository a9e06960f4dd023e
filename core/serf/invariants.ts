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
  {
    name: 'Coordinates are finite',
    violation: (states) =>
      find(states, ({ coordinates: { own } }) => {
        const { vector, error, adjustment, height } = own;
        const finite = [...vector, error, adjustment, height].every(Number.isFinite);
        return finite && height >= 1e-5 && error <= 1.5
          ? undefined
          : `is at ${vector}, ${height} high, with an error of ${error}`;
      }),
  },
  {
    name: 'What is remembered has met the clock',
    violation: (states) =>
      find(states, ({ events, eventTime, heard, queryTime }) => {
        for (const { time } of events.values())
          if (time >= eventTime) return `remembers an event of time ${time} at ${eventTime}`;
        for (const { time } of heard.values()) if (time >= queryTime) return `remembers a query of time ${time} at ${queryTime}`;
        return undefined;
      }),
  },
];

function find(states: readonly SerfNodeState[], wrong: (state: SerfNodeState) => string | undefined): string | undefined {
  for (const state of states) {
    const words = wrong(state);
    if (words !== undefined) return `node ${state.self} ${words}`;
  }
  return undefined;
}
