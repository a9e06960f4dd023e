import { describe, expect, test } from 'vitest';
import type { Instant } from '../../core/time.ts';
import { Kind } from '../../sim/engine/journal.ts';
import { Memory } from '../../sim/trace/sink.ts';
import { play, SYNTHETIC_HEADER, synthetic, syntheticNames } from '../../sim/trace/synthetic.ts';
import { TraceWriter } from '../../sim/trace/writer.ts';
import { type Book, openBook, type Target } from './book.ts';
import { cursorAfter, cursorAt, holds } from './cursor.ts';
import { activeFaults, faultsOf } from './faults.ts';
import { Density } from './histogram.ts';
import { markersOf } from './markers.ts';
import { Nodes } from './nodes.ts';
import { Packets } from './packets.ts';
import { UNREADABLE } from './page.ts';
import { readPast } from './past.ts';
import type { Run } from './run.ts';
import { search } from './search.ts';
import { Terminals } from './terminal.ts';
import { causesBeyond, causesOf } from './why.ts';

const RECORDS = 3000;
const CHUNK = 250;

/** A run in chunks of a few hundred records, so that a small file has many pages. */
function traceOf(records: number): Uint8Array {
  const sink = new Memory();
  const names = syntheticNames();
  const writer = new TraceWriter({ header: SYNTHETIC_HEADER, sink, names });
  for (const given of synthetic(records)) {
    play([given], names, writer);
    if (given.type === 'record' && given.id % CHUNK === 0) writer.flush();
  }
  writer.close();
  return sink.content();
}

const bytes = traceOf(RECORDS);

async function openAs(limits: Parameters<typeof openBook>[1], content: Uint8Array = bytes): Promise<Book> {
  const opened = await openBook(new Memory(content), limits);
  if ('problem' in opened) throw new Error(opened.problem);
  return opened.book;
}

/** A book of windows: a chunk, and 20 records of each neighbour. */
const windows = (): Promise<Book> => openAs({ whole: 100, margin: 20 });
const whole = openAs({}).then((book) => book.open({ number: 1 }));

/** A window with the ends of its neighbours. */
async function openWide(book: Book, target: Target): Promise<Run> {
  const run = await book.open(target);
  return (await book.complete(run)) ?? run;
}

/** A window around a record, and what lasts of the run: of all of it, or up to the window. */
async function openKnowing(number: number, all: boolean): Promise<Run> {
  const book = await windows();
  const { records } = await openWide(book, { number });
  for await (const piece of readPast(book.trace, book.firsts)) {
    if (!all && piece.place > book.placeOf({ number: records.first })) break;
    book.learn(piece);
  }
  return openWide(book, { number });
}

/** Places in the run with a window's first and last record and some between. */
const targets = [1, 2, 249, 250, 251, 270, 271, 1234, 2500, 2999, RECORDS];

