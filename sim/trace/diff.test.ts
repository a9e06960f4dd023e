import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { firstDifference } from './diff.ts';
import { openTrace } from './open.ts';
import type { Trace } from './reader.ts';
import { type ByteSource, Memory } from './sink.ts';
import { type Given, play, SYNTHETIC_HEADER, synthetic, syntheticNames } from './synthetic.ts';
import { TraceWriter } from './writer.ts';

const RUN: readonly Given[] = [...synthetic(1200)];

/** A trace of a run in chunks of so many records. */
function write(run: readonly Given[], chunk = 100): Memory {
  const sink = new Memory();
  const names = syntheticNames();
  const writer = new TraceWriter({ header: SYNTHETIC_HEADER, sink, names, chunk });
  play(run, names, writer);
  writer.close();
  return sink;
}

async function open(source: ByteSource): Promise<Trace> {
  const opened = await openTrace(source);
  if (!opened.ok) throw new Error(opened.problem);
  return opened.trace;
}

/** The run with something else at a place. */
const changed = (place: number, change: (given: Given) => Given): Given[] =>
  RUN.map((given, i) => (i === place ? change(given) : given));

/** What a trace says of something that was given, as far as both have it. */
const told = (given: Given | undefined) =>
  given === undefined
    ? undefined
    : given.type === 'record'
      ? expect.objectContaining({ id: given.id, kind: given.kind, size: given.size, payload: given.payload })
      : expect.objectContaining({ subject: given.subject, field: given.field, value: given.value });

describe('of two traces', () => {
  test('of equal runs nothing differs, however they are divided into chunks', async () => {
    const a = await open(write(RUN));
    expect(await firstDifference(a, await open(write(RUN)))).toBeUndefined();
    expect(await firstDifference(a, await open(write(RUN, 37)))).toBeUndefined();
  });

  test('the first difference is found wherever it is, with what was common before it', async () => {
    const a = await open(write(RUN));
    await fc.assert(
      fc.asyncProperty(fc.nat(RUN.length - 1), fc.constantFrom(100, 37), async (place, chunk) => {
        const other = changed(place, (given) =>
          given.type === 'record' ? { ...given, size: given.size + 1 } : { ...given, value: -1 },
        );
        const found = await firstDifference(a, await open(write(other, chunk)));
        expect(found?.a).toEqual(told(RUN[place]));
        expect(found?.b).toEqual(told(other[place]));
        expect(found?.common).toEqual(RUN.slice(Math.max(0, place - 3), place).map(told));
      }),
      { numRuns: 15 },
    );
  });

  test('what a record carries counts, and where it differs only in a field deep inside', async () => {
    const place = RUN.findIndex(({ type, at }) => type === 'record' && at > 5e7);
    const other = changed(
      place,
      (given) => ({ ...given, payload: { ...(given as { payload: object }).payload, extra: [{ deep: -0 }] } }) as Given,
    );
    const found = await firstDifference(await open(write(RUN)), await open(write(other)));
    expect(found?.a).toEqual(told(RUN[place]));
  });

  test('one that goes on has more', async () => {
    const a = await open(write(RUN));
    const found = await firstDifference(a, await open(write(RUN.slice(0, 700))));
    expect(found?.b).toBeUndefined();
    expect(found?.a).toEqual(told(RUN[700]));
    expect(await firstDifference(await open(write([])), await open(write([])))).toBeUndefined();
  });

  test('only the chunks around the difference are read', async () => {
    const counted = (memory: Memory): { source: ByteSource; reads: () => number } => {
      let reads = 0;
      return {
        source: {
          size: memory.size,
          read: (offset, length) => {
            reads++;
            return memory.read(offset, length);
          },
        },
        reads: () => reads,
      };
    };
    const place = RUN.findIndex((given) => given.type === 'record' && given.id === 950);
    const one = counted(write(RUN, 20));
    const a = await open(one.source);
    const before = one.reads();
    const b = await open(
      write(
        changed(place, (given) => ({ ...given, size: 9999 }) as Given),
        20,
      ),
    );
    expect((await firstDifference(a, b))?.a).toEqual(told(RUN[place]));
    // Of sixty chunks: the cells' table and keyframes, and two chunks with what they carry.
    expect(one.reads() - before).toBeLessThan(40);
  });
});
