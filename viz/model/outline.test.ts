import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { Memory } from '../../sim/trace/sink.ts';
import { play, SYNTHETIC_HEADER, synthetic, syntheticNames } from '../../sim/trace/synthetic.ts';
import { TraceWriter } from '../../sim/trace/writer.ts';
import { tracedScenario } from '../testing/simulated.ts';
import { type Book, type BookLimits, openBook } from './book.ts';
import { CellHistory } from './cells.ts';
import { chartsOf } from './charts.ts';
import { faultsOf } from './faults.ts';
import { BeliefMatrix } from './matrix.ts';
import { Nodes } from './nodes.ts';
import { hasOutline, type OutlinePiece, outlineOf, readOutline } from './outline.ts';
import { type Picture, pictureOf } from './picture.ts';
import { RaftServers } from './raft.ts';
import { positionAt, type Run } from './run.ts';

/** A small trace of many chunks. */
function chunked(records: number, chunk: number): Uint8Array {
  const sink = new Memory();
  const names = syntheticNames();
  const writer = new TraceWriter({ header: SYNTHETIC_HEADER, sink, names, chunk });
  play(synthetic(records), names, writer);
  writer.close();
  return sink.content();
}

async function opened(bytes: Uint8Array, limits: Partial<BookLimits>): Promise<Book> {
  const read = await openBook(new Memory(bytes), limits);
  if ('problem' in read) throw new Error(read.problem);
  return read.book;
}

/** A run as a whole, a window of it, and its outline. */
async function seen(bytes: Uint8Array): Promise<{ whole: Run; window: Run; outline: Run }> {
  const whole = await (await opened(bytes, { whole: Number.POSITIVE_INFINITY })).open({ number: 1 });
  const book = await opened(bytes, { whole: 10, margin: 20 });
  await book.learnAll();
  const window = await book.open({ number: Math.floor(book.total / 2) });
  const pieces: OutlinePiece[] = [];
  for await (const piece of readOutline(book.trace, book.firsts)) pieces.push(piece);
  return { whole, window, outline: outlineOf(window, window.lasting ?? [], pieces) };
}

describe('the outline of a large run', () => {
  let whole: Run;
  let outline: Run;
  beforeAll(async () => {
    ({ whole, outline } = await seen(chunked(6000, 500)));
  });

  test('has but a part of its records', () => {
    expect(outline.records.count).toBeLessThan(whole.records.count / 2);
    expect(hasOutline({ chunks: [{ changes: 300_000 }, { changes: 300_000 }] } as never)).toBe(false);
  });

  test('shows each cell, and each node, at any instant as the whole run does', () => {
    const [here, there] = [new CellHistory(outline), new CellHistory(whole)];
    const [lives, all] = [new Nodes(outline), new Nodes(whole)];
    fc.assert(
      fc.property(fc.integer({ min: 0, max: whole.end }), fc.nat(whole.table.count - 1), fc.nat(9), (instant, cell, node) => {
        const [position, wide] = [positionAt(outline.records, instant), positionAt(whole.records, instant)];
        expect(here.value(cell, position)).toEqual(there.value(cell, wide));
        expect(lives.at(position, node)).toEqual(all.at(wide, node));
      }),
      { numRuns: 2000 },
    );
  });

  test('has the same faults, by the instants at which they began and ended', () => {
    const bands = (run: Run) => faultsOf(run).map(({ from, to, says }) => [from, to, says]);
    expect(bands(outline)).toEqual(bands(whole));
    expect(bands(outline).length).toBeGreaterThan(0);
  });
});

test('charts and reigns of a large run are those of the whole run, where they follow from cells', async () => {
  const { whole, window, outline } = await seen(tracedScenario('raft-partition'));
  const [here, there] = [new RaftServers(outline), new RaftServers(whole)];
  const plain = (raft: RaftServers) =>
    raft.nodes.map((node) => raft.reigns(node).map(({ from, to, role, term }) => [from, to, role, term]));
  expect(plain(here)).toEqual(plain(there));
  expect(window.records.count).toBeLessThan(whole.records.count);
  const source = ({ run, nodes, members }: Picture) => ({
    run,
    nodes,
    members,
    matrix: members.observers.length === 0 ? undefined : new BeliefMatrix(run, members),
    raft: new RaftServers(run),
  });
  const span = { from: 0, to: whole.end };
  const lines = (charts: ReturnType<typeof chartsOf>) =>
    charts.charts
      .filter(({ id }) => id === 'commits' || id === 'agreement')
      .map((chart) => ('series' in chart ? chart.series.map(({ values }) => [...values]) : []));
  const own = source(pictureOf(outline));
  expect(lines(chartsOf({ ...own, run: window, whole: own }, span, 50))).toEqual(
    lines(chartsOf(source(pictureOf(whole)), span, 50)),
  );
});
