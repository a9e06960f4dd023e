/** The timers of Serf: what their subjects are. */
export const Timer = {
  reap: 0,
  reconnect: 1,
  queueCheck: 2,
  /** Events about members were gathered for the longest time, or nothing came for a while. */
  quantum: 3,
  quiescence: 4,
  /** Our leave intent has not gone out in time. */
  leave: 5,
  /** Our departure has had time to get around. */
  propagate: 6,
  /** A force-leave has not gone out in time; subject: its waiter. */
  forceLeave: 7,
  /** A leaving member is to be erased; subject: its name. */
  prune: 8,
} as const;

export const TIMERS: readonly string[] = [
  'reap',
  'reconnect',
  'queue check',
  'coalesce quantum',
  'coalesce quiescence',
  'leave broadcast',
  'leave propagation',
  'force-leave broadcast',
  'prune',
];

/** What the world sees: of each member its status. */
export const Cell = { status: 0 } as const;

export const CELLS: readonly string[] = ['status'];
