import type { Endpoint, NameId } from '../names.ts';
import type { StreamId } from '../protocol.ts';
import { type Instant, START } from '../time.ts';
import type { Configuration, Server } from './configuration.ts';
import type { ReadMode } from './interface.ts';
import { type LogState, newLog } from './log.ts';
import type { RaftMessage } from './message.ts';
import type { Progress } from './progress.ts';
import type { Sessions } from './sessions.ts';

/** Everything that changes. Plain data: the world saves, restores and compares it. */
export interface RaftState {
  readonly self: NameId;
  currentTerm: number;
  votedFor: NameId | undefined;
  log: LogState;
  /** The latest, in memory too, to be sent. */
  snapshot: Snapshot | undefined;
  storage: StorageState;
  role: Role;
  commitIndex: number;
  lastApplied: number;
  /** The indices of the configurations in the log above the snapshot, rising. */
  configs: number[];
  /** When the latest message of a leader came. Survives its term. */
  lastHeard: Instant | undefined;
  /** Until then a server that just started stays out of elections. */
  quietUntil: Instant;
  electionDeadline: Instant;
  /** When the pending election timer fires; undefined for none. */
  electionTimer: Instant | undefined;
  /** The ticks that this follower waits; for `electionTimer: 'ticks'`. */
  electionTicks: number;
  /** Ticks are counted from there. */
  origin: Instant;
  /** Its disk was found empty although it ran before: what it promised is lost, so it takes no part in elections until it has joined anew. */
  amnesiac: boolean;
  /** What was committed when it was first sent anything: up to there it may have promised something. */
  forgottenUpTo: number | undefined;
  /** The cells as the world has them. */
  shown: (number | string)[];
  sessions: Sessions;
  /** Who waits for an entry to be applied, in the order of their indices. */
  proposals: Waiting[];
  /** Reads that a follower has asked the leader about. */
  forwarded: ForwardedRead[];
  /** Proposals that a follower has sent on to the leader; absent until there was one. */
  sentOn?: SentOn[];
  /** Its leader has fallen silent, and it does not look for that one's death; absent until that happened. */
  isAsleep?: boolean;
  /** The snapshot that is being received, or waits for its write. */
  incoming: Incoming | undefined;
  /** The snapshot that is being written. */
  writing: Snapshot | undefined;
  nextRequest: number;
  /** The connections to peers, for the transport `stream`. */
  links: Map<Endpoint, StreamId>;
  /** The connections from peers, and where those are to be answered, once they have said so. */
  accepted: Map<StreamId, Endpoint | undefined>;
}

export type Role = Follower | Candidacy | Leader | Stopped;

export interface Follower {
  readonly role: 'follower';
  leader: NameId | undefined;
}

/** Asking for pre-votes, or for votes. The first answer of each server counts. */
export interface Candidacy {
  readonly role: 'pre-candidate' | 'candidate';
  readonly granted: NameId[];
  readonly refused: NameId[];
  /** The leader asked for it. */
  readonly force: boolean;
  /** Known no more, unless a rule says otherwise. */
  readonly leader: NameId | undefined;
}

export interface Leader {
  readonly role: 'leader';
  peers: Progress[];
  /** The first entry of its own term. */
  readonly termStart: number;
  /** The number of the latest broadcast of heartbeats. No number is sent twice. */
  round: number;
  /** When the latest broadcasts were sent, in order, this one last. */
  roundsAt: Instant[];
  reads: PendingRead[];
  handover: Handover | undefined;
  /** It has told somebody to campaign: no lease for the rest of the term. */
  leaseGone: boolean;
  /** When the quorum was looked at last; for `checkQuorum: 'windows'`. */
  checkedAt: Instant;
  /** Bytes of proposals in the log and not yet committed. */
  uncommittedBytes: number;
  nextTransfer: number;
  /** A server that is to become a voter when it has caught up; absent until there was one. */
  admission?: Admission | undefined;
  /** It has nothing to do, and sends nothing until somebody is heard; absent until that happened. */
  isSilent?: boolean;
}

/** It met something it cannot go on after. */
export interface Stopped {
  readonly role: 'stopped';
  readonly reason: string;
}

/** Who asked: a command from outside, or the part on top. */
export type Asker = 'command' | 'observer';

export interface Asked {
  readonly by: Asker;
  readonly id: number;
}

/** Who waits for an entry. */
export interface Waiting extends Asked {
  readonly index: number;
  readonly term: number;
}

/** A read that waits for a majority to confirm the leader, then for the state machine. */
export interface PendingRead {
  /** The broadcast that must be answered; 0 while the leader has committed nothing of its term. */
  round: number;
  index: number;
  confirmed: boolean;
  readonly asked: (Asked & { readonly query: unknown; readonly mode: ReadMode }) | undefined;
  /** The follower that asked. */
  readonly follower: { readonly name: NameId; readonly endpoint: Endpoint; readonly request: number } | undefined;
}

