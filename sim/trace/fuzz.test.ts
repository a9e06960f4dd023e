import { deflateRawSync, inflateRawSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Instant } from '../../core/time.ts';
import { decodeHead, encodePrefix, type Inflate, joinBlock } from './block.ts';
import { ByteWriter } from './bytes.ts';
import { compressTrace } from './compress.ts';
import { crc32 } from './crc.ts';
import { BlockType, HEAD_BYTES, MAX_BODY, POINTER_BYTES, PREFIX_BYTES } from './format.ts';
import { logLines } from './log.ts';
import { type Opened, openTrace } from './open.ts';
import { pointerTo } from './pointer.ts';
import { type ByteSource, Memory } from './sink.ts';
import { play, SYNTHETIC_HEADER, synthetic, syntheticNames } from './synthetic.ts';
import { emptyIndex, encodeIndex } from './trace-index.ts';
import { Omitted } from './value.ts';
import { TraceWriter } from './writer.ts';

/** A trace of several small chunks with keyframes and saved states. */
function sample(): Memory {
  const sink = new Memory();
  const names = syntheticNames();
  const state = { clock: 5, nodes: new Map([['a', [1, 2, 3]]]) };
  const writer = new TraceWriter({ header: SYNTHETIC_HEADER, names, sink, save: () => state });
  for (const given of synthetic(400)) {
    play([given], names, writer);
    if (given.type === 'record' && given.id % 60 === 0) writer.flush();
    if (given.type === 'record' && given.id % 150 === 0) writer.keyframe(given.at as Instant, given.id);
  }
  writer.close({ verdict: 'held' });
  return sink;
}

async function packed(plain: Memory): Promise<Memory> {
  const sink = new Memory();
  expect(await compressTrace(plain, sink, (bytes) => deflateRawSync(bytes))).toBeUndefined();
  return sink;
}

/** What a reader got out of some bytes, and what it took. */
interface Reading {
  readonly opened: Opened;
  readonly entries: readonly unknown[];
  readonly read: number;
  readonly expanded: number;
}

/** Reads everything that there is to read, in every way. */
async function readAll(source: ByteSource): Promise<Reading> {
  let read = 0;
  let expanded = 0;
  const counting: ByteSource = {
    size: source.size,
    read: (offset, length) => {
      read += length;
      return source.read(offset, length);
    },
  };
  const inflate: Inflate = (bytes, size) => {
    expanded += size;
    return inflateRawSync(bytes, { maxOutputLength: Math.max(1, size) });
  };
  const opened = await openTrace(counting, { inflate });
  const entries: unknown[] = [];
  if (opened.ok) {
    const { trace } = opened;
    for await (const entry of trace.entries()) entries.push(entry);
    for await (const line of logLines(trace, { to: 1e7 as Instant })) expect(typeof line).toBe('string');
    for await (const verdict of trace.verdicts()) expect(verdict.kind).toBe(16);
    for await (const line of trace.terminal(3)) expect(typeof line.text).toBe('string');
    for (const at of [0, 1e7, 1e15]) {
      for (const cell of await trace.cellsAt(at as Instant)) expect(['number', 'string']).toContain(typeof cell.value);
    }
    for (let i = 0; i < Math.min(5, trace.states.length); i++) await trace.state(i);
    expect(Array.isArray(trace.markers)).toBe(true);
    expect(typeof (await trace.record(200))?.word).toMatch(/string|undefined/);
  }
  return { opened, entries, read, expanded };
}

const plain = sample();
const whole = readAll(plain);
const forms = (async () => [plain, await packed(plain)] as const)();

/** Says that what was read of damaged bytes is true, and that damage was noticed. */
async function expectHonest(bytes: Uint8Array): Promise<void> {
  const { entries: truth } = await whole;
  const { opened, entries, read, expanded } = await readAll(new Memory(bytes));
  // Every chunk is read a few times here; a reader that went in circles would read more.
  expect(read).toBeLessThan(100 * bytes.length + 100_000);
  expect(expanded).toBeLessThan(MAX_BODY);
  if (!opened.ok) {
    expect(opened.problem).not.toBe('');
    return;
  }
  const { problems } = opened.trace;
  const known = new Map(truth.map((entry) => [key(entry), entry]));
  for (const entry of entries) {
    // What is missing beside it, and is said to be: a payload, names, and the value before a change that came after a gap.
    const gaps: Record<string, unknown> = {};
    if (problems.length > 0) {
      const original = known.get(key(entry)) as Record<string, unknown>;
      const { payload, word, before } = entry as Record<string, unknown>;
      if (payload instanceof Omitted) gaps.payload = original.payload;
      if (typeof word === 'string' && word.startsWith('name ')) gaps.word = original.word;
      if (before !== original.before) gaps.before = original.before;
    }
    expect({ ...(entry as object), ...gaps }).toEqual(known.get(key(entry)));
  }
  if (problems.length === 0) expect(entries.length).toBe(truth.length);
}

