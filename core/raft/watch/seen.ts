import type { NameId } from '../../names.ts';
import type { Instant } from '../../time.ts';
import { lastIndexOf, lastTermOf } from '../log.ts';
import type { RaftState } from '../state.ts';

/** What was seen of a server when it was looked at last. Plain data. */
export interface Seen {
  term: number;
  vote: NameId | undefined;
  durableTerm: number;
  durableIndex: number;
  /** The end of the snapshot that its disk has. */
  durableSnapshot: number;
  /** What its disk had, up to an index, before it was lost. */
  lostIndex: number;
  /** The vote that its disk has. */
  given: { readonly term: number; readonly vote: NameId } | undefined;
  role: string;
  leader: NameId | undefined;
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
  /** When it heard a leader or gave a vote last, by its own clock; undefined for never. */
  heardAt: Instant | undefined;
  /** When this life of it began, if it was not the first. */
  restartedAt: Instant | undefined;
  /** When it was looked at last. */
  lookedAt: Instant | undefined;
  /** When each of the others was heard last in this leader's term. */
  contacts: Map<NameId, Instant>;
  /** The reads that wait, by who asked: what was committed when they came, and when that was. */
  floors: Map<string, { readonly commit: number; readonly moment: number }>;
  /** By term, the latest last: to whom it said that it follows, and when it did so last. */
  confirmed: Map<number, { readonly leader: NameId; readonly moment: number }>;
  /** When its rounds of heartbeats were sent first, by its own clock; the latest of a term. */
  rounds: { term: number; sent: Map<number, Instant> };
  /** When the latest round was sent that each of the others has answered. */
  leases: Map<NameId, Instant>;
  /** The term in which it told somebody to campaign. */
  toldIn: number;
  /** The batch of writes that is under way, and up to where it covers the log as that is now. */
  flushing: { batch: number; last: number };
  /** Up to where writes that came back cover it. */
  durable: number;
}

/** What a server is seen as when it starts: nothing of it has been looked at. */
export const seenOf = (state: RaftState): Seen => ({
  term: state.currentTerm,
  vote: state.votedFor,
  durableTerm: state.storage.durableTerm,
  durableIndex: 0,
  durableSnapshot: 0,
  lostIndex: 0,
  given: undefined,
  role: 'follower',
  leader: undefined,
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
  heardAt: undefined,
  restartedAt: undefined,
  lookedAt: undefined,
  contacts: new Map(),
  floors: new Map(),
  confirmed: new Map(),
  rounds: { term: 0, sent: new Map() },
  leases: new Map(),
  toldIn: 0,
  flushing: { batch: state.storage.batch, last: lastIndexOf(state.log) },
  durable: state.storage.durableIndex,
});