/** A read of a follower. */
export interface ForwardedRead extends Asked {
  readonly request: number;
  readonly query: unknown;
  readonly term: number;
  /** What must be applied, once the leader has said so. */
  index: number | undefined;
}

/** A proposal of a follower. */
export interface SentOn extends Asked {
  readonly request: number;
  readonly since: Instant;
}

/** A server catches up, in rounds. */
export interface Admission {
  readonly server: Server;
  readonly asked: Asked;
  /** From 1; 0 before the first. */
  round: number;
  /** What the round brings it, and when it began. */
  end: number;
  since: Instant;
  /** It has caught up, and becomes a voter as soon as the configuration may be changed. */
  isReady: boolean;
}

/** Leadership is being handed over. */
export interface Handover {
  readonly target: NameId;
  readonly since: Instant;
  told: boolean;
  readonly asked: Asked | undefined;
}

/** All that the log before it came to. */
export interface Snapshot {
  readonly index: number;
  readonly term: number;
  readonly config: Configuration;
  readonly configIndex: number;
  /** The time of its last entry: times go on from there. */
  readonly at: Instant;
  readonly data: unknown;
  readonly sessions: Sessions;
  readonly bytes: number;
}

export interface Incoming {
  readonly from: NameId;
  readonly endpoint: Endpoint;
  readonly term: number;
  readonly id: number;
  /** Bytes that have arrived. */
  offset: number;
  /** It is complete, and waits to be written. */
  complete: boolean;
}

/**
 * How far the disk is behind. Writes are gathered: while one is under way the next collects what changes, so that there is one `sync` at a time
 * and all that changed by one input goes to disk together.
 */
export interface StorageState {
  /** The number of the latest batch that was handed to the disk. */
  batch: number;
  /** What is under way; undefined when nothing is. */
  inflight: Batch | undefined;
  /** From here on the log is not yet handed over. */
  unsavedFrom: number;
  /** Term or vote are not yet handed over. */
  unsavedVote: boolean;
  /**
   * What the disk had at the start may not survive a crash of the host: the process that wrote it may have ended before its sync. Absent
   * where the disk was empty.
   */
  unsynced?: boolean;
  /** The next batch must begin the file anew: to be smaller, or because the log was replaced. */
  rewrite: Rewrite;
  durableTerm: number;
  durableVote: NameId | undefined;
  /** The log up to here, as it is in memory, survives a crash. */
  durableIndex: number;
  /** The next record's number. */
  sequence: number;
  /** Messages that wait for a batch, in order. */
  outbox: Outgoing[];
  /** Which of the two snapshot files is written next. */
  nextSnapshotFile: 0 | 1;
  snapshotWrite: number | undefined;
  nextSnapshotWrite: number;
}

/** `compact`: a new file with less in it. `reset`: a new file, as the log was replaced. `append reset`: the same where there is no room for two files. */
export type Rewrite = 'none' | 'compact' | 'reset' | 'append reset';

export interface Batch {
  readonly since: Instant;
  readonly term: number;
  readonly vote: NameId | undefined;
  /** It covers the log up to here; less, once that was cut off in memory. */
  last: number;
  readonly rewrite: Rewrite;
  /** Its write failed for want of room, and it only tried to make the file smaller. */
  failed: boolean;
}

export interface Outgoing {
  readonly batch: number;
  readonly endpoint: Endpoint;
  readonly message: RaftMessage;
}

export const newFollower = (leader?: NameId): Follower => ({ role: 'follower', leader });

export function newState(self: NameId): RaftState {
  return {
    self,
    currentTerm: 0,
    votedFor: undefined,
    log: newLog(),
    snapshot: undefined,
    storage: newStorage(),
    role: newFollower(),
    commitIndex: 0,
    lastApplied: 0,
    configs: [],
    lastHeard: undefined,
    quietUntil: START,
    electionDeadline: START,
    electionTimer: undefined,
    electionTicks: 0,
    origin: START,
    amnesiac: false,
    forgottenUpTo: undefined,
    shown: [],
    sessions: new Map(),
    proposals: [],
    forwarded: [],
    incoming: undefined,
    writing: undefined,
    nextRequest: 0,
    links: new Map(),
    accepted: new Map(),
  };
}

const newStorage = (): StorageState => ({
  batch: 0,
  inflight: undefined,
  unsavedFrom: 1,
  unsavedVote: false,
  rewrite: 'none',
  durableTerm: 0,
  durableVote: undefined,
  durableIndex: 0,
  sequence: 0,
  outbox: [],
  nextSnapshotFile: 0,
  snapshotWrite: undefined,
  nextSnapshotWrite: 0,
});
