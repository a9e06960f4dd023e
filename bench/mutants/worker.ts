import { type Found, type Hunt, type Hunted, hunt, NO_SWAP, type Reduced, reduce, type Swap } from './hunt.ts';
import { BUGS } from './kit.ts';

/** What a process of its own is to do. A bug goes by its name, as its rules are code. */
export interface Job extends Omit<Hunt, 'swap'> {
  readonly bug: string | undefined;
  /** CPU seconds for making smaller what was found; 0 for not at all. */
  readonly reducing: number;
  /** Made smaller, instead of looking for anything. */
  readonly found?: Found;
}

export interface Done {
  readonly hunted: Hunted;
  readonly reduced: Reduced | undefined;
}

const swapOf = (name: string | undefined): Swap => BUGS.find((bug) => bug.name === name) ?? NO_SWAP;

process.once('message', ({ bug, reducing, found, ...job }: Job) => {
  const swap = swapOf(bug);
  const hunted: Hunted = found === undefined ? hunt({ ...job, swap }) : { found, runs: 0, events: 0, cpuSeconds: 0 };
  const reduced = hunted.found === undefined || reducing === 0 ? undefined : reduce(hunted.found, { ...job, swap }, reducing);
  const done: Done = { hunted, reduced };
  process.send?.(done, () => process.disconnect());
});
