import { parseDuration } from '../../core/time.ts';
import { type Describer, KIND_NAMES, kindName } from './describe.ts';
import { lastUpTo, nameOf, type Run, wordOf } from './run.ts';

/** Whether the record at a place is wanted. */
export type Test = (i: number) => boolean;

/** What must be known of a record before a filter can judge it, so that nothing else of a large trace is read. */
export interface Needs {
  /** Only of this kind, if it is one. */
  readonly kind: number | undefined;
  /** Only from there to there, both included. */
  readonly from: number;
  readonly to: number;
  /** Whether what records carry is looked at. */
  readonly texts: boolean;
}

export type ParsedFilter = { readonly test: Test; readonly empty: boolean; readonly needs: Needs } | { readonly problem: string };

/** A word of a filter. */
interface Term extends Partial<Needs> {
  readonly test: Test;
}

/**
 * Reads a filter as people type it: words that must all match. `node:n3`, `kind:drop`, `word:ping` compare a column, `t>1.2s` and
 * `t<90s` the instant, any other word is looked for in the row's text; `-` before a word turns it round, and quotes keep spaces.
 */
export function parseFilter(text: string, run: Run, describer: Describer): ParsedFilter {
  const tests: { readonly test: Test; readonly texts: boolean }[] = [];
  let needs: Needs = { kind: undefined, from: 0, to: Number.POSITIVE_INFINITY, texts: false };
  for (const written of text.match(/-?(?:[\w]+:)?"[^"]*"|\S+/g) ?? []) {
    const negated = written.startsWith('-') && written.length > 1;
    const term = termOf(negated ? written.slice(1) : written, run, describer);
    if (typeof term === 'string') return { problem: term };
    const { test, texts = false } = term;
    tests.push({ test: negated ? (i) => !test(i) : test, texts });
    needs = negated ? { ...needs, texts: needs.texts || term.texts === true } : both(needs, term);
  }
  // To put a record into words takes a hundred times as long as to look at its columns: what these rule out is not read.
  const [only, ...others] = tests.toSorted((a, b) => Number(a.texts) - Number(b.texts)).map((each) => each.test);
  const test: Test =
    only === undefined ? () => true : others.length === 0 ? only : (i) => only(i) && others.every((each) => each(i));
  return { test, empty: tests.length === 0, needs };
}

const both = (needs: Needs, { kind, from = 0, to = Number.POSITIVE_INFINITY, texts = false }: Term): Needs => ({
  kind: needs.kind ?? kind,
  from: Math.max(needs.from, from),
  to: Math.min(needs.to, to),
  texts: needs.texts || texts,
});

/** @returns a sentence when the term cannot be understood */
function termOf(term: string, run: Run, describer: Describer): Term | string {
  const time = /^t(>=|<=|>|<)(.*)$/.exec(term);
  if (time !== null) return timeTerm(time[1] as string, time[2] as string, run);
  const [, column, quoted] = /^(node|kind|word):(.*)$/.exec(term) ?? [];
  const wanted = unquote(quoted ?? term).toLowerCase();
  const { records } = run;
  const has = (text: string): boolean => text.toLowerCase().includes(wanted);
  const ofNode = remembered((node) => has(nameOf(run, node)));
  switch (column) {
    case 'node': {
      const named = remembered((node) => node >= 0 && ofNode(node));
      return { test: (i) => named(records.node[i] as number) || named(records.peer[i] as number) };
    }
    case 'kind': {
      const kind = KIND_NAMES.indexOf(wanted);
      if (kind < 0) return `There is no kind “${wanted}”. Kinds are ${KIND_NAMES.join(', ')}.`;
      return { kind, test: (i) => records.kind[i] === kind };
    }
    case 'word': {
      const ofWord = remembered((word) => has(wordOf(run, word)));
      return { test: (i) => ofWord(records.word[i] as number) };
    }
    default: {
      const ofKind = remembered((kind) => kindName(kind).includes(wanted));
      const test: Test = (i) => ofNode(records.node[i] as number) || ofKind(records.kind[i] as number) || has(describer.text(i));
      return { texts: true, test };
    }
  }
}

/** Answers once for each of a few numbers, and from then on from memory: millions of records ask. */
function remembered(answer: (number: number) => boolean): (number: number) => boolean {
  const known: (boolean | undefined)[] = [];
  return (number) => {
    // NOBODY is −1.
    known[number + 1] ??= answer(number);
    return known[number + 1] as boolean;
  };
}

function timeTerm(operator: string, text: string, run: Run): Term | string {
  const limit = parseDuration(text);
  if (limit === undefined) return `“${text}” is no time. Write 1.5s, 200ms or 10m.`;
  const at = run.records.at;
  switch (operator) {
    case '>':
      return { from: limit + 1, test: (i) => (at[i] as number) > limit };
    case '>=':
      return { from: limit, test: (i) => (at[i] as number) >= limit };
    case '<':
      return { to: limit - 1, test: (i) => (at[i] as number) < limit };
    default:
      return { to: limit, test: (i) => (at[i] as number) <= limit };
  }
}

const unquote = (text: string): string => text.replaceAll('"', '');

/** Numbers of records that were found, ascending. */
export class Hits {
  count = 0;
  private numbers = new Uint32Array(1024);

  add(numbers: ArrayLike<number>): void {
    if (this.count + numbers.length > this.numbers.length) {
      const grown = new Uint32Array(Math.max(2 * this.numbers.length, this.count + numbers.length));
      grown.set(this.numbers);
      this.numbers = grown;
    }
    this.numbers.set(numbers, this.count);
    this.count += numbers.length;
  }

  at(row: number): number {
    return this.numbers[row] as number;
  }

  /** The row of a record, or of the last one found before it; −1 if there is none. */
  rowOf(number: number): number {
    return lastUpTo(this.numbers.subarray(0, this.count), number);
  }
}

/** Looks for the records that pass a test a piece at a time, so that a page stays alive while it searches a run that is open as a whole. */
export class Scan {
  readonly found = new Hits();
  private readonly run: Run;
  private readonly test: Test;
  private next = 0;

  constructor(run: Run, test: Test) {
    this.run = run;
    this.test = test;
  }

  get done(): boolean {
    return this.next >= this.run.records.count;
  }

  /** Looks at so many more records. */
  work(records: number): void {
    const { first, count } = this.run.records;
    const end = Math.min(count, this.next + records);
    const found: number[] = [];
    for (; this.next < end; this.next++) if (this.test(this.next)) found.push(first + this.next);
    this.found.add(found);
  }
}
