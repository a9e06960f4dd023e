import { expect, test } from 'vitest';
import { Memory } from '../../sim/trace/sink.ts';
import { tracedScenario } from '../testing/simulated.ts';
import { openBook } from './book.ts';
import { Describer } from './describe.ts';
import { type ExportOrder, exportEvents } from './export.ts';
import { parseFilter } from './filter.ts';

const bytes = tracedScenario('raft-failover');

/** A book of which only a little is open at a time. */
async function book() {
  const opened = await openBook(new Memory(bytes), { whole: 100, margin: 10 });
  if ('problem' in opened) throw new Error(opened.problem);
  return opened.book;
}

async function exported(order: ExportOrder): Promise<string> {
  let text = '';
  let part = 0;
  for await (const piece of exportEvents(await book(), order)) {
    text += piece.text;
    expect(piece.part).toBeGreaterThanOrEqual(part);
    part = piece.part;
  }
  expect(part).toBe(1);
  return text;
}

test('all events of a run that the filter lets through are there, however little of it is open', async () => {
  const opened = await openBook(new Memory(bytes));
  if ('problem' in opened) throw new Error(opened.problem);
  const run = await opened.book.open({ number: 1 });
  const parsed = parseFilter('kind:drop', run, new Describer(run));
  if ('problem' in parsed) throw new Error(parsed.problem);
  const wanted = [...run.records.at.keys()].filter(parsed.test).map((i) => i + 1);
  expect(wanted.length).toBeGreaterThan(10);
  const json = JSON.parse(await exported({ filter: 'kind:drop', format: 'json' })) as { number: number; kind: string }[];
  expect(json.map(({ number }) => number)).toEqual(wanted);
  const rows = (await exported({ filter: 'kind:drop', format: 'csv' })).trimEnd().split('\r\n');
  expect(rows[0]).toBe('number,time,node,peer,kind,word,bytes,cause,text');
  expect(rows.slice(1).map((row) => Number(row.split(',')[0]))).toEqual(wanted);
});

test('a focus leaves out what is before and after', async () => {
  const json = JSON.parse(await exported({ filter: '', focus: { from: 5e9, to: 5.1e9 }, format: 'json' })) as { time: string }[];
  expect(json.length).toBeGreaterThan(10);
  for (const { time } of json) expect(Number(time) >= 5 && Number(time) <= 5.1).toBe(true);
});

test('nothing is an empty list, and a header', async () => {
  expect(JSON.parse(await exported({ filter: 'node:nobody-of-that-name', format: 'json' }))).toEqual([]);
  expect((await exported({ filter: 'node:nobody-of-that-name', format: 'csv' })).split('\r\n')).toHaveLength(2);
});
