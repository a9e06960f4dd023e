import type { Invariant } from '../invariant.ts';
import type { NameId } from '../names.ts';
import { memberAt, statusOf } from './members.ts';
import type { GossipState } from './state.ts';
import { ALIVE, LEFT, SUSPECT } from './status.ts';

/** What must hold of every node at every instant, whatever the network does. */
export const gossipInvariants: readonly Invariant<GossipState>[] = [
  {
    name: 'No self-doubt',
    violation: (states) =>
      find(states, ({ members, self, leaving }) => {
        const status = statusOf(members, self);
        const sound = status === undefined || status === ALIVE || (status === LEFT && leaving);
        return sound ? undefined : `holds itself to be in state ${status}`;
      }),
  },
  {
    name: 'One record per name',
    violation: (states) =>
      find(states, ({ members }) => {
        const names = Array.from({ length: members.count }, (_, place) => memberAt(members, place));
        const unknown = names.find((name) => statusOf(members, name) === undefined);
        if (unknown !== undefined) return `lists ${unknown} and has no record of it`;
        return new Set(names).size === names.length ? undefined : 'lists a member twice';
      }),
  },
  {
    name: 'Every suspect has its timer',
    violation: (states) =>
      find(states, ({ members, suspicions }) => {
        // Only of those who are not alive it is known since when.
        let suspects = 0;
        for (const name of members.changedAt.keys()) {
          if (statusOf(members, name) !== SUSPECT) continue;
          suspects++;
          if (!suspicions.has(name)) return `suspects ${name} and has no timer for it`;
        }
        if (suspects !== suspicions.size) return `suspects ${suspects} and has timers for ${[...suspicions.keys()].join(', ')}`;
        return undefined;
      }),
  },
  {
    name: 'Confirmation algebra',
    violation: (states) =>
      find(states, ({ suspicions }) => {
        for (const [name, { confirmations, expected, seen }] of suspicions) {
          const sound = confirmations <= expected && seen.length === confirmations + 1 && new Set(seen).size === seen.length;
          if (!sound) return `counts ${confirmations} of ${expected} confirmations about ${name} from ${seen.join(', ')}`;
        }
        return undefined;
      }),
  },
  {
    name: 'Health range',
    violation: (states) => find(states, ({ health }) => (health >= 0 ? undefined : `has health ${health}`)),
  },
  {
    name: 'Probe shape',
    violation: (states) =>
      find(states, ({ probe, self }) => {
        if (probe?.node === self) return 'probes itself';
        const { startedAt, deadline } = probe ?? { startedAt: 0, deadline: 1 };
        return startedAt < deadline ? undefined : `probes from ${startedAt} to ${deadline}`;
      }),
  },
  {
    name: 'One rumour per name',
    violation: (states) =>
      find(states, ({ queue }) => {
        const names = new Set<NameId>();
        for (const { name } of queue.entries) {
          if (name === undefined) continue;
          if (names.has(name)) return `has two rumours under ${name}`;
          names.add(name);
        }
        return undefined;
      }),
  },
];

function find(states: readonly GossipState[], wrong: (state: GossipState) => string | undefined): string | undefined {
  for (const state of states) {
    const words = wrong(state);
    if (words !== undefined) return `node ${state.self} ${words}`;
  }
  return undefined;
}