describe('a window of a run', () => {
  test.each(targets)('around record %d shows the same records as the whole run', async (number) => {
    const run = await openWide(await windows(), { number });
    const all = await whole;
    const { first, count } = run.records;
    expect(holds(run, { number })).toBe(true);
    for (const column of ['at', 'kind', 'node', 'peer', 'cause', 'word', 'size'] as const) {
      expect(run.records[column]).toEqual(all.records[column].slice(first - 1, first - 1 + count));
    }
    for (let i = 0; i < count; i++) expect(run.payload(i)).toEqual(all.payload(first - 1 + i));
  });

  test('begins with what the cells showed then, and has the changes that follow', async () => {
    const book = await windows();
    const all = await whole;
    for (const number of targets) {
      const run = await openWide(book, { number });
      const { first, count } = run.records;
      const shown = new Map(all.cells.filter(({ position }) => position < first).map(({ cell, value }) => [cell, value]));
      for (let cell = 0; cell < run.table.count; cell++) expect(run.before(cell)).toBe(shown.get(cell));
      const changes = all.cells.filter(({ position }) => position >= first && position < first + count);
      expect(run.cells).toEqual(changes.map((change) => ({ ...change, position: change.position - first + 1 })));
    }
  });

  test('has at first only its own chunk, and is the same then', async () => {
    const book = await windows();
    const narrow = await book.open({ number: 1234 });
    expect([narrow.records.first, narrow.records.count]).toEqual([1001, 250]);
    const wide = await openWide(book, { number: 1234 });
    expect([wide.records.first, wide.records.count]).toEqual([981, 290]);
    expect(await book.complete(wide)).toBeUndefined();
    expect(book.openNow({ number: 1234 })).toEqual(expect.objectContaining({ records: wide.records }));
    expect(book.openNow({ number: 2600 })).toBeUndefined();
  });

  test('that is opened at an instant has all records up to it and the one after it', async () => {
    const all = await whole;
    const book = await windows();
    for (let number = 1; number <= RECORDS; number += 37) {
      const instant = all.records.at[number - 1] as number;
      const run = await openWide(book, { instant });
      const { position } = cursorAt(run.records, run.end, instant);
      expect(run.records.first - 1 + position).toBe(cursorAt(all.records, all.end, instant).position);
    }
  });

  test.each(['what came before it', 'all of the run'])(
    'gives every picture what the whole run gives it, when %s is known',
    async (known) => {
      const all = await whole;
      for (const number of [300, 1234, 2745]) {
        const run = await openKnowing(number, known === 'all of the run');
        expect(run.lasting === undefined).toBe(known !== 'all of the run');
        const [here, there] = [cursorAfter(run.records, number - run.records.first + 1), cursorAfter(all.records, number)];
        const shift = run.records.first - 1;
        for (const node of all.topology.nodes.keys()) {
          expect(new Nodes(run).at(here.position, node)).toEqual(new Nodes(all).at(there.position, node));
          const lines = (one: Run, position: number) =>
            new Terminals(one).at(position, node).lines.map(({ text, at }) => [text, at]);
          expect(lines(run, here.position)).toEqual(lines(all, there.position));
        }
        const flying = (one: Run, cursor: typeof here, by: number) =>
          new Packets(one).at(cursor, 0).flying.map(({ start, end, transport }) => [start + by, end + by, transport]);
        expect(flying(run, here, shift)).toEqual(flying(all, there, 0));
        expect(markersOf(run)).toEqual(markersOf(all));
        const active = (one: Run, position: number) =>
          activeFaults(one, faultsOf(one), position, one.records.at[position - 1] as number).map(({ begin, says }) => [
            begin,
            says,
          ]);
        expect(active(run, here.position)).toEqual(active(all, there.position));
        if (run.lasting !== undefined) expect(faultsOf(run)).toEqual(faultsOf(all));
      }
    },
  );

  test('tells of the whole run how much happened when, nearly to a bin', async () => {
    const all = await whole;
    const run = await (await windows()).open({ number: 1234 });
    const count = (one: Run) => new Density(one).over({ from: 0, to: all.end }, 7);
    const [about, exact] = [count(run), count(all)];
    about.records.forEach((records, part) => {
      expect(Math.abs(records - (exact.records[part] as number))).toBeLessThan(25);
    });
    const sum = (list: readonly number[]): number => list.reduce((total, each) => total + each, 0);
    expect(Math.round(sum(about.records))).toBe(RECORDS);
    expect(Math.round(sum(about.drops))).toBe(sum(exact.drops));
  });
});

