import type { LamportTime } from './lamport.ts';

/**
 * How many times back a node remembers what it heard, of user events and of queries each: enough to know what is new, and
 * to tell a peer of it. What is older is dropped, since nobody could say whether it was heard before.
 */
const WINDOW = 512;

/** The place of a time in the buffer. Within the window no two times share one. */
export const slotOf = (time: LamportTime): number => time % WINDOW;

/** Whether something is from before the window of a clock that has met it. */
export function isTooOld(time: LamportTime, clock: LamportTime): boolean {
  return clock > WINDOW && time < clock - WINDOW;
}
