import { describe, expect, test } from 'vitest';
import { Kind } from '../../sim/engine/journal.ts';
import { Describer } from './describe.ts';
import { Hits, parseFilter, Scan } from './filter.ts';
import { sketchRun } from './sketch.ts';

const packet = { from: 0, to: 1, transport: 'udp', message: { type: 'ping' } };
const run = sketchRun({
  endpoints: ['10.0.1.10:7946', '10.0.1.11:7946'],
  records: [
    { at: 1, kind: 'command', node: 0, payload: { job: 1, line: 'serf join 10.0.1.11' } },
    { at: 2, kind: 'send', node: 0, peer: 1, word: 'ping', size: 42, payload: packet },
    { at: 3, kind: 'drop', node: 0, peer: 1, cause: 2, word: 'loss', size: 42, payload: packet },
    { at: 4, kind: 'output', node: 1, payload: { job: 1, text: 'Two words' } },
    { at: 5, kind: 'timer', node: 2, word: 'probe' },
  ],
});
const describer = new Describer(run);

function matches(text: string): number[] {
  const filter = parseFilter(text, run, describer);
  if ('problem' in filter) throw new Error(filter.problem);
  const scan = new Scan(run, filter.test);
  while (!scan.done) scan.work(2);
  return Array.from({ length: scan.found.count }, (_, row) => scan.found.at(row) - run.records.first);
}

describe('the filter', () => {
  test.each`
    text                      | found
    ${''}                     | ${[0, 1, 2, 3, 4]}
    ${'kind:drop'}            | ${[2]}
    ${'node:b'}               | ${[1, 2, 3]}
    ${'node:b kind:send'}     | ${[1]}
    ${'word:loss'}            | ${[2]}
    ${'t>2ms t<=4ms'}         | ${[2, 3]}
    ${'t>=2ms t<4ms'}         | ${[1, 2]}
    ${'-kind:timer -ping'}    | ${[0, 3]}
    ${'"two words"'}          | ${[3]}
    ${'-"two words" node:b'}  | ${[1, 2]}
    ${'SERF'}                 | ${[0]}
    ${'b:7946'}               | ${[1, 2]}
    ${'nothing of this sort'} | ${[]}
  `('“$text” finds $found', ({ text, found }) => {
    expect(matches(text)).toEqual(found);
  });
  test.each([
    ['kind:dorp', 'There is no kind “dorp”. Kinds are boot, crash,'],
    ['t>soon', '“soon” is no time.'],
  ])('%s is refused with a sentence', (text, sentence) => {
    expect(parseFilter(text, run, describer)).toEqual({ problem: expect.stringContaining(sentence) });
  });
});

test('what a filter needs to know of a record is what its words ask for, however they are combined', () => {
  const needs = (text: string) => {
    const filter = parseFilter(text, run, describer);
    return 'problem' in filter ? filter.problem : filter.needs;
  };
  expect(needs('')).toEqual({ kind: undefined, from: 0, to: Number.POSITIVE_INFINITY, texts: false });
  expect(needs('t>2ms kind:drop t<=4ms node:b')).toEqual({ kind: Kind.drop, from: 2e6 + 1, to: 4e6, texts: false });
  expect(needs('-kind:drop -t<4ms word:ping')).toEqual(needs(''));
  expect(needs('-ping')).toMatchObject({ texts: true });
});

test('of what was found, the row of a record is its own or that of the last one before it', () => {
  const hits = new Hits();
  expect(hits.rowOf(7)).toBe(-1);
  hits.add([3, 7]);
  hits.add(Array.from({ length: 3000 }, (_, i) => 10 + 2 * i));
  expect([2, 3, 6, 7, 11, 12, 10_000].map((number) => hits.rowOf(number))).toEqual([-1, 0, 0, 1, 2, 3, 3001]);
  expect([0, 1, 2, 3001].map((row) => hits.at(row))).toEqual([3, 7, 10, 6008]);
});
