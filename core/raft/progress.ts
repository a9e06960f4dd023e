import type { Endpoint, NameId } from '../names.ts';
import type { Instant } from '../time.ts';

/**
 * What a leader knows of one follower. `probe`: where the logs part is not known, one append at a time. `replicate`: appends follow each other
 * without waiting for answers. `snapshot`: what the follower needs is compacted.
 */
export interface Progress {
  readonly name: NameId;
  endpoint: Endpoint;
  /** The highest index known to be durable there. Always below `next`. */
  match: number;
  next: number;
  mode: 'probe' | 'replicate' | 'snapshot';
  /** Nothing more may be sent until something is heard. */
  paused: boolean;
  /** The appends with entries that are under way: the last index of each, and its bytes. */
  ends: number[];
  sizes: number[];
  inflightBytes: number;
  /** The highest commit index that it was told. */
  sentCommit: number;
  /** When its latest answer of this term came, of any kind; at first, when it became a peer. */
  lastAck: Instant;
  /** When the latest broadcast that it answered was sent; undefined for none. Only this feeds the lease. */
  leaseAck: Instant | undefined;
  /** The number of that broadcast. */
  round: number;
  /** It answered since the last window; for `checkQuorum: 'windows'`. */
  active: boolean;
  /** The snapshot on its way; undefined for none. */
  transfer: Transfer | undefined;
}

export interface Transfer {
  readonly id: number;
  readonly index: number;
  readonly term: number;
  offset: number;
  sentAt: Instant;
}

export const newProgress = (name: NameId, endpoint: Endpoint, lastIndex: number, now: Instant): Progress => ({
  name,
  endpoint,
  match: 0,
  next: lastIndex + 1,
  mode: 'probe',
  paused: false,
  ends: [],
  sizes: [],
  inflightBytes: 0,
  sentCommit: 0,
  lastAck: now,
  leaseAck: undefined,
  round: 0,
  active: false,
  transfer: undefined,
});

/** One append at a time, from behind what is known to match. */
export function toProbe(peer: Progress): void {
  const { transfer } = peer;
  peer.next = Math.max(peer.match, transfer?.index ?? 0) + 1;
  peer.mode = 'probe';
  peer.transfer = undefined;
  peer.paused = false;
  clearWindow(peer);
}

export function toReplicate(peer: Progress): void {
  peer.mode = 'replicate';
  peer.next = peer.match + 1;
  peer.transfer = undefined;
  peer.paused = false;
  clearWindow(peer);
}

export function toSnapshot(peer: Progress, transfer: Transfer): void {
  peer.mode = 'snapshot';
  peer.transfer = transfer;
  peer.next = transfer.index + 1;
  peer.paused = false;
  clearWindow(peer);
}

function clearWindow(peer: Progress): void {
  peer.ends.length = 0;
  peer.sizes.length = 0;
  peer.inflightBytes = 0;
}

/** Notes an append under way. */
export function addInflight(peer: Progress, end: number, bytes: number): void {
  peer.ends.push(end);
  peer.sizes.push(bytes);
  peer.inflightBytes += bytes;
}

/** Forgets the appends that end at or below an index. */
export function freeInflight(peer: Progress, index: number): void {
  const { ends, sizes } = peer;
  let freed = 0;
  while (freed < ends.length && (ends[freed] as number) <= index) peer.inflightBytes -= sizes[freed++] as number;
  if (freed === 0) return;
  if (freed === 1) {
    ends.shift(); // mostly there is one: to set the length would give up the room for the next
    sizes.shift();
  } else {
    ends.splice(0, freed);
    sizes.splice(0, freed);
  }
}

/** Whether no more appends with entries may be under way. Bytes are looked at after adding: one message may go over. */
export const isFull = ({ ends, inflightBytes }: Progress, maxInflight: number, maxBytes: number): boolean =>
  ends.length >= maxInflight || inflightBytes >= maxBytes;