describe('a book', () => {
  test('keeps no more pages than it may, and reads them again', async () => {
    const book = await openAs({ whole: 100, margin: 20, kept: 100_000 });
    const first = await book.open({ number: 1 });
    for (const number of targets) await openWide(book, { number });
    expect(book.openNow({ number: 1 })).toBeUndefined();
    expect((await book.open({ number: 1 })).records).toEqual(first.records);
  });

  test('opens windows side by side that do not fit into memory together', async () => {
    const book = await openAs({ whole: 100, margin: 20, kept: 1 });
    const all = await whole;
    const runs = await Promise.all(targets.map((number) => openWide(book, { number })));
    runs.forEach(({ records }, i) => {
      const number = targets[i] as number;
      expect(records.at[number - records.first]).toBe(all.records.at[number - 1]);
    });
  });

  test('gives up when somebody wants something else', async () => {
    const book = await windows();
    const waiting = new AbortController();
    const opening = book.open({ number: 1234 }, waiting.signal);
    waiting.abort();
    await expect(opening).rejects.toThrow();
    expect(book.openNow({ number: 1234 })).toBeDefined();
  });

  test('finds the next record of a node, however many pages away', async () => {
    const all = await whole;
    const book = await windows();
    for (const [number, node, direction] of [
      [1, 9, 1],
      [1234, 3, -1],
      [RECORDS, 4, 1],
      [10, 5, -1],
    ] as const) {
      let expected: number | undefined;
      for (let i = number + direction; expected === undefined && i >= 1 && i <= RECORDS; i += direction) {
        if (all.records.node[i - 1] === node || all.records.peer[i - 1] === node) expected = i;
      }
      expect(await book.nextOnNode(number, node, direction)).toBe(expected);
    }
  });

  test('says a record in words, wherever it is', async () => {
    const book = await windows();
    expect(book.row(2000)).toBeUndefined();
    await book.read(2000);
    const all = await whole;
    const large = await openAs({});
    await large.open({ number: 1 });
    expect(book.row(2000)).toEqual(large.row(2000));
    expect(book.kind(2000)).toBe(all.records.kind[1999]);
  });

  test('of a file whose middle is damaged keeps every number, and shows what is lost as lost', async () => {
    const damaged = bytes.slice();
    const middle = Math.floor(bytes.length * 0.45);
    damaged.fill(0, middle, middle + 3000);
    const book = await openAs({ whole: 100, margin: 20 }, damaged);
    const all = await whole;
    let lost = 0;
    for (let number = 1; number <= book.total; number += CHUNK) {
      const { records } = await book.open({ number });
      for (let i = 0; i < records.count; i++) {
        if (records.kind[i] === UNREADABLE) lost++;
        else
          expect([records.at[i], records.kind[i]]).toEqual([
            all.records.at[records.first - 1 + i],
            all.records.kind[records.first - 1 + i],
          ]);
      }
    }
    expect(book.total).toBe(RECORDS);
    expect(lost).toBeGreaterThan(0);
    expect(lost).toBeLessThan(3 * CHUNK);
    expect(book.trace.problems.length).toBeGreaterThan(0);
  });
});

describe('a search through the whole run', () => {
  test.each([
    'kind:drop',
    'node:n3 kind:send',
    'ping',
    '-kind:deliver t>20ms t<=100ms',
    'word:loss',
    'nothing of this sort',
    'kind:pause',
  ])('“%s” finds what a search of the open run finds', async (filter) => {
    const found: number[] = [];
    let searched = 0;
    for await (const piece of search(await windows(), filter)) {
      found.push(...piece.numbers);
      expect(piece.searched).toBeGreaterThanOrEqual(searched);
      ({ searched } = piece);
    }
    const at: number[] = [];
    for await (const piece of search(await openAs({}), filter)) at.push(...piece.numbers);
    expect(found).toEqual(at);
    expect(searched).toBe(RECORDS);
    if (filter === 'kind:drop') expect(found.length).toBe((await whole).records.kind.filter((kind) => kind === Kind.drop).length);
  });

  test('reads no chunk that the index tells to have nothing of it', async () => {
    let read = 0;
    const memory = new Memory(bytes);
    const counting = (offset: number, length: number) => {
      read++;
      return memory.read(offset, length);
    };
    const opened = await openBook({ size: memory.size, read: counting });
    if ('problem' in opened) throw new Error(opened.problem);
    const before = read;
    for await (const { numbers } of search(opened.book, 'kind:pause')) expect(numbers).toHaveLength(0);
    expect(read).toBe(before);
  });
});

describe('why', () => {
  test('across pages is the same as within the whole run', async () => {
    const all = await whole;
    const book = await windows();
    for (let number = 5; number <= RECORDS; number += 97) {
      const run = await book.open({ number });
      const shift = run.records.first - 1;
      const there = causesOf(all, number - 1);
      const here = await causesBeyond(book, run, number - 1 - shift);
      expect(here.chain.map(({ record, times }) => [record + shift, times])).toEqual(
        there.chain.map(({ record, times }) => [record, times]),
      );
      expect(here.effects.map((record) => record + shift)).toEqual(there.effects);
      expect(here.more).toBe(there.more);
    }
  });

  test('a window says when there may be more of it elsewhere', async () => {
    const all = await whole;
    const chunkOf = (number: number): number => Math.floor((number - 1) / CHUNK);
    const early = all.records.cause.findIndex((cause, i) => cause > 0 && chunkOf(cause) < chunkOf(i + 1));
    const run = await (await windows()).open({ number: early + 1 });
    expect(causesOf(run, early + 1 - run.records.first).open).toBe(true);
    expect(causesOf(all, early).open).toBe(false);
  });
});

test('an instant before and one after everything are in the first and the last window', async () => {
  const book = await windows();
  expect((await book.open({ instant: -1 })).records.first).toBe(1);
  const { records } = await book.open({ instant: 1e15 as Instant });
  expect(records.first + records.count - 1).toBe(RECORDS);
});
