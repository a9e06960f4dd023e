import type { Instant } from '../../core/time.ts';
import { NOBODY } from '../../sim/engine/journal.ts';
import { type Cells, changedTo } from '../../sim/trace/cells.ts';
import type { Tables } from '../../sim/trace/tables.ts';
import type { RunFacts } from './facts.ts';
import { once } from './once.ts';
import { type Page, UNREADABLE } from './page.ts';
import type { CellChange, Earlier, Records, Run } from './run.ts';

/** Some consecutive records of a page. */
export interface Piece {
  readonly page: Page;
  /** The first of them and the first one behind them, as places of the page. */
  readonly from: number;
  readonly to: number;
}

export interface WindowParts {
  readonly facts: RunFacts;
  readonly tables: Tables;
  /** One after the other without a gap. */
  readonly pieces: readonly Piece[];
  /** The number of a record by its number in the file. */
  readonly numberOf: (id: number) => number;
  /** What happened before, given when it is asked for. */
  readonly past: () => readonly Earlier[];
  readonly lasting: readonly Earlier[] | undefined;
  readonly gaps: readonly string[];
}

/** The run as it is seen through some of its pages. */
export function windowOf({ facts, tables, pieces, numberOf, past, lasting, gaps }: WindowParts): Run {
  const starts: number[] = [];
  let count = 0;
  for (const { from, to } of pieces) {
    starts.push(count);
    count += to - from;
  }
  const first = pieces[0] === undefined ? 1 : pieces[0].page.first + pieces[0].from;
  const records = columnsOf(count, first);
  pieces.forEach((piece, i) => {
    fill(records, piece, starts[i] as number, numberOf);
  });
  // These are made when they are asked for: a list of rows asks for neither.
  const cells = once(() => pieces.flatMap((piece, i) => changesOf(piece, starts[i] as number, i === 0, tables)));
  const start = once(() => startOf(pieces[0]));
  const before = once(past);
  return {
    ...facts,
    records,
    get cells() {
      return cells();
    },
    before: (cell) => start()?.value(cell),
    get past() {
      return before();
    },
    lasting,
    gaps,
    payload: (place) => {
      const i = starts.findLastIndex((each) => each <= place);
      const piece = pieces[i];
      return piece === undefined ? undefined : piece.page.payload(piece.from + place - (starts[i] as number));
    },
  };
}

const columnsOf = (count: number, first: number): Records => ({
  first,
  count,
  at: new Float64Array(count),
  kind: new Uint8Array(count),
  node: new Int32Array(count),
  peer: new Int32Array(count),
  cause: new Int32Array(count),
  word: new Int32Array(count),
  size: new Float64Array(count),
});

function fill(into: Records, { page, from, to }: Piece, start: number, numberOf: (id: number) => number): void {
  const { chunk } = page;
  if (chunk === undefined) {
    const end = start + to - from;
    into.at.fill(page.begins, start, end);
    into.kind.fill(UNREADABLE, start, end);
    into.node.fill(NOBODY, start, end);
    into.peer.fill(NOBODY, start, end);
    return;
  }
  const { records } = chunk;
  into.at.set(records.at.subarray(from, to), start);
  into.kind.set(records.kind.subarray(from, to), start);
  into.word.set(records.word.subarray(from, to), start);
  into.size.set(records.size.subarray(from, to), start);
  // Whole columns are converted at once and then corrected in arrays of one type: a loop over columns of every width is ten times as slow.
  into.node.set(records.nodeColumn.subarray(from, to), start);
  into.peer.set(records.peerColumn.subarray(from, to), start);
  lower(into.node, start, start + to - from);
  lower(into.peer, start, start + to - from);
  into.cause.set(records.distance.subarray(from, to), start);
  const wide = records.distance instanceof Float64Array;
  for (let place = start, i = from; i < to; place++, i++) {
    const distance = into.cause[place] as number;
    if (distance !== 0 || wide) into.cause[place] = wide ? numberOf(records.cause(i)) : numberOf(records.id(i) - distance);
  }
}

/** From one more than a node's number to the number. */
function lower(column: Int32Array, from: number, to: number): void {
  for (let i = from; i < to; i++) column[i] = (column[i] as number) - 1;
}

/** What the cells showed when a window began: what they showed when its first page did, and what changed from there on. */
function startOf(piece: Piece | undefined): Cells | undefined {
  const { before, chunk } = piece?.page ?? {};
  if (before === undefined || chunk === undefined || piece === undefined || piece.from === 0) return before;
  const cells = before.copy();
  for (let i = 0; i < chunk.changes.count && (chunk.changes.after[i] as number) <= piece.from; i++) {
    if ((chunk.changes.cell[i] as number) < cells.count) cells.change(chunk.changes, i);
  }
  return cells;
}

/** @param leading whether the window begins with this piece: changes before its first record are what the cells showed when it began */
function changesOf({ page, from, to }: Piece, start: number, leading: boolean, tables: Tables): CellChange[] {
  const list: CellChange[] = [];
  if (page.chunk === undefined) return list;
  const { changes } = page.chunk;
  for (let i = 0; i < changes.count; i++) {
    const after = changes.after[i] as number;
    const cell = changes.cell[i] as number;
    if (after > to) break;
    if ((leading && from > 0 ? after <= from : after < from) || cell >= tables.cellCount) continue;
    const owner = tables.describe(cell);
    const { node, subject, field } = owner;
    const value = changedTo(changes, i, tables) ?? '';
    list.push({ at: changes.at[i] as Instant, position: start + after - from, cell, node, subject, field, value });
  }
  return list;
}
