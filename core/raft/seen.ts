import type { NameId } from '../names.ts';
import { lastIndexOf, lastTermOf } from './log.ts';
import type { RaftState } from './state.ts';

/** What was seen of a server when it was looked at last. */
export interface Seen {
  state: RaftState;
  term: number;
  vote: NameId | undefined;
  durableTerm: number;
  /** The vote that its disk has. */
  given: { readonly term: number; readonly vote: NameId } | undefined;
  role: string;
  commit: number;
  last: number;
  lastTerm: number;
  cut: number;
  truncations: number;
  snapshot: number;
  configs: number;
  isHandingOver: boolean;
}

/** What a server is seen as when it starts: nothing of it has been looked at. */
export const seenOf = (state: RaftState): Seen => ({
  state,
  term: state.currentTerm,
  vote: state.votedFor,
  durableTerm: state.storage.durableTerm,
  given: undefined,
  role: 'follower',
  commit: Math.min(state.snapshot?.index ?? 0, state.commitIndex),
  last: lastIndexOf(state.log),
  lastTerm: lastTermOf(state.log),
  cut: state.log.cut,
  truncations: state.log.truncations,
  snapshot: state.snapshot?.index ?? 0,
  configs: 0,
  isHandingOver: false,
});
