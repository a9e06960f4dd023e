import type { Instant } from '../time.ts';
import type { StateMachine } from './machine.ts';
import type { ReferenceMachine } from './watch/reference.ts';

/** What a machine has executed: how much, and a number that depends on all of it in its order. */
export interface Tally {
  readonly count: number;
  readonly hash: number;
}

/** A state machine that tells two histories apart, and remembers what it was given. */
export class TallyMachine implements StateMachine {
  state: { count: number; hash: number } = { count: 0, hash: 0 };
  /** What it executed since it was made or restored: index and command. */
  applied: { readonly index: number; readonly command: unknown }[] = [];

  apply(index: number, _at: Instant, command: unknown): Tally {
    this.applied.push({ index, command });
    this.state = { count: this.state.count + 1, hash: mix(this.state.hash, index, String(command)) };
    return this.query();
  }

  query(): Tally {
    return { ...this.state };
  }

  snapshot(): { readonly data: Tally; readonly bytes: number } {
    return { data: this.query(), bytes: 200_000 };
  }

  isSnapshot(data: unknown): boolean {
    return typeof data === 'object' && data !== null && 'count' in data && 'hash' in data;
  }

  restore(data: unknown): void {
    const { count, hash } = (data ?? { count: 0, hash: 0 }) as Tally;
    this.state = { count, hash };
    this.applied = [];
  }
}

/** The same, to compare with. */
export const TALLY: ReferenceMachine<{ count: number; hash: number }> = {
  empty: () => ({ count: 0, hash: 0 }),
  apply(state, index, _at, command): Tally {
    state.count++;
    state.hash = mix(state.hash, index, String(command));
    return { ...state };
  },
  snapshot: (state) => ({ ...state }),
};

function mix(hash: number, index: number, text: string): number {
  let mixed = Math.imul(hash ^ index, 0x9e37_79b1);
  for (let i = 0; i < text.length; i++) mixed = Math.imul(mixed ^ text.charCodeAt(i), 0x0100_0193);
  return mixed | 0;
}
