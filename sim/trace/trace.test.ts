import { deflateRawSync, inflateRawSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ANY } from '../../core/address.ts';
import type { Names } from '../../core/names.ts';
import { type Instant, seconds } from '../../core/time.ts';
import { Kind, NOBODY } from '../engine/journal.ts';
import { address, host, Lab, link, port, router, segment } from '../network/lab.ts';
import type { Topology } from '../network/topology.ts';
import type { Inflate } from './block.ts';
import { compressTrace } from './compress.ts';
import { CELL_MARKER, CHUNK_RECORDS, INDEX_EVERY } from './format.ts';
import { openTrace } from './open.ts';
import type { Trace } from './reader.ts';
import { Memory } from './sink.ts';
import { type Given, play, SYNTHETIC_HEADER, synthetic, syntheticNames } from './synthetic.ts';
import { type TraceOptions, TraceWriter } from './writer.ts';

const inflate: Inflate = (bytes, expanded) => inflateRawSync(bytes, { maxOutputLength: Math.max(1, expanded) });

function write(given: Iterable<Given>, options: Partial<TraceOptions> & { names?: Names } = {}): Memory {
  const sink = new Memory();
  const names = options.names ?? syntheticNames();
  const writer = new TraceWriter({ header: SYNTHETIC_HEADER, sink, ...options, names });
  play(given, names, writer);
  writer.close('done');
  return sink;
}

async function open(source: Memory): Promise<Trace> {
  const opened = await openTrace(source, { inflate });
  if (!opened.ok) throw new Error(opened.problem);
  expect(opened.problems).toEqual([]);
  return opened.trace;
}

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}

/** What a trace says, in the form in which it was given. */
async function given(trace: Trace): Promise<Given[]> {
  return (await collect(trace.entries())).map((entry): Given => {
    if ('id' in entry) return { type: 'record', ...entry };
    const { cause, at, node, subject, field, value } = entry;
    return { type: 'cell', id: cause, at, node, subject, field, value };
  });
}

