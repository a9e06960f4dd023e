import type { Duration } from '../time.ts';

/**
 * The knobs of Raft. Every period is on the server's own clock. A profile sets all of them; where systems differ in what they do, not
 * in how fast, the difference is one of the switches in the second half.
 */
export interface RaftConfig {
  /** Servers of another cluster are not listened to. */
  readonly cluster: number;
  /** T: a follower that hears nothing for T to T + `electionSpread` campaigns. Too short: live leaders are deposed; too long: a dead one is missed late. */
  readonly electionTimeout: Duration;
  /** Width of the random part. Too narrow: candidates split the vote (Raft §9.3). */
  readonly electionSpread: Duration;
  /** How long a candidate waits before it tries again, to this much more; T and its spread elsewhere. */
  readonly candidateTimeout: Duration;
  /** Between a leader's heartbeats; at most T/5. */
  readonly heartbeatInterval: Duration;
  /** How long the followers that a leader still hears may be too few; `checkQuorum: 'lease'` only. */
  readonly leaderLease: Duration;
  /** Longest wait of an empty append that tells what is committed; for `commitNews: 'timeout'` only. */
  readonly commitTimeout: Duration;

  /** Appends under way to one follower; 1 is stop and wait. */
  readonly maxInflight: number;
  readonly maxInflightBytes: number;
  /** Entries and bytes in one append; one entry may be larger. */
  readonly maxEntries: number;
  readonly maxMessageBytes: number;
  /** The largest proposal that is taken. */
  readonly maxProposalBytes: number;
  /** A leader takes no more while so much is not yet committed. */
  readonly maxUncommittedBytes: number;

  /** A snapshot is made when so many entries were applied since the last; 0 for never. */
  readonly snapshotThreshold: number;
  /** Entries kept before a snapshot, for followers that are a little behind. Too few: they are sent snapshots again and again. */
  readonly snapshotTrailing: number;
  /** Bytes of a snapshot in one message. */
  readonly snapshotChunk: number;

  /** A session ends when its client was not heard of for so long, by the clock in the log. */
  readonly sessionTimeToLive: Duration;
  readonly maxSessions: number;

  /** Fastest over slowest clock of any two servers, for the leader's lease: 1.001 allows a drift of 0.1 %. */
  readonly clockRatio: number;
  /** A lease ends so much earlier, for a pause between looking at the clock and answering. */
  readonly leaseMargin: Duration;

  /** `message`: whole, lossy, late, as in the papers. `stream`: one connection each way to each peer. */
  readonly transport: 'message' | 'stream';
  /**
   * When a follower takes its leader for dead. `restarted`: a new random wait begins with each message of the leader (Raft §5.2). `ticks`: the
   * same, drawn once per term and counted in ticks (etcd). `polled`: it looks every T to 2T whether it heard anything for T (HashiCorp).
   */
  readonly electionTimer: 'restarted' | 'ticks' | 'polled';
  /** One beat for all, or one per peer at a random moment each (HashiCorp). */
  readonly heartbeat: 'together' | 'per peer';
  /** How followers learn what is committed: at once, with the next message, or after `commitTimeout`. */
  readonly commitNews: 'immediate' | 'piggyback' | 'timeout';
  /** Ask before campaigning (thesis §9.6). */
  readonly preVote: boolean;
  /**
   * To whom a voter stays loyal. `window`: to whoever it heard as leader within T, whatever happened since. `known`: the same, but only while
   * it knows a leader (etcd). `named`: as long as it knows a leader at all (HashiCorp). `off`: to nobody (the paper).
   */
  readonly stickiness: 'window' | 'known' | 'named' | 'off';
  /** When a leader that hears too few steps down. `sliding`: T after the last answer that makes a majority. `windows`: judged every T (etcd). `lease`: HashiCorp's. */
  readonly checkQuorum: 'sliding' | 'windows' | 'lease' | 'off';
  /** A candidate that too many refused gives up at once, and does not wait for its timer. */
  readonly yieldsWhenRefused: boolean;
  /** Votes are refused to those whom the voter's own configuration does not list as voters (HashiCorp). */
  readonly votesForVotersOnly: boolean;
  /** A server that leaves by an entry not yet committed may campaign, without counting itself (thesis §4.2.2). */
  readonly leavingMayCampaign: boolean;
  /** A configuration acts when it is in the log (Raft §6), or when it was applied (etcd). Never mixed within a cluster. */
  readonly activation: 'append' | 'apply';
  /** Which changes of the configuration are offered. */
  readonly changes: 'single' | 'joint' | 'both';
  /** `learner` on a voter changes its address only (HashiCorp's AddNonvoter); else it demotes. */
  readonly learnerKeepsVoter: boolean;
  /** A leader steps down when the change that removes it is committed. */
  readonly stepsDownWhenRemoved: boolean;
  /** What a follower says when an append does not fit: where its terms may agree, its last index (HashiCorp), or nothing (the paper's first rule). */
  readonly rejectHints: 'terms' | 'last index' | 'none';
  /** A leader sends entries only when its own disk has them (HashiCorp). */
  readonly writesBeforeSending: boolean;
  /** Lease reads are served; a server that just started then stays out of elections for T. */
  readonly leaseReads: boolean;
  /** What is known to be committed is written along with the next entries, so that a restarted server need not learn it again (etcd). */
  readonly commitHint: boolean;
  /**
   * What a follower sends on to the leader instead of refusing it (thesis §6.2). `repeatable`: what does no harm when it is appended twice, as a network may
   * double it: commands of sessions, and what changes nothing. `all`: every proposal (etcd), so that a doubled one is executed twice.
   */
  readonly forwarding: 'none' | 'repeatable' | 'all';
  /** The most rounds in which a server that is to be admitted may catch up before it is given up (thesis §4.2.1). */
  readonly catchUpRounds: number;
  /** How much of the leader's log a learner must have to become a voter, from 0 to 1 (etcd's server: 0.9). */
  readonly promotionShare: number;
  /** A leader with nothing to do falls silent, and so do its followers, until one of them is asked for something. The death of a silent leader is noticed only then. */
  readonly quiescence: boolean;
  /** How late a leader's own disk may be before it steps down; 0 for ever late. */
  readonly diskPatience: Duration;
}
