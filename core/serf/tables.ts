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
  /** User events were gathered for the longest time, or none came for a while. */
  userQuantum: 9,
  userQuiescence: 10,
  /** A query of ours is closed; subject: its number. */
  query: 11,
  /** The snapshot is told the member clock. */
  clock: 12,
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
  'user coalesce quantum',
  'user coalesce quiescence',
  'query timeout',
  'snapshot clock',
];

/** The numbers of writes to files. */
export const Write = {
  /** A piece of the snapshot. */
  append: 0,
  /** A new snapshot in place of the old one. */
  compact: 1,
  sync: 2,
  /** The keyring, after it was changed. */
  keyring: 3,
} as const;

/** What the world sees: of each member its status, of the node itself how many members have flapped. */
export const Cell = { status: 0, flaps: 1 } as const;

export const CELLS: readonly string[] = ['status', 'flaps'];
