import type { NameId } from '../names.ts';
import type { Out } from '../protocol.ts';
import type { Instant } from '../time.ts';
import type { Configuration } from './configuration.ts';
import type { RaftReply } from './interface.ts';

/**
 * What Raft replicates: a deterministic machine that executes the committed commands, each once and in the order of the log.
 *
 * Its state is plain data of its own, saved by whoever made it; a crash takes it, and Raft builds it again from snapshot and log. All
 * calls come in the middle of an input of Raft, with Raft's own `out`; a machine that is a part of the process takes its own with
 * `out.of`. Payloads may come from the network: whatever they are, nothing is thrown, and every server does the same about them.
 */
export interface StateMachine {
  /**
   * Executes a committed command.
   *
   * @param index its place in the log
   * @param at the leader's clock when it was proposed: the same on every server, never decreasing along the log
   * @returns the answer for whoever proposed it: plain data, not changed afterwards
   */
  apply(index: number, at: Instant, command: unknown, now: Instant, out: Out<never>): unknown;

  /** Answers a question about the state as it is, without changing it. */
  query(query: unknown): unknown;

  /** All of its state as plain data that is not changed afterwards, and its size on disk and wire. */
  snapshot(): { readonly data: unknown; readonly bytes: number };

  /** Whether this could be a snapshot of this machine; asked about what comes from the network and the disk. */
  isSnapshot(data: unknown): boolean;

  /** Replaces all of its state by a snapshot's, or by that of a new machine if there is none. */
  restore(data: unknown, now: Instant, out: Out<never>): void;
}

/**
 * Whoever runs Raft as a part of something larger and must act on what happens to it. All calls come in the middle of an input of Raft, as those
 * of the state machine; every method but `answered` may be missing.
 */
export interface Observer {
  /** What was asked with `Raft.ask` has been done or has failed. */
  answered(id: number, reply: RaftReply, now: Instant, out: Out<never>): void;
  /** This server won an election. Its own log may not yet be committed: ask for a barrier before relying on the state. */
  elected?(term: number, now: Instant, out: Out<never>): void;
  /** This server is leader no more. */
  deposed?(term: number, now: Instant, out: Out<never>): void;
  /** Another server is known as leader, or none any more. */
  follows?(leader: NameId | undefined, now: Instant, out: Out<never>): void;
  /** A configuration came into the log, was committed, or was cut off again. */
  configured?(
    config: Configuration,
    index: number,
    how: 'appended' | 'committed' | 'rolled back',
    now: Instant,
    out: Out<never>,
  ): void;
}
