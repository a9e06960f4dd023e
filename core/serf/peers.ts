import type { Coordinate } from './coordinate.ts';

/**
 * What a node remembers of each member that it has probed: the latest round trips, and where the member places itself. Side by side in
 * one array, because ten thousand nodes that probe one another remember a hundred million of them.
 */
export interface PeersState {
  /** The place of each member. */
  readonly places: Map<number, number>;
  /** Places of members that were forgotten. */
  readonly free: number[];
  numbers: Float64Array;
}

/** How many round trips are remembered; those that there were not yet are NONE. */
const TRIPS = 3;
const NONE = -1;
const DIMENSIONS = 8;
const [ERROR, ADJUSTMENT, HEIGHT] = [TRIPS + DIMENSIONS, TRIPS + DIMENSIONS + 1, TRIPS + DIMENSIONS + 2] as const;
const STRIDE = HEIGHT + 1;

export const newPeers = (): PeersState => ({ places: new Map(), free: [], numbers: new Float64Array(0) });

export function forgetPeer({ places, free }: PeersState, member: number): void {
  const place = places.get(member);
  if (place === undefined) return;
  places.delete(member);
  free.push(place);
}

/**
 * Remembers a round trip to the member at a place.
 *
 * @returns the median of the latest, so that one late answer does not move anything; of two the longer
 */
export function filterTrip({ numbers }: PeersState, place: number, seconds: number): number {
  const at = place * STRIDE;
  const first = numbers[at] as number;
  const second = numbers[at + 1] as number;
  const third = numbers[at + 2] as number;
  if (first === NONE) {
    numbers[at] = seconds;
    return seconds;
  }
  if (second === NONE) {
    numbers[at + 1] = seconds;
    return Math.max(first, seconds);
  }
  numbers[at + 2] = seconds;
  if (third === NONE) return median(first, second, seconds);
  numbers[at] = second;
  numbers[at + 1] = third;
  return median(second, third, seconds);
}

const median = (a: number, b: number, c: number): number => Math.max(Math.min(a, b), Math.min(Math.max(a, b), c));

/** Remembers where the member at a place places itself. */
export function setPosition({ numbers }: PeersState, place: number, { vector, error, adjustment, height }: Coordinate): void {
  const at = place * STRIDE;
  for (let i = 0; i < DIMENSIONS; i++) numbers[at + TRIPS + i] = vector[i] as number;
  numbers[at + ERROR] = error;
  numbers[at + ADJUSTMENT] = adjustment;
  numbers[at + HEIGHT] = height;
}

/** @returns undefined for a member that was never probed */
export function positionOf({ places, numbers }: PeersState, member: number): Coordinate | undefined {
  const place = places.get(member);
  if (place === undefined) return undefined;
  const at = place * STRIDE;
  return {
    vector: Array.from(numbers.subarray(at + TRIPS, at + ERROR)),
    error: numbers[at + ERROR] as number,
    adjustment: numbers[at + ADJUSTMENT] as number,
    height: numbers[at + HEIGHT] as number,
  };
}

/** The place of a member, a new one if it has none. */
export function placeFor(peers: PeersState, member: number): number {
  const known = peers.places.get(member);
  if (known !== undefined) return known;
  const place = peers.free.pop() ?? peers.places.size;
  peers.places.set(member, place);
  if ((place + 1) * STRIDE > peers.numbers.length) {
    // A quarter more than before: enough that filling it copies each value a few times only.
    const roomier = new Float64Array(STRIDE * Math.max(4, place + 1, Math.ceil(1.25 * place)));
    roomier.set(peers.numbers);
    peers.numbers = roomier;
  }
  peers.numbers.fill(0, place * STRIDE, (place + 1) * STRIDE);
  peers.numbers.fill(NONE, place * STRIDE, place * STRIDE + TRIPS);
  return place;
}
