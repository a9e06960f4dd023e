import type { Brand } from '../brand.ts';

/** A point in the order of messages of one kind (L. Lamport, "Time, Clocks, and the Ordering of Events", 1978): no time of day. */
export type LamportTime = Brand<number, 'LamportTime'>;

/** The clock after it has met a time: beyond it, and never back. */
export function witness(clock: LamportTime, met: LamportTime): LamportTime {
  return met >= clock ? next(met) : clock;
}

export const next = (clock: LamportTime): LamportTime => (clock + 1) as LamportTime;

/** Whether something from the network can be a time. */
export const isLamportTime = (value: unknown): value is LamportTime =>
  typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 && value < Number.MAX_SAFE_INTEGER;
