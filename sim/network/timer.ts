import type { Slot } from '../engine/simulation.ts';

/** No pending event. */
export const NO_TIMER = -1 as Slot;
