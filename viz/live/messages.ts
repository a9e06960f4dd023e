import type { Recipe } from '../model/recipe.ts';

/** A mistake in a scenario or a replay file, with its place where it has one. */
export interface Mistake {
  readonly line?: number;
  readonly column?: number;
  readonly path: string;
  readonly message: string;
  readonly hint?: string;
}

/** A scenario that ships with Partita. */
export interface Shipped {
  readonly file: string;
  readonly name: string;
  /** What it shows, in a sentence or two. */
  readonly about: string;
}

/** One thing that is done to a run, as a scenario writes it, with words for people. */
export interface Entry {
  /** As scenarios and replay files write it. */
  readonly input: object;
  readonly says: string;
  readonly kind: string;
  /** Nanoseconds, where it is about an instant. */
  readonly at?: number;
  readonly until?: number;
  /** Whether it lasts until something ends it. */
  readonly lasts: boolean;
}

/** What a recipe makes, before it has run. */
export interface Prepared {
  readonly name: string;
  /** The scenario as text. */
  readonly text: string;
  readonly seed: number | string;
  readonly end: number;
  /** Those of its machines that run programs. */
  readonly hosts: readonly string[];
  readonly entries: readonly Entry[];
  /** What in its text may not be meant so, though it can be run. */
  readonly warnings: readonly Mistake[];
  /** How it failed when it was recorded; absent when it was no failure, or no replay file. */
  readonly recorded?: Judgement;
}

/** What a run came to. */
export interface Judgement {
  readonly verdict: 'held' | 'violated' | 'inconclusive';
  readonly fingerprint: string;
  readonly version: string;
  /** What is wrong, in words: its check, its sort and where it was seen; absent when nothing is. */
  readonly failure?: { readonly check: string; readonly sort: string; readonly at: number; readonly says: string };
  /** Sentences on interventions that changed nothing. */
  readonly idle: readonly string[];
}

/** A whole run: its trace, and what it came to. */
export interface Judged extends Judgement {
  readonly trace: Blob;
  /** How its failure compares with the recorded one; absent when nothing was recorded. */
  readonly compared?: 'same' | 'different' | 'none';
  /** The replay file of this run. */
  readonly file: string;
}

export type Direction = readonly [from: string, to: string];

/** Something that a person does to a run that goes on. */
export type Act =
  /** Interventions as a scenario writes them, without their times: from the next instant on, for so many nanoseconds or until they are ended. */
  | { readonly type: 'do'; readonly inputs: readonly object[]; readonly for?: number }
  | { readonly type: 'boot' | 'resume'; readonly host: string }
  /** Directions between two hosts; all that was cut here when there are none. */
  | { readonly type: 'heal'; readonly pairs: readonly Direction[] }
  /** Ends an entry by its place in the list. */
  | { readonly type: 'end'; readonly place: number };

/** How a run that goes on stands. */
export interface Standing {
  readonly now: number;
  readonly records: number;
  /** Whether it waits to be let on. */
  readonly paused: boolean;
  readonly entries: readonly Entry[];
  /** All that has happened so far. */
  readonly trace: Blob;
  /** Which run it is: another one after a fork. */
  readonly run: number;
}

/** What the page may ask the worker, and what it is answered. */
export interface Calls {
  catalogue: { ask: object; answer: readonly Shipped[] };
  prepare: { ask: { readonly recipe: Recipe }; answer: Prepared };
  /** Runs to the end and judges. */
  judge: { ask: { readonly recipe: Recipe }; answer: Judged };
  /** Begins a run that goes on while it is looked at, paused. */
  start: { ask: { readonly recipe: Recipe }; answer: Prepared };
  /** @param speed multiples of real time; 0 to pause, Infinity for as fast as it goes */
  pace: { ask: { readonly speed: number; readonly until?: number }; answer: null };
  /** @returns what was done, in words; and what is wrong with command lines that were typed, which hosts then say in their own way */
  act: {
    ask: { readonly act: Act };
    answer: { readonly at: number; readonly says: readonly string[]; readonly wrong: readonly string[] };
  };
  /** Goes to an instant. In the past: what was done later is undone. */
  fork: { ask: { readonly at: number }; answer: { readonly at: number } };
  look: { ask: object; answer: Standing };
  /** Repeats the run from its start, judged, and gives the file that repeats it. */
  save: { ask: object; answer: Judged };
}

export type Call = keyof Calls;

export type Question = { [C in Call]: { readonly id: number; readonly call: C; readonly ask: Calls[C]['ask'] } }[Call];

/** From the page. */
export type ToWorker = Question | { readonly cancel: number };

/** From the worker. `part` tells how far a long call has come, from 0 to 1. */
export type FromWorker =
  | { readonly id: number; readonly answer: unknown }
  | { readonly id: number; readonly problem: string; readonly mistakes: readonly Mistake[] }
  | { readonly id: number; readonly part: number };
