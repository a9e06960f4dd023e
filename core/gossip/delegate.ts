import type { NameId } from '../names.ts';
import type { Out } from '../protocol.ts';
import type { Duration, Instant } from '../time.ts';
import type { Company } from './company.ts';
import type { Description, DescriptionId } from './description.ts';
import type { GossipMessage, NodeStates, Single } from './message.ts';
import type { JoinProblem } from './state.ts';

/** What a join came to. */
export interface JoinResult {
  /** How many of the addresses were contacted. */
  readonly contacted: number;
  readonly problems: readonly JoinProblem[];
}

/**
 * The one interface by which an application hangs on memberlist. All calls come in the middle of an input, with its `now` and
 * memberlist's own `out`; the application takes its own with `out.of`.
 */
export interface Delegate {
  /** What the application says about this node (at most 512 bytes), and its size on the wire. */
  meta(): { readonly text: string; readonly bytes: number };

  /** A message of the application came by gossip, or as a datagram or stream of its own. */
  received(now: Instant, message: unknown, out: Out<GossipMessage>): void;

  /** Whether there is anything to send along. */
  hasBroadcasts(): boolean;
  /**
   * Adds messages to a packet.
   *
   * @param overhead bytes that each costs beside its own
   * @param budget bytes there are
   * @returns the bytes used
   */
  broadcasts(overhead: number, budget: number, into: Single[]): number;

  /** Comes at the end of every input in which packets were filled: time to tell those who wait for a broadcast. */
  settle(now: Instant, out: Out<GossipMessage>): void;

  /** What the application adds to each ack, and its size; undefined for nothing. */
  ackPayload(): { readonly payload: unknown; readonly bytes: number } | undefined;

  /** A direct ping was acknowledged within the probe timeout, after `took`; `payload` comes from the network. */
  pinged(now: Instant, node: NameId, took: Duration, payload: unknown): void;

  /** The application's part of an exchange of states. */
  localState(join: boolean): { readonly state: unknown; readonly bytes: number };
  merge(now: Instant, state: unknown, join: boolean, out: Out<GossipMessage>): void;

  /** This node has been put among members that know each other. Absent: what the application knows does not depend on it. */
  acquainted?(company: Company): void;

  /** Why an alive message is to be ignored, as if it had never come; undefined when it is welcome. Absent: all are. */
  refusesAlive?(now: Instant, node: NameId, claimed: Description): string | undefined;
  /** Why a joining member, or one that is joined, is not merged with, after a look at all it knows. Absent: all are. */
  refusesMerge?(now: Instant, nodes: NodeStates): string | undefined;

  joined(now: Instant, node: NameId, out: Out<GossipMessage>): void;
  /** For dead and left alike. */
  left(now: Instant, node: NameId, out: Out<GossipMessage>): void;
  updated(now: Instant, node: NameId, out: Out<GossipMessage>): void;
  /** Somebody claims a known name from another address. */
  conflicted(now: Instant, node: NameId, claimed: DescriptionId, out: Out<GossipMessage>): void;

  /** A join that the application asked for has ended. */
  contacted(now: Instant, join: number, result: JoinResult, out: Out<GossipMessage>): void;
  /** The departure is known, or the time for spreading it is over. */
  departed(now: Instant, spread: boolean, out: Out<GossipMessage>): void;
  /** So is our new description. */
  described(now: Instant, spread: boolean, out: Out<GossipMessage>): void;
}
