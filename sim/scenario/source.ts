import type { Path, Place, Problem } from './problem.ts';
import type { Part } from './yaml/places.ts';
import { Reader } from './yaml/reader.ts';
import { firstMalformed } from './yaml/utf8.ts';

/** The largest file that is read at all. */
export const SIZE_LIMIT = 4 * 1024 * 1024;

/** A file read into plain data, with the way back from a path to its line. */
export interface Source {
  readonly file: string | undefined;
  /** Empty when the bytes were no text. */
  readonly text: string;
  /** Undefined when the file is too broken to have one. */
  readonly value: unknown;
  readonly problems: readonly Problem[];
  /** Paths whose values are missing in `value`, because something is wrong with them. */
  readonly broken: readonly Path[];
  /** Where an entry stands; of a path that does not exist, where its nearest ancestor does. */
  place(path: Path, part?: Part): Place | undefined;
}

/** Says that a file is too large to be a scenario; for a caller that knows its size before it has read it. */
export function tooLarge(bytes: number, file?: string): Problem {
  return {
    ...(file === undefined ? {} : { file }),
    path: '',
    message: `The file has ${megabytes(bytes)} MB, and a scenario at most ${megabytes(SIZE_LIMIT)} MB.`,
    hint: 'If it is a trace, open it with `partita view` or `partita log`.',
  };
}

/** In tenths, rounded up: just above the limit must not read as the limit. */
const megabytes = (bytes: number): number => Math.ceil((bytes / (1024 * 1024)) * 10) / 10;

/**
 * Reads YAML 1.2 or JSON into plain data. Aliases are written out and merge keys (`<<`) carried out.
 *
 * Nothing is thrown: whatever is wrong with the file is in `problems`.
 */
export function readSource(input: Uint8Array | string, file?: string): Source {
  const failed = (problem: Problem, text = ''): Source => ({
    file,
    text,
    value: undefined,
    problems: [file === undefined ? problem : { ...problem, file }],
    broken: [],
    place: () => undefined,
  });
  if (input.length > SIZE_LIMIT) return failed(tooLarge(input.length));
  if (typeof input === 'string') return readText(input.replace(/^\ufeff/, ''), file);
  const malformed = firstMalformed(input);
  if (malformed === undefined) return readText(new TextDecoder('utf-8').decode(input), file);
  return failed(notText(input, malformed));
}

function readText(text: string, file: string | undefined): Source {
  const reader = new Reader(text, file);
  const read = reader.read();
  return {
    file,
    text,
    value: read?.value,
    problems: reader.problems,
    broken: reader.broken,
    place: (path, part) => (read === undefined ? undefined : reader.places.find(read.located, path, part)),
  };
}

function notText(bytes: Uint8Array, at: number): Problem {
  const before = new TextDecoder('utf-8').decode(bytes.subarray(0, at));
  const lineStart = before.lastIndexOf('\n') + 1;
  const byte = (bytes[at] as number).toString(16).toUpperCase().padStart(2, '0');
  const utf16 = at === 0 && (bytes[0] === 0xff || bytes[0] === 0xfe);
  return {
    line: before.split('\n').length,
    column: before.length - lineStart + 1,
    length: 1,
    path: '',
    message: `The file is not UTF-8 text: byte 0x${byte} cannot be there.`,
    hint: utf16 ? 'It looks like UTF-16. Save it as UTF-8.' : 'Save it as UTF-8.',
  };
}
