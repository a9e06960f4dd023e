import type { Rng } from '../random.ts';

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
const FILTER = 3;
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
  /** The latest round trips to each member. */
  readonly latencies: Map<number, number[]>;
  /** Where the members that were probed place themselves. */
  readonly others: Map<number, Coordinate>;
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
    latencies: new Map(),
    others: new Map(),
    resets: 0,
  };
}

/** Forgets a member. */
export function forget(state: CoordinateState, member: number): void {
  state.latencies.delete(member);
  state.others.delete(member);
}

/** Whether something from the network can be a coordinate. */
export function isCoordinate(value: unknown): value is Coordinate {
  if (typeof value !== 'object' || value === null) return false;
  const { vector, error, adjustment, height } = value as Partial<Coordinate>;
  if (!Array.isArray(vector) || vector.length !== DIMENSIONS) return false;
  return [...vector, error, adjustment, height].every(Number.isFinite);
}

/**
 * Moves the own coordinate after a round trip to a member.
 *
 * @param seconds how long it took; outside of 0 to 10 it is ignored
 * @returns whether it was taken into account
 */
export function observe(state: CoordinateState, member: number, other: Coordinate, seconds: number, random: Rng): boolean {
  if (!(seconds >= 0 && seconds <= LONGEST)) return false;
  const filtered = median(state, member, seconds);
  const moved = vivaldi(state.own, other, filtered, random);
  const adjusted = adjust(state, moved, other, filtered);
  const drawn = gravitate(adjusted, random);
  const sound = isCoordinate(drawn);
  state.own = sound ? drawn : ORIGIN;
  state.others.set(member, other);
  if (!sound) state.resets++;
  return true;
}

/** The round trip that is predicted between two members, in seconds. */
export function distance(a: Coordinate, b: Coordinate): number {
  const raw = rawDistance(a, b);
  const adjusted = raw + a.adjustment + b.adjustment;
  return nanoseconds(adjusted > 0 ? adjusted : raw);
}

const rawDistance = (a: Coordinate, b: Coordinate): number => magnitude(minus(a.vector, b.vector)) + a.height + b.height;

/** Cut to whole nanoseconds, as the original's durations are. */
const nanoseconds = (seconds: number): number => Math.trunc(seconds * 1e9) / 1e9;

/** The median of the latest round trips, so that one late answer does not move anything. */
function median(state: CoordinateState, member: number, seconds: number): number {
  const samples = [...(state.latencies.get(member) ?? []), seconds].slice(-FILTER);
  state.latencies.set(member, samples);
  return samples.toSorted((a, b) => a - b)[samples.length >>> 1] as number;
}

function vivaldi(own: Coordinate, other: Coordinate, seconds: number, random: Rng): Coordinate {
  const predicted = distance(own, other);
  const measured = Math.max(seconds, ZERO);
  const wrongness = Math.abs(predicted - measured) / measured;
  const weight = own.error / Math.max(own.error + other.error, ZERO);
  const error = Math.min(MOST_ERROR, ERROR_GAIN * weight * wrongness + own.error * (1 - ERROR_GAIN * weight));
  return push({ ...own, error }, POSITION_GAIN * weight * (measured - predicted), other, random);
}

/** Moves a coordinate by a force away from another, or towards it when negative. */
function push(own: Coordinate, force: number, other: Coordinate, random: Rng): Coordinate {
  const difference = minus(own.vector, other.vector);
  const length = magnitude(difference);
  const apart = length > ZERO;
  const unit = apart ? scaled(difference, 1 / length) : anyDirection(random);
  const vector = own.vector.map((x, i) => x + (unit[i] as number) * force);
  const height = apart ? Math.max(LEAST_HEIGHT, ((own.height + other.height) * force) / length + own.height) : own.height;
  return { ...own, vector, height };
}

/** A random direction, for two that are at the same place. */
function anyDirection(random: Rng): readonly number[] {
  const vector = Array.from({ length: DIMENSIONS }, () => random.fraction() - 0.5);
  const length = magnitude(vector);
  return length > ZERO ? scaled(vector, 1 / length) : vector.map((_, i) => (i === 0 ? 1 : 0));
}

function adjust(state: CoordinateState, own: Coordinate, other: Coordinate, seconds: number): Coordinate {
  state.samples[state.place] = seconds - rawDistance(own, other);
  state.place = (state.place + 1) % WINDOW;
  const sum = state.samples.reduce((total, sample) => total + sample, 0);
  return { ...own, adjustment: sum / (2 * WINDOW) };
}

/** Keeps the whole from drifting away from the origin. */
function gravitate(own: Coordinate, random: Rng): Coordinate {
  const pull = distance(ORIGIN, own) / GRAVITY;
  return push(own, -(pull * pull), ORIGIN, random);
}

const minus = (a: readonly number[], b: readonly number[]): number[] => a.map((x, i) => x - (b[i] as number));

const scaled = (vector: readonly number[], by: number): number[] => vector.map((x) => x * by);

const magnitude = (vector: readonly number[]): number => Math.sqrt(vector.reduce((sum, x) => sum + x * x, 0));
