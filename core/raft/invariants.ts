/** What must hold of all servers of a cluster together, whatever network and disks do. Raft's Figure 3 first, then what its proofs rest on. */
export const RAFT_INVARIANTS = {
  ElectionSafety: 'At most one server is ever leader in a term.',
  LeaderAppendOnly: 'A leader never cuts or changes its own log.',
  LogMatching: 'Entries with the same index and term are the same, and so is all before them.',
  LeaderCompleteness: 'What is committed is in the log of every leader of a later term.',
  StateMachineSafety: 'No two servers execute different entries at one index.',
  CommitMonotone: 'A commit index never falls within a life.',
  TermMonotone: 'A term never falls, not even over a crash.',
  VoteOnce: 'A server votes for one candidate in a term, also over a crash.',
  VoteUpToDate: 'Votes go to logs at least as up to date as the voter’s, and a candidate has the log that it asks with.',
  ElectionHasQuorum: 'Who leads was given the votes of a majority of its voters.',
  CommitHasQuorum: 'What a leader commits is on the disks of a majority.',
  CommitCurrentTerm: 'A leader commits by an entry of its own term.',
  FollowerCommitSound: 'No server counts more as committed than a leader ever has.',
  NoCommittedTruncation: 'What is committed is never cut off.',
  LogTermsSorted: 'Terms never fall along a log, nor exceed the current one.',
  IndexOrder: 'Snapshot, applied, committed and last index are in this order.',
  DurableKnown: 'A server takes for durable what a write that came back has covered, and nothing that was cut since.',
  DurableKept: 'What a disk was known to hold is there after a crash.',
  AckDurable: 'What a follower confirms is on its disk, and so is its term.',
  VoteDurable: 'A vote is on disk when it is given.',
  RequestVoteDurable: 'A term is on disk before votes are asked for in it.',
  SnapshotSound: 'A snapshot ends with a committed entry.',
  SnapshotForward: 'A snapshot never takes a server back, and the log goes on after it without a gap.',
  SnapshotExact: 'A snapshot holds what all entries up to it come to: state, sessions and configuration.',
  MatchSound: 'What a leader believes a follower to have is on its disk, and the same.',
  NextAboveMatch: 'The next index is above the match index, and what is sent follows what is not compacted.',
  WindowKept: 'No more appends are under way to a follower than may be.',
  OneUncommittedConfig: 'A leader has one configuration at most that is not committed anywhere.',
  JointCommitted: 'A joint configuration is ended when it is committed.',
  ConfigsInLog: 'The configurations that a server knows are those of its log.',
  ConfigStep: 'Configurations that follow each other differ by one voter, or are joint.',
  OwnTermBeforeConfig: 'A leader commits an entry of its own term before it changes the configuration.',
  QuorumIntersection: 'No two servers could be elected in one term by disjoint sets of voters.',
  NoConfigNoCampaign: 'Who knows of no cluster does not campaign.',
  BootstrapOnce: 'A server starts a cluster once at most, and only with nothing in its log.',
  PatientVoter: 'Nobody campaigns within an election timeout of having heard a leader or given a vote, unless it is told to.',
  StepsDown: 'A leader that hears too few, or whose disk has stalled for longer than it may, steps down in time.',
  FollowsInTerm: 'Whom a server follows leads in its term.',
  LearnerInert: 'Only voters, and who leaves by a change not yet committed, campaign and lead.',
  PeersTracked: 'A leader sends to all members of the configuration that it acts by, and to nobody else.',
  LeaderInConfig: 'A leader that a committed configuration does not list as a voter has stepped down.',
  NoopFirst: 'The first entry of a term is empty.',
  NoPhantom: 'What is in a log was put there by the leader of its term, or was the first entry of all.',
  TransferReady: 'Who is told to campaign has the whole log of its leader.',
  TransferQuiet: 'Nothing is proposed while leadership is handed over.',
  StickyRespected:
    'Who leads, or has just heard a leader, helps nobody to depose it; nor does who has just been restarted, where leases are read.',
  PreVotePure: 'Being asked for a pre-vote changes neither term, nor vote, nor log.',
  PreVoteNoInflation:
    'Terms rise by a candidate whom a majority encouraged, or whom the leader told to campaign; all others are told of them.',
  ReadIndexFresh: 'A linearizable read sees all that was committed when it was asked for.',
  ReadHasQuorum: 'A read that a leader answers was confirmed by a majority after it was asked for.',
  LeaseHasQuorum:
    'A leader that reads by its lease was answered by a majority that promised it loyalty until now, and has told nobody to campaign.',
  LeaseExclusion: 'While a leader reads by its lease, no leader of a later term has committed anything.',
  SessionOnce: 'What servers have executed is what all commands come to, each executed once.',
  SessionDeterminism: 'Sessions are what the log makes them, on every server.',
  TimestampMonotone: 'Times never fall along a log.',
} as const;

export type RaftInvariant = keyof typeof RAFT_INVARIANTS;

/** A broken invariant, in words with the numbers. */
export interface RaftViolation {
  readonly invariant: RaftInvariant;
  readonly says: string;
}
