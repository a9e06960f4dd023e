import type { Instant } from '../../core/time.ts';
import { changedTo } from '../../sim/trace/cells.ts';
import type { Trace } from '../../sim/trace/reader.ts';
import { UNREADABLE } from './page.ts';
import type { CellChange, Earlier, Run } from './run.ts';

/** The changes of cells in one chunk, one after the other. */
export interface OutlinePiece {
  readonly at: Float64Array;
  /** Records of the whole run that had happened by then. */
  readonly after: Float64Array;
  readonly cell: Uint32Array;
  readonly values: readonly (number | string)[];
}

/** A run that changes more than this has no outline: it would take more memory than all else. */
export const MOST_CHANGES = 500_000;

/** Whether a run has few enough changes. */
export const hasOutline = ({ chunks }: Trace): boolean => chunks.reduce((sum, { changes }) => sum + changes, 0) <= MOST_CHANGES;

/**
 * Reads the changes of cells of a whole trace, chunk by chunk, without its records.
 *
 * @param firsts number of the first record of each chunk
 */
export async function* readOutline(trace: Trace, firsts: ArrayLike<number>): AsyncGenerator<OutlinePiece> {
  for (const [place, info] of trace.chunks.entries()) {
    if (info.changes === 0) continue;
    const changes = await trace.changesOf(place);
    if (changes === undefined) continue;
    const before = (firsts[place] as number) - 1;
    yield {
      at: changes.at.slice(),
      after: changes.after.map((after) => before + after),
      cell: Uint32Array.from(changes.cell),
      values: Array.from({ length: changes.count }, (_, i) => changedTo(changes, i, trace.tables) ?? ''),
    };
  }
}

/**
 * A whole large run in outline: a run of those records only that matter long after, and of those after which a cell changed. What is made of lives and
 * of cells is the same for it as for the whole run, at any instant; what is made of packets is not in it.
 *
 * @param run any window of it
 * @param pieces all of them, in order
 */
export function outlineOf(run: Run, lasting: readonly Earlier[], pieces: readonly OutlinePiece[]): Run {
  const rows = new Map<number, Earlier>(lasting.map((each) => [each.number, each]));
  for (const { at, after, cell } of pieces) {
    after.forEach((number, i) => {
      if (number === 0 || rows.has(number)) return;
      const node = run.table.node(cell[i] as number);
      rows.set(number, { number, at: at[i] as number, kind: UNREADABLE, node, word: 0, payload: undefined });
    });
  }
  const kept = [...rows.values()].sort((a, b) => a.number - b.number);
  const places = new Map(kept.map(({ number }, place) => [number, place]));
  const column = (of: (row: Earlier) => number): Int32Array => Int32Array.from(kept, of);
  const count = kept.length;
  const cells = pieces.flatMap(({ at, after, cell, values }) =>
    values.map((value, i): CellChange => {
      const number = cell[i] as number;
      const { table } = run;
      return {
        at: at[i] as Instant,
        position: 1 + (places.get(after[i] as number) ?? -1),
        cell: number,
        node: table.node(number),
        subject: table.subject(number),
        field: table.field(number),
        value,
      };
    }),
  );
  const { scenario, seed, version, end, topology, table, verdicts, gaps, words } = run;
  return {
    ...{ scenario, seed, version, end, topology, table, verdicts, gaps, words },
    total: count,
    records: {
      first: 1,
      count,
      at: Float64Array.from(kept, ({ at }) => at),
      kind: Uint8Array.from(kept, ({ kind }) => kind),
      node: column(({ node }) => node),
      peer: column(() => -1),
      cause: new Int32Array(count),
      word: column(({ word }) => word),
      size: new Float64Array(count),
    },
    cells,
    before: () => undefined,
    past: [],
    overview: undefined,
    payload: (place) => kept[place]?.payload,
  };
}
