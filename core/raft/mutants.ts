import type { Mutant } from '../mutant.ts';
import { milliseconds } from '../time.ts';
import type { Malice } from './adversary.ts';
import type { RaftConfig } from './config.ts';
import { includes } from './configuration.ts';
import type { RaftRules } from './rules.ts';

/** A bug of Raft, and what a cluster must be set to for it to matter. */
export interface RaftMutant extends Mutant<RaftRules> {
  readonly config?: Partial<RaftConfig>;
  readonly malice?: Partial<Malice>;
  /** Makes no difference that anybody could see. */
  readonly isEquivalent?: true;
  /** Takes so rare a coincidence that it is shown by a directed run, and not by chance. */
  readonly isRare?: true;
}

/** Elections all the time. */
const HASTY: Partial<RaftConfig> = {
  electionTimeout: milliseconds(150),
  electionSpread: milliseconds(150),
  candidateTimeout: milliseconds(100),
  heartbeatInterval: milliseconds(30),
};

/** As the paper has it: nobody is asked before, nobody is loyal. */
const PLAIN: Partial<RaftConfig> = { ...HASTY, preVote: false, stickiness: 'off', checkQuorum: 'off', leaseReads: false };

/** Bugs that implementations of Raft had, to be noticed by what every run is checked for. */
export const raftMutants: readonly RaftMutant[] = [
  {
    name: 'copies of older entries commit',
    bug: 'A leader counts the copies of an entry of an older term and commits it (logcabin 44, Figure 8). Takes leader changes with partial replication.',
    rules: { leaderCommit: (commit, onMajority) => Math.max(commit, onMajority) },
    noticedBy: 'CommitCurrentTerm',
  },
  {
    name: 'the vote is not on disk',
    bug: 'votedFor is kept in memory; a crash and a restart within one term let a server vote twice (akka-raft 56).',
    rules: { recordsVote: () => undefined },
    noticedBy: 'VoteOnce',
  },
  {
    name: 'term and vote are two records',
    bug: 'A new term is written before the vote in it, so that a crash in between leaves it with the vote of the term before (HashiCorp Raft 661). That one asks with the same log and is looked at anew, and whoever was given the new vote was not told: equivalent here.',
    rules: { recordsTermFirst: () => true },
    isEquivalent: true,
    noticedBy: 'VoteOnce',
  },
  {
    name: 'late votes count',
    bug: 'A candidate counts a vote that it was given for an earlier term (Xraft 33, akka-raft 46). Takes a late answer across two candidacies.',
    rules: { countsVote: () => true },
    config: PLAIN,
    malice: { changes: false, cuts: false },
    isRare: true,
    noticedBy: 'ElectionHasQuorum',
  },
  {
    name: 'votes are counted, not voters',
    bug: 'A doubled packet is two votes (Xraft 27, akka-raft 45).',
    rules: { isNewVote: () => true },
    config: PLAIN,
    malice: { changes: false },
    noticedBy: 'ElectionHasQuorum',
  },
  {
    name: 'half is enough',
    bug: 'With an even number of voters the commit index is one that half of them have (HashiCorp Raft 163a55f). Takes four voters.',
    rules: { majorityMatch: (descending, voters) => descending[(voters - 1) >>> 1] as number },
    noticedBy: 'CommitHasQuorum',
  },
  {
    name: 'learners keep a lease alive',
    bug: 'Answers of learners extend lease and leadership (HashiCorp Raft 308). Takes a leader that is cut off together with learners.',
    rules: { contactVoters: ({ voters, learners }) => [...voters, ...learners] },
    malice: { learners: true, changes: false },
    noticedBy: 'StepsDown',
  },
  {
    name: 'a leader that leaves is a quorum of one',
    bug: 'A leader that removes itself commits by its own log alone (HashiCorp Raft 6c6653e).',
    rules: {
      countedVoters: ({ voters }, leader) => (includes(voters, leader) ? voters : [{ name: leader, endpoint: 0 as never }]),
    },
    noticedBy: 'CommitHasQuorum',
  },
  {
    name: 'configurations change before the term is ready',
    bug: 'A new leader changes the configuration before it has committed an entry of its term, so that two changes may have majorities that do not meet (raft-dev, July 2015).',
    rules: {
      mayChangeConfiguration: ({ latestIndex, commitIndex, latest }) =>
        latest.outgoing.length === 0 && latestIndex <= commitIndex,
    },
    noticedBy: 'OwnTermBeforeConfig',
  },
  {
    name: 'outsiders vote',
    bug: 'Votes of servers that are no voters count (HashiCorp Raft 477).',
    rules: { hasMajority: ({ voters }, yes) => 2 * yes.length > voters.length },
    noticedBy: 'ElectionHasQuorum',
  },
  {
    name: 'learners campaign',
    bug: 'The election timer of a learner makes it a candidate (HashiCorp Raft 483).',
    rules: { mayCampaign: () => true },
    noticedBy: 'LearnerInert',
  },
  {
    name: 'a voter does not wait for whom it elected',
    bug: 'A vote that was given does not put the voter’s own candidacy off, and the new leader is challenged at once (HashiCorp Raft 30f065a).',
    rules: { grantRestartsTimer: () => false },
    config: PLAIN,
    noticedBy: 'PatientVoter',
  },
  {
    name: 'a pre-vote is taken for a leader',
    bug: 'Who grants a pre-vote believes to have heard a leader, and is loyal to it (HashiCorp Raft 609).',
    rules: { preVoteCountsAsContact: () => true },
    noticedBy: 'a leader in the end',
  },
  {
    name: 'pre-candidates keep their leader',
    bug: 'Who asks for pre-votes still names the dead leader and refuses the others (etcd 8334, 9586). Takes voters that are loyal to a name.',
    rules: { preCandidateForgetsLeader: () => false },
    config: { stickiness: 'named', leaseReads: false },
    noticedBy: 'a leader after a crash',
  },
  {
    name: 'a late append cuts the log',
    bug: 'The log is cut behind an append that ends earlier, although it matches (RaftOS 26). Takes appends out of order.',
    rules: { firstToCut: (conflict, end, last) => (conflict > 0 ? conflict : last > end ? end + 1 : 0) },
    noticedBy: 'MatchSound',
  },
  {
    name: 'the commit index falls',
    bug: 'A follower takes the commit index of a new leader although its own is higher (PySyncObj 166).',
    rules: { followerCommit: (_commit, leaderCommits, checked) => Math.min(leaderCommits, checked) },
    noticedBy: 'CommitMonotone',
  },
  {
    name: 'commits what was not checked',
    bug: 'A follower takes its whole log for the leader’s: a stale tail is committed by a short append (a known wrong reading of Figure 2, rule 5).',
    rules: { followerCommit: (commit, leaderCommits, _checked, last) => Math.max(commit, Math.min(leaderCommits, last)) },
    isRare: true,
    noticedBy: 'StateMachineSafety',
  },
  {
    name: 'outdated requests for votes are ignored',
    bug: 'A server that comes back in an old term with the longest log is never told of the new one (etcd 8243, 8501).',
    rules: { answersOutdatedVote: () => false },
    isRare: true,
    noticedBy: 'a leader in the end',
  },
  {
    name: 'heartbeats commit what a follower lacks',
    bug: 'A heartbeat carries the leader’s commit index, whatever the follower has.',
    rules: { heartbeatCommit: (commit) => commit },
    noticedBy: 'StateMachineSafety',
  },
  {
    name: 'an empty append for a snapshot',
    bug: 'A follower that needs compacted entries is sent an append with nothing in it (willemt/raft 118).',
    rules: { needsSnapshot: () => false },
    noticedBy: 'NextAboveMatch',
  },
  {
    name: 'a snapshot lowers the term',
    bug: 'The term is set from a snapshot that is older (willemt/raft 118; the hardest of its set for a model checker).',
    rules: { termAfterSnapshot: (_current, lastTerm) => lastTerm },
    noticedBy: 'TermMonotone',
  },
  {
    name: 'a snapshot without its data',
    bug: 'Index and term of a snapshot are taken over, and the state machine is left as it was (NodeDB 162).',
    rules: { installsData: () => false },
    noticedBy: 'equal state machines',
  },
  {
    name: 'reads before the term is ready',
    bug: 'A new leader reads at a commit index that is behind its predecessor’s (etcd 7331, redisraft 22).',
    rules: { mayReadAt: () => true },
    noticedBy: 'ReadIndexFresh',
  },
  {
    name: 'a leader reads without asking',
    bug: 'A leader that was deposed and does not know it answers reads (etcd 741, found by Jepsen).',
    rules: { mayServeUnconfirmed: () => true },
    config: { checkQuorum: 'off', leaseReads: false },
    noticedBy: 'ReadHasQuorum',
  },
  {
    name: 'a lease lasts too long',
    bug: 'The lease is measured by a clock that may be slow (raft-rs 141), here by one of half the speed.',
    rules: { leaseEnd: (sentAt, _now, electionTimeout) => (sentAt + 2 * electionTimeout) as never },
    config: { checkQuorum: 'windows' },
    isRare: true,
    noticedBy: 'linearizable reads',
  },
  {
    name: 'a lease counts from now',
    bug: 'The lease is measured from when it is looked at, as by a leader that slept meanwhile (raft-rs 141, the thesis’ caveat).',
    rules: { leaseEnd: (sentAt, now, electionTimeout) => (Math.max(sentAt, now) + electionTimeout) as never },
    config: { ...HASTY, checkQuorum: 'windows' },
    isRare: true,
    noticedBy: 'LeaseExclusion',
  },
  {
    name: 'a leader waits for its disk for ever',
    bug: 'A leader whose disk has stalled keeps its heartbeats, and with them its followers (HashiCorp Raft 666).',
    rules: { isDiskStalled: () => false },
    config: { diskPatience: milliseconds(500), writesBeforeSending: true },
    noticedBy: 'StepsDown',
  },
  {
    name: 'a failed transfer is never over',
    bug: 'The leader refuses proposals for ever after a transfer that came to nothing (HashiCorp Raft 493).',
    rules: { transferIsOver: () => false },
    noticedBy: 'progress in the end',
  },
  {
    name: 'proposals during a transfer',
    bug: 'The leader takes proposals while it hands over, so that the target falls behind again (HashiCorp Raft 581).',
    rules: { takesProposals: () => true },
    noticedBy: 'TransferQuiet',
  },
  {
    name: 'candidates do not answer',
    bug: 'What a candidate is asked for is never answered (HashiCorp Raft 413).',
    rules: { answersAsCandidate: () => false },
    config: PLAIN,
    noticedBy: 'answers',
  },
  {
    name: 'the old leader demotes its heir',
    bug: 'A candidate that was told to take over gives up for an append of the leader before (HashiCorp Raft 487).',
    rules: { heedsOutdatedLeader: () => true },
    config: HASTY,
    noticedBy: 'FollowsInTerm',
  },
  {
    name: 'clients keep a dead leader alive',
    bug: 'What clients ask restarts a follower’s election timer (HashiCorp Raft bfc1fc9).',
    rules: { clientRestartsTimer: () => true },
    noticedBy: 'a leader after a crash',
  },
  {
    name: 'a timer is not set again',
    bug: 'An election timer that fired while the leader was heard is gone for good (HashiCorp Raft 4c81de3).',
    rules: { looksForLeaderAgain: () => false },
    noticedBy: 'a leader after a crash',
  },
  {
    name: 'all draw the same',
    bug: 'Servers share their chance, so that all campaign at once and split the vote for ever (HashiCorp Raft 50).',
    rules: { electionWait: (_fraction, spread) => Math.floor(spread / 2) as never },
    isRare: true,
    noticedBy: 'a leader in the end',
  },
  {
    name: 'a leader grants pre-votes',
    bug: 'A leader that hears its majority helps another to depose it (daos-stack/raft 70).',
    rules: { leaderIsSticky: () => false },
    noticedBy: 'StickyRespected',
  },
  {
    name: 'nobody is loyal',
    bug: 'Voters that hear their leader grant votes: who hears it not deposes it again and again (the outage of 2020-11-02 at Cloudflare).',
    rules: { isSticky: () => false },
    noticedBy: 'StickyRespected',
  },
  {
    name: 'a leader that is heard by nobody stays',
    bug: 'A leader does not look whether it still hears a majority, and who hears only it is lost to the others (the outage of 2020-11-02, seen from its other side).',
    rules: { mustStepDown: () => false },
    noticedBy: 'StepsDown',
  },
  {
    name: 'a wiped disk is trusted',
    bug: 'A server that lost its disk votes as if it had promised nothing.',
    rules: { hasForgotten: () => false },
    malice: { wipes: true },
    noticedBy: 'VoteOnce',
  },
];
