import { assert } from '../../core/assert.ts';
import { type Instant, START } from '../../core/time.ts';

/** A host's clock: it runs at its own speed from the start of the run, and its wall clock is off besides. */
export interface ClockState {
  /** Parts per million by which it gains on virtual time, a whole number; negative when it loses. Real clocks stay within ±200. */
  drift: number;
  /** Since when it has run at this speed, and what it showed then. */
  since: Instant;
  shown: Instant;
  /** Nanoseconds by which the wall clock is ahead; negative when behind. It steps when somebody sets the clock. */
  offset: number;
}

/** Beyond half or double speed nothing real runs. */
export const LARGEST_DRIFT = 500_000;

const MILLION = 1_000_000;
const SECOND = 1_000_000_000;

export function newClock(drift = 0, offset = 0): ClockState {
  assert(Number.isInteger(drift) && Math.abs(drift) <= LARGEST_DRIFT, () => `a clock that drifts by ${drift} ppm`);
  assert(Number.isSafeInteger(offset), () => `a clock that is off by ${offset} ns`);
  return { drift, since: START, shown: START, offset };
}

/**
 * What the host's monotonic clock shows at an instant of virtual time: the drift so far is rounded down to whole nanoseconds.
 * It never runs backwards and takes no part in steps of the wall clock.
 */
export function localTime({ drift, since, shown }: ClockState, virtual: Instant): Instant {
  const elapsed = virtual - since;
  return (shown + elapsed + (drift === 0 ? 0 : gain(elapsed, drift))) as Instant;
}

/** Whether the host's monotonic clock shows virtual time itself. */
export const showsVirtualTime = ({ drift, since, shown }: ClockState): boolean => drift === 0 && since === shown;

/** The first instant of virtual time, since the clock has run at its speed, at which the host's monotonic clock shows `local` or more. */
export function virtualTime({ drift, since, shown }: ClockState, local: Instant): Instant {
  const wanted = Math.max(0, local - shown);
  if (drift === 0) return (since + wanted) as Instant;
  // wanted ≈ elapsed · speed / 10⁶. Whole multiples of `speed` divide exactly; for the rest the quotient is right to one.
  const speed = MILLION + drift;
  const rest = wanted % speed;
  let elapsed = ((wanted - rest) / speed) * MILLION + Math.floor((rest * MILLION) / speed);
  while (elapsed + gain(elapsed, drift) < wanted) elapsed++;
  while (elapsed > 0 && elapsed - 1 + gain(elapsed - 1, drift) >= wanted) elapsed--;
  return (since + elapsed) as Instant;
}

/** Makes the clock run at another speed from now on; what it shows does not jump. */
export function setDrift(clock: ClockState, now: Instant, drift: number): void {
  assert(Number.isInteger(drift) && Math.abs(drift) <= LARGEST_DRIFT, () => `a clock that drifts by ${drift} ppm`);
  clock.shown = localTime(clock, now);
  clock.since = now;
  clock.drift = drift;
}

/** ⌊elapsed · drift / 10⁶⌋ without leaving the whole numbers that are exact. */
function gain(elapsed: number, drift: number): number {
  const rest = elapsed % MILLION;
  return ((elapsed - rest) / MILLION) * drift + Math.floor((rest * drift) / MILLION);
}

/** Sets the wall clock forward, or back when negative, by so many nanoseconds. */
export function jump(clock: ClockState, by: number): void {
  assert(Number.isSafeInteger(by), () => `a jump by ${by} ns`);
  clock.offset += by;
}

/**
 * Whole seconds since 1970 that the host's wall clock shows.
 *
 * @param epoch what a correct wall clock shows at the start of the run
 */
export function wallSeconds(clock: ClockState, epoch: number, virtual: Instant): number {
  return epoch + Math.floor((localTime(clock, virtual) + clock.offset) / SECOND);
}

/** Writes seconds since 1970 as `2013/10/21 13:53:31`, in UTC. */
export function formatWallClock(seconds: number): string {
  const { year, month, day, hour, minute, second } = civil(seconds);
  return `${pad(year, 4)}/${pad(month, 2)}/${pad(day, 2)} ${pad(hour, 2)}:${pad(minute, 2)}:${pad(second, 2)}`;
}

const WALL_CLOCK = /^(\d{4})([-/])(\d\d)\2(\d\d)[ T](\d\d):(\d\d):(\d\d)Z?$/;

/** Reads `2013/10/21 13:53:31` or `2013-10-21T13:53:31Z`; undefined when it is no such text or no such moment. */
export function parseWallClock(text: string): number | undefined {
  const match = WALL_CLOCK.exec(text);
  if (match === null) return undefined;
  const [year, month, day, hour, minute, second] = [1, 3, 4, 5, 6, 7].map((i) => Number(match[i])) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  const seconds = daysBefore(year, month, day) * 86_400 + hour * 3600 + minute * 60 + second;
  const back = civil(seconds);
  const exact =
    back.month === month && back.day === day && back.hour === hour && back.minute === minute && back.second === second;
  return exact ? seconds : undefined;
}

interface Civil {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
}

// Years begin in March here, so that the leap day is a year's last; 1 March 0000 is day −719 468 of the count from 1970. A month
// from March on begins on day ⌊(153 m + 2) / 5⌋ of its year, because the lengths 31, 30, 31, 30, 31 repeat.

/** Days from 1 January 1970 to a date of the Gregorian calendar. */
function daysBefore(year: number, month: number, day: number): number {
  const fromMarch = (month + 9) % 12;
  const marchYear = month <= 2 ? year - 1 : year;
  const leapDays = Math.floor(marchYear / 4) - Math.floor(marchYear / 100) + Math.floor(marchYear / 400);
  return marchYear * 365 + leapDays + Math.floor((153 * fromMarch + 2) / 5) + day - 1 - 719_468;
}

function civil(seconds: number): Civil {
  const days = Math.floor(seconds / 86_400);
  const time = seconds - days * 86_400;
  const sinceMarch = days + 719_468;
  let marchYear = Math.floor(sinceMarch / 365.2425);
  // The quotient may be one too large or small around 1 March.
  while (daysBefore(marchYear, 3, 1) > days) marchYear--;
  while (daysBefore(marchYear + 1, 3, 1) <= days) marchYear++;
  const dayOfYear = days - daysBefore(marchYear, 3, 1);
  const fromMarch = Math.floor((5 * dayOfYear + 2) / 153);
  const month = fromMarch < 10 ? fromMarch + 3 : fromMarch - 9;
  return {
    year: month <= 2 ? marchYear + 1 : marchYear,
    month,
    day: dayOfYear - Math.floor((153 * fromMarch + 2) / 5) + 1,
    hour: Math.floor(time / 3600),
    minute: Math.floor((time % 3600) / 60),
    second: time % 60,
  };
}

const pad = (n: number, width: number): string => String(n).padStart(width, '0');
