import type { Endpoint, NameId } from '../names.ts';
import type { Instant } from '../time.ts';
import type { Configuration } from './configuration.ts';
import { type Content, configBytes, type Entry, entriesBytes } from './entry.ts';
import type { RaftProblem } from './interface.ts';
import type { Sessions } from './sessions.ts';

/** What every message carries: whose cluster, between whom, and the sender's term unless said otherwise. */
interface Header {
  readonly cluster: number;
  readonly from: NameId;
  readonly to: NameId;
  readonly term: number;
}

/** Would you vote for me? `term` is the one that the sender would campaign in (thesis §9.6). */
export interface PreVote extends Header {
  readonly type: 'pre-vote';
  readonly lastIndex: number;
  readonly lastTerm: number;
}

/** Granted: with the term of the request. Refused: with the responder's own. */
export interface PreVoteResponse extends Header {
  readonly type: 'pre-vote-response';
  readonly granted: boolean;
}

/** RequestVote (Raft §5.2). */
export interface Vote extends Header {
  readonly type: 'vote';
  readonly lastIndex: number;
  readonly lastTerm: number;
  /** The leader asked for this election, so that nobody is loyal to it (thesis §4.2.3). */
  readonly force: boolean;
}

export interface VoteResponse extends Header {
  readonly type: 'vote-response';
  readonly granted: boolean;
}

/** AppendEntries (Raft §5.3). Without entries it probes, or tells what is committed. */
export interface Append extends Header {
  readonly type: 'append';
  readonly prevIndex: number;
  readonly prevTerm: number;
  readonly entries: readonly Entry[];
  readonly commit: number;
}

export interface AppendResponse extends Header {
  readonly type: 'append-response';
  readonly ok: boolean;
  /** ok: the highest index now known to equal the leader's log. Else: the previous index that did not fit. */
  readonly index: number;
  /** Where the logs may agree at best, and the term there; 0 for nowhere. */
  readonly hintIndex: number;
  readonly hintTerm: number;
}

/** I still lead. No log check: the receiver is told no more to be committed than it is known to have. */
export interface Heartbeat extends Header {
  readonly type: 'heartbeat';
  readonly commit: number;
  /** The number of this broadcast, a new one for each. */
  readonly round: number;
  /** It is the last one for now: the leader falls silent. */
  readonly silent?: true;
}

/** With round 0 it answers nothing: a follower that woke up wakes its silent leader. */
export interface HeartbeatResponse extends Header {
  readonly type: 'heartbeat-response';
  readonly round: number;
}

/** InstallSnapshot (Raft §7): one piece. The data travel with the last one; the others only take their time. */
export interface SnapshotChunk extends Header {
  readonly type: 'snapshot';
  /** Unique among the transfers of one leader. */
  readonly id: number;
  readonly lastIndex: number;
  readonly lastTerm: number;
  readonly config: Configuration;
  readonly configIndex: number;
  /** The time of the last entry that it covers. */
  readonly at: Instant;
  readonly offset: number;
  /** Bytes in this piece, and of the whole. */
  readonly length: number;
  readonly total: number;
  readonly done: boolean;
  readonly data: unknown;
  readonly sessions: Sessions | undefined;
}

export interface SnapshotResponse extends Header {
  readonly type: 'snapshot-response';
  readonly id: number;
  readonly ok: boolean;
  readonly nextOffset: number;
}

/** Campaign at once (thesis §3.10). */
export interface TimeoutNow extends Header {
  readonly type: 'timeout-now';
}

/** From a follower that was asked to read. Its term is of no account. */
export interface ReadIndex extends Header {
  readonly type: 'read-index';
  /** Unique over all lives of who asks. */
  readonly request: number;
}

export interface ReadIndexResponse extends Header {
  readonly type: 'read-index-response';
  readonly request: number;
  /** What must be applied before reading; undefined when the asked server cannot say. */
  readonly index: number | undefined;
}

/** From a follower that was asked to propose something (thesis §6.2). Its term is of no account; that the entry is executed is the answer. */
export interface Propose extends Header {
  readonly type: 'propose';
  /** Unique over all lives of who asks. */
  readonly request: number;
  readonly content: Content;
  readonly bytes: number;
}

/** Nothing was done about this copy of a proposal. */
export interface ProposeRefused extends Header {
  readonly type: 'propose-refused';
  readonly request: number;
  readonly problem: RaftProblem;
}

/** The first message on a connection: where its sender is to be answered. Its term is of no account. */
export interface Hello extends Header {
  readonly type: 'hello';
  readonly endpoint: Endpoint;
}

export type RaftMessage =
  | Hello
  | PreVote
  | PreVoteResponse
  | Vote
  | VoteResponse
  | Append
  | AppendResponse
  | Heartbeat
  | HeartbeatResponse
  | SnapshotChunk
  | SnapshotResponse
  | TimeoutNow
  | ReadIndex
  | ReadIndexResponse
  | Propose
  | ProposeRefused;

/** Kind, cluster, two ids and a term. */
const HEADER_BYTES = 32;

/** Its size in a plausible encoding: 8 bytes a number. */
export function messageBytes(message: RaftMessage): number {
  switch (message.type) {
    case 'append':
      return HEADER_BYTES + 32 + entriesBytes(message.entries);
    case 'append-response':
      return HEADER_BYTES + 32;
    case 'heartbeat':
      return HEADER_BYTES + 16;
    case 'snapshot':
      return HEADER_BYTES + 64 + configBytes(message.config) + message.length;
    case 'propose':
      return HEADER_BYTES + 16 + message.bytes;
    case 'snapshot-response':
    case 'vote':
    case 'pre-vote':
    case 'read-index-response':
      return HEADER_BYTES + 24;
    default:
      return HEADER_BYTES + 8;
  }
}
