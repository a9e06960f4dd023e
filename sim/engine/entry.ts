import type { Hash } from '../../core/hash.ts';
import type { NameId, Names } from '../../core/names.ts';
import { copyState, digestState } from '../../core/state.ts';
import { formatInstant, type Instant } from '../../core/time.ts';
import { Kind, NOBODY, type Sink } from './journal.ts';
import type { EventId } from './simulation.ts';

/** A record of the journal, or a change of a cell, that stands alone: names are texts, nothing is shared with the world. */
export type Entry = RecordEntry | CellEntry;

export interface RecordEntry {
  readonly type: 'record';
  readonly id: EventId;
  readonly at: Instant;
  readonly kind: number;
  readonly node: number;
  readonly peer: number;
  readonly cause: EventId;
  readonly word: string;
  readonly size: number;
  readonly payload: unknown;
}

export interface CellEntry {
  readonly type: 'cell';
  readonly at: Instant;
  readonly node: number;
  /** The record that it follows from. */
  readonly cause: EventId;
  readonly subject: string;
  readonly field: string;
  readonly value: number | string;
}

/** Whether a record says what happened, and not what is said about the run: only that is compared, as in the fingerprint. */
const isCompared = (kind: number): boolean =>
  kind !== Kind.fault && kind !== Kind.verdict && kind !== Kind.log && kind !== Kind.output;

/** What a cell has in place of a kind. */
const CELL = -1;

/**
 * What of an entry must be the same in two equal runs, as a hash: numbers and causes of records are left out, and why a packet was
 * dropped, as in the fingerprint. The payload is in it, so that runs part where a message says something else for the first time,
 * and not where that has an effect.
 */
export function hashEntry(entry: Entry, hash: Hash): void {
  hash.word(entry.type === 'cell' ? CELL : entry.kind);
  hash.float(entry.at);
  hash.word(entry.node);
  if (entry.type === 'cell') {
    hash.text(entry.subject);
    hash.text(entry.field);
    digestState(entry.value, hash);
  } else {
    hash.word(entry.peer);
    if (entry.kind !== Kind.drop) hash.text(entry.word);
    hash.float(entry.size);
    digestState(entry.payload, hash);
  }
}

/** Makes entries of what passes and hands on those that are compared; payloads are the world's own, to be copied by who keeps one. */
export class Entries implements Sink {
  private readonly names: Names;
  private readonly take: (entry: Entry, isCompared: boolean) => void;

  constructor(names: Names, take: (entry: Entry, isCompared: boolean) => void) {
    this.names = names;
    this.take = take;
  }

  record(
    id: EventId,
    at: Instant,
    kind: number,
    node: number,
    peer: number,
    cause: EventId,
    word: NameId,
    size: number,
    payload: unknown,
  ): void {
    this.take({ type: 'record', id, at, kind, node, peer, cause, word: this.names.text(word), size, payload }, isCompared(kind));
  }

  cell(cause: EventId, at: Instant, node: number, subject: NameId, field: NameId, value: number | string): void {
    const { names } = this;
    this.take({ type: 'cell', at, node, cause, subject: names.text(subject), field: names.text(field), value }, true);
  }
}

/** An entry to keep, whatever the world does with its objects later. */
export const keep = (entry: Entry): Entry => (entry.type === 'cell' ? entry : { ...entry, payload: copyState(entry.payload) });

const KINDS = Object.keys(Kind);

/** An entry in words, with its instant; @param node what a node is called */
export function describeEntry(entry: Entry, node: (node: number) => string): string {
  const at = `${formatInstant(entry.at)} s`;
  const who = entry.node === NOBODY ? '' : ` ${node(entry.node)}`;
  if (entry.type === 'cell') return `${at}${who} has ${entry.subject} ${entry.field} = ${JSON.stringify(entry.value)}`;
  const whom = entry.peer === NOBODY ? '' : ` with ${node(entry.peer)}`;
  const size = entry.size === 0 ? '' : `, ${entry.size} bytes`;
  return `${at}${who} ${KINDS[entry.kind] ?? entry.kind} ${entry.word}${whom}${size} (record ${entry.id})`;
}
