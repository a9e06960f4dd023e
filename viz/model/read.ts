import type { ByteSource } from '../../sim/trace/sink.ts';
import { openBook } from './book.ts';
import type { Run } from './run.ts';

/** A run that was read, or why it could not be. */
export type ReadRun = { readonly run: Run } | { readonly problem: string };

/** Reads a trace: all of a small one, the beginning of a larger one. What cannot be read is named in the run's `gaps`. */
export async function readRun(source: ByteSource): Promise<ReadRun> {
  const opened = await openBook(source);
  return 'problem' in opened ? opened : { run: await opened.book.open({ number: 1 }) };
}
