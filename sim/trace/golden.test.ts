import { readFileSync } from 'node:fs';
import { inflateRawSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import type { Instant } from '../../core/time.ts';
import { GOLDEN_HEADER, GOLDEN_RUN, GOLDEN_STATE, GOLDEN_SUMMARY, goldenNames } from './golden/run.ts';
import { openTrace } from './open.ts';
import { Memory } from './sink.ts';
import { type Given, play } from './synthetic.ts';
import { TraceWriter } from './writer.ts';

/** The same run as it is written today. */
function today(): Uint8Array {
  const sink = new Memory();
  const names = goldenNames();
  const writer = new TraceWriter({ header: GOLDEN_HEADER, names, sink, save: () => GOLDEN_STATE, turns: ['role'] });
  for (const each of GOLDEN_RUN) {
    play([each], names, writer);
    if (each.type === 'record' && each.id === 5) writer.flush();
    if (each.type === 'record' && each.id === 7) writer.keyframe(each.at as Instant, 7);
  }
  writer.close(GOLDEN_SUMMARY);
  return sink.content();
}

describe.each(['format-1.partita', 'format-1-deflated.partita', 'one of today'])('the trace %s is read', (name) => {
  const bytes = name === 'one of today' ? today() : readFileSync(new URL(`golden/${name}`, import.meta.url));
  const opened = openTrace(new Memory(new Uint8Array(bytes)), {
    inflate: (body, expanded) => inflateRawSync(body, { maxOutputLength: expanded }),
  }).then((opened) => {
    if (!opened.ok) throw new Error(opened.problem);
    return opened.trace;
  });

  test('from its header to its summary', async () => {
    const trace = await opened;
    expect(trace.problems).toEqual([]);
    expect(trace.header).toEqual(GOLDEN_HEADER);
    expect(trace.complete).toBe(true);
    expect(trace.count).toBe(8);
    expect(trace.end).toBe(9_007_199_254_740_000);
    expect(trace.summary).toStrictEqual(GOLDEN_SUMMARY);
  });

  test('record by record and cell by cell', async () => {
    const read: Given[] = [];
    for await (const entry of (await opened).entries()) {
      if ('id' in entry) {
        read.push({ type: 'record', ...entry });
      } else {
        const { cause, at, node, subject, field, value } = entry;
        read.push({ type: 'cell', id: cause, at, node, subject, field, value });
      }
    }
    expect(read).toStrictEqual(GOLDEN_RUN);
  });

  test('at an instant in its middle', async () => {
    const trace = await opened;
    expect([...(await trace.cellsAt(200_000_301 as Instant))]).toEqual([
      { node: 0, subject: 'a', field: 'status', value: 'alive' },
      { node: 0, subject: 'a', field: 'health', value: -0.25 },
      { node: 1, subject: 'a', field: 'incarnation', value: 4_294_967_296 },
      { node: 1, subject: 'a', field: 'status', value: 'suspect' },
    ]);
    expect(trace.keyframes.length).toBeGreaterThan(0);
  });

  test('with the saved state, markers and the density picture', async () => {
    const trace = await opened;
    expect(trace.states).toMatchObject([{ at: 7_000_000_000, id: 7 }]);
    expect(await trace.state(0)).toStrictEqual(GOLDEN_STATE);
    expect(trace.markers.map(({ at, kind }) => [at, kind])).toEqual([
      [0, 0],
      [7_000_000_000, 1],
      [7_000_000_000, 255],
      [9_007_199_254_740_000, 16],
    ]);
    expect(Array.from({ length: 20 }, (_, kind) => trace.density.of(kind).reduce((sum, count) => sum + count, 0))).toEqual([
      1, 1, 0, 0, 0, 0, 1, 1, 1, 1, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0,
    ]);
  });
});
