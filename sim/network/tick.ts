import type { Instant } from '../../core/time.ts';

/** Entries know instants in ticks of half a second. */
const TICK = 500_000_000;

/** The last tick that is not after an instant, and the first that is not before it. */
export const tickAt = (at: Instant): number => Math.floor(at / TICK);
export const tickFrom = (at: Instant): number => Math.ceil(at / TICK);
export const instantOf = (tick: number): Instant => (tick * TICK) as Instant;
