import { formatInstant, type Instant } from '../../core/time.ts';
import { Kind, NOBODY } from '../engine/journal.ts';
import { describe, describeEndpoint, describeFields, type Vocabulary } from './describe.ts';
import type { CellChange, Filter, Trace, TraceRecord } from './reader.ts';

export interface LogOptions extends Filter {
  /** Whether changes of cells have lines of their own; they have unless it is false. */
  readonly cells?: boolean;
  /** Decimals of the seconds: 6, down to the microsecond, unless said otherwise. */
  readonly decimals?: number;
}

/** How a person finds a kind of record: the names of `Kind`, and `cell` for changes of cells. */
export const KIND_NAMES: ReadonlyMap<string, number> = new Map(Object.entries(Kind));

/**
 * A trace as text, a line for each record and each change of a cell.
 *
 * ```
 * 0.200000  n1 -> n2  ping sequence=7
 * 0.200000  n1 -x n2  ping sequence=7  lost: loss
 * 0.400000  n1        n2 status: alive -> suspect
 * ```
 * The node on the left is where it happened. `->` sends, `=>` forwards, `<-` is what arrived, `-x` what was lost.
 */
export async function* logLines(trace: Trace, options: LogOptions = {}): AsyncGenerator<string> {
  const printer = linePrinter(trace, options.decimals);
  for await (const entry of trace.entries(options, options.cells ?? true)) {
    yield 'id' in entry ? printer.record(entry) : printer.change(entry);
  }
}

/**
 * Prints what a trace holds, with words for its numbers.
 *
 * @param decimals of the seconds
 */
export function linePrinter(trace: Trace, decimals = 6): LinePrinter {
  const words: Vocabulary = {
    meanings: trace.header.meanings,
    name: (id) => trace.tables.names[id],
    node: (node) => trace.header.nodes[node],
    endpoint: (endpoint) => trace.tables.endpoints[endpoint],
  };
  return new LinePrinter(words, trace.header.nodes, { decimals, last: trace.end });
}

/** The longest where-column; longer names push the rest of their line to the right. */
const WIDEST = 48;

/** Writes records and changes of cells as lines whose columns stand below each other. */
export class LinePrinter {
  private readonly words: Vocabulary;
  private readonly decimals: number;
  private readonly timeWidth: number;
  private readonly nameWidth: number;
  private readonly whereWidth: number;

  /**
   * @param nodes the names of all nodes, for the width of the columns
   * @param form decimals of the seconds, and the last instant that will be printed
   */
  constructor(words: Vocabulary, nodes: readonly string[], form: { readonly decimals: number; readonly last: Instant }) {
    this.words = words;
    this.decimals = form.decimals;
    this.timeWidth = formatInstant(form.last, form.decimals).length;
    this.nameWidth = Math.min(
      Math.floor((WIDEST - 4) / 2),
      nodes.reduce((most, name) => Math.max(most, name.length), 1),
    );
    this.whereWidth = 2 * this.nameWidth + 4;
  }

  record(record: TraceRecord): string {
    return this.line(record.at, this.where(record), this.what(record));
  }

  change({ at, node, subject, field, value, before }: CellChange): string {
    const name = this.name(node);
    const about = subject === name || subject === '' ? field : `${subject} ${field}`;
    const shown = (value: number | string): string => describe(value, this.words);
    return this.line(at, name, `${about}: ${before === undefined ? '' : `${shown(before)} -> `}${shown(value)}`);
  }

  private line(at: Instant, where: string, what: string): string {
    const time = formatInstant(at, this.decimals).padStart(this.timeWidth);
    return `${time}  ${where.padEnd(this.whereWidth)}  ${what}`.trimEnd();
  }

  private name(node: number): string {
    return node === NOBODY ? '' : (this.words.node(node) ?? `node ${node}`);
  }

  private where({ kind, node, peer, payload }: TraceRecord): string {
    const arrow = ARROWS.get(kind);
    const name = this.name(node);
    if (arrow === undefined) return name;
    const { from, to } = fieldsOf(payload);
    const end = kind === Kind.deliver ? from : to;
    const other = peer !== NOBODY ? this.name(peer) : typeof end === 'number' ? describeEndpoint(end, this.words) : '?';
    return `${name.padEnd(this.nameWidth)} ${arrow} ${other}`;
  }

  private what({ kind, word, size, payload }: TraceRecord): string {
    const fields = fieldsOf(payload);
    const text = (field: string): string =>
      typeof fields[field] === 'string' ? (fields[field] as string) : describe(fields[field], this.words);
    switch (kind) {
      case Kind.send:
      case Kind.forward:
      case Kind.deliver:
        return this.message(word, fields.message);
      case Kind.drop:
        // The record's word is the reason; the packet still knows what it was called.
        return `${this.message(this.wordOf(fields.word), fields.message)}  lost: ${word}`;
      case Kind.boot:
        return 'boots';
      case Kind.crash:
        return 'crashes';
      case Kind.start:
        return `starts ${text('command')}`;
      case Kind.stop:
        return `${word} stops: ${text('how')}`;
      case Kind.command:
        return `$ ${text('line')}`;
      case Kind.output:
        return `| ${text('text')}`;
      case Kind.exit:
        return `job ${text('job')} ends with status ${size}`;
      case Kind.log:
        return `log: ${text('line')}`;
      case Kind.notice:
        return typeof fields.type === 'string' ? `announces ${this.message(fields.type, payload)}` : `announces ${word}`;
      case Kind.fault:
        return `fault: ${text('does')}`;
      case Kind.verdict:
        return `${text('check')}: ${text('verdict')}${fields.says === undefined || fields.says === '' ? '' : `, ${text('says')}`}`;
      default:
        return [NAMES[kind] ?? `kind ${kind}`, word, payload === undefined ? '' : describeFields(fields, this.words, [])]
          .filter((part) => part !== '')
          .join(' ');
    }
  }

  private wordOf(name: unknown): string | undefined {
    return typeof name === 'number' ? this.words.name(name) : undefined;
  }

  /** A message by its word; its own type is said where that is another. */
  private message(word: string | undefined, message: unknown): string {
    const fields = fieldsOf(message);
    const type = typeof fields.type === 'string' ? fields.type : undefined;
    const first = word === undefined || word === '' ? type : type === undefined || type === word ? word : `${word}: ${type}`;
    const rest =
      typeof message === 'object' &&
      message !== null &&
      !Array.isArray(message) &&
      Object.getPrototypeOf(message) === Object.prototype
        ? describeFields(message, this.words)
        : message === undefined
          ? ''
          : describe(message, this.words);
    return [first ?? '', rest].filter((part) => part !== '').join(' ');
  }
}

const ARROWS: ReadonlyMap<number, string> = new Map([
  [Kind.send, '->'],
  [Kind.forward, '=>'],
  [Kind.deliver, '<-'],
  [Kind.drop, '-x'],
]);

const NAMES: readonly (string | undefined)[] = [...KIND_NAMES.keys()];

const fieldsOf = (value: unknown): Record<string, unknown> =>
  typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