function key(entry: unknown): string {
  const { id, next, node, subject, field, at } = entry as Record<string, unknown>;
  return id === undefined ? `${next} ${node} ${subject} ${field} ${at}` : String(id);
}

function blockStarts(bytes: Uint8Array): number[] {
  const starts: number[] = [];
  for (let at = PREFIX_BYTES; at < bytes.length; ) {
    const head = decodeHead(bytes, at);
    if (head === undefined) throw new Error(`no block at ${at}`);
    starts.push(at);
    at += HEAD_BYTES + head.stored;
  }
  return starts;
}

test('the sample is whole, and has what there is to break', async () => {
  const { opened, entries } = await whole;
  expect(opened).toMatchObject({ ok: true, problems: [] });
  expect(entries.length).toBeGreaterThan(400);
  const content = plain.content();
  const types = new Set(blockStarts(content).map((at) => decodeHead(content, at)?.type));
  expect([...types].sort((a = 0, b = 0) => a - b)).toEqual(Object.values(BlockType).sort((a, b) => a - b));
  expect((await readAll((await forms)[1])).entries).toEqual(entries);
});

describe('a trace that was cut off', () => {
  test.each([0, 1])('between any two blocks; form %i', async (form) => {
    const content = (await forms)[form]?.content() as Uint8Array;
    const { entries: truth } = await whole;
    let most = 0;
    for (const end of blockStarts(content)) {
      const { opened, entries } = await readAll(new Memory(content.slice(0, end)));
      if (!opened.ok) {
        expect(end).toBeLessThan(PREFIX_BYTES + HEAD_BYTES);
        continue;
      }
      expect(opened.problems.length).toBeGreaterThan(0);
      // What is there is the beginning of the run, and it only gets longer.
      expect(entries).toEqual(truth.slice(0, entries.length));
      expect(entries.length).toBeGreaterThanOrEqual(most);
      most = entries.length;
    }
    expect(most).toBe(truth.length);
  });

  test.each([0, 1])('anywhere; form %i', async (form) => {
    const content = (await forms)[form]?.content() as Uint8Array;
    await fc.assert(
      fc.asyncProperty(fc.nat(content.length - 1), (end) => expectHonest(content.slice(0, end))),
      { numRuns: 150 },
    );
  });

  test('says how far it got', async () => {
    const content = plain.content();
    const opened = await openTrace(new Memory(content.slice(0, Math.floor(content.length / 2))));
    expect(opened.ok && opened.problems.join('\n')).toMatch(
      /^the file is cut off at byte \d+: the \d+ bytes from there on are no whole block\nthe trace was not closed: it holds \d+ records, up to 0\.\d+ s/,
    );
  });
});

describe('a trace that was damaged', () => {
  test.each([0, 1])('by a flipped bit; form %i', async (form) => {
    const content = (await forms)[form]?.content() as Uint8Array;
    await fc.assert(
      fc.asyncProperty(fc.nat(content.length * 8 - 1), async (bit) => {
        const bytes = content.slice();
        (bytes[bit >>> 3] as number) ^= 1 << (bit & 7);
        await expectHonest(bytes);
      }),
      { numRuns: 250 },
    );
  });

  test.each([0, 1])('by a stretch of other bytes, missing bytes or additional ones; form %i', async (form) => {
    const content = (await forms)[form]?.content() as Uint8Array;
    await fc.assert(
      fc.asyncProperty(
        fc.nat(content.length),
        fc.nat(300),
        fc.uint8Array({ maxLength: 300 }),
        async (start, without, instead) => {
          await expectHonest(Uint8Array.from([...content.slice(0, start), ...instead, ...content.slice(start + without)]));
        },
      ),
      { numRuns: 150 },
    );
  });

  test('in one chunk leaves the others', async () => {
    const content = plain.content().slice();
    const records = blockStarts(content).filter((at) => decodeHead(content, at)?.type === BlockType.records);
    (content[(records[2] as number) + HEAD_BYTES + 30] as number) ^= 1;
    const { opened, entries } = await readAll(new Memory(content));
    const { entries: truth } = await whole;
    expect(opened.ok && opened.trace.problems).toEqual([
      expect.stringMatching(/^records 121 to 180 cannot be read: the block at byte \d+ is damaged$/),
    ]);
    const ids = (list: readonly unknown[]) =>
      list.flatMap((entry) => ('id' in (entry as object) ? [(entry as { id: number }).id] : []));
    expect(ids(entries)).toEqual(ids(truth).filter((id) => id <= 120 || id > 180));
  });
});

