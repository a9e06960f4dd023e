import type { Early, StreamState } from './connection.ts';
import type { Packet, StreamHeader } from './packet.ts';

/**
 * Keeps what has arrived of a train until its turn comes.
 *
 * @param arrived segments of this packet that are left
 * @returns how many segments of the train are still missing
 */
export function keep(stream: StreamState, packet: Packet, header: StreamHeader, arrived: number): number {
  const { train, segments, payload, last, flag } = header;
  const early: Early = stream.early.get(train) ?? {
    missing: segments,
    message: packet.message,
    payload,
    last,
    fin: flag === 'fin',
  };
  // Of segments sent again those that are lost now count as ones that were missing before.
  early.missing = Math.min(early.missing, segments - arrived);
  stream.early.set(train, early);
  return early.missing;
}

/** The trains whose turn it is and that are there whole. They stay where they are. */
export function inOrder(stream: StreamState): Early[] {
  const ready: Early[] = [];
  for (let number = stream.expected; ; number++) {
    const early = stream.early.get(number);
    if (early === undefined || early.missing > 0) return ready;
    ready.push(early);
  }
}
