import type { Instant } from '../../core/time.ts';

/** An instant in the parts that people read it by. */
export interface ClockText {
  /** `2:03` or `1:02:03`; `3` below a minute. */
  readonly whole: string;
  readonly milli: string;
  readonly micro: string;
  readonly nano: string;
}

export function clockText(instant: Instant): ClockText {
  const seconds = Math.floor(instant / 1e9);
  const rest = String(instant - seconds * 1e9).padStart(9, '0');
  return { whole: wholeText(seconds), milli: rest.slice(0, 3), micro: rest.slice(3, 6), nano: rest.slice(6) };
}

/** How long a run is, in words: `4 min 12 s`. */
export function lengthText(instant: Instant): string {
  const seconds = instant / 1e9;
  if (seconds < 1) return `${Number((seconds * 1000).toFixed(3))} ms`;
  if (seconds < 60) return `${Number(seconds.toFixed(3))} s`;
  const whole = Math.round(seconds);
  const parts = [
    [Math.floor(whole / 3600), 'h'],
    [Math.floor(whole / 60) % 60, 'min'],
    [whole % 60, 's'],
  ] as const;
  return parts
    .filter(([count]) => count > 0)
    .map(([count, unit]) => `${count} ${unit}`)
    .join(' ');
}

/** A count with thin spaces between its thousands: `48 213`. */
export const countText = (count: number): string => String(count).replace(/\B(?=(\d{3})+$)/g, '\u2009');

function wholeText(seconds: number): string {
  const two = (n: number): string => String(n).padStart(2, '0');
  if (seconds < 60) return String(seconds);
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes}:${two(seconds % 60)}`;
  return `${Math.floor(minutes / 60)}:${two(minutes % 60)}:${two(seconds % 60)}`;
}