describe('a trace gives back what was written', () => {
  test.each([0, 1, 2, 1000, CHUNK_RECORDS - 1, CHUNK_RECORDS, CHUNK_RECORDS + 1, 3 * CHUNK_RECORDS + 17])(
    '%i records',
    async (records) => {
      const run = [...synthetic(records)];
      const trace = await open(write(run));
      expect(await given(trace)).toEqual(run);
      expect(trace.count).toBe(records);
      expect(trace.complete).toBe(true);
      expect(trace.summary).toBe('done');
      expect(trace.problems).toEqual([]);
    },
  );

  test('up to where it has come while the run goes on, which changes nothing of what comes', async () => {
    const run = [...synthetic(5000)];
    const [first, rest] = [run.slice(0, 3000), run.slice(3000)];
    const sink = new Memory();
    const names = syntheticNames();
    const writer = new TraceWriter({ header: SYNTHETIC_HEADER, sink, names });
    play(first, names, writer);
    const { written, ending } = writer.snapshot(seconds(1e6) as number as Instant);
    const so = new Memory();
    so.write(sink.content().slice(0, written));
    so.write(ending);
    const trace = await open(so);
    expect(await given(trace)).toEqual(first);
    expect(trace.end).toBe(1e15);
    play(rest, names, writer);
    writer.close('done');
    expect(await given(await open(sink))).toEqual(run);
  });

  const plain = fc.letrec((tie) => ({
    value: fc.oneof(
      { maxDepth: 3 },
      fc.integer(),
      fc.double(),
      fc.string({ unit: 'binary' }),
      fc.boolean(),
      fc.constant(undefined),
      fc.constant(null),
      fc.bigInt(),
      fc.uint8Array(),
      fc.float64Array(),
      fc.array(tie('value'), { maxLength: 4 }),
      fc.dictionary(fc.string(), tie('value'), { maxKeys: 4, noNullPrototype: true }),
      fc.array(fc.tuple(fc.string(), tie('value')), { maxLength: 4 }).map((entries) => new Map(entries)),
      fc.array(fc.string(), { maxLength: 4 }).map((items) => new Set(items)),
    ),
  })).value;
  const step = fc.record({
    cell: fc.boolean(),
    after: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 1e6 }), fc.integer({ min: 0, max: 1e13 })),
    kind: fc.integer({ min: 0, max: 255 }),
    node: fc.integer({ min: -1, max: 70_000 }),
    peer: fc.integer({ min: -1, max: 3 }),
    back: fc.oneof(fc.constant(0), fc.nat(10)),
    word: fc.string({ unit: 'binary', maxLength: 5 }),
    size: fc.oneof(
      fc.nat(),
      fc.double({ noNaN: true }).filter((size) => !Object.is(size, -0)),
    ),
    payload: plain,
    field: fc.constantFrom('role', 'term', 'status'),
    value: fc.oneof(fc.double(), fc.string({ unit: 'binary' })),
  });

  test('whatever it was', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
        let id = 0;
        let at = 0;
        const run = steps.map(({ cell, after, back, kind, node, peer, word, size, payload, field, value }): Given => {
          at += after;
          if (cell) return { type: 'cell', id: Math.max(0, id - back), at, node, subject: word, field, value };
          id++;
          return { type: 'record', id, at, kind, node, peer, cause: Math.max(0, id - 1 - back), word, size, payload };
        });
        expect(await given(await open(write(run)))).toEqual(run);
      }),
    );
  });

  test('to a reader of the compressed file as well', async () => {
    const run = [...synthetic(CHUNK_RECORDS + 1000)];
    const whole = write(run);
    const small = new Memory();
    expect(await compressTrace(whole, small, (bytes) => deflateRawSync(bytes))).toBeUndefined();
    expect(small.size).toBeLessThan(whole.size / 2);
    const trace = await open(small);
    expect(await given(trace)).toEqual(run);
    const plain = await open(whole);
    expect(trace.chunks.map(({ hash }) => hash)).toEqual(plain.chunks.map(({ hash }) => hash));
    expect([...(await trace.cellsAt(trace.end))]).toEqual([...(await plain.cellsAt(plain.end))]);
  });

  test('compressed while it was written', async () => {
    const run = [...synthetic(5000)];
    const trace = await open(write(run, { deflate: (bytes) => deflateRawSync(bytes) }));
    expect(await given(trace)).toEqual(run);
  });

  test('from the middle of a run on', async () => {
    const late = [...synthetic(1000)].filter(({ id }) => id > 500 && id < 700);
    expect(await given(await open(write(late)))).toEqual(late);
  });

  test('with its header', async () => {
    expect((await open(write([]))).header).toEqual(SYNTHETIC_HEADER);
  });
});

describe('equal runs give equal traces', () => {
  test('byte for byte, where nothing is compressed', () => {
    const [a, b] = [write(synthetic(70_000)), write(synthetic(70_000))];
    expect(Buffer.compare(a.content(), b.content())).toBe(0);
  });

  test('and the rolling hashes part at the chunk in which the runs part', async () => {
    const run = [...synthetic(4 * CHUNK_RECORDS - 100)];
    const other = run.map((each) =>
      each.type === 'record' && each.id === 2 * CHUNK_RECORDS + 5 ? { ...each, size: each.size + 1 } : each,
    );
    const [a, b] = [await open(write(run)), await open(write(other))];
    const same = a.chunks.map(({ hash }, i) => hash === b.chunks[i]?.hash);
    expect(same).toEqual([true, true, false, false]);
  });
});

