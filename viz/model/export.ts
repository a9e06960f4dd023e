import type { Book } from './book.ts';
import { Describer, kindName } from './describe.ts';
import { parseFilter } from './filter.ts';
import type { Span } from './histogram.ts';
import { exactSeconds } from './link.ts';
import { nameOf, type Run, wordOf } from './run.ts';
import { mayHold } from './search.ts';

/** An event as other programs read it. */
interface Exported {
  readonly number: number;
  /** Seconds, as text, because nanoseconds do not survive as a number in every program. */
  readonly time: string;
  readonly node: string;
  readonly peer: string;
  readonly kind: string;
  readonly word: string;
  readonly bytes: number;
  /** The event that it follows from; 0 for none. */
  readonly cause: number;
  readonly text: string;
}

const COLUMNS = ['number', 'time', 'node', 'peer', 'kind', 'word', 'bytes', 'cause', 'text'] as const;

function* exported(run: Run, describer: Describer, test: (i: number) => boolean): Generator<Exported> {
  const { records } = run;
  for (let i = 0; i < records.count; i++) {
    if (!test(i)) continue;
    yield {
      number: records.first + i,
      time: exactSeconds(records.at[i] as never).replace(/s$/, ''),
      node: nameOf(run, records.node[i] as number),
      peer: nameOf(run, records.peer[i] as number),
      kind: kindName(records.kind[i] as number),
      word: wordOf(run, records.word[i] as number),
      bytes: records.size[i] as number,
      cause: records.cause[i] as number,
      text: describer.text(i),
    };
  }
}

/** Which events somebody wants to take along, and how. */
export interface ExportOrder {
  /** As people type it. */
  readonly filter: string;
  /** The part of the run, in nanoseconds; all of it when absent. */
  readonly focus?: Span | undefined;
  readonly format: 'csv' | 'json';
}

/** A part of what is taken along. */
export interface ExportPiece {
  readonly text: string;
  /** Events in it. */
  readonly count: number;
  /** How much of the run has been looked through, from 0 to 1. */
  readonly part: number;
}

/**
 * The events of a whole trace that a filter and a focus let through: as CSV (RFC 4180) with a header, or as a JSON array with an event on each
 * line. Chunk by chunk, so that a run of any size takes little memory.
 *
 * @throws Error with a sentence when the filter has a mistake
 */
export async function* exportEvents(book: Book, { filter, focus, format }: ExportOrder): AsyncGenerator<ExportPiece> {
  const blank = book.blankRun();
  const parsed = parseFilter(filter, blank, new Describer(blank));
  if ('problem' in parsed) throw new Error(parsed.problem);
  const { from, to } = { from: focus?.from ?? 0, to: focus?.to ?? Number.POSITIVE_INFINITY };
  const needs = { ...parsed.needs, from: Math.max(from, parsed.needs.from), to: Math.min(to, parsed.needs.to) };
  let isFirst = true;
  yield { text: format === 'csv' ? `${COLUMNS.join(',')}\r\n` : '[', count: 0, part: 0 };
  for (const [place, info] of book.trace.chunks.entries()) {
    if (!mayHold(needs, info)) continue;
    const run = await book.chunkRun(place, true);
    const describer = new Describer(run);
    const here = parseFilter(filter, run, describer);
    const test = (i: number): boolean => {
      const at = run.records.at[i] as number;
      return at >= from && at <= to && 'test' in here && here.test(i);
    };
    const rows = [...exported(run, describer, test)];
    const written =
      format === 'csv'
        ? rows.map((event) => `${COLUMNS.map((column) => quoted(String(event[column]))).join(',')}\r\n`)
        : rows.map((event, i) => `${isFirst && i === 0 ? '' : ','}\n${JSON.stringify(event)}`);
    isFirst &&= rows.length === 0;
    yield { text: written.join(''), count: rows.length, part: ((book.firsts[place + 1] as number) - 1) / book.total };
  }
  yield { text: format === 'csv' ? '' : '\n]\n', count: 0, part: 1 };
}

/** Quotes keep separators; an apostrophe keeps spreadsheets from calculating what begins like a formula. */
function quoted(text: string): string {
  const safe = /^[=+\-@\t]/.test(text) && !/^-?[\d.]+$/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** A record and what it follows from, nearest first, as text for a bug report. */
export function whyAsText(
  run: Run,
  describer: Describer,
  place: number,
  causes: readonly { readonly record: number; readonly times: number }[],
): string {
  const line = (at: number, times: number): string => {
    const { time, node, kind, text } = describer.row(at);
    return `${time} s  ${[node, kind, text].filter((part) => part !== '').join('  ')}${times > 1 ? `  (${times} times)` : ''}`;
  };
  return [
    `${run.scenario}, seed ${run.seed}, Partita ${run.version}, event ${run.records.first + place}`,
    line(place, 1),
    ...causes.map(({ record, times }, depth) => `${'  '.repeat(Math.min(depth + 1, 12))}because of  ${line(record, times)}`),
    '',
  ].join('\n');
}
