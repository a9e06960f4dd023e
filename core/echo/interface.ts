import type { Endpoint, NameId } from '../names.ts';
import type { Duration } from '../time.ts';
import type { PeerState } from './state.ts';

export interface EchoConfig {
  readonly peers: readonly { readonly name: NameId; readonly endpoint: Endpoint }[];
  /** From one ping of a peer to the next. A shorter one notices silence sooner and sends more. */
  readonly period: Duration;
  /** How long an answer may take: more than a round trip, or every peer is silent; less than a period, or none ever is. */
  readonly patience: Duration;
}

/** Asks for the `EchoStatus` of each peer. */
export interface EchoCommand {
  readonly type: 'status';
}

export interface EchoStatus {
  readonly peer: NameId;
  readonly heard: number;
  readonly status: PeerState['status'];
}

/** Announced when a peer fell silent and the disk knows it. */
export interface SilenceNotice {
  readonly type: 'silence';
  readonly peer: NameId;
}
