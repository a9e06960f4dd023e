import { describe as about, expect, test } from 'vitest';
import type { Address } from '../../core/address.ts';
import { parseAddress } from '../../core/address.ts';
import { Names } from '../../core/names.ts';
import type { Instant } from '../../core/time.ts';
import { Kind, NOBODY } from '../engine/journal.ts';
import { describe, type Vocabulary } from './describe.ts';
import { type LogOptions, logLines } from './log.ts';
import { openTrace } from './open.ts';
import { Memory } from './sink.ts';
import { type Given, play, SYNTHETIC_HEADER } from './synthetic.ts';
import { Omitted } from './value.ts';
import { TraceWriter } from './writer.ts';

const names = new Names();
const [one, two, group] = ['10.0.0.1', '10.0.0.2', '224.0.0.251'].map((text, i) =>
  names.endpoint(parseAddress(text) as Address, i === 2 ? 5353 : 7946),
);
const suspect = names.id('suspect-node');
const ping = {
  from: one,
  to: two,
  transport: 'udp',
  message: { type: 'ping', sequence: 7, target: suspect },
  word: names.id('ping'),
};
const query = { from: one, to: group, transport: 'udp', message: { type: 'query', question: '_serf._tcp.local.' } };
const compound = {
  from: two,
  to: one,
  transport: 'udp',
  message: {
    type: 'compound',
    parts: [
      { type: 'suspect', node: suspect, incarnation: 0 },
      { type: 'ack', sequence: 7 },
    ],
  },
};
const syn = { from: one, to: two, transport: 'stream', message: undefined, word: names.id('syn') };

let id = 0;
const record = (at: number, kind: number, node: number, peer: number, word: string, payload?: unknown): Given => {
  id++;
  return { type: 'record', id, at: at * 1e6, kind, node, peer, cause: 0, word, size: 40, payload };
};
const cell = (at: number, node: number, subject: string, field: string, value: number | string): Given => ({
  type: 'cell',
  id,
  at: at * 1e6,
  node,
  subject,
  field,
  value,
});

const run: Given[] = [
  record(0, Kind.boot, 0, NOBODY, 'boot'),
  record(0, Kind.command, 0, NOBODY, 'serf', { job: 1, line: 'serf agent -iface=eth0' }),
  record(0, Kind.start, 0, NOBODY, 'serf', { process: 1, command: 'serf agent -iface=eth0' }),
  record(0.02, Kind.output, 0, NOBODY, 'serf', { job: 1, text: '==> Starting Serf agent...' }),
  record(0.02, Kind.exit, 0, NOBODY, 'exit', { job: 1 }),
  cell(0.02, 0, 'n1', 'incarnation', 0),
  record(200, Kind.timer, 0, NOBODY, 'probe', { process: 1, subject: 0 }),
  record(200, Kind.send, 0, 1, 'ping', ping),
  record(200, Kind.drop, 0, 1, 'loss', ping),
  record(201, Kind.drop, 0, 1, 'filtered', syn),
  record(210, Kind.send, 0, NOBODY, 'query', query),
  record(300, Kind.send, 1, 0, 'compound', compound),
  record(300.1, Kind.forward, 2, 0, 'compound', compound),
  record(300.25, Kind.deliver, 0, 1, 'compound', compound),
  cell(300.25, 0, 'suspect-node', 'status', 'suspect'),
  cell(300.25, 0, 'n1', 'incarnation', 1),
  record(300.25, Kind.notice, 0, NOBODY, 'member-failed', { type: 'member-failed', node: suspect }),
  record(300.25, Kind.log, 0, NOBODY, 'serf', { process: 1, line: '[INFO] serf: EventMemberFailed: x' }),
  record(300.25, Kind.written, 0, NOBODY, 'snapshot', { write: 3, outcome: 'ok' }),
  record(400, Kind.fault, NOBODY, NOBODY, 'cut', { intervention: 0, does: 'cuts n1 from n2' }),
  record(500, Kind.stop, 0, NOBODY, 'serf', { process: 1, how: 'signal KILL' }),
  record(500, Kind.crash, 1, NOBODY, ''),
  record(12_000, Kind.verdict, NOBODY, NOBODY, 'detection', {
    check: 'detection',
    verdict: 'violated',
    says: 'n2 is dead and alive',
  }),
  record(12_000, 99, 1, NOBODY, 'something new', { a: 1 }),
];

async function lines(options: LogOptions = {}): Promise<string[]> {
  const sink = new Memory();
  const meanings = { target: 'name', node: 'name' } as const;
  const writer = new TraceWriter({ header: { ...SYNTHETIC_HEADER, nodes: ['n1', 'n2', 'gateway'], meanings }, names, sink });
  play(run, names, writer);
  writer.close();
  const opened = await openTrace(sink);
  if (!opened.ok) throw new Error(opened.problem);
  const lines: string[] = [];
  for await (const line of logLines(opened.trace, options)) lines.push(line);
  return lines;
}

