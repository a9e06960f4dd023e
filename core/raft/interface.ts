import type { NameId } from '../names.ts';
import type { Instant } from '../time.ts';
import type { Configuration, Server } from './configuration.ts';

/** Which call of which client this is, so that a repeated one is executed once (Raft thesis §6.3). */
export interface SessionStamp {
  /** Given by the answer to `register`. */
  readonly client: number;
  /** Counts the client's calls from 1. */
  readonly sequence: number;
  /** The lowest sequence whose answer the client has not yet received: older answers are forgotten. */
  readonly acknowledged: number;
}

/**
 * How a read comes to be linearizable, or not.
 *
 * - `index`: the leader asks a majority whether it still is the leader (ReadIndex, thesis §6.4); works on followers too
 * - `lease`: the leader trusts its lease and its clock (thesis §6.4.1), and asks as for `index` when it has none
 * - `log`: as an entry of the log: always right, and as dear as a write
 * - `default`: the leader answers while it believes to be one (Consul's default): may be stale
 * - `stale`: any server answers at once
 */
export type ReadMode = 'index' | 'lease' | 'log' | 'default' | 'stale';

/** One step of a change of the configuration. */
export type ChangeStep =
  | { readonly type: 'voter'; readonly server: Server }
  | { readonly type: 'learner'; readonly server: Server }
  | { readonly type: 'remove'; readonly name: NameId };

/** What may be asked of Raft. Each is answered by one `RaftReply`; only a leader takes `propose`, `register`, `keep-alive`, `barrier` and `change`. */
export type RaftCommand =
  /** Replicates a command of the state machine. Answered with the machine's answer when it was applied here. */
  | { readonly command: 'propose'; readonly payload: unknown; readonly bytes: number; readonly session?: SessionStamp }
  /** Opens a session. Answered with the client's number. */
  | { readonly command: 'register' }
  /** Keeps a session from expiring. */
  | { readonly command: 'keep-alive'; readonly client: number }
  /** Answered when everything before it was applied here. */
  | { readonly command: 'barrier' }
  /** Asks the state machine. Answered with the machine's answer. */
  | { readonly command: 'read'; readonly query: unknown; readonly mode: ReadMode }
  /** Changes the configuration: one step alone as a single-server change, several or `joint` as a joint one. Answered when committed. */
  | {
      readonly command: 'change';
      readonly steps: readonly ChangeStep[];
      readonly joint?: boolean;
      /** Refused unless the latest configuration has this index. */
      readonly ifIndex?: number;
    }
  /**
   * Lets a new server in: it becomes a learner, and a voter when it has caught up (thesis §4.2.1). Answered when it is one; one that is too slow stays a
   * learner, and may be admitted later.
   */
  | { readonly command: 'admit'; readonly server: Server }
  /** Ends a joint change that does not end by itself. */
  | { readonly command: 'leave-joint' }
  /** Hands leadership over, to the voter with the longest log unless one is named. Answered when another leads, or the time is up. */
  | { readonly command: 'transfer'; readonly target?: NameId }
  /** Starts a cluster: only with an empty disk. The same list on several servers, or on one of them. */
  | { readonly command: 'bootstrap'; readonly voters: readonly Server[]; readonly learners?: readonly Server[] }
  /** Somebody else says that the leader is dead: a follower forgets it without waiting (the hook for gossip). */
  | { readonly command: 'forget-leader' }
  /** Makes a snapshot now, whatever the threshold. */
  | { readonly command: 'snapshot' }
  /** Answered by a `RaftStatus` as result, at once. */
  | { readonly command: 'status' };

/** Why something was not done. */
export type RaftProblem =
  /** Certainly not executed. */
  | 'not leader'
  | 'transfer in progress'
  | 'too large'
  | 'too many uncommitted'
  | 'change in progress'
  | 'leader not ready'
  | 'configuration has changed'
  | 'more than one voter'
  | 'no voter left'
  | 'not joint'
  | 'unknown server'
  | 'address in use'
  | 'not caught up'
  | 'too slow'
  | 'transfer to a learner'
  | 'transfer to itself'
  | 'transfer failed'
  | 'not empty'
  | 'nothing new'
  | 'lease reads'
  | 'not understood'
  | 'stopped'
  /** Came too late: nothing was done about it. */
  | 'session expired'
  | 'stale'
  /** May have been executed, or may be yet. */
  | 'leadership lost'
  /** It was sent on to the leader, and was not executed here in time. */
  | 'no answer';

export type RaftReply =
  | { readonly outcome: 'ok'; readonly index: number; readonly result: unknown }
  /** `fail`: certainly not executed. `unknown`: nobody here can say. `leader` is where to try instead, if known. */
  | { readonly outcome: 'fail' | 'unknown'; readonly problem: RaftProblem; readonly leader?: NameId };

export type RoleName = 'follower' | 'pre-candidate' | 'candidate' | 'leader' | 'stopped';

export interface PeerStatus {
  readonly name: NameId;
  readonly matchIndex: number;
  readonly nextIndex: number;
  readonly mode: 'probe' | 'replicate' | 'snapshot';
  /** When its latest answer of this term came. */
  readonly lastContact: Instant;
}

/** What a server knows of itself and its cluster. */
export interface RaftStatus {
  readonly role: RoleName;
  readonly term: number;
  readonly votedFor: NameId | undefined;
  readonly leader: NameId | undefined;
  readonly lastIndex: number;
  readonly lastTerm: number;
  readonly commitIndex: number;
  readonly appliedIndex: number;
  readonly snapshotIndex: number;
  readonly config: Configuration;
  readonly configIndex: number;
  /** When this server last heard from a leader; undefined for a leader, and if never. */
  readonly lastContact: Instant | undefined;
  /** What a leader knows of the others; empty elsewhere. */
  readonly peers: readonly PeerStatus[];
}

/** What Raft announces to the rest of the process, and to scripts and checks. */
export type RaftNotice =
  | { readonly type: 'raft-leader'; readonly leader: NameId; readonly term: number }
  | { readonly type: 'raft-leader-lost'; readonly term: number }
  | { readonly type: 'raft-configuration'; readonly index: number; readonly voters: number; readonly learners: number }
  | { readonly type: 'raft-snapshot'; readonly index: number; readonly how: 'taken' | 'installed' }
  /** It does nothing more until the process starts again. */
  | { readonly type: 'raft-stopped'; readonly reason: string };
