/** What a node holds a member to be. `left` is dead, announced by the member itself. */
export type Status = 'alive' | 'suspect' | 'dead' | 'left';

/** The numbers these have on the wire, and in a member's claim. */
export const ALIVE = 0;
export const SUSPECT = 1;
export const DEAD = 2;
export const LEFT = 3;
export type StatusNumber = 0 | 1 | 2 | 3;

export const STATUSES: readonly [Status, Status, Status, Status] = ['alive', 'suspect', 'dead', 'left'];

export const isLive = (status: StatusNumber): boolean => status <= SUSPECT;
