import { deflateRawSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { Kind } from '../../sim/engine/journal.ts';
import { compressTrace } from '../../sim/trace/compress.ts';
import { CHUNK_RECORDS } from '../../sim/trace/format.ts';
import { Memory } from '../../sim/trace/sink.ts';
import { play, SYNTHETIC_HEADER, synthetic, syntheticNames } from '../../sim/trace/synthetic.ts';
import { TraceWriter } from '../../sim/trace/writer.ts';
import { storyTrace } from '../testing/story.ts';
import { inflate } from './inflate.ts';
import { UNREADABLE } from './page.ts';
import { readRun } from './read.ts';
import { type Run, textField, wordOf } from './run.ts';

async function read(bytes: Uint8Array): Promise<Run> {
  const opened = await readRun(new Memory(bytes));
  if ('problem' in opened) throw new Error(opened.problem);
  return opened.run;
}

function syntheticTrace(records: number): Uint8Array {
  const sink = new Memory();
  const names = syntheticNames();
  const writer = new TraceWriter({ header: SYNTHETIC_HEADER, sink, names });
  play(synthetic(records), names, writer);
  writer.close();
  return sink.content();
}

describe('reading a trace', () => {
  test('gives the run that was written', async () => {
    const run = await read(storyTrace());
    expect(run).toMatchObject({ scenario: 'a story of two VLANs', seed: '2603', end: 10e9, gaps: [] });
    expect(run.topology.nodes.map(({ name }) => name)).toEqual([
      'serf-test01',
      'serf-test02',
      'serf-test03',
      'serf-test00',
      'bcr-a',
      'core',
      'bcr-b',
    ]);
    expect(run.verdicts.map(({ at, outcome }) => [at, outcome])).toEqual([
      [5e9, 'held'],
      [9.5e9, 'violated'],
      [9.5e9, 'inconclusive'],
    ]);
    expect(run.cells.at(-1)).toEqual({
      at: 8e9,
      position: expect.any(Number),
      cell: expect.any(Number),
      node: 1,
      subject: 'serf-test03',
      field: 'status',
      value: 'failed',
    });
  });

  test('over several chunks: columns, causes, words and payloads are those that were given', async () => {
    const given = [...synthetic(2 * CHUNK_RECORDS + 17)];
    const run = await read(syntheticTrace(2 * CHUNK_RECORDS + 17));
    const records = given.filter((each) => each.type === 'record');
    expect(run.records.count).toBe(records.length);
    for (const i of [0, 1, CHUNK_RECORDS - 1, CHUNK_RECORDS, 2 * CHUNK_RECORDS, run.records.count - 1]) {
      const { at, kind, node, peer, cause, size } = run.records;
      const { word, payload, ...expected } = records[i] as (typeof records)[0];
      expect({
        type: 'record',
        id: i + 1,
        at: at[i],
        kind: kind[i],
        node: node[i],
        peer: peer[i],
        cause: cause[i],
        size: size[i],
      }).toEqual(expected);
      expect(wordOf(run, run.records.word[i] as number)).toBe(word);
      expect(run.payload(i)).toEqual(payload);
    }
    const changes = given.filter((each) => each.type === 'cell');
    expect(run.cells.map(({ value }) => value)).toEqual(changes.map(({ value }) => value));
  });

  test('a change of a cell holds from the position at which it was written', async () => {
    const run = await read(storyTrace());
    for (const { at, position } of run.cells) {
      expect(run.records.at[position - 1]).toBe(at);
      expect(run.records.kind[position - 1]).toBe(Kind.notice);
    }
  });

  test('a compressed trace reads the same', async () => {
    const plain = storyTrace();
    const packed = new Memory();
    expect(await compressTrace(new Memory(plain), packed, (bytes) => deflateRawSync(bytes))).toBeUndefined();
    expect(packed.size).toBeLessThan(plain.length);
    const [a, b] = [await read(plain), await read(packed.content())];
    expect(b.records).toEqual(a.records);
    expect(b.cells).toEqual(a.cells);
  });
});

describe('a trace that is not whole', () => {
  test('of several chunks keeps those before the cut, with their numbers, and says so', async () => {
    const whole = syntheticTrace(2 * CHUNK_RECORDS + 17);
    const run = await read(whole.subarray(0, Math.floor(whole.length * 0.55)));
    expect(run.records.count).toBe(CHUNK_RECORDS);
    expect(run.gaps.join(' ')).toMatch(/was not closed/);
  });

  test('without its middle chunk keeps the others and their numbers, and those of what is lost', async () => {
    const whole = syntheticTrace(3 * CHUNK_RECORDS);
    const damaged = whole.slice();
    const middle = Math.floor(whole.length * 0.4);
    damaged.fill(0, middle, middle + 1000);
    const run = await read(damaged);
    expect(run.gaps.length).toBeGreaterThan(0);
    expect(run.records.count).toBe(3 * CHUNK_RECORDS);
    const { kind, cause } = run.records;
    expect(kind.indexOf(UNREADABLE)).toBe(CHUNK_RECORDS);
    expect(kind.lastIndexOf(UNREADABLE)).toBe(2 * CHUNK_RECORDS - 1);
    for (let i = 0; i < run.records.count; i++) expect((cause[i] as number) <= i).toBe(true);
  });

  test.each([
    ['nothing', new Uint8Array(0)],
    ['zeros', new Uint8Array(64)],
  ])('%s is refused with a sentence', async (_, bytes) => {
    expect(await readRun(new Memory(bytes))).toEqual({
      problem: expect.stringMatching(/^This is no trace that can be read: .+\.$/),
    });
  });

  test('a plan of the network that is none leaves the nodes by their names', async () => {
    const sink = new Memory();
    new TraceWriter({
      header: { ...SYNTHETIC_HEADER, topology: { nodes: 3, segments: 'none' } },
      sink,
      names: syntheticNames(),
    }).close();
    const run = await read(sink.content());
    expect(run.topology.nodes.map(({ name }) => name)).toEqual(SYNTHETIC_HEADER.nodes);
    expect(run.gaps).toContain('The plan of the network is missing.');
  });
});

describe('expanding', () => {
  test('gives back what was compressed', async () => {
    const bytes = Uint8Array.from({ length: 100_000 }, (_, i) => i % 7);
    expect(await inflate(deflateRawSync(bytes), bytes.length)).toEqual(bytes);
  });
  test('stops at the announced size', async () => {
    await expect(inflate(deflateRawSync(new Uint8Array(1_000_000)), 1000)).rejects.toThrow('more than the 1000 bytes');
  });
});

test('fields of data that may be anything', () => {
  expect([undefined, null, 3, {}, { name: { deep: 1 } }].map((value) => textField(value, 'name'))).toEqual(['', '', '', '', '']);
});
