import { Kind } from '../../sim/engine/journal.ts';
import type { Span } from './histogram.ts';
import { positionAt, type Run } from './run.ts';

/** From when a node sent something until it had what somebody sent because of it: a ping and its ack, a client's question and its answer. */
export interface Trip {
  /** Places of the sending and of the delivery. */
  readonly start: number;
  readonly end: number;
  /** The word of what was sent first. */
  readonly word: number;
}

/** Causes that an answer may be away from its question. */
const FURTHEST = 32;

/** What a node began by itself, or was told from outside, answers nothing. */
const isBeginning = (kind: number): boolean =>
  kind === Kind.timer || kind === Kind.command || kind === Kind.boot || kind === Kind.start || kind === Kind.fault;

/** The round trips that ended in a part of a run, in order. Only the first answer to each sending counts. */
export function tripsIn(run: Run, span: Span): Trip[] {
  const { kind, node, peer, cause, word, first } = run.records;
  const trips: Trip[] = [];
  const answered = new Set<number>();
  const [begin, end] = [positionAt(run.records, span.from - 1), positionAt(run.records, span.to)];
  for (let i = begin; i < end; i++) {
    // What a node tells itself takes no wire.
    if (kind[i] !== Kind.deliver || peer[i] === node[i]) continue;
    let here = (cause[i] as number) - first;
    for (let step = 0; step < FURTHEST && here >= 0 && !isBeginning(kind[here] as number); step++) {
      if (kind[here] === Kind.send && node[here] === node[i]) {
        if (!answered.has(here)) {
          answered.add(here);
          trips.push({ start: here, end: i, word: word[here] as number });
        }
        break;
      }
      here = (cause[here] as number) - first;
    }
  }
  return trips;
}

/** The kinds of messages that were answered, the most frequent first. */
export function tripWords(run: Run, trips: readonly Trip[]): string[] {
  const counts = new Map<number, number>();
  for (const { word } of trips) counts.set(word, (counts.get(word) ?? 0) + 1);
  return [...counts].toSorted(([a, many], [b, more]) => more - many || a - b).map(([word]) => run.words.name(word) ?? '');
}