describe('bytes that nobody wrote as a trace', () => {
  const refused = async (bytes: Uint8Array): Promise<string> => {
    const opened = await openTrace(new Memory(bytes));
    return opened.ok ? 'opened' : opened.problem;
  };

  test.each`
    bytes                                                              | problem
    ${[]}                                                              | ${'the file is empty'}
    ${[1]}                                                             | ${'this is no Partita trace'}
    ${[...'PARTITA\n'].map((c) => c.charCodeAt(0))}                    | ${'the trace is cut off in its first bytes'}
    ${[...new TextEncoder().encode('<!doctype html>\n<html></html>')]} | ${'this is no Partita trace'}
    ${[...encodePrefix(2)]}                                            | ${'the trace has format 2, and this version of Partita reads formats up to 1; use a newer one'}
    ${[...encodePrefix().slice(0, 15), 0]}                             | ${'the first bytes of the trace are damaged'}
    ${[...encodePrefix()]}                                             | ${"the trace's header cannot be read: bytes 16 to 40 of a file of 16"}
  `('$problem', async ({ bytes, problem }) => {
    expect(await refused(Uint8Array.from(bytes))).toBe(problem);
  });

  test('random ones', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 500 }), fc.boolean(), async (bytes, prefix) => {
        const { opened } = await readAll(new Memory(prefix ? Uint8Array.from([...encodePrefix(), ...bytes]) : bytes));
        expect(opened.ok).toBe(false);
      }),
      { numRuns: 500 },
    );
  });
});

