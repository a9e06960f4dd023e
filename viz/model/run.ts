import type { Instant } from '../../core/time.ts';
import type { Topology } from '../../sim/network/topology.ts';
import type { Vocabulary } from '../../sim/trace/describe.ts';

/**
 * The records of a run, column by column: record number `i + 1` is at place `i` of each. They are ordered by instant, and records of one
 * instant by the order in which they happened.
 */
export interface Records {
  readonly count: number;
  readonly at: Float64Array;
  readonly kind: Uint8Array;
  /** `NOBODY` when it belongs to no node. */
  readonly node: Int32Array;
  readonly peer: Int32Array;
  /** Number of the record that it follows from; 0 for none. */
  readonly cause: Int32Array;
  readonly word: Int32Array;
  readonly size: Float64Array;
}

/** A value that the world may see has changed. */
export interface CellChange {
  readonly at: Instant;
  /** Records that had happened by then: from this position on the new value holds. */
  readonly position: number;
  readonly node: number;
  readonly subject: string;
  readonly field: string;
  readonly value: number | string;
}

export type Outcome = 'held' | 'violated' | 'inconclusive';

/** What a check found. */
export interface Verdict {
  readonly at: Instant;
  /** Number of the record that says so. */
  readonly record: number;
  readonly check: string;
  readonly outcome: Outcome;
  readonly says: string;
}

/** One run as the pictures see it: a trace file, read. */
export interface Run {
  readonly scenario: string;
  readonly seed: string;
  /** The version of Partita that simulated it. */
  readonly version: string;
  readonly end: Instant;
  readonly topology: Topology;
  readonly records: Records;
  readonly cells: readonly CellChange[];
  readonly verdicts: readonly Verdict[];
  /** What the file lacks, in sentences for people; empty when it is whole. */
  readonly gaps: readonly string[];

  /** What the numbers in it stand for. */
  readonly words: Vocabulary;

  /** What record number `i + 1` carries: plain data of a shape that nothing has vouched for. */
  payload(i: number): unknown;
}

/** How many records happened at or before an instant. */
export function positionAt(records: Records, instant: number): number {
  let low = 0;
  let high = records.count;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((records.at[middle] as number) <= instant) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The last place in a sorted list whose value is at most `limit`; −1 if there is none. */
export function lastUpTo(sorted: ArrayLike<number>, limit: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((sorted[middle] as number) <= limit) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

export const nameOf = (run: Run, node: number): string => run.topology.nodes[node]?.name ?? '';

/** The text of a `word`. */
export const wordOf = (run: Run, name: number): string => run.words.name(name) ?? '';

/** A field of plain data that may be anything. */
export function fieldOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined;
}

export function textField(value: unknown, name: string): string {
  const field = fieldOf(value, name);
  return typeof field === 'string' ? field : typeof field === 'number' ? String(field) : '';
}
