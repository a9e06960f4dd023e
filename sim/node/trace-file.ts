import { closeSync, fstatSync, openSync, readSync, renameSync, rmSync, writeSync } from 'node:fs';
import { promisify } from 'node:util';
import { crc32, deflateRaw, inflateRawSync } from 'node:zlib';
import { compressTrace } from '../trace/compress.ts';
import { type Opened, openTrace } from '../trace/open.ts';
import type { ByteSink, ByteSource } from '../trace/sink.ts';
import { MissingFile } from './scenario-file.ts';

/** A file to write a trace to. */
export class FileSink implements ByteSink {
  private readonly file: number;

  /** @throws MissingFile when it cannot be written */
  constructor(path: string) {
    try {
      this.file = openSync(path, 'w');
    } catch (error) {
      throw new MissingFile(`${path} cannot be written: ${(error as Error).message}`);
    }
  }

  write(bytes: Uint8Array): void {
    for (let done = 0; done < bytes.length; ) done += writeSync(this.file, bytes, done);
  }

  close(): void {
    closeSync(this.file);
  }
}

/** A file to read a trace from. */
class FileSource implements ByteSource {
  readonly size: number;
  private readonly file: number;

  constructor(path: string) {
    try {
      this.file = openSync(path, 'r');
    } catch (error) {
      const missing = (error as NodeJS.ErrnoException).code === 'ENOENT';
      throw new MissingFile(`${path}: ${missing ? 'there is no such file' : (error as Error).message}`);
    }
    this.size = fstatSync(this.file).size;
  }

  async read(offset: number, length: number): Promise<Uint8Array> {
    const bytes = new Uint8Array(length);
    return bytes.subarray(0, readSync(this.file, bytes, 0, length, offset));
  }

  close(): void {
    closeSync(this.file);
  }
}

const inflate = (bytes: Uint8Array, expectedSize: number): Uint8Array => inflateRawSync(bytes, { maxOutputLength: expectedSize });

/** zlib's, which is faster than ours. */
export const checksum = (bytes: Uint8Array): number => crc32(bytes);

const reading = { inflate, checksum };

const slowDeflate = promisify(deflateRaw) as (bytes: Uint8Array, options: { level: number }) => Promise<Uint8Array>;

/**
 * Compresses a closed trace in place: a new file is written beside it and then takes its name.
 *
 * @returns the problem, if it cannot be read
 */
export async function compressFile(path: string): Promise<string | undefined> {
  const packed = `${path}.packing`;
  const source = new FileSource(path);
  const sink = new FileSink(packed);
  const problem = await compressTrace(source, sink, (bytes) => slowDeflate(bytes, { level: 6 }), reading);
  source.close();
  sink.close();
  if (problem === undefined) renameSync(packed, path);
  else rmSync(packed);
  return problem;
}

/** Opens a trace file; the caller closes it when it has read what it wants. */
export async function openTraceFile(path: string): Promise<{ readonly opened: Opened; close(): void }> {
  const source = new FileSource(path);
  return { opened: await openTrace(source, reading), close: () => source.close() };
}
