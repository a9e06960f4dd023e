import { Hash } from '../../core/hash.ts';
import type { NameId, Names } from '../../core/names.ts';
import { type Duration, type Instant, ZERO } from '../../core/time.ts';
import { Kind, type Sink } from '../engine/journal.ts';

/** How a run went, in few characters: a rolling hash of all that had happened, at regular times. */
export interface Checkpoints {
  readonly every: Duration;
  /** Six hex digits for each of these times that the run came to, the first at `every`. */
  readonly marks: readonly string[];
}

/** A stretch of a run in which it went another way. */
export interface Stretch {
  readonly from: Instant;
  readonly to: Instant;
}

/** So many marks divide a run into stretches of a few dozen events, and still fit a screen. */
const MARKS = 128;
const DIGITS = 6;
const CELL = 32;

/** How far the marks of a run of this length are from each other: a whole number of milliseconds. */
export const intervalFor = (end: Instant): Duration => (Math.max(1, Math.ceil(end / MARKS / 1e6)) * 1e6) as Duration;

/** What is in a checkpoint: not what the adversary does, nor what is said about the run, as in the fingerprint. */
const isCompared = (kind: number): boolean =>
  kind !== Kind.fault && kind !== Kind.verdict && kind !== Kind.log && kind !== Kind.output;

/** Writes down the checkpoints of a run. */
export class Checkpointing implements Sink {
  private readonly marks: string[] = [];
  private readonly hash = new Hash();
  private readonly words: number[] = [];
  private readonly names: Names;
  private readonly every: Duration;
  private next: number;

  constructor(names: Names, every: Duration) {
    this.names = names;
    this.every = every;
    this.next = every;
  }

  record(_id: number, at: Instant, kind: number, node: number, peer: number, _cause: number, word: NameId, size: number): void {
    if (!isCompared(kind)) return;
    this.passed(at);
    this.take(at, kind, node, kind === Kind.drop ? 0 : this.word(word));
    this.hash.pair(peer, size);
  }

  cell(_id: number, at: Instant, node: number, subject: NameId, field: NameId, value: number | string): void {
    this.passed(at);
    this.take(at, CELL, node, this.word(field));
    this.hash.pair(this.word(subject), typeof value === 'number' ? value : textHash(value));
  }

  /** @param end when the run was over */
  finish(end: Instant): Checkpoints {
    this.passed((end + 1) as Instant);
    return { every: this.every, marks: this.marks };
  }

  /** All before `at` has happened. */
  private passed(at: Instant): void {
    for (; this.next < at && this.every > ZERO; this.next += this.every) this.marks.push(this.hash.hex().slice(-DIGITS));
  }

  private take(at: Instant, kind: number, node: number, word: number): void {
    this.hash.float(at);
    this.hash.pair(kind, node);
    this.hash.word(word);
  }

  private word(name: NameId): number {
    let word = this.words[name];
    if (word === undefined) {
      word = textHash(this.names.text(name));
      this.words[name] = word;
    }
    return word;
  }
}

function textHash(text: string): number {
  const hash = new Hash();
  hash.text(text);
  return hash.state.low;
}

/** Where a run first went another way than the one that was recorded; undefined when they went the same way, as far as both go. */
export function parting(recorded: Checkpoints, now: Checkpoints): Stretch | undefined {
  const place = recorded.marks.findIndex((mark, index) => now.marks[index] !== undefined && now.marks[index] !== mark);
  if (place < 0) return undefined;
  return { from: (place * recorded.every) as Instant, to: ((place + 1) * recorded.every) as Instant };
}
