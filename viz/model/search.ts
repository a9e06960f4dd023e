import type { ChunkInfo } from '../../sim/trace/trace-index.ts';
import type { Book } from './book.ts';
import { Describer } from './describe.ts';
import { type Needs, parseFilter } from './filter.ts';
import type { Run } from './run.ts';

/** Records that were found, and how far the search has come. */
export interface Found {
  /** Their numbers, ascending. */
  readonly numbers: Uint32Array;
  /** Records that have been looked at, or need not be, from the first one on. */
  readonly searched: number;
}

/** Chunks that are read while one is looked through. */
const AHEAD = 3;

/**
 * Looks for the records of a whole trace that a filter lets through, chunk by chunk from its beginning. Chunks that the index tells to have none are
 * not read, and what records carry is read only where the filter asks for it.
 *
 * @param filter as people type it; one with a mistake finds nothing
 */
export async function* search(book: Book, filter: string): AsyncGenerator<Found> {
  const blank = book.blankRun();
  const parsed = parseFilter(filter, blank, new Describer(blank));
  if ('problem' in parsed) return;
  const { needs } = parsed;
  const places = [...book.trace.chunks.keys()].filter((place) => mayHold(needs, book.trace.chunks[place] as ChunkInfo));
  const reading = places.slice(0, AHEAD).map((place) => book.chunkRun(place, needs.texts));
  for (const [i, place] of places.entries()) {
    const run = await (reading.shift() as Promise<Run>);
    const next = places[i + AHEAD];
    if (next !== undefined) reading.push(book.chunkRun(next, needs.texts));
    yield { numbers: matchesIn(run, filter), searched: (book.firsts[place + 1] as number) - 1 };
  }
  yield { numbers: new Uint32Array(0), searched: book.total };
}

/** Whether a chunk may hold what a filter lets through, as far as the index tells. */
export const mayHold = ({ kind, from, to }: Needs, info: ChunkInfo): boolean =>
  (kind === undefined || (info.kinds[kind] ?? 0) > 0) && info.to >= from && info.from <= to;

function matchesIn(run: Run, filter: string): Uint32Array {
  const parsed = parseFilter(filter, run, new Describer(run));
  if ('problem' in parsed) return new Uint32Array(0);
  const { count, first } = run.records;
  const numbers = new Uint32Array(count);
  let hits = 0;
  for (let i = 0; i < count; i++) if (parsed.test(i)) numbers[hits++] = first + i;
  return numbers.slice(0, hits);
}
