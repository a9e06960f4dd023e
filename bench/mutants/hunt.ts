import { cpuSeconds, NO_SWAP, type Noticed, type Swap } from './arenas/arena.ts';
import { ARENAS, type ArenaName } from './arenas/arenas.ts';

/** A run in which something was noticed. */
export interface Found {
  readonly arena: ArenaName;
  readonly index: number;
  readonly noticed: Noticed;
}

/** What a hunt has come to. */
export interface Hunted {
  readonly found: readonly Found[];
  /** Runs in which something is noticed with the bug, and without it too: they prove nothing about it. */
  readonly falseAlarms: readonly Found[];
  readonly runs: number;
  /** What happened in them. */
  readonly events: number;
  /** Of this process. */
  readonly cpuSeconds: number;
}

/** What is hunted, where, and for how long. */
export interface Hunt {
  readonly swap: Swap;
  /** The cheapest first. */
  readonly arenas: readonly ArenaName[];
  readonly seed: string;
  /** CPU seconds. */
  readonly budget: number;
  /** The first run in each, and how far it is to the next: processes share a hunt by taking turns. */
  readonly first?: number;
  readonly step?: number;
  /** Runs at most. */
  readonly most?: number;
  /** It ends with so many failing runs; with the first, unless said otherwise. */
  readonly enough?: number;
  /** Hears now and then how far it has come. */
  readonly progress?: (progress: Progress) => void;
}

/** What has come of a hunt since that was told last. */
export interface Progress {
  readonly runs: number;
  readonly found: readonly Found[];
}

/** How often that is told, in CPU seconds. */
const OFTEN = 1;

/**
 * Runs in all arenas until something is noticed or the time is over. The cores alone get half of the CPU time, as their runs cost least, and whole
 * worlds the other half; in each half all arenas get the same.
 */
export function hunt(order: Hunt): Hunted {
  const { swap, arenas, seed, budget, first = 0, step = 1, most = Number.MAX_VALUE, enough = 1, progress } = order;
  const began = cpuSeconds();
  const turns = arenas.map((arena) => {
    const alike = arenas.filter((each) => ARENAS[each].isWorld === ARENAS[arena].isWorld).length;
    return { arena, alike, index: first, spent: 0 };
  });
  const found: Found[] = [];
  const falseAlarms: Found[] = [];
  let events = 0;
  let runs = 0;
  let told = { at: began, runs: 0, found: 0 };
  for (let now = began; runs < most && found.length < enough && now - began < budget; ) {
    const turn = turns.reduce((least, each) => (each.spent < least.spent ? each : least));
    const { arena, index } = turn;
    const { noticed, events: happened } = ARENAS[arena].run(seed, index, swap);
    if (noticed !== undefined) {
      const isFalse = swap !== NO_SWAP && ARENAS[arena].run(seed, index, NO_SWAP).noticed !== undefined;
      (isFalse ? falseAlarms : found).push({ arena, index, noticed });
    }
    const after = cpuSeconds();
    turn.spent += (after - now) * turn.alike;
    turn.index += step;
    now = after;
    runs++;
    events += happened;
    if (now - told.at < OFTEN) continue;
    progress?.({ runs: runs - told.runs, found: found.slice(told.found) });
    told = { at: now, runs, found: found.length };
  }
  return { found, falseAlarms, runs, events, cpuSeconds: cpuSeconds() - began };
}
