import type { Instant } from '../../core/time.ts';
import type { Topology } from '../../sim/network/topology.ts';
import type { Vocabulary } from '../../sim/trace/describe.ts';

/**
 * Consecutive records of a run, column by column: record number `first + i` is at place `i` of each. They are ordered by instant, and records of
 * one instant by the order in which they happened.
 *
 * All of a small run; a window of a larger one. Numbers count through the whole run, places through what is open. A place outside of 0 … `count` − 1
 * is that of a record outside of the window.
 */
export interface Records {
  /** Number of the record at place 0; 1 when the window begins with the run. */
  readonly first: number;
  readonly count: number;
  readonly at: Float64Array;
  readonly kind: Uint8Array;
  /** `NOBODY` when it belongs to no node. */
  readonly node: Int32Array;
  readonly peer: Int32Array;
  /** Number of the record that it follows from, which may lie before the window; 0 for none. */
  readonly cause: Int32Array;
  readonly word: Int32Array;
  readonly size: Float64Array;
}

/** A value that the world may see has changed. */
export interface CellChange {
  readonly at: Instant;
  /** Records of the window that had happened by then: from this position on the new value holds. */
  readonly position: number;
  /** Its number in the run's table of cells. */
  readonly cell: number;
  readonly node: number;
  readonly subject: string;
  readonly field: string;
  readonly value: number | string;
}

/** Whose the cells of a run are, by their numbers. The same object for all windows of a run, and of a run that grows. */
export interface CellTable {
  readonly count: number;
  node(cell: number): number;
  subject(cell: number): string;
  field(cell: number): string;
}

/** What happened and matters long after: lives of nodes and processes, faults, and what stands on terminals. */
export interface Earlier {
  readonly number: number;
  readonly at: number;
  readonly kind: number;
  readonly node: number;
  readonly word: number;
  readonly payload: unknown;
}

/** What is known of a whole run of which only a window is open. */
export interface Overview {
  /** Moments worth finding again, in order. */
  readonly markers: readonly Marker[];
  /** How many records, packets sent and drops lie at or before an instant: exact at the bounds of bins, in proportion between them. */
  upTo(instant: number): { readonly records: number; readonly sent: number; readonly drops: number };
  /** How long a bin is, in nanoseconds. */
  readonly width: number;
}

export type MarkerType =
  | 'command'
  | 'crash'
  | 'boot'
  | 'stop'
  | 'pause'
  | 'fault'
  | 'leader'
  | 'held'
  | 'violated'
  | 'inconclusive';

/** A moment worth finding again. */
export interface Marker {
  readonly at: number;
  /** Number of its record. */
  readonly number: number;
  readonly type: MarkerType;
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

/** One run as the pictures see it: a trace file, read, or a window of a larger one. */
export interface Run {
  readonly scenario: string;
  readonly seed: string;
  /** The version of Partita that simulated it. */
  readonly version: string;
  readonly end: Instant;
  readonly topology: Topology;
  /** Records of the whole run. */
  readonly total: number;
  readonly records: Records;
  /** The changes of cells in the window. */
  readonly cells: readonly CellChange[];
  readonly table: CellTable;
  /** What a cell showed when the window began; undefined when it had not been written, which is so for all cells when the run begins. */
  before(cell: number): number | string | undefined;
  /** What happened before the window and still matters in it, in order; empty when the window begins with the run. */
  readonly past: readonly Earlier[];
  /**
   * What matters long after in all of the run, in order, once it was read: the same list for all windows. Undefined until then, and for a window that is
   * the whole run, whose records say it themselves.
   */
  readonly lasting?: readonly Earlier[] | undefined;
  /** Undefined when the window is the whole run. */
  readonly overview: Overview | undefined;
  readonly verdicts: readonly Verdict[];
  /** What the file lacks, in sentences for people; empty when it is whole. */
  readonly gaps: readonly string[];

  /** What the numbers in it stand for. */
  readonly words: Vocabulary;

  /** What the record at a place carries: plain data of a shape that nothing has vouched for. */
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
