import type { Instant } from '../../core/time.ts';
import { type Cursor, cursorAt } from './cursor.ts';
import type { Records } from './run.ts';

/**
 * How fast the instant moves while playing. A number is virtual seconds per second. `paced` gives the eye time where something happens
 * and hurries where nothing does, so that packets of microseconds can be followed in a run of minutes.
 */
export type Speed = number | 'paced';

export const SPEEDS: readonly Speed[] = ['paced', 0.0001, 0.001, 0.01, 0.1, 0.5, 1, 2, 10, 100, 1000];

/** How a speed is called. */
export const speedName = (speed: Speed): string =>
  speed === 'paced' ? 'Paced by events' : speed >= 1 ? `${speed}× real time` : `1/${Math.round(1 / speed)} real time`;

/** Wall milliseconds that `paced` spends on a gap of so many nanoseconds between two records: 100 µs take 0.17 s, 1 s takes 0.75 s. */
export const wallTimeOf = (gap: number): number => 150 * Math.log10(1 + gap / 10_000);

/** Where the cursor is after `elapsed` wall milliseconds of playing. */
export function advance(records: Records, end: Instant, cursor: Cursor, elapsed: number, speed: Speed): Cursor {
  if (speed !== 'paced') return cursorAt(records, end, cursor.instant + elapsed * 1e6 * speed);
  let left = elapsed;
  let instant: number = cursor.instant;
  let next = cursor.position;
  while (instant < end) {
    const target = next < records.count ? (records.at[next] as number) : end;
    const start = next === 0 ? 0 : (records.at[next - 1] as number);
    const gap = target - start;
    const wall = wallTimeOf(gap) * ((target - instant) / (gap || 1));
    if (wall > left) return cursorAt(records, end, instant + Math.max(1, (target - instant) * (left / wall)));
    left -= wall;
    instant = target;
    while (next < records.count && (records.at[next] as number) <= instant) next++;
  }
  return cursorAt(records, end, end);
}
