import type { Invariant } from '../invariant.ts';
import type { EchoState } from './state.ts';

/** What must hold of all nodes at every instant. */
export const echoInvariants: readonly Invariant<EchoState>[] = [
  {
    name: 'a ping is answered once at most',
    violation: (states) =>
      find(states, ({ sent, heard }) => (heard > sent ? `was heard ${heard} times and sent ${sent} pings` : undefined)),
  },
  {
    name: 'who is silent owes an answer',
    violation: (states) =>
      find(states, ({ status, open }) => (status === 'silent' && open === undefined ? 'is silent and owes nothing' : undefined)),
  },
];

function find(states: readonly EchoState[], wrong: (peer: EchoState['peers'][number]) => string | undefined): string | undefined {
  for (const [node, { peers }] of states.entries()) {
    for (const [index, peer] of peers.entries()) {
      const words = wrong(peer);
      if (words !== undefined) return `peer ${index} of node ${node} ${words}`;
    }
  }
  return undefined;
}
