import type { NameId } from '../../names.ts';
import { RAFT_INVARIANTS, type RaftInvariant, type RaftViolation } from '../invariants.ts';
import type { LogEnd } from '../log.ts';
import type { RaftState } from '../state.ts';
import { type HistoryState, newHistory } from './history.ts';
import { newReference, type ReferenceState } from './reference.ts';
import type { Seen } from './seen.ts';

/** What a candidate asked with, and who said yes. */
export interface Candidature {
  readonly term: number;
  /** The end of its log, as it says. */
  end: LogEnd | undefined;
  readonly yes: NameId[];
}

/** Everything that a watch remembers. Plain data but for entries, which are shared as they never change. */
export interface WatchState {
  readonly seen: Map<NameId, Seen>;
  /** Servers that are down, as they were: their disks still have what was durable. */
  readonly ended: Map<NameId, RaftState>;
  /** By term. */
  readonly leaders: Map<number, NameId>;
  readonly history: HistoryState;
  /** The highest index that any leader committed, and the highest term in which one did. */
  highest: number;
  highestTerm: number;
  /** The latest of each candidate, at most `CANDIDATURES`, the oldest first. */
  readonly votes: Map<NameId, Candidature[]>;
  readonly preVotes: Map<NameId, Candidature[]>;
  readonly reference: ReferenceState;
  /** Counts what was seen, so that it can be said what came first. */
  moment: number;
  /** How often each invariant had something to judge. */
  readonly exercised: Record<RaftInvariant, number>;
  readonly violations: RaftViolation[];
}

export const newWatchState = (): WatchState => ({
  seen: new Map(),
  ended: new Map(),
  leaders: new Map(),
  history: newHistory(),
  highest: 0,
  highestTerm: 0,
  votes: new Map(),
  preVotes: new Map(),
  reference: newReference(),
  moment: 0,
  exercised: Object.fromEntries(Object.keys(RAFT_INVARIANTS).map((name) => [name, 0])) as Record<RaftInvariant, number>,
  violations: [],
});

/** Requests and answers of older candidacies are of no use to anybody any more. */
const CANDIDATURES = 8;

/** The candidacy of a server in a term; made when it is the first that is heard of it. */
export function candidatureOf(all: Map<NameId, Candidature[]>, candidate: NameId, term: number): Candidature {
  let known = all.get(candidate);
  if (known === undefined) {
    known = [];
    all.set(candidate, known);
  }
  const found = known.find((each) => each.term === term);
  if (found !== undefined) return found;
  const fresh: Candidature = { term, end: undefined, yes: [] };
  known.push(fresh);
  if (known.length > CANDIDATURES) known.shift();
  return fresh;
}
