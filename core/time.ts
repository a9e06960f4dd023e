import type { Brand } from './brand.ts';

/**
 * A point in virtual time: whole nanoseconds since the run began. In a number they stay exact for 104 days
 * (2⁵³ ns); a bigint would be paid for in the hot loop.
 */
export type Instant = Brand<number, 'Instant'>;

/** A span of virtual time in whole nanoseconds, never negative. */
export type Duration = Brand<number, 'Duration'>;

/** The last instant that is exact: 104 days, 5 hours and some minutes after the start. */
export const LAST_INSTANT = Number.MAX_SAFE_INTEGER as Instant;
export const START = 0 as Instant;
export const ZERO = 0 as Duration;

export const nanoseconds = (n: number): Duration => Math.round(n) as Duration;
export const microseconds = (n: number): Duration => Math.round(n * 1_000) as Duration;
export const milliseconds = (n: number): Duration => Math.round(n * 1_000_000) as Duration;
export const seconds = (n: number): Duration => Math.round(n * 1_000_000_000) as Duration;
export const minutes = (n: number): Duration => seconds(n * 60);
export const hours = (n: number): Duration => seconds(n * 3600);

export const add = (instant: Instant, duration: Duration): Instant => (instant + duration) as Instant;
/** How long after `earlier` the instant `later` is; negative, and so no Duration, if it is before. */
export const between = (earlier: Instant, later: Instant): Duration => (later - earlier) as Duration;
export const inSeconds = (time: Instant | Duration): number => time / 1_000_000_000;

/** The nanoseconds of the units that people write, largest first. */
const UNITS = {
  d: 86_400_000_000_000,
  h: 3_600_000_000_000,
  m: 60_000_000_000,
  s: 1_000_000_000,
  ms: 1_000_000,
  us: 1_000,
  ns: 1,
};
type Unit = keyof typeof UNITS;
const UNIT_OF = new Map<string, number>([...Object.entries(UNITS), ['µs', UNITS.us], ['μs', UNITS.us]]); // micro sign, Greek mu
const PART = /(\d*)(?:\.(\d+))?(ns|us|µs|μs|ms|s|m|h|d)/y;

/**
 * Reads a duration as people write it: `200ms`, `1.5s`, `10m`, `1h30m`, `100us`; a bare `0` needs no unit.
 *
 * @returns undefined when the text is no duration, or is longer than virtual time (104 days)
 */
export function parseDuration(text: string): Duration | undefined {
  if (text === '0') return ZERO;
  let total = 0;
  let end = 0;
  do {
    PART.lastIndex = end;
    const [part, whole, fraction, unit = ''] = PART.exec(text) ?? [''];
    const size = UNIT_OF.get(unit);
    if (size === undefined || (whole === '' && fraction === undefined)) return undefined;
    total += Number(whole) * size + Math.round(Number(`0.${fraction ?? 0}`) * size); // apart, so that both are exact
    end += part.length;
  } while (end < text.length);
  return total > LAST_INSTANT ? undefined : (total as Duration);
}

/**
 * Writes a duration the way `parseDuration` reads it, exactly: in whole hours or minutes if it can be, else in the
 * largest smaller unit of which it has at least one: `90m`, `1.5s`, `250us`.
 */
export function formatDuration(duration: Duration): string {
  if (duration === 0) return '0s';
  const unit = (['h', 'm'] as const).find((whole) => duration % UNITS[whole] === 0) ?? largestUnit(duration);
  const size = UNITS[unit];
  const count = Math.floor(duration / size);
  const decimals = String(size).length - 1; // of the units below the minute, which are powers of ten
  const fraction = String(duration - count * size)
    .padStart(decimals, '0')
    .replace(/0+$/, '');
  return `${count}${fraction === '' ? '' : `.${fraction}`}${unit}`;
}

const largestUnit = (duration: Duration): Unit => (['s', 'ms', 'us'] as const).find((unit) => duration >= UNITS[unit]) ?? 'ns';

/** Writes an instant in seconds with a fixed number of decimals, cut and not rounded: the same text on every engine. */
export function formatInstant(instant: Instant, decimals = 9): string {
  const whole = Math.floor(instant / 1_000_000_000);
  const rest = String(instant - whole * 1_000_000_000)
    .padStart(9, '0')
    .slice(0, decimals);
  return decimals === 0 ? String(whole) : `${whole}.${rest}`;
}
