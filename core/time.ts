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

const UNITS: Readonly<Record<string, number>> = {
  ns: 1,
  us: 1_000,
  µs: 1_000,
  μs: 1_000,
  ms: 1_000_000,
  s: 1_000_000_000,
  m: 60_000_000_000,
  h: 3_600_000_000_000,
  d: 86_400_000_000_000,
};
const PART = /(\d+(?:\.\d+)?|\.\d+)(ns|us|µs|μs|ms|s|m|h|d)/gy;

/**
 * Reads a duration as people write it: `200ms`, `1.5s`, `10m`, `1h30m`, `100us`; a bare `0` needs no unit.
 *
 * @returns undefined when the text is no duration, or is longer than virtual time (104 days)
 */
export function parseDuration(text: string): Duration | undefined {
  if (text === '0') return ZERO;
  let total = 0;
  PART.lastIndex = 0;
  while (PART.lastIndex < text.length) {
    const part = PART.exec(text);
    if (part === null) return undefined;
    total += Number(part[1]) * (UNITS[part[2] as string] as number);
  }
  if (text.length === 0 || total > LAST_INSTANT) return undefined;
  return Math.round(total) as Duration;
}

/** Writes a duration the way `parseDuration` reads it, in the largest unit that keeps it exact: `1.5s`, `250us`. */
export function formatDuration(duration: Duration): string {
  if (duration === 0) return '0s';
  for (const [unit, size] of [
    ['h', UNITS.h],
    ['m', UNITS.m],
    ['s', UNITS.s],
    ['ms', UNITS.ms],
    ['us', UNITS.us],
  ] as const) {
    const count = duration / (size as number);
    if (
      count >= 1 &&
      Number.isInteger(unit === 'h' || unit === 'm' ? count : Math.round(count * 1e6) === count * 1e6 ? 1 : 0.5)
    ) {
      return `${count}${unit}`;
    }
  }
  return `${duration}ns`;
}

/** Writes an instant in seconds with a fixed number of decimals, nine by default, by integer arithmetic: the same text on every engine. */
export function formatInstant(instant: Instant, decimals = 9): string {
  const whole = Math.floor(instant / 1_000_000_000);
  const rest = String(instant - whole * 1_000_000_000)
    .padStart(9, '0')
    .slice(0, decimals);
  return decimals === 0 ? String(whole) : `${whole}.${rest}`;
}