describe('bytes that somebody made to break a reader, with every checksum right', () => {
  /** The sample with the body of one block replaced. */
  function withBody(bytes: Uint8Array, at: number, body: Uint8Array, deflated = false, expanded = body.length): Uint8Array {
    const head = decodeHead(bytes, at);
    if (head === undefined) throw new Error(`no block at ${at}`);
    const block = joinBlock({ type: head.type, deflated, stored: body.length, expanded, crc: crc32(body) }, body);
    return Uint8Array.from([...bytes.subarray(0, at), ...block, ...bytes.subarray(at + HEAD_BYTES + head.stored)]);
  }

  test('bodies with other bytes in them', async () => {
    const content = plain.content();
    const starts = blockStarts(content);
    await fc.assert(
      fc.asyncProperty(
        fc.nat(starts.length - 1),
        fc.array(fc.tuple(fc.nat(), fc.oneof(fc.nat(255), fc.constantFrom(0, 0x7f, 0x80, 0xff))), { minLength: 1, maxLength: 4 }),
        fc.boolean(),
        async (which, edits, pointer) => {
          const at = starts[which] as number;
          const stored = decodeHead(content, at)?.stored as number;
          const body = content.slice(at + HEAD_BYTES, at + HEAD_BYTES + stored);
          for (const [place, byte] of edits) body[place % body.length] = byte;
          const bytes = withBody(content, at, body);
          // With the pointer and by the walk over all blocks.
          const { read } = await readAll(new Memory(pointer ? bytes : bytes.slice(0, -POINTER_BYTES)));
          expect(read).toBeLessThan(1000 * content.length);
        },
      ),
      { numRuns: 800 },
    );
  });

  test('a body that expands to more than it says, less, or nothing', async () => {
    const content = plain.content();
    for (const at of blockStarts(content)) {
      for (const [body, expanded] of [
        [deflateRawSync(new Uint8Array(5_000_000)), 5000],
        [deflateRawSync(new Uint8Array(10)), 5000],
        [new Uint8Array(100).fill(0xff), 5000],
      ] as const) {
        const { read, expanded: taken } = await readAll(new Memory(withBody(content, at, body, true, expanded)));
        expect(read).toBeLessThan(100 * content.length);
        expect(taken).toBeLessThan(1_000_000);
      }
    }
  });

  test('sizes that no block can have are no heads', () => {
    const head = (stored: number, expanded: number, deflated: boolean) =>
      decodeHead(joinBlock({ type: 3, deflated, stored, expanded, crc: 0 }, new Uint8Array(0)));
    expect(head(100, 100, false)).toBeDefined();
    expect(head(100, 101, false)).toBeUndefined();
    expect(head(100, 100_000, true)).toBeDefined();
    expect(head(100, 10_000_000, true)).toBeUndefined();
    expect(head(MAX_BODY, MAX_BODY + 1, true)).toBeUndefined();
    expect(head(0xffff_ffff, 0xffff_ffff, false)).toBeUndefined();
  });

  test('tables that expand without end', async () => {
    // Sixteen MiB of empty names in each block of 16 kB, and two hundred such blocks: refused after the share that a file of that size may have.
    const names = new ByteWriter(MAX_BODY);
    names.varint(0);
    names.varint(MAX_BODY - 64);
    names.length = MAX_BODY;
    const body = names.view();
    const bomb = joinBlock(
      { type: BlockType.tables, deflated: true, stored: deflateRawSync(body).length, expanded: MAX_BODY, crc: crc32(body) },
      deflateRawSync(body),
    );
    const sink = new Memory();
    const writer = new TraceWriter({ header: SYNTHETIC_HEADER, names: syntheticNames(), sink });
    expect(writer).toBeDefined();
    const offset = sink.size;
    for (let i = 0; i < 200; i++) sink.write(bomb);
    const out = new ByteWriter();
    encodeIndex(out, { ...emptyIndex(), closed: true, tables: { offset, length: 200 * bomb.length } });
    const index = { offset: sink.size, length: HEAD_BYTES + out.length };
    sink.write(
      joinBlock(
        { type: BlockType.index, deflated: false, stored: out.length, expanded: out.length, crc: crc32(out.view()) },
        out.view(),
      ),
    );
    sink.write(pointerTo(index));
    const { opened, expanded } = await readAll(sink);
    expect(opened.ok && opened.trace.problems).toEqual([
      'a table of names cannot be read: the tables are too large for this file',
    ]);
    expect(expanded).toBeLessThan(150 * 1024 * 1024);
  });

  test('a payload nested a million deep', async () => {
    const content = plain.content();
    const at = blockStarts(content).find((start) => decodeHead(content, start)?.type === BlockType.payloads) as number;
    const out = new ByteWriter();
    const deep = new Uint8Array(2_000_000).map((_, i) => (i % 2 === 0 ? 0x89 : 1));
    out.u32(0);
    out.u32(1);
    out.u32(deep.length);
    out.raw(deep);
    out.u8(4);
    out.u32(deep.length);
    const { opened } = await readAll(new Memory(withBody(content, at, out.view())));
    expect(opened.ok && opened.trace.problems.length).toBeGreaterThan(0);
  });
});

describe('a source that fails', () => {
  test.each`
    what                  | read
    ${'rejects'}          | ${() => Promise.reject(new Error('the disk is gone'))}
    ${'gives too little'} | ${async () => new Uint8Array(3)}
    ${'gives nothing'}    | ${async () => new Uint8Array(0)}
  `('$what from the start', async ({ read }) => {
    expect((await openTrace({ size: 1000, read })).ok).toBe(false);
  });

  test('later on: says so and goes on', async () => {
    let gone = false;
    const source: ByteSource = {
      size: plain.size,
      read: (offset, length) => (gone ? Promise.reject(new Error('the disk is gone')) : plain.read(offset, length)),
    };
    const opened = await openTrace(source);
    if (!opened.ok) throw new Error(opened.problem);
    gone = true;
    const entries: unknown[] = [];
    for await (const entry of opened.trace.entries()) entries.push(entry);
    expect(entries).toEqual([]);
    expect(opened.trace.problems[1]).toMatch(/the disk is gone/);
  });

  test('a compressed trace without anything to expand it', async () => {
    const opened = await openTrace((await forms)[1]);
    expect(opened.ok ? '' : opened.problem).toMatch(/compressed, and nothing to expand it was given/);
  });
});
