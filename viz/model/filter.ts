import { parseDuration } from '../../core/time.ts';
import { type Describer, KIND_NAMES, kindName } from './describe.ts';
import { nameOf, type Run, wordOf } from './run.ts';

/** Whether the record at a place is wanted. */
export type Test = (i: number) => boolean;

export type ParsedFilter = { readonly test: Test; readonly empty: boolean } | { readonly problem: string };

/**
 * Reads a filter as people type it: words that must all match. `node:n3`, `kind:drop`, `word:ping` compare a column, `t>1.2s` and
 * `t<90s` the instant, any other word is looked for in the row's text; `-` before a word turns it round, and quotes keep spaces.
 */
export function parseFilter(text: string, run: Run, describer: Describer): ParsedFilter {
  const tests: Test[] = [];
  for (const term of text.match(/-?(?:[\w]+:)?"[^"]*"|\S+/g) ?? []) {
    const negated = term.startsWith('-') && term.length > 1;
    const made = termTest(negated ? term.slice(1) : term, run, describer);
    if (typeof made === 'string') return { problem: made };
    tests.push(negated ? (i) => !made(i) : made);
  }
  return { test: (i) => tests.every((test) => test(i)), empty: tests.length === 0 };
}

/** @returns a sentence when the term cannot be understood */
function termTest(term: string, run: Run, describer: Describer): Test | string {
  const time = /^t(>=|<=|>|<)(.*)$/.exec(term);
  if (time !== null) return timeTest(time[1] as string, time[2] as string, run);
  const [, column, quoted] = /^(node|kind|word):(.*)$/.exec(term) ?? [];
  const wanted = unquote(quoted ?? term).toLowerCase();
  const { records } = run;
  switch (column) {
    case 'node': {
      const numbers = new Set([...run.topology.nodes.keys()].filter((node) => nameOf(run, node).toLowerCase().includes(wanted)));
      return (i) => numbers.has(records.node[i] as number) || numbers.has(records.peer[i] as number);
    }
    case 'kind': {
      const kind = KIND_NAMES.indexOf(wanted);
      return kind < 0 ? `There is no kind “${wanted}”. Kinds are ${KIND_NAMES.join(', ')}.` : (i) => records.kind[i] === kind;
    }
    case 'word':
      return (i) =>
        wordOf(run, records.word[i] as number)
          .toLowerCase()
          .includes(wanted);
    default:
      return (i) =>
        nameOf(run, records.node[i] as number)
          .toLowerCase()
          .includes(wanted) ||
        kindName(records.kind[i] as number).includes(wanted) ||
        describer.text(i).toLowerCase().includes(wanted);
  }
}

function timeTest(operator: string, text: string, run: Run): Test | string {
  const limit = parseDuration(text);
  if (limit === undefined) return `“${text}” is no time. Write 1.5s, 200ms or 10m.`;
  const at = run.records.at;
  switch (operator) {
    case '>':
      return (i) => (at[i] as number) > limit;
    case '>=':
      return (i) => (at[i] as number) >= limit;
    case '<':
      return (i) => (at[i] as number) < limit;
    default:
      return (i) => (at[i] as number) <= limit;
  }
}

const unquote = (text: string): string => text.replaceAll('"', '');

/** Looks for the records that pass a test a piece at a time, so that a page stays alive while it searches a large run. */
export class Scan {
  /** Places of what was found so far, ascending. */
  readonly found: number[] = [];
  private readonly test: Test;
  private readonly count: number;
  private next = 0;

  constructor(run: Run, test: Test) {
    this.test = test;
    this.count = run.records.count;
  }

  get done(): boolean {
    return this.next >= this.count;
  }

  /** Looks at so many more records. */
  work(records: number): void {
    const end = Math.min(this.count, this.next + records);
    for (; this.next < end; this.next++) if (this.test(this.next)) this.found.push(this.next);
  }
}
