import { ByteReader, Malformed } from './bytes.ts';
import { type ReadOptions, TraceFile } from './file.ts';
import { BlockType, POINTER_BYTES, PREFIX_BYTES } from './format.ts';
import { decodeHeader, type TraceHeader } from './header.ts';
import { MOST_PROBLEMS, sentence, Trace } from './reader.ts';
import { checkIndex, recover } from './recover.ts';
import type { ByteSource } from './sink.ts';
import { decodeIndex, type TraceIndex } from './trace-index.ts';

/** What became of an attempt to open a trace. */
export type Opened =
  /** It can be read; `problems` says what is missing, and is empty for a whole trace. More may turn up while reading. */
  | { readonly ok: true; readonly trace: Trace; readonly problems: readonly string[] }
  | { readonly ok: false; readonly problem: string };

/** Chunks that are kept after they were read, unless the options say otherwise. */
const KEPT_CHUNKS = 64;

/**
 * Opens a trace, whole or not.
 *
 * Reads the end of the file and the tables; of a file that was cut off or damaged, the heads of all blocks. Never throws and never rejects: what
 * cannot be read is said in words. What it allocates is bounded by the file's size and the limits of the format, whatever the bytes are.
 */
export async function openTrace(source: ByteSource, options: ReadOptions = {}): Promise<Opened> {
  const file = new TraceFile(source, options);
  try {
    const problem = await file.prefix();
    if (problem !== undefined) return { ok: false, problem };
    const header = await readHeader(file);
    const problems: string[] = [];
    let index = await pointedIndex(file);
    let indexed = index?.chunks.length ?? 0;
    if (index === undefined || !index.closed) {
      const found = await recover(file);
      ({ index, indexed } = found);
      problems.push(...limit(found.problems));
      if (!index.closed) problems.push(cutOff(index));
      else if (problems.length === 0)
        problems.push('the last bytes of the file are not as they were written, but nothing of the run is missing');
    }
    const trace = new Trace(file, header, index, problems, options.kept ?? KEPT_CHUNKS);
    await trace.prepare(indexed);
    return { ok: true, trace, problems: trace.problems };
  } catch (error) {
    return { ok: false, problem: sentence(error) };
  }
}

const limit = (problems: readonly string[]): readonly string[] =>
  problems.length <= MOST_PROBLEMS
    ? problems
    : [...problems.slice(0, MOST_PROBLEMS), `and ${problems.length - MOST_PROBLEMS} more problems`];

function cutOff(index: TraceIndex): string {
  const last = index.chunks.at(-1);
  const records = index.chunks.reduce((sum, chunk) => sum + chunk.count, 0);
  return last === undefined
    ? 'the trace was not closed, and no record of it was written'
    : `the trace was not closed: it holds ${records} records, up to ${last.to / 1e9} s, and the run may have gone on`;
}

async function readHeader(file: TraceFile): Promise<TraceHeader> {
  try {
    return decodeHeader((await file.block(PREFIX_BYTES, BlockType.header)).body);
  } catch (error) {
    throw new Malformed(`the trace's header cannot be read: ${sentence(error)}`);
  }
}

/** The index that the end of the file points to; undefined when the file does not end so. */
async function pointedIndex(file: TraceFile): Promise<TraceIndex | undefined> {
  if (file.size < PREFIX_BYTES + POINTER_BYTES) return undefined;
  try {
    const pointer = new ByteReader((await file.block(file.size - POINTER_BYTES, BlockType.pointer)).body);
    const offset = pointer.whole();
    const { body } = await file.block(offset, BlockType.index);
    return checkIndex(decodeIndex(body), offset);
  } catch (error) {
    if (error instanceof Malformed) return undefined;
    throw error;
  }
}
