import type { LamportTime } from './lamport.ts';

/*
 * How far back a node remembers what it heard, of user events and of queries each: enough to know what is new, and to tell a peer of
 * it. What is older than the window is dropped, since nobody could say whether it was heard before.
 */

/** The place of a time in a buffer of so many. Within the window no two times share one. */
export const slotOf = (time: LamportTime, window: number): number => time % window;

/** Whether something is from before the window of a clock that has met it. */
export function isTooOld(time: LamportTime, clock: LamportTime, window: number): boolean {
  return clock > window && time < clock - window;
}