test('a trace as text', async () => {
  expect(`\n${(await lines({ decimals: 3 })).join('\n')}\n`).toBe(`
 0.000  n1                  boots
 0.000  n1                  $ serf agent -iface=eth0
 0.000  n1                  starts serf agent -iface=eth0
 0.000  n1                  | ==> Starting Serf agent...
 0.000  n1                  job 1 ends with status 40
 0.000  n1                  incarnation: 0
 0.200  n1                  timer probe process=1 subject=0
 0.200  n1      -> n2       ping sequence=7 target=suspect-node
 0.200  n1      -x n2       ping sequence=7 target=suspect-node  lost: loss
 0.201  n1      -x n2       syn  lost: filtered
 0.210  n1      -> 224.0.0.251:5353  query question=_serf._tcp.local.
 0.300  n2      -> n1       compound parts=[suspect node=suspect-node incarnation=0, ack sequence=7]
 0.300  gateway => n1       compound parts=[suspect node=suspect-node incarnation=0, ack sequence=7]
 0.300  n1      <- n2       compound parts=[suspect node=suspect-node incarnation=0, ack sequence=7]
 0.300  n1                  suspect-node status: suspect
 0.300  n1                  incarnation: 0 -> 1
 0.300  n1                  announces member-failed node=suspect-node
 0.300  n1                  log: [INFO] serf: EventMemberFailed: x
 0.300  n1                  written snapshot write=3 outcome=ok
 0.400                      fault: cuts n1 from n2
 0.500  n1                  serf stops: signal KILL
 0.500  n2                  crashes
12.000                      detection: violated, n2 is dead and alive
12.000  n2                  kind 99 something new a=1
`);
});

about('a part of it', () => {
  test('by time, both ends included, and what a cell was before', async () => {
    expect(await lines({ from: 300_250_000 as Instant, to: 400_000_000 as Instant, kinds: [Kind.fault] })).toEqual([
      ' 0.300250  n1                  suspect-node status: suspect',
      ' 0.300250  n1                  incarnation: 0 -> 1',
      ' 0.400000                      fault: cuts n1 from n2',
    ]);
  });

  test('by node: where it happened, or the peer', async () => {
    expect((await lines({ node: 1, decimals: 1 })).map((line) => line.slice(0, 19).trim())).toEqual([
      '0.2  n1      -> n2',
      '0.2  n1      -x n2',
      '0.2  n1      -x n2',
      '0.3  n2      -> n1',
      '0.3  n1      <- n2',
      '0.5  n2',
      '12.0  n2',
    ]);
  });

  test('by kind, without cells', async () => {
    expect(await lines({ kinds: [Kind.drop], cells: false })).toHaveLength(2);
  });
});

about('plain data as a line', () => {
  const words: Vocabulary = {
    meanings: { who: 'name', at: 'instant', after: 'duration', ip: 'address', to: 'endpoint', on: 'node', 'odd.who': 'duration' },
    name: (id) => ['zero', 'one'][id],
    node: (node) => (node === 0 ? 'n1' : undefined),
    endpoint: (endpoint) => (endpoint === 0 ? { address: 0x0a_00_00_01 as Address, port: 53 } : undefined),
  };

  test.each`
    value                                                   | text
    ${{ type: 'ping', sequence: 1 }}                        | ${'ping sequence=1'}
    ${{ sequence: 1, type: 'ping' }}                        | ${'ping sequence=1'}
    ${{ a: 1, b: undefined, c: null }}                      | ${'{a=1 c=null}'}
    ${{ type: 't', who: 1, on: 0, to: 0, ip: 0x7f000001 }}  | ${'t who=one on=n1 to=10.0.0.1:53 ip=127.0.0.1'}
    ${{ type: 't', at: 1_500_000_000, after: 250_000 }}     | ${'t at=1.500000000s after=250us'}
    ${{ type: 'odd', who: 1_000_000 }}                      | ${'odd who=1ms'}
    ${{ type: 't', who: [0, 1, 7], on: 5, to: 9 }}          | ${'t who=[zero, one, 7] on=5 to=endpoint 9'}
    ${{ type: 't', who: -1, ip: 2 ** 40 }}                  | ${'t who=-1 ip=1099511627776'}
    ${{ type: 't', text: 'two words', bare: 'a:b/c-d' }}    | ${'t text="two words" bare=a:b/c-d'}
    ${{ type: 't', in: { type: 'u', x: 1 } }}               | ${'t in={u x=1}'}
    ${[{ type: 'u', x: 1 }, { x: 2 }]}                      | ${'[u x=1, {x=2}]'}
    ${new Map([['k', new Set([1, 2])]])}                    | ${'{k: {1, 2}}'}
    ${new Uint8Array([1, 2])}                               | ${'[1, 2]'}
    ${Array.from({ length: 30 }, (_, i) => i).slice(0, 26)} | ${'[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, … 2 more]'}
    ${[-0, 0.5, Number.NaN, 5n, true, '']}                  | ${'[-0, 0.5, NaN, 5, true, ""]'}
    ${{ type: 't', big: new Omitted('too large') }}         | ${'t big=<too large>'}
    ${[[[[[[[[[[1]]]]]]]]]]}                                | ${'[[[[[[[[…]]]]]]]]'}
  `('$text', ({ value, text }) => {
    expect(describe(value, words)).toBe(text);
  });
});
