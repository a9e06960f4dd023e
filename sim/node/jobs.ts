import type { Attempt, Tried } from '../campaign/attempt.ts';
import type { Outcome } from '../campaign/outcome.ts';
import type { Answer, Question } from '../engine/difference.ts';

/** What a thread is started with. */
export interface ThreadData {
  /** The scenario's file. */
  readonly path: string;
  /** Of the campaign. */
  readonly seed: number | string;
  /** Megabytes that it may hold in memory. */
  readonly memory: number;
  /** Shared: see `Pulse`. */
  readonly pulse: SharedArrayBuffer;
}

/** Something that a thread can do. Plain data, as all that goes between threads. */
export type Job =
  /** A run of the campaign, judged; with its fingerprint, which takes time, only where that is asked for. */
  | { readonly type: 'trial'; readonly index: number; readonly fingerprint: boolean }
  /** The same, while the thread shows what is at work: for a run that was lost. */
  | { readonly type: 'watched'; readonly index: number }
  /** A run of the campaign, for something that is asked about it. */
  | { readonly type: 'question'; readonly index: number; readonly question: Question }
  /** A run that a search for a smaller failure asks for. */
  | { readonly type: 'attempt'; readonly attempt: Attempt };

/** What comes of each. */
export interface Results {
  trial: Outcome;
  watched: Outcome;
  question: Answer;
  attempt: Tried;
}

/** What a thread says. */
export type Message =
  /** It has loaded the scenario, of which this is the digest. */
  { readonly type: 'ready'; readonly digest: string } | { readonly type: 'done'; readonly result: Results[keyof Results] };

/** How a thread was lost with what it was doing. */
export interface Lost {
  readonly lost: 'endless' | 'memory' | 'died';
  /** Why, where there is something to say. */
  readonly says: string;
  /** What was at work, if the thread showed it: `0.200 s lock of lockd on n1`. */
  readonly at: { readonly now: number; readonly node: number; readonly part: string } | undefined;
}

export const isLost = (answer: object): answer is Lost => 'lost' in answer;
