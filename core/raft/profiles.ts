import { type Duration, formatDuration, milliseconds, minutes, seconds, ZERO } from '../time.ts';
import type { RaftConfig } from './config.ts';

export type RaftProfile = 'partita' | 'paper' | 'etcd' | 'hashicorp' | 'consul';

const MIB = 1024 * 1024;

/** Everything on: what the papers, etcd and HashiCorp have learnt, together. Snapshots are frequent on purpose. */
const PARTITA: RaftConfig = {
  cluster: 0,
  electionTimeout: seconds(1),
  electionSpread: seconds(1),
  candidateTimeout: seconds(1),
  heartbeatInterval: milliseconds(100),
  leaderLease: milliseconds(500),
  commitTimeout: milliseconds(50),
  maxInflight: 64,
  maxInflightBytes: MIB,
  maxEntries: 64,
  maxMessageBytes: MIB,
  maxProposalBytes: MIB,
  maxUncommittedBytes: 64 * MIB,
  snapshotThreshold: 200,
  snapshotTrailing: 50,
  snapshotChunk: 64 * 1024,
  sessionTimeToLive: minutes(60),
  maxSessions: 1000,
  clockRatio: 1.001,
  leaseMargin: milliseconds(1),
  transport: 'message',
  electionTimer: 'restarted',
  heartbeat: 'together',
  commitNews: 'immediate',
  preVote: true,
  stickiness: 'window',
  checkQuorum: 'sliding',
  yieldsWhenRefused: true,
  votesForVotersOnly: false,
  leavingMayCampaign: true,
  activation: 'append',
  changes: 'both',
  learnerKeepsVoter: false,
  stepsDownWhenRemoved: true,
  rejectHints: 'terms',
  writesBeforeSending: false,
  leaseReads: true,
  commitHint: false,
  forwarding: 'none',
  catchUpRounds: 10,
  promotionShare: 0,
  quiescence: false,
  diskPatience: ZERO,
};

/** Raft as in the extended paper of 2014, with the timers of its §9.3. */
const PAPER: RaftConfig = {
  ...PARTITA,
  electionTimeout: milliseconds(150),
  electionSpread: milliseconds(150),
  candidateTimeout: milliseconds(150),
  heartbeatInterval: milliseconds(75),
  maxInflight: 1,
  snapshotThreshold: 0,
  commitNews: 'piggyback',
  preVote: false,
  stickiness: 'off',
  checkQuorum: 'off',
  yieldsWhenRefused: false,
  changes: 'joint',
  rejectHints: 'none',
  leaseReads: false,
};

/** etcd's server: ten ticks of 100 ms, configurations that act when applied, snapshots after 10 000 entries, followers that send proposals on. */
const ETCD: RaftConfig = {
  ...PARTITA,
  maxInflight: 512,
  maxEntries: Number.MAX_SAFE_INTEGER,
  maxInflightBytes: Number.MAX_SAFE_INTEGER,
  snapshotThreshold: 10_000,
  snapshotTrailing: 5_000,
  electionTimer: 'ticks',
  stickiness: 'known',
  checkQuorum: 'windows',
  leavingMayCampaign: false,
  activation: 'apply',
  leaseReads: false,
  commitHint: true,
  forwarding: 'all',
  promotionShare: 0.9,
};

/** HashiCorp's library, 1.7, with its own defaults. */
const HASHICORP: RaftConfig = {
  ...PARTITA,
  heartbeatInterval: milliseconds(100),
  maxInflight: 2,
  snapshotThreshold: 8192,
  snapshotTrailing: 10_240,
  transport: 'stream',
  electionTimer: 'polled',
  heartbeat: 'per peer',
  commitNews: 'timeout',
  stickiness: 'named',
  checkQuorum: 'lease',
  yieldsWhenRefused: false,
  votesForVotersOnly: true,
  leavingMayCampaign: false,
  changes: 'single',
  learnerKeepsVoter: true,
  rejectHints: 'last index',
  writesBeforeSending: true,
  leaseReads: false,
};

export const PROFILES: Readonly<Record<RaftProfile, RaftConfig>> = {
  partita: PARTITA,
  paper: PAPER,
  etcd: ETCD,
  hashicorp: HASHICORP,
  consul: consul(5),
};

/** Consul's server: HashiCorp's library with the timers multiplied; 5 unless configured, 1 is advised for production. */
export function consul(multiplier: number): RaftConfig {
  const timeout = seconds(multiplier);
  return {
    ...HASHICORP,
    electionTimeout: timeout,
    electionSpread: timeout,
    candidateTimeout: timeout,
    heartbeatInterval: milliseconds(100 * multiplier),
    leaderLease: milliseconds(500 * multiplier),
    snapshotThreshold: 16_384,
  };
}

/** What of a network and its disks bears on timers: longest one-way delay and longest write. */
export interface Surroundings {
  readonly latency: Duration;
  readonly write: Duration;
}

/** Settings that cannot work or are unsafe: why, each in a sentence. With them a cluster is not to be started. */
export function problems(config: RaftConfig): string[] {
  const found: string[] = [];
  const { electionTimeout, heartbeatInterval, leaderLease, checkQuorum, leaseReads, stickiness, clockRatio } = config;
  const { quiescence, electionTimer, heartbeat } = config;
  if (heartbeatInterval <= 0) found.push('the heartbeat interval must be longer than nothing');
  if (heartbeatInterval >= electionTimeout)
    found.push(
      `heartbeats every ${formatDuration(heartbeatInterval)} come too late for an election timeout of ${formatDuration(electionTimeout)}: every leader would be deposed`,
    );
  if (checkQuorum === 'lease' && leaderLease > electionTimeout)
    found.push(
      `a leader lease of ${formatDuration(leaderLease)} outlasts the election timeout of ${formatDuration(electionTimeout)}: another leader may be elected within it`,
    );
  if (leaseReads && stickiness !== 'window')
    found.push('lease reads need voters that stay loyal for the whole election timeout: stickiness `window`');
  if (leaseReads && checkQuorum === 'off') found.push('lease reads need a leader that checks its quorum');
  if (quiescence && (electionTimer === 'polled' || heartbeat === 'per peer'))
    found.push(
      'a leader falls silent with one heartbeat for all, to followers that do not look by themselves: heartbeat `together`, and an election timer that is not `polled`',
    );
  if (!(clockRatio >= 1)) found.push(`the ratio of the fastest clock to the slowest is at least 1, and not ${clockRatio}`);
  return found;
}

/** Settings that work and will disappoint, each in a sentence. */
export function warnings(config: RaftConfig, { latency, write }: Surroundings): string[] {
  const found: string[] = [];
  const { electionTimeout, heartbeatInterval, electionSpread, preVote, checkQuorum } = config;
  if (heartbeatInterval * 5 > electionTimeout)
    found.push(
      `an election timeout of ${formatDuration(electionTimeout)} is less than five heartbeats of ${formatDuration(heartbeatInterval)}: a few lost ones depose a leader`,
    );
  if (2 * latency + write >= electionTimeout)
    found.push(
      `a round trip and a write take ${formatDuration((2 * latency + write) as Duration)}, and elections time out after ${formatDuration(electionTimeout)}: do not expect a leader`,
    );
  if (electionSpread < latency) found.push('election timeouts differ by less than a message takes: votes will be split');
  if (preVote && checkQuorum === 'off')
    found.push('with pre-votes and without a quorum check a leader that is heard by too few is never replaced');
  return found;
}
