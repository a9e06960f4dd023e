import type { Endpoint, NameId } from '../../core/names.ts';
import { type Duration, type Instant, milliseconds, seconds } from '../../core/time.ts';
import type { Slot } from '../engine/simulation.ts';
import { NO_TIMER } from './timer.ts';
import type { SocketHandle, StreamHandle } from './upcalls.ts';

/** Where one end of a stream is in its life (RFC 9293 §3.3.2, with fewer names since a FIN is a train like others). */
export type Phase =
  /** SYN-SENT. */
  | 'connecting'
  /** SYN-RECEIVED. */
  | 'accepting'
  /** ESTABLISHED, and the states in which something of ours, the FIN included, is not acknowledged. */
  | 'open'
  /** FIN-WAIT-2 without a process: our FIN is acknowledged, theirs is awaited. */
  | 'fin-wait'
  | 'time-wait'
  /** The host itself refused to connect, and its process is about to hear of it. */
  | 'doomed';

/** A message that is not wholly sent yet. */
export interface Outgoing {
  readonly message: unknown;
  readonly word: NameId;
  readonly bytes: number;
  /** Segments not sent yet. */
  left: number;
}

/** What was sent at once and is not wholly acknowledged. */
export interface Train {
  readonly number: number;
  readonly segments: number;
  readonly payload: number;
  /** Only the train that ends a message carries it. */
  readonly message: unknown;
  readonly word: NameId;
  readonly last: boolean;
  readonly fin: boolean;
  /** Segments that the peer is not known to have. */
  missing: number;
  sentAt: Instant;
  /** Times it was sent again. */
  tries: number;
  /** Given up for lost, to be sent again. */
  lost: boolean;
}

/** A train that arrived before an earlier one did, or of which segments are missing. */
export interface Early {
  missing: number;
  readonly message: unknown;
  readonly payload: number;
  readonly last: boolean;
  readonly fin: boolean;
}

/** One end of a stream. */
export interface StreamState {
  readonly handle: StreamHandle;
  readonly node: number;
  readonly local: Endpoint;
  readonly remote: Endpoint;
  /** Handle of the connecting end. */
  readonly connection: number;
  /** The socket that it was accepted by. */
  readonly listener: SocketHandle | undefined;
  phase: Phase;
  /** Our process has closed it and hears no more. */
  deaf: boolean;
  /** Largest payload of a segment that we send, and that we accept. */
  mss: number;
  readonly ownMss: number;
  /** The next retransmission or the end of a wait. */
  timer: Slot;
  /** Expiries of the timer since there was progress. */
  tries: number;
  sentAt: Instant;

  // Sending.
  queue: Outgoing[];
  flight: Train[];
  /** Number of the next new train. */
  next: number;
  /** Segments on their way: those of trains in flight that are neither known to have arrived nor given up. */
  outstanding: number;
  fin: 'no' | 'wanted' | 'sent' | 'acknowledged';
  /** Congestion window and slow start threshold, in segments (RFC 5681), and what was acknowledged towards the next step of the window. */
  window: number;
  threshold: number;
  credit: number;
  /** Segments that arrived beyond a gap since the last progress. */
  duplicates: number;
  /** In fast recovery: it ends when everything before this train is acknowledged. */
  recover: number | undefined;
  /** Undefined before the first measurement. */
  smoothed: Duration | undefined;
  variation: Duration;

  // Receiving.
  /** Number of the next train to hand up. */
  expected: number;
  early: Map<number, Early>;
  /** Bytes of the message that is arriving. */
  received: number;
  /** The peer's FIN has arrived, and before ours was sent. */
  ended: boolean;
  endedFirst: boolean;
}

/** Ten segments at the start (RFC 6928). */
export const INITIAL_WINDOW = 10;
/** The largest send buffer of Linux (tcp_wmem), in bytes. */
const LARGEST_WINDOW = 4_194_304;

export const SYN_TIMEOUT: Duration = seconds(1);
/** tcp_syn_retries: SYNs at 0, 1, 3, 7, 15, 31 and 63 s, given up at 127 s. */
export const SYN_RETRIES = 6;
/** tcp_synack_retries. */
export const SYN_ACK_RETRIES = 5;
/** tcp_retries2: with the shortest time-out given up after 924.6 s. */
export const RETRIES = 15;
/** TCP_RTO_MIN and TCP_RTO_MAX. */
const SHORTEST: Duration = milliseconds(200);
const LONGEST: Duration = seconds(120);
/** TCP_TIMEWAIT_LEN, and tcp_fin_timeout. */
export const TIME_WAIT: Duration = seconds(60);

export function newStream(
  identity: Pick<StreamState, 'handle' | 'node' | 'local' | 'remote' | 'connection' | 'listener' | 'phase' | 'mss' | 'ownMss'>,
): StreamState {
  return {
    ...identity,
    deaf: false,
    timer: NO_TIMER,
    tries: 0,
    sentAt: 0 as Instant,
    queue: [],
    flight: [],
    next: 0,
    outstanding: 0,
    fin: 'no',
    window: INITIAL_WINDOW,
    threshold: Number.MAX_SAFE_INTEGER,
    credit: 0,
    duplicates: 0,
    recover: undefined,
    smoothed: undefined,
    variation: 0 as Duration,
    expected: 0,
    early: new Map(),
    received: 0,
    ended: false,
    endedFirst: false,
  };
}

/** Takes in one measured round trip (RFC 6298 §2). */
export function measure(stream: StreamState, roundTrip: Duration): void {
  if (stream.smoothed === undefined) {
    stream.smoothed = roundTrip;
    stream.variation = Math.round(roundTrip / 2) as Duration;
    return;
  }
  const error = Math.abs(stream.smoothed - roundTrip);
  stream.variation = Math.round((3 * stream.variation + error) / 4) as Duration;
  stream.smoothed = Math.round((7 * stream.smoothed + roundTrip) / 8) as Duration;
}

/**
 * How long an answer is waited for after `tries` retransmissions: smoothed round trip and at least 200 ms (as Linux does; RFC 6298 has
 * 1 s in all), doubled with each, 120 s at most.
 */
export function retransmissionTimeout(smoothed: Duration | undefined, variation: Duration, tries: number): Duration {
  let timeout: number = smoothed === undefined ? SYN_TIMEOUT : smoothed + Math.max(SHORTEST, 4 * variation);
  for (let i = 0; i < tries && timeout < LONGEST; i++) timeout *= 2;
  return Math.min(timeout, LONGEST) as Duration;
}

/** Slow start below the threshold, one segment per window above it (RFC 5681 §3.1). */
export function grow(stream: StreamState, acknowledged: number): void {
  const largest = Math.max(INITIAL_WINDOW, Math.floor(LARGEST_WINDOW / stream.mss));
  if (stream.window < stream.threshold) {
    stream.window = Math.min(stream.window + acknowledged, largest);
    return;
  }
  stream.credit += acknowledged;
  while (stream.credit >= stream.window) {
    stream.credit -= stream.window;
    stream.window = Math.min(stream.window + 1, largest);
  }
}

/** Something was lost: half of what was on its way is to be the new threshold (RFC 5681 §3.1, equation 4). */
export function shrink(stream: StreamState, window: 'one' | 'half'): void {
  stream.threshold = Math.max(2, Math.floor(Math.min(stream.window, stream.outstanding) / 2));
  stream.window = window === 'one' ? 1 : stream.threshold;
  stream.credit = 0;
}
