import type { Rng } from '../random.ts';
import { filterTrip, newPeers, type PeersState, placeFor, setPosition } from './peers.ts';

/**
 * Where a member is, so that distances are round-trip times in seconds: Vivaldi (F. Dabek and others, SIGCOMM 2004) with heights,
 * adjustments and gravity, as Serf has it. Plain data, and never changed once made.
 */
export interface Coordinate {
  readonly vector: readonly number[];
  /** How far off it may be, as a part of what it predicts. */
  readonly error: number;
  /** What to add to every distance: what the space cannot express. */
  readonly adjustment: number;
  /** The way from the member to the core of the network. */
  readonly height: number;
}

const DIMENSIONS = 8;
const MOST_ERROR = 1.5;
const ERROR_GAIN = 0.25;
const POSITION_GAIN = 0.25;
const WINDOW = 20;
const LEAST_HEIGHT = 10e-6;
const GRAVITY = 150;
/** Below, a length counts as none. */
const ZERO = 1e-6;
/** Longer round trips are believed no more, in seconds. */
const LONGEST = 10;

/** What a member remembers to place itself. */
export interface CoordinateState {
  own: Coordinate;
  /** How far off the latest round trips were, and the place of the next. */
  readonly samples: number[];
  place: number;
  readonly peers: PeersState;
  /** How often the own coordinate had to begin anew. */
  resets: number;
}

export const ORIGIN: Coordinate = Object.freeze({
  vector: Object.freeze(new Array<number>(DIMENSIONS).fill(0)),
  error: MOST_ERROR,
  adjustment: 0,
  height: LEAST_HEIGHT,
});

export function newCoordinates(): CoordinateState {
  return {
    own: ORIGIN,
    samples: new Array<number>(WINDOW).fill(0),
    place: 0,
    peers: newPeers(),
    resets: 0,
  };
}

/** Whether something from the network can be a coordinate. */
export function isCoordinate(value: unknown): value is Coordinate {
  if (typeof value !== 'object' || value === null) return false;
  const { vector, error, adjustment, height } = value as Partial<Coordinate>;
  if (!Array.isArray(vector) || vector.length !== DIMENSIONS) return false;
  for (let i = 0; i < DIMENSIONS; i++) if (!Number.isFinite(vector[i])) return false;
  return Number.isFinite(error) && Number.isFinite(adjustment) && Number.isFinite(height);
}

/**
 * Moves the own coordinate after a round trip to a member.
 *
 * Every answered probe comes here, so the steps work on one vector, the new coordinate's own, and make nothing else.
 *
 * @param seconds how long it took; outside of 0 to 10 it is ignored
 * @returns whether it was taken into account
 */
export function observe(state: CoordinateState, member: number, other: Coordinate, seconds: number, random: Rng): boolean {
  if (!(seconds >= 0 && seconds <= LONGEST)) return false;
  const { own, samples, peers } = state;
  const peer = placeFor(peers, member);
  const filtered = filterTrip(peers, peer, seconds);

  // Vivaldi: as strong as the error of this prediction, and as the own error against the other's.
  const measured = Math.max(filtered, ZERO);
  const apart = between(own.vector, other.vector);
  const predicted = predict(apart + own.height + other.height, own.adjustment, other.adjustment);
  const wrongness = Math.abs(predicted - measured) / measured;
  const weight = own.error / Math.max(own.error + other.error, ZERO);
  const error = Math.min(MOST_ERROR, ERROR_GAIN * weight * wrongness + own.error * (1 - ERROR_GAIN * weight));
  const vector = copyOf(own.vector);
  const moved = push(vector, own.height, POSITION_GAIN * weight * (measured - predicted), other, apart, random);

  // Adjustment: what the space could not express lately.
  samples[state.place] = filtered - (between(vector, other.vector) + moved + other.height);
  state.place = (state.place + 1) % WINDOW;
  let sum = 0;
  for (let i = 0; i < WINDOW; i++) sum += samples[i] as number;
  const adjustment = sum / (2 * WINDOW);

  // Gravity keeps the whole from drifting away from the origin.
  const length = between(vector, NOWHERE);
  const pull = predict(length + ORIGIN.height + moved, ORIGIN.adjustment, adjustment) / GRAVITY;
  const height = push(vector, moved, -(pull * pull), GROUND, length, random);

  const drawn: Coordinate = { vector, error, adjustment, height };
  const sound = isCoordinate(drawn);
  state.own = sound ? drawn : ORIGIN;
  setPosition(peers, peer, other);
  if (!sound) state.resets++;
  return true;
}

/** The round trip that is predicted between two members, in seconds. */
export function distance(a: Coordinate, b: Coordinate): number {
  return predict(between(a.vector, b.vector) + a.height + b.height, a.adjustment, b.adjustment);
}

/** What is predicted from what the space says; adjusted, unless that would make it negative. Cut to whole nanoseconds, as the original's durations are. */
function predict(raw: number, adjustment: number, other: number): number {
  const adjusted = raw + adjustment + other;
  return Math.trunc((adjusted > 0 ? adjusted : raw) * 1e9) / 1e9;
}

/**
 * Moves a vector by a force away from another, or towards it when negative.
 *
 * @param height of what is moved
 * @param length how far apart the two are
 * @returns the height that it has then
 */
function push(vector: number[], height: number, force: number, other: Coordinate, length: number, random: Rng): number {
  if (!(length > ZERO)) {
    const unit = anyDirection(random);
    for (let i = 0; i < DIMENSIONS; i++) vector[i] = (vector[i] as number) + (unit[i] as number) * force;
    return height;
  }
  const part = 1 / length;
  for (let i = 0; i < DIMENSIONS; i++) {
    const x = vector[i] as number;
    vector[i] = x + (x - (other.vector[i] as number)) * part * force;
  }
  return Math.max(LEAST_HEIGHT, ((height + other.height) * force) / length + height);
}

/** A random direction, for two that are at the same place. */
function anyDirection(random: Rng): readonly number[] {
  const vector = Array.from({ length: DIMENSIONS }, () => random.fraction() - 0.5);
  const length = between(vector, NOWHERE);
  return length > ZERO ? vector.map((x) => x * (1 / length)) : vector.map((_, i) => (i === 0 ? 1 : 0));
}

/** A new vector, element by element: a copy of a frozen one would keep each of its numbers in an object of its own, and so would all that follow. */
const copyOf = (v: readonly number[]): number[] => [v[0], v[1], v[2], v[3], v[4], v[5], v[6], v[7]] as number[];

/** The origin for calculations: not frozen, for the same reason. */
const NOWHERE: readonly number[] = copyOf(ORIGIN.vector);
const GROUND: Coordinate = { ...ORIGIN, vector: NOWHERE };

/** How far apart two vectors are. */
function between(a: readonly number[], b: readonly number[]): number {
  let sum = 0;
  for (let i = 0; i < DIMENSIONS; i++) {
    const x = (a[i] as number) - (b[i] as number);
    sum += x * x;
  }
  return Math.sqrt(sum);
}
