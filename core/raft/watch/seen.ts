import type { NameId } from '../../names.ts';
import { lastIndexOf, lastTermOf } from '../log.ts';
import type { RaftState } from '../state.ts';

/** What was seen of a server when it was looked at last. Plain data. */
export interface Seen {
  term: number;
  vote: NameId | undefined;
  durableTerm: number;
  durableIndex: number;
  /** The vote that its disk has. */
  given: { readonly term: number; readonly vote: NameId } | undefined;
  role: string;
  commit: number;
  applied: number;
  last: number;
  lastTerm: number;
  cut: number;
  truncations: number;
  snapshot: number;
  configs: number;
  isHandingOver: boolean;
  /** Whether its disk was ever lost: it may then have forgotten a vote, and must not give another. */
  hasForgotten: boolean;
  /** Whether the first entry of its log was of its own making, in whatever life. */
  hasBegun: boolean;
  /** The reads that wait, by who asked: what was committed when they came. */
  floors: Map<string, number>;
}

/** What a server is seen as when it starts: nothing of it has been looked at. */
export const seenOf = (state: RaftState): Seen => ({
  term: state.currentTerm,
  vote: state.votedFor,
  durableTerm: state.storage.durableTerm,
  durableIndex: 0,
  given: undefined,
  role: 'follower',
  commit: Math.min(state.snapshot?.index ?? 0, state.commitIndex),
  applied: 0,
  last: lastIndexOf(state.log),
  lastTerm: lastTermOf(state.log),
  cut: state.log.cut,
  truncations: state.log.truncations,
  snapshot: 0,
  configs: 0,
  isHandingOver: false,
  hasForgotten: state.amnesiac,
  hasBegun: false,
  floors: new Map(),
});
