import { Kind } from '../../sim/engine/journal.ts';
import type { CellHistory } from './cells.ts';
import { fieldOf, lastUpTo, type Run } from './run.ts';

/** An entry as a message carried it. */
interface Carried {
  readonly index: number;
  readonly term: number;
  readonly type: string;
}

/** Changes of one server's log in order: what stood at `from` and after was cut off, and `from` to `to` were written in one term. */
interface Writes {
  readonly positions: number[];
  readonly from: number[];
  readonly to: number[];
  readonly terms: number[];
}

/** The two cells that say where a log ends. */
export interface EndCells {
  readonly last: number;
  readonly term: number;
}

/** Steps back along causes to the message that changed a log. */
const FURTHEST = 4;
/** What is not known: the term of an entry that came in a snapshot, or before the window. */
const UNKNOWN_TERM = 0;

/**
 * The logs of all servers at any moment. Where a log ends is told by its cells, and the terms of the entries between by the messages that brought
 * them: what did not come in a message was appended by a leader in its own term.
 */
export class RaftLog {
  private readonly writes: ReadonlyMap<number, Writes>;
  /** Kinds of entries, by index and term, as messages carried them. */
  private readonly types = new Map<string, { readonly type: string; readonly place: number }>();

  constructor(run: Run, ends: ReadonlyMap<number, EndCells>, cells: CellHistory) {
    this.noteTypes(run);
    this.writes = new Map([...ends].map(([node, own]) => [node, writesOf(run, own, cells)]));
  }

  /** The term of an entry of a server's log; undefined when it has none there, 0 when the term is not known. */
  term(node: number, index: number, position: number): number | undefined {
    const writes = this.writes.get(node);
    if (writes === undefined) return undefined;
    for (let i = lastUpTo(writes.positions, position); i >= 0; i--) {
      if ((writes.from[i] as number) > index) continue;
      return (writes.to[i] as number) >= index ? (writes.terms[i] as number) : undefined;
    }
    return undefined;
  }

  /** After how many records a server first had this entry; undefined when it never had, or already before the window. */
  appendedAt(node: number, index: number, term: number): number | undefined {
    const writes = this.writes.get(node);
    const found =
      writes?.from.findIndex((from, i) => from <= index && (writes.to[i] as number) >= index && writes.terms[i] === term) ?? -1;
    const position = found < 0 ? undefined : writes?.positions[found];
    return position === 0 ? undefined : position;
  }

  /** What sort of entry it is, and the message that first carried it; undefined when none did. */
  typeOf(index: number, term: number): { readonly type: string; readonly place: number } | undefined {
    return this.types.get(`${index} ${term}`);
  }

  private noteTypes(run: Run): void {
    const { kind, word, count } = run.records;
    const appends = new Map<number, boolean>();
    for (let i = 0; i < count; i++) {
      if (kind[i] !== Kind.send) continue;
      const name = word[i] as number;
      if (!appends.has(name)) appends.set(name, run.words.name(name) === 'append');
      if (appends.get(name) !== true) continue;
      for (const { index, term, type } of entriesOf(run.payload(i))) {
        const key = `${index} ${term}`;
        if (!this.types.has(key)) this.types.set(key, { type, place: i });
      }
    }
  }
}

function writesOf(run: Run, ends: EndCells, cells: CellHistory): Writes {
  const writes: Writes = { positions: [], from: [], to: [], terms: [] };
  /** Terms by index, as they were last known: what a server reads back from its disk after a restart. */
  const known: number[] = [];
  const write = (position: number, from: number, to: number, term: number): void => {
    writes.positions.push(position);
    writes.from.push(from);
    writes.to.push(to);
    writes.terms.push(term);
    for (let index = from; index <= to; index++) if (term !== UNKNOWN_TERM || known[index] === undefined) known[index] = term;
  };
  const number = (cell: number, position: number): number => Number(cells.value(cell, position) ?? 0);
  let last = Number(run.before(ends.last) ?? 0);
  let term = Number(run.before(ends.term) ?? 0);
  if (last > 0) {
    write(0, 1, last, UNKNOWN_TERM);
    write(0, last, last, term);
  }
  const positions = [...new Set([...cells.series(ends.last).positions, ...cells.series(ends.term).positions])].toSorted(
    (a, b) => a - b,
  );
  for (const position of positions) {
    const [nextLast, nextTerm] = [number(ends.last, position), number(ends.term, position)];
    const carried = broughtBy(run, position - 1).filter(({ index }) => index <= nextLast);
    const first = carried[0]?.index ?? 0;
    if (carried.length > 0 && carried.at(-1)?.index === nextLast && first <= last + 1) {
      for (const { index, term: own } of carried) write(position, index, index, own);
    } else if (nextLast < last) write(position, nextLast + 1, nextLast, nextTerm);
    else if (nextLast > 0 && known[nextLast] === nextTerm) {
      for (let index = 1; index <= nextLast; index++) write(position, index, index, known[index] ?? UNKNOWN_TERM);
    } else if (nextLast > last && nextTerm >= term && !isSnapshot(run, position - 1))
      write(position, last + 1, nextLast, nextTerm);
    else {
      write(position, 1, nextLast, UNKNOWN_TERM);
      write(position, nextLast, nextLast, nextTerm);
    }
    last = nextLast;
    term = nextTerm;
  }
  return writes;
}

/** The delivery that a change of a log follows from, a few causes back on the same node at the same instant. */
function deliveryAt(run: Run, place: number): number | undefined {
  const { at, cause, first, kind, node } = run.records;
  let here = place;
  for (let step = 0; step < FURTHEST && here >= 0; step++) {
    if (node[here] !== node[place] || at[here] !== at[place]) return undefined;
    if (kind[here] === Kind.deliver) return here;
    here = (cause[here] as number) - first;
  }
  return undefined;
}

function broughtBy(run: Run, place: number): readonly Carried[] {
  const delivery = deliveryAt(run, place);
  return delivery === undefined ? [] : entriesOf(run.payload(delivery));
}

function isSnapshot(run: Run, place: number): boolean {
  const delivery = deliveryAt(run, place);
  return delivery !== undefined && fieldOf(fieldOf(run.payload(delivery), 'message'), 'type') === 'snapshot';
}

/** The entries that a packet carries, if it is an `append`; whatever else its payload may be. */
function entriesOf(payload: unknown): readonly Carried[] {
  const message = fieldOf(payload, 'message');
  const entries = fieldOf(message, 'entries');
  if (fieldOf(message, 'type') !== 'append' || !Array.isArray(entries)) return [];
  return entries.map((entry: unknown) => ({
    index: Number(fieldOf(entry, 'index')),
    term: Number(fieldOf(entry, 'term')),
    type: String(fieldOf(entry, 'type')),
  }));
}