describe('what a trace is asked', () => {
  const run = [...synthetic(2 * CHUNK_RECORDS + 500)];
  const records = run.filter((each) => each.type === 'record');
  const opened = (async () => open(write(run)))();

  test.each`
    from     | to       | node         | kinds
    ${1}     | ${2e9}   | ${undefined} | ${undefined}
    ${4e9}   | ${4.1e9} | ${3}         | ${undefined}
    ${0}     | ${1e12}  | ${7}         | ${[Kind.drop, Kind.crash]}
    ${6.5e9} | ${6.6e9} | ${undefined} | ${[Kind.verdict]}
    ${5e12}  | ${6e12}  | ${undefined} | ${undefined}
  `('records from $from to $to of node $node and kinds $kinds', async ({ from, to, node, kinds }) => {
    const found = await collect((await opened).records({ from, to, node, kinds }));
    const expected = records.filter(
      (each) =>
        each.at >= from &&
        each.at <= to &&
        (node === undefined || each.node === node || each.peer === node) &&
        (kinds === undefined || kinds.includes(each.kind)),
    );
    expect(found.map((record) => ({ type: 'record', ...record }))).toEqual(expected);
  });

  test.each([0, 1, 1e6, 2e9, 5.5e9, 9e9, 1e15])('the cells at %i ns', async (at) => {
    const expected = new Map<string, unknown>();
    for (const each of run)
      if (each.type === 'cell' && each.at <= at) expected.set(`${each.node} ${each.subject} ${each.field}`, each.value);
    const cells = await (await opened).cellsAt(at as Instant);
    const found = new Map([...cells].map(({ node, subject, field, value }) => [`${node} ${subject} ${field}`, value]));
    expect(found).toEqual(expected);
    expect(cells.get(1, 'n2', 'status')).toBe(expected.get('1 n2 status'));
    expect(cells.get(1, 'nobody', 'status')).toBeUndefined();
  });

  test('a record by its number', async () => {
    const trace = await opened;
    expect((await trace.record(70_000))?.at).toBe(records[69_999]?.at);
    expect(await trace.record(0)).toBeUndefined();
    expect(await trace.record(1e9)).toBeUndefined();
  });

  test("a host's terminal", async () => {
    const until = 3e9 as Instant;
    const expected = records.filter(({ kind, node, at }) => kind === Kind.output && node === 4 && at <= until);
    const lines = await collect((await opened).terminal(4, until));
    expect(lines.length).toBeGreaterThan(3);
    expect(lines.map(({ text }) => text)).toEqual(expected.map(({ payload }) => (payload as { text: string }).text));
  });

  test('its verdicts', async () => {
    const found = await collect((await opened).verdicts());
    expect(found.map(({ id }) => id)).toEqual(records.filter(({ kind }) => kind === Kind.verdict).map(({ id }) => id));
    expect(found[0]?.payload).toEqual({ check: 'sanity', verdict: 'held', says: 'round 0' });
  });

  test('how dense it is: every record is in one bin', async () => {
    const { density, end } = await opened;
    expect(density.width * 4096).toBeGreaterThan(end);
    for (const kind of [Kind.send, Kind.drop, Kind.boot, Kind.timer]) {
      const inBins = density.of(kind).reduce((sum, count) => sum + count, 0);
      expect(inBins).toBe(records.filter((each) => each.kind === kind).length);
    }
  });

  test('its markers: rare kinds, and cells that tell', async () => {
    const { markers } = await opened;
    const crashes = records.filter(({ kind }) => kind === Kind.crash);
    expect(markers.filter(({ kind }) => kind === Kind.crash).map(({ id }) => id)).toEqual(crashes.map(({ id }) => id));
    const roles = run.filter((each) => each.type === 'cell' && each.field === 'role');
    expect(markers.filter(({ kind }) => kind === CELL_MARKER).map(({ at }) => at)).toEqual(roles.map(({ at }) => at));
  });

  test('without reading what it does not need', async () => {
    const file = write(run);
    let read = 0;
    const source = {
      size: file.size,
      read: (offset: number, length: number) => {
        read += length;
        return file.read(offset, length);
      },
    };
    const found = await openTrace(source);
    expect(read).toBeLessThan(file.size / 20);
    if (found.ok) await collect(found.trace.records({ kinds: [Kind.timer] }));
    expect(read).toBeLessThan(file.size / 20);
  });
});

test('what follows a keyframe is applied to it', async () => {
  // So many cells that keyframes are rare, and several chunks lie between two of them.
  const run: Given[] = [];
  for (let i = 0; i < 500_000; i++) {
    run.push({
      type: 'cell',
      id: 0,
      at: i,
      node: i % 1000,
      subject: `n${Math.floor((i * 7) / 1000) % 300}`,
      field: 'status',
      value: i,
    });
  }
  const trace = await open(write(run));
  expect(trace.keyframes.length).toBeGreaterThan(1);
  expect(trace.keyframes.length).toBeLessThan(trace.chunks.length);
  const at = 440_000 as Instant;
  const expected = new Map<string, unknown>();
  for (const each of run) if (each.type === 'cell' && each.at <= at) expected.set(`${each.node} ${each.subject}`, each.value);
  const found = new Map([...(await trace.cellsAt(at))].map(({ node, subject, value }) => [`${node} ${subject}`, value]));
  expect(found).toEqual(expected);
});

