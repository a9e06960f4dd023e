import type { Endpoint, NameId } from '../names.ts';
import type { RaftProblem, ReadMode } from '../raft/interface.ts';
import type { Duration } from '../time.ts';
import type { Operation, Outcome } from './operation.ts';

/**
 * What a client does about a request that was not answered.
 *
 * - `safe`: it asks again in its session, so that a write is executed once (Raft thesis §6.3)
 * - `none`: without a session it asks again only where nothing was done, and gives up a write that was not answered
 * - `blind`: without a session it asks again, and a write may be executed twice
 */
export type Retries = 'safe' | 'none' | 'blind';

export interface KvClientConfig {
  /** The servers of the store, to be asked one after another until one knows the leader. */
  readonly servers: readonly Endpoint[];
  /** One client for each name; each has one operation under way at a time. */
  readonly clients: readonly NameId[];
  readonly retries: Retries;
  /** How fresh the answer to a `get` must be. */
  readonly reads: ReadMode;
  /** Without an answer for so long a client asks another server. Too short: every slow answer is asked for twice. */
  readonly patience: Duration;
  /** Without an answer for so long it gives up, and does not know what became of the operation; two to four election timeouts. */
  readonly deadline: Duration;
  readonly workload: Workload;
}

/** What clients ask for. */
export type Workload =
  /** The first client does these, one after another. */
  | { readonly type: 'script'; readonly operations: readonly Operation[] }
  /** Each client does so many, of random kinds on random keys; the lower the number of a key, the more often it is used. */
  | {
      readonly type: 'random';
      readonly keys: number;
      readonly operations: number;
      /** The average pause between two of them. */
      readonly think: Duration;
      /** How often, in percent, each kind is asked for; what is left of 100 are deletes. */
      readonly mix: { readonly get: number; readonly put: number; readonly cas: number; readonly append: number };
    };

/** What a client announces. `call` is unique among all calls of a process and of those before it on its host. */
export type KvNotice =
  /** It asks for an operation: from now on it may take effect. */
  | { readonly type: 'kv-invoked'; readonly client: string; readonly call: number; readonly operation: Operation }
  /** It was answered. */
  | { readonly type: 'kv-returned'; readonly client: string; readonly call: number; readonly outcome: Outcome }
  /** It gives up: the operation may have taken effect, or may yet. It goes on as another client. */
  | { readonly type: 'kv-unknown'; readonly client: string; readonly call: number }
  /** It was refused for good: the operation has not taken effect and never will. */
  | { readonly type: 'kv-failed'; readonly client: string; readonly call: number; readonly problem: RaftProblem }
  /** No server opened a session for it in time: an operation of a script was never asked for. */
  | { readonly type: 'kv-unserved'; readonly client: string }
  /** All that was to be done is done. */
  | { readonly type: 'kv-finished' };
