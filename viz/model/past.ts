import { Kind } from '../../sim/engine/journal.ts';
import type { Trace } from '../../sim/trace/reader.ts';
import type { Earlier } from './run.ts';

/** Kinds whose records matter long after: lives, faults, and what stands on terminals. */
const LASTING: readonly number[] = [
  Kind.boot,
  Kind.crash,
  Kind.start,
  Kind.stop,
  Kind.pause,
  Kind.resume,
  Kind.command,
  Kind.output,
  Kind.fault,
];

/** More than these are not kept; what came first goes first. */
const MOST = 262_144;

/** What a piece of a trace adds to the past of all windows behind it. */
export interface PastPiece {
  /** The chunk it is of. */
  readonly place: number;
  readonly entries: readonly Earlier[];
}

/**
 * Reads what is lasting in a trace, chunk by chunk. Chunks that have none of it are not read.
 *
 * @param firsts number of the first record of each chunk
 * @param from the chunk to begin with
 */
export async function* readPast(trace: Trace, firsts: ArrayLike<number>, from = 0): AsyncGenerator<PastPiece> {
  for (const [place, info] of trace.chunks.entries()) {
    if (place < from) continue;
    const entries: Earlier[] = [];
    if (LASTING.some((kind) => (info.kinds[kind] ?? 0) > 0)) {
      const chunk = await trace.chunk(place);
      for (let i = 0; chunk !== undefined && i < chunk.records.count; i++) {
        const kind = chunk.records.kind[i] as number;
        if (!LASTING.includes(kind)) continue;
        const { at, word } = chunk.records;
        const payload = await trace.payload(chunk, i);
        const node = chunk.records.node(i);
        entries.push({
          number: (firsts[place] as number) + i,
          at: at[i] as number,
          kind,
          node,
          word: word[i] as number,
          payload,
        });
      }
    }
    yield { place, entries };
  }
}

/** What is known of what lasts. */
export class Past {
  /** Chunks, from the first one on, of which it is known. */
  chunks = 0;
  readonly entries: Earlier[] = [];

  /** Takes in the next piece. */
  add(piece: PastPiece): void {
    this.chunks = piece.place + 1;
    for (const entry of piece.entries) this.entries.push(entry);
    if (this.entries.length > MOST) this.entries.splice(0, this.entries.length - MOST);
  }

  /** What came before a record. */
  before(number: number): readonly Earlier[] {
    let low = 0;
    let high = this.entries.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.entries[middle] as Earlier).number < number) low = middle + 1;
      else high = middle;
    }
    return this.entries.slice(0, low);
  }
}