test('a packet is stored once for all its records, whatever lies between them', () => {
  const packet = (ordinal: number) => ({
    ...{ from: 0, to: 1, transport: 'udp', message: { type: 'data', text: 'x'.repeat(1000) }, word: 0 },
    ...{ bytes: 1028, source: 0, boot: 0, ordinal, ttl: 64, header: undefined },
  });
  // A hundred packets are sent, forwarded, and arrive one after the other; each record follows from the one a hundred before.
  const packets = Array.from({ length: 100 }, (_, ordinal) => packet(ordinal));
  const of = (rounds: number) =>
    write(
      Array.from({ length: 100 * rounds }, (_, i): Given => {
        const kind = i < 100 ? Kind.send : i < 100 * (rounds - 1) ? Kind.forward : Kind.deliver;
        const cause = i < 100 ? 0 : i + 1 - 100;
        return {
          type: 'record',
          id: i + 1,
          at: i,
          kind,
          node: 0,
          peer: 1,
          cause,
          word: 'data',
          size: 0,
          payload: packets[i % 100],
        };
      }),
    ).size;
  expect(of(1)).toBeGreaterThan(100_000);
  expect(of(5) - of(1)).toBeLessThan(400 * 10);
});

test('packets with one large message, all at once, come back one by one', async () => {
  const message = { type: 'snapshot', data: 'x'.repeat(40_000) };
  const packet = (ordinal: number) => ({
    from: 0,
    to: 1,
    transport: 'udp',
    message,
    word: 1,
    bytes: 9,
    source: 0,
    boot: 1,
    ordinal,
    ttl: 64,
  });
  const run = Array.from({ length: 600 }, (_, i): Given => {
    return {
      type: 'record',
      id: i + 1,
      at: i,
      kind: Kind.send,
      node: 0,
      peer: 1,
      cause: 0,
      word: 'snapshot',
      size: 9,
      payload: packet(i),
    };
  });
  const trace = await open(write(run));
  for (const id of [1, 2, 104, 105, 106, 512, 513, 600]) {
    expect((await trace.record(id))?.payload).toEqual({ ...packet(id - 1), header: undefined });
  }
});

test('a payload beyond all measure is left out and says so', async () => {
  const payload = { type: 'huge', bytes: new Uint8Array(2_000_000) };
  const run: Given[] = [
    { type: 'record', id: 1, at: 0, kind: Kind.send, node: 0, peer: 1, cause: 0, word: 'huge', size: 0, payload },
  ];
  const [record] = await collect((await open(write(run))).records());
  expect(record?.payload).toMatchObject({ reason: 'larger than 1048576 bytes' });
});

test('the state of the world is kept at keyframes and comes back, larger than a block', async () => {
  const names = syntheticNames();
  const sink = new Memory();
  const state = { clock: 5, queue: new Float64Array([1, 2, 3]), nodes: new Map([['a', { up: true }]]) };
  const big = 'long '.repeat(2_000_000);
  const writer = new TraceWriter({ header: SYNTHETIC_HEADER, names, sink, save: () => ({ state, big }) });
  writer.keyframe(7 as Instant, 3);
  writer.close();
  const trace = await open(sink);
  expect(trace.states).toMatchObject([{ at: 7, id: 3 }]);
  const saved = (await trace.state(0)) as { state: unknown; big: string };
  expect(saved.state).toEqual(state);
  expect(saved.big === big).toBe(true);
  expect(await trace.state(1)).toBeUndefined();
});

