import { type Describer, kindName } from './describe.ts';
import { exactSeconds } from './link.ts';
import { nameOf, type Run, wordOf } from './run.ts';

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

/** The events that pass a test as CSV (RFC 4180), with a header. */
export function eventsAsCsv(run: Run, describer: Describer, test: (i: number) => boolean): string {
  const lines = [COLUMNS.join(',')];
  for (const event of exported(run, describer, test))
    lines.push(COLUMNS.map((column) => quoted(String(event[column]))).join(','));
  return `${lines.join('\r\n')}\r\n`;
}

/** The events that pass a test as a JSON array, an event on each line. */
export function eventsAsJson(run: Run, describer: Describer, test: (i: number) => boolean): string {
  return `[\n${[...exported(run, describer, test)].map((event) => JSON.stringify(event)).join(',\n')}\n]\n`;
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
