import type { NameId } from '../names.ts';
import { type Duration, hours, minutes, seconds, ZERO } from '../time.ts';

/** The knobs of Serf. Every period is on the node's own clock. */
export interface SerfConfig {
  /** Between looks for members to erase. Coarser: they stay listed up to so much longer. */
  readonly reapInterval: Duration;
  /** Between attempts to dial one failed member; each agent attempts so rarely that together they make one per interval and member. */
  readonly reconnectInterval: Duration;
  /** How long a failed member is dialled and listed. Too short: after a long partition nobody heals it. It does not control detection. */
  readonly reconnectTimeout: Duration;
  /** How long one that left stays listed. Too short: its late messages bring it back. */
  readonly tombstoneTimeout: Duration;
  /** Gives single members other time-outs than these two: of one that failed or left, and the one that it would have. */
  readonly reconnectTimeoutOf?: (node: NameId, timeout: Duration) => Duration;
  /** How long an intent about an unknown member is kept, in case the member turns up. */
  readonly recentIntentTimeout: Duration;
  /** How long a departure may take to go out, intent and death each. */
  readonly broadcastTimeout: Duration;
  /** After a departure went out, time for it to get around before the process ends. Too short: peers see a failure. */
  readonly leavePropagateDelay: Duration;
  /** Between looks at the queues. */
  readonly queueCheckInterval: Duration;
  /** Queued broadcasts above which the least worthy are dropped; 0 for a depth that follows from the size of the cluster. */
  readonly maxQueueDepth: number;
  readonly minQueueDepth: number;
  /** Events about members are gathered for so long at most, and handed on after so much silence; 0 hands them on at once. */
  readonly coalescePeriod: Duration;
  readonly quiescentPeriod: Duration;
  /** The same for user events whose sender allows it: of those of one name only the latest are handed on. */
  readonly userCoalescePeriod: Duration;
  readonly userQuiescentPeriod: Duration;
  /** Bytes of a user event, its name and payload and also its whole message; at most 9216. Beyond about 1400 it travels by exchanges of state alone. */
  readonly userEventSizeLimit: number;
  /** Times back that user events, and queries, are remembered, to know them when they come again. Too few: in a burst some are lost. */
  readonly eventBuffer: number;
  readonly queryBuffer: number;
  /** Bytes of a query's message. */
  readonly querySizeLimit: number;
  /** Bytes of an answer's message, and of one that is relayed. */
  readonly queryResponseSizeLimit: number;
  /** Queries stay open for this × the interval of gossip × the decimal digits of the number of living members. Too low: late answers are lost. */
  readonly queryTimeoutMult: number;
  /** A member that comes back sooner after it failed has flapped. */
  readonly flapTimeout: Duration;
  /** Whether a node that meets its own name at another address has the others vote, and stops if it loses. Without, both stay. */
  readonly enableNameConflictResolution: boolean;
  /** Whether members place themselves by the round-trip times of probes. */
  readonly disableCoordinates: boolean;
  /** The file of the snapshot from which a restarted node knows whom to join and what it has heard; undefined for none. */
  readonly snapshot: string | undefined;
  /** Whether the snapshot counts also after a departure. */
  readonly rejoinAfterLeave: boolean;
  /** The file that the keyring is kept in; undefined for none. */
  readonly keyringFile: string | undefined;
}

/** What the library does when nobody configures it. */
export const SERF_DEFAULTS: SerfConfig = {
  reapInterval: seconds(15),
  reconnectInterval: seconds(30),
  reconnectTimeout: hours(24),
  tombstoneTimeout: hours(24),
  recentIntentTimeout: minutes(5),
  broadcastTimeout: seconds(5),
  leavePropagateDelay: seconds(1),
  queueCheckInterval: seconds(30),
  maxQueueDepth: 4096,
  minQueueDepth: 0,
  coalescePeriod: ZERO,
  quiescentPeriod: ZERO,
  userCoalescePeriod: ZERO,
  userQuiescentPeriod: ZERO,
  userEventSizeLimit: 512,
  eventBuffer: 512,
  queryBuffer: 512,
  querySizeLimit: 1024,
  queryResponseSizeLimit: 1024,
  queryTimeoutMult: 16,
  flapTimeout: seconds(60),
  enableNameConflictResolution: true,
  disableCoordinates: false,
  snapshot: undefined,
  rejoinAfterLeave: false,
  keyringFile: undefined,
};

/** What the agent makes of it. */
export const AGENT_DEFAULTS: SerfConfig = {
  ...SERF_DEFAULTS,
  coalescePeriod: seconds(3),
  quiescentPeriod: seconds(1),
  userCoalescePeriod: seconds(3),
  userQuiescentPeriod: seconds(1),
};

/** The most that `userEventSizeLimit` may be. */
export const MOST_EVENT_BYTES = 9 * 1024;

/** What Serf says of limits that it refuses to start with; undefined when it accepts them. */
export function configProblem({ userEventSizeLimit }: Pick<SerfConfig, 'userEventSizeLimit'>): string | undefined {
  return userEventSizeLimit > MOST_EVENT_BYTES ? `user event size limit exceeds limit of ${MOST_EVENT_BYTES} bytes` : undefined;
}