describe('a run that was killed', () => {
  test('leaves the chunks that were written, and an index for most of them', async () => {
    const sink = new Memory();
    const names = syntheticNames();
    const writer = new TraceWriter({ header: SYNTHETIC_HEADER, names, sink });
    const chunks = INDEX_EVERY + 2;
    const run = [...synthetic(chunks * CHUNK_RECORDS + 100)];
    play(run, names, writer);
    const opened = await openTrace(sink);
    if (!opened.ok) throw new Error(opened.problem);
    const { trace } = opened;
    expect(trace.complete).toBe(false);
    expect(trace.count).toBe(chunks * CHUNK_RECORDS);
    expect(opened.problems).toEqual([
      `the trace was not closed: it holds ${chunks * CHUNK_RECORDS} records, up to ${trace.end / 1e9} s, and the run may have gone on`,
    ]);
    // What the last index did not know has been counted all the same.
    const sends = run.filter(
      (each) => each.type === 'record' && each.kind === Kind.send && each.id <= chunks * CHUNK_RECORDS,
    ).length;
    expect(trace.density.of(Kind.send).reduce((sum, count) => sum + count, 0)).toBe(sends);
    const last = await trace.record(chunks * CHUNK_RECORDS);
    expect(last).toMatchObject({ node: expect.any(Number), word: expect.stringMatching(/ping|loss|echo/) });
    const late = run.filter((each) => each.type === 'record' && each.id <= chunks * CHUNK_RECORDS && each.at > trace.end - 1e8);
    const found = await collect(trace.records({ from: (trace.end - 1e8 + 1) as Instant }));
    expect(found.map((record) => ({ type: 'record', ...record }))).toEqual(late);
  });

  test('keeps what was flushed', async () => {
    const sink = new Memory();
    const names = syntheticNames();
    const writer = new TraceWriter({ header: SYNTHETIC_HEADER, names, sink });
    play(synthetic(10), names, writer);
    writer.flush();
    const opened = await openTrace(sink);
    expect(opened.ok && opened.trace.count).toBe(10);
  });
});

test('a record of no node and no payload has neither', async () => {
  const run: Given[] = [
    {
      type: 'record',
      id: 1,
      at: 0,
      kind: Kind.fault,
      node: NOBODY,
      peer: NOBODY,
      cause: 0,
      word: '',
      size: 0,
      payload: undefined,
    },
  ];
  expect(await given(await open(write(run)))).toEqual(run);
});

test('what a real network tells comes back as it was told: datagrams, streams, routing, ARP, ICMP and losses', async () => {
  const topology: Topology = {
    segments: [segment('left', '10.0.1.0/24', { link: link({ loss: 0.2 }) }), segment('right', '10.0.2.0/24')],
    nodes: [
      host('a', [port(0, '10.0.1.1/24')], 'default via 10.0.1.254'),
      host('b', [port(1, '10.0.2.1/24')], 'default via 10.0.2.254'),
      router('gateway', [port(0, '10.0.1.254/24'), port(1, '10.0.2.254/24')]),
    ],
  };
  const lab = new Lab(topology);
  const sink = new Memory();
  const header = { ...SYNTHETIC_HEADER, nodes: topology.nodes.map(({ name }) => name), topology };
  const writer = new TraceWriter({ header, names: lab.names, sink });
  lab.journal.sinks.push(writer);
  const socket = lab.bind('a', { port: 7946 });
  lab.bind('b', { port: 7946 });
  lab.bind('b', { transport: 'stream', port: 7946 });
  lab.network.echo(0, address('10.0.2.1'), { id: 1, sequence: 0, bytes: 56, ttl: 1 });
  const stream = lab.network.connect(0, ANY, lab.endpoint('10.0.2.1:7946'));
  for (let i = 0; i < 50; i++) {
    lab.network.send(
      socket,
      lab.endpoint('10.0.2.1:7946'),
      { type: 'ping', sequence: i, list: [{ type: 'alive', node: i }] },
      40,
    );
    lab.network.send(socket, lab.endpoint('10.0.2.1:9'), { type: 'ping', sequence: i }, 40);
    lab.network.transmit(stream, { type: 'data', text: `line ${i}`, packed: new Uint32Array([i]) }, 3000);
    lab.run(seconds(i + 1));
  }
  writer.close();
  const opened = await openTrace(sink);
  if (!opened.ok) throw new Error(opened.problem);
  const records = await collect(opened.trace.records());
  expect(opened.trace.problems).toEqual([]);
  expect(new Set(records.map(({ kind }) => kind))).toEqual(new Set([Kind.send, Kind.forward, Kind.deliver, Kind.drop]));
  expect(records.map(({ payload, ...record }) => ({ ...record, packet: payload }))).toEqual(lab.seen);
});
