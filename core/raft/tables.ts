/** The timers of Raft: what their subjects are. */
export const Timer = {
  /** Nothing was heard of a leader, or an election came to nothing. */
  election: 0,
  /** The leader's beat; subject: the peer, or 0 for all. */
  heartbeat: 1,
  /** It is time to say what is committed; subject: the peer. */
  commit: 2,
  /** The leader looks whether it still hears a majority. */
  quorum: 3,
  /** What was handed to another takes too long; subject: one of `Handed`. */
  transfer: 4,
} as const;

/** What is handed to another: leadership, or a proposal that is sent on to the leader. */
export const Handed = { leadership: 0, proposal: 1 } as const;

export const TIMERS: readonly string[] = ['election', 'heartbeat', 'commit', 'check quorum', 'transfer'];

/**
 * What the world sees of a server, all under its own name: role, term, whom it voted for and whom it takes for the leader in this term, the
 * last index of its log and that entry's term, how far it knows the log to be committed, what its snapshot covers, and the voters and learners
 * of the configuration that it acts by.
 */
export const Cell = {
  role: 0,
  term: 1,
  vote: 2,
  leader: 3,
  last: 4,
  lastTerm: 5,
  commit: 6,
  snapshot: 7,
  voters: 8,
  learners: 9,
} as const;

export const CELLS: readonly string[] = [
  'role',
  'term',
  'vote',
  'leader',
  'last',
  'last term',
  'commit',
  'snapshot',
  'voters',
  'learners',
];
