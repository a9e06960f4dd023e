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
 * What an entry may become in one step: about fewer machines, shorter, weaker, rounder. From the boldest step to the smallest; each makes it smaller in a
 * way that no other step undoes, so that there is an end to them.
 */
export function simplifications(entry: Intervention, room: Room): Intervention[] {
  const fields = entry as unknown as Fields;
  const steps = [...fewer(fields), ...narrower(fields, room), ...weaker(fields), ...rounder(fields, room)];
  return steps.map((changed) => changed as unknown as Intervention);
}

/** About fewer machines, or one direction only. */
function* fewer(entry: Fields): Generator<Fields> {
  const { kind, hosts, groups, between, only, at, until } = entry;
  if (Array.isArray(hosts)) {
    const least = kind === 'partition-alone' || kind === 'restart-storm' ? 1 : 2;
    if (hosts.length > least) for (const host of hosts) yield { ...entry, hosts: hosts.filter((each) => each !== host) };
  }
  if (Array.isArray(groups)) yield* smallerGroups(entry, groups as readonly (readonly string[])[]);
  if (kind === 'partition-alone' && only === undefined)
    yield* [
      { ...entry, only: 'in' },
      { ...entry, only: 'out' },
    ];
  if (kind === 'link-down') {
    const [a, b] = between as readonly [string, string];
    const times = until === undefined ? { at } : { at, until };
    yield* [
      { kind: 'link-cut', from: a, to: b, ...times },
      { kind: 'link-cut', from: b, to: a, ...times },
    ];
  }
}

function* smallerGroups(entry: Fields, groups: readonly (readonly string[])[]): Generator<Fields> {
  const { at, until } = entry;
  if (groups.length > 2) for (const group of groups) yield { ...entry, groups: groups.filter((each) => each !== group) };
  for (const group of groups) {
    if (group.length < 2) continue;
    for (const host of group) {
      const rest = group.filter((each) => each !== host);
      yield { ...entry, groups: groups.map((each) => (each === group ? rest : each)) };
    }
  }
  if (groups.length === 2 && groups.every(({ length }) => length === 1))
    yield { kind: 'link-down', between: groups.flat(), at, ...(until === undefined ? {} : { until }) };
}

/** In time: half of it, three quarters, seven eighths, from either end. */
function* narrower(entry: Fields, { end, quietFrom }: Room): Generator<Fields> {
  const { at, until, kind } = entry;
  if (typeof at !== 'number') return;
  if (until === undefined) {
    // What never comes back is no less than what comes back, and what happens at once does not last.
    if (AT_ONCE.has(String(kind))) return;
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

/** Kinds that happen at an instant: an end says when that is undone. All others go on until they are said to end. */
const AT_ONCE: ReadonlySet<string> = new Set([
  'host-crash',
  'crash-wipe',
  'new-address',
  'router-down',
  'signal',
  'restart-storm',
  'process-restart',
  'command',
  'clock-jump',
  'clock-drift',
  'disk-wipe',
  'corrupt-record',
]);

function* weaker(entry: Fields): Generator<Fields> {
  const { kind, min, max, rate, drift, torn, does, bandwidth, mtu } = entry;
  if (kind === 'aimed') for (const less of weaker(does as Fields)) yield { ...entry, does: less };
  if (torn === true) {
    const { torn: _, ...rest } = entry;
    yield rest;
  }
  if (kind === 'crash-wipe' || kind === 'new-address') {
    const { address: _, ...rest } = entry;
    yield { ...rest, kind: 'host-crash' };
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
  if (typeof bandwidth === 'number' && bandwidth < MOST_BANDWIDTH) yield { ...entry, bandwidth: bandwidth * 2 };
  if (typeof mtu === 'number' && mtu < MOST_BYTES) yield { ...entry, mtu: Math.min(MOST_BYTES, mtu * 2) };
}

/** Bits per second, and bytes, that are as good as no limit. */
const MOST_BANDWIDTH = 1e9;
const MOST_BYTES = 9_000;

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
