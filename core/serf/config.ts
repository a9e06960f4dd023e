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
};

/** What the agent makes of it. */
export const AGENT_DEFAULTS: SerfConfig = { ...SERF_DEFAULTS, coalescePeriod: seconds(3), quiescentPeriod: seconds(1) };
