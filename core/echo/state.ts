import type { OpenPing } from './rules.ts';

/** Everything that changes. Plain data: the world saves, restores and compares it. */
export interface EchoState {
  nextSequence: number;
  /** How often a peer fell silent, over all lives of this node: its file has a record of each. */
  silences: number;
  /** In the order of the configuration. */
  readonly peers: PeerState[];
}

export interface PeerState {
  /** Pings sent to it in this life. */
  sent: number;
  /** Pings that it answered before the next was sent. */
  heard: number;
  status: 'answering' | 'silent';
  /** The latest ping, until it is answered. */
  open: OpenPing | undefined;
}
