/** The timers of a node: what their subjects are. */
export const Timer = {
  /** A new protocol period. */
  probe: 0,
  /** No direct answer to the probe. */
  direct: 1,
  /** The end of the probe. */
  deadline: 2,
  /** A ping made for somebody else had no answer; subject: its sequence number. */
  helper: 3,
  /** A round of gossip. */
  gossip: 4,
  pushPull: 5,
  /** A suspect stayed silent; subject: its name. */
  suspicion: 6,
  /** A stream takes too long; subject: the stream. */
  stream: 7,
  /** Our departure has not spread in time. */
  leave: 8,
  /** Our new description has not spread in time. */
  update: 9,
  /** A ping that was asked for had no answer; subject: its sequence number. */
  reach: 10,
} as const;

export const TIMERS: readonly string[] = [
  'probe',
  'probe timeout',
  'probe deadline',
  'indirect ping',
  'gossip',
  'push-pull',
  'suspicion',
  'stream',
  'leave',
  'update',
  'ping',
];

/**
 * What the world sees of a node: of each member the state and the incarnation that this node holds, and its own health. `state` is
 * memberlist's word; `status` is Serf's, for what it makes of it.
 */
export const Cell = { state: 0, incarnation: 1, health: 2 } as const;

export const CELLS: readonly string[] = ['state', 'incarnation', 'health'];
