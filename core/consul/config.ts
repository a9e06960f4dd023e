import { type Duration, milliseconds, seconds } from '../time.ts';

/** The knobs of a Consul server, beside those of its Serf and its Raft. Every period is on the server's own clock. */
export interface ConsulConfig {
  readonly datacenter: string;
  /** How many servers are to know each other before all of them start one cluster; 0 when nobody waits for that. */
  readonly expect: number;
  /** Starts a cluster of its own when it has none. Two such servers never become one cluster. */
  readonly bootstrap: boolean;
  /** Takes part in no quorum, and is never promoted. */
  readonly readReplica: boolean;
  readonly autopilot: AutopilotConfig;
  /** Whether a server that knows no other leads by itself (since 0.7). Before, only one that bootstraps did. */
  readonly loneServerLeads: boolean;
  /** How a leader that leaves hands over: to a follower, which removes it (since 1.6), or by removing itself (before). */
  readonly transfersOnLeave: boolean;
  /** A leader compares everybody whom Serf knows with the configuration so often. Longer: what a full queue dropped is healed later. */
  readonly reconcileInterval: Duration;
  /** After leadership could not be established, or a change failed. */
  readonly retryInterval: Duration;
  /** How long a request waits for a leader. Too short: clients see every election. */
  readonly rpcHoldTimeout: Duration;
  /** How long one server waits for another's answer. */
  readonly rpcTimeout: Duration;
  /** A server that left, and did not lead, waits so long to be removed by the leader, and looks so often. */
  readonly removeGrace: Duration;
  readonly removePoll: Duration;
}

/** Autopilot: who is healthy, who becomes a voter, and which of the dead are removed. */
export interface AutopilotConfig {
  /** Before 0.8 there was none: whoever joins is a voter at once, and the dead stay. */
  readonly enabled: boolean;
  readonly cleanupDeadServers: boolean;
  /** A server that heard its leader longer ago is not healthy. Below the heartbeat interval nobody is. */
  readonly lastContactThreshold: Duration;
  /** One that is further behind the leader is not healthy. */
  readonly maxTrailingLogs: number;
  /** How long a server must have been healthy before it becomes a voter. */
  readonly serverStabilizationTime: Duration;
  /** So many voters are left at least when the dead are removed. */
  readonly minQuorum: number;
  readonly updateInterval: Duration;
  /** How long servers may take to tell how they are. */
  readonly statsDeadline: Duration;
  readonly reconcileInterval: Duration;
}

export const AUTOPILOT_DEFAULTS: AutopilotConfig = {
  enabled: true,
  cleanupDeadServers: true,
  lastContactThreshold: milliseconds(200),
  maxTrailingLogs: 250,
  serverStabilizationTime: seconds(10),
  minQuorum: 0,
  updateInterval: seconds(2),
  statsDeadline: seconds(1),
  reconcileInterval: seconds(10),
};

export const CONSUL_DEFAULTS: ConsulConfig = {
  datacenter: 'dc1',
  expect: 0,
  bootstrap: false,
  readReplica: false,
  autopilot: AUTOPILOT_DEFAULTS,
  loneServerLeads: true,
  transfersOnLeave: true,
  reconcileInterval: seconds(60),
  retryInterval: seconds(5),
  rpcHoldTimeout: seconds(7),
  rpcTimeout: seconds(10),
  removeGrace: seconds(5),
  removePoll: milliseconds(50),
};
