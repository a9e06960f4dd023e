import { NO_SWAP, type Reduced, type Swap } from './arenas/arena.ts';
import { ARENAS } from './arenas/arenas.ts';
import { type Found, type Hunt, type Hunted, hunt, type Progress } from './hunt.ts';
import { BUGS } from './kit.ts';

/** What a process of its own is to do. A bug goes by its name, as its rules are code. */
export interface Job extends Omit<Hunt, 'swap' | 'progress'> {
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

process.once('message', ({ bug, reducing, found: given, ...job }: Job) => {
  const swap = swapOf(bug);
  const progress = (news: Progress): void => void process.send?.(news);
  const none: Hunted = { found: given === undefined ? [] : [given], falseAlarms: [], runs: 0, events: 0, cpuSeconds: 0 };
  const hunted = given === undefined ? hunt({ ...job, swap, progress }) : none;
  const [found] = hunted.found;
  const reduced =
    found === undefined || reducing === 0 ? undefined : ARENAS[found.arena].reduce(job.seed, found.index, swap, reducing);
  process.send?.({ hunted, reduced } satisfies Done, () => process.disconnect());
});
