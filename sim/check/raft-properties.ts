import { RAFT_INVARIANTS, type RaftInvariant } from '../../core/raft/invariants.ts';
import type { Plan } from '../scenario/plan.ts';
import { asksOften, changesMembers, handsOver, hasRaft, readsByLease, runsKvd } from './commands.ts';
import type { Property } from './property.ts';
import { raftCheck } from './raft-watch.ts';

const held = (invariant: RaftInvariant, applies: (plan: Plan) => boolean): Property => ({
  kind: 'always',
  says: RAFT_INVARIANTS[invariant],
  applies,
  make: (name, subject) => raftCheck(name, invariant, subject),
});

const always = <const N extends RaftInvariant>(names: readonly N[], applies: (plan: Plan) => boolean): Record<N, Property> =>
  Object.fromEntries(names.map((name) => [name, held(name, applies)])) as Record<N, Property>;

/** Whether there is so much to do that snapshots are made, and what was executed can be compared now and then. */
const worksALot = (plan: Plan): boolean => runsKvd(plan) && asksOften(plan);

/**
 * What servers of Raft are held to at every step, in kvd and Consul. `ElectionSafety` is told from their cells, and so is not among them. What a
 * plan gives no occasion for is not held against it unless it is named.
 */
export const RAFT_PROPERTIES = {
  ...always(
    [
      'LeaderAppendOnly',
      'LogMatching',
      'LeaderCompleteness',
      'StateMachineSafety',
      'CommitMonotone',
      'TermMonotone',
      'VoteOnce',
      'VoteUpToDate',
      'ElectionHasQuorum',
      'CommitHasQuorum',
      'CommitCurrentTerm',
      'FollowerCommitSound',
      'LogTermsSorted',
      'IndexOrder',
      'DurableKnown',
      'DurableKept',
      'AckDurable',
      'VoteDurable',
      'RequestVoteDurable',
      'MatchSound',
      'NextAboveMatch',
      'WindowKept',
      'ConfigsInLog',
      'QuorumIntersection',
      'NoConfigNoCampaign',
      'BootstrapOnce',
      'LearnerInert',
      'PeersTracked',
      'LeaderInConfig',
      'NoopFirst',
      'NoPhantom',
      'PatientVoter',
      'StepsDown',
      'FollowsInTerm',
      'PreVotePure',
      'PreVoteNoInflation',
      'TimestampMonotone',
    ],
    hasRaft,
  ),
  // Only some of a campaign's runs come to these: they are there to catch, not to be met.
  ...always(['NoCommittedTruncation', 'StickyRespected'], runsKvd),
  ...always(['SnapshotSound', 'SnapshotForward', 'SnapshotExact', 'SessionOnce', 'SessionDeterminism'], worksALot),
  ...always(['OneUncommittedConfig', 'ConfigStep', 'OwnTermBeforeConfig'], changesMembers),
  ...always(['JointCommitted'], () => false),
  ...always(['TransferReady'], handsOver),
  ...always(['TransferQuiet'], (plan) => worksALot(plan) && handsOver(plan)),
  ...always(['ReadIndexFresh', 'ReadHasQuorum'], (plan) => runsKvd(plan) && asksOften(plan)),
  ...always(['LeaseExclusion', 'LeaseHasQuorum'], readsByLease),
} satisfies Record<string, Property>;
