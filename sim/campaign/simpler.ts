import { type Instant, LAST_INSTANT } from '../../core/time.ts';
import type { Intervention } from '../intervention/intervention.ts';

/** An entry as a set of fields, whatever its kind: those of the same name mean the same in all. */
type Fields = Readonly<Record<string, unknown>>;

const MILLISECOND = 1_000_000;
/** What lasts no longer is not shortened. */
const SHORTEST = 10 * MILLISECOND;
/** Durations that weaken an entry when they become less, and how little is not worth halving. */
const WEAKER = { by: MILLISECOND, for: SHORTEST } as const;
const LEAST_RATE = 0.02;
/** Instants are made round: whole seconds, or at least tenths, and so on. */
const GRIDS = [1_000, 100, 10, 1].map((milliseconds) => milliseconds * MILLISECOND);

/** What a step may make of an entry. */
export interface Room {
  /** The end of the run: an entry that lasts for ever lasts until then. */
  readonly end: Instant;
  /** Whether the world is left alone from some instant on, so that nothing may be over later. */
  readonly quietFrom?: Instant | undefined;
}

/**
 * What an entry may become in one step: shorter, weaker, rounder, less. From the boldest step to the smallest; each makes it smaller in a
 * way that no other step undoes, so that there is an end to them.
 */
export function simplifications(entry: Intervention, room: Room): Intervention[] {
  const fields = entry as unknown as Fields;
  const steps = [...narrower(fields, room), ...weaker(fields), ...rounder(fields, room)];
  return steps.map((changed) => changed as unknown as Intervention);
}

/** In time: half of it, three quarters, seven eighths, from either end. */
function* narrower(entry: Fields, { end, quietFrom }: Room): Generator<Fields> {
  const { at, until, kind } = entry;
  if (typeof at !== 'number') return;
  if (until === undefined) {
    // What never comes back is no less than what comes back, and what happens at once does not last.
    if (kind === 'host-crash' || !LASTING.has(String(kind))) return;
    const last = Math.min(end, quietFrom ?? end);
    if (last > at) yield { ...entry, until: Math.ceil(last / MILLISECOND) * MILLISECOND };
    return;
  }
  const length = (until as number) - at;
  if (length <= SHORTEST) return;
  for (const part of [2, 4, 8]) {
    const less = whole(length / part);
    if (less <= 0) continue;
    yield { ...entry, until: (until as number) - less };
    yield { ...entry, at: at + less };
  }
}

/** Kinds that go on until they are said to end. */
const LASTING: ReadonlySet<string> = new Set([
  'link-loss',
  'link-delay',
  'link-cut',
  'cpu-delay',
  'host-pause',
  'disk-stall',
  'disk-delay',
  'disk-full',
  'disk-error',
  'disk-lie',
]);

function* weaker(entry: Fields): Generator<Fields> {
  const { min, max, rate, drift, torn } = entry;
  if (torn === true) {
    const { torn: _, ...rest } = entry;
    yield rest;
  }
  if (typeof min === 'number' && typeof max === 'number') {
    if (max > MILLISECOND) yield { ...entry, min: whole(min / 2), max: Math.max(MILLISECOND, whole(max / 2)) };
    const middle = Math.max(MILLISECOND, whole((min + max) / 2));
    if (min < max) yield { ...entry, min: middle, max: middle };
  }
  for (const [field, least] of Object.entries(WEAKER)) {
    const value = entry[field];
    if (typeof value === 'number' && Math.abs(value) > least) yield { ...entry, [field]: whole(value / 2) };
  }
  if (typeof rate === 'number' && rate >= LEAST_RATE) yield { ...entry, rate: Math.ceil(rate * 50) / 100 };
  if (typeof drift === 'number' && Math.abs(drift) > 1) yield { ...entry, drift: Math.trunc(drift / 2) };
}

/** With rounder instants, never for longer. */
function* rounder(entry: Fields, { quietFrom = LAST_INSTANT }: Room): Generator<Fields> {
  const { at, until } = entry;
  if (typeof at !== 'number') return;
  for (const grid of GRIDS) {
    if (at % grid === 0) break;
    const later = Math.ceil(at / grid) * grid;
    if (typeof until === 'number' ? later < until : later <= quietFrom) yield { ...entry, at: later };
    if (until === undefined) yield { ...entry, at: later - grid };
  }
  if (typeof until !== 'number') return;
  for (const grid of GRIDS) {
    if (until % grid === 0) break;
    const sooner = Math.floor(until / grid) * grid;
    if (sooner > at) yield { ...entry, until: sooner };
  }
}

const whole = (nanoseconds: number): number => Math.trunc(nanoseconds / MILLISECOND) * MILLISECOND;
