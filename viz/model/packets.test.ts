import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Kind } from '../../sim/engine/journal.ts';
import { cursorAfter, cursorAt } from './cursor.ts';
import { isForMany, Packets } from './packets.ts';
import { type SketchRecord, sketchRun } from './sketch.ts';

const A = 0;
const B = 1;
const C = 2;
const R = 3;
const endpoints = ['10.0.1.10:7946', '10.0.2.10:7946', '224.0.0.251:5353', '10.0.1.255:9'];
const ping = { from: 0, to: 1, transport: 'udp', message: { type: 'ping' } };
const query = { from: 0, to: 2, transport: 'udp', message: { type: 'query' } };

const run = sketchRun({
  endpoints,
  records: [
    { at: 10, kind: 'send', node: A, peer: C, word: 'ping', payload: ping },
    { at: 14, kind: 'forward', node: R, peer: C, cause: 1, word: 'ping', payload: ping },
    { at: 18, kind: 'deliver', node: C, peer: A, cause: 2, word: 'ping', payload: ping },
    { at: 20, kind: 'send', node: A, word: 'query', payload: query },
    { at: 20, kind: 'drop', node: A, peer: R, cause: 4, word: 'loss', payload: query },
    { at: 22, kind: 'deliver', node: B, peer: A, cause: 4, word: 'query', payload: query },
  ],
  end: 30,
});
const packets = new Packets(run);
const at = (ms: number, trail = 0) => packets.at(cursorAt(run.records, run.end, ms * 1e6), trail * 1e6);

describe('packets in flight', () => {
  test.each`
    instant | from | to   | segment | progress
    ${10}   | ${A} | ${R} | ${0}    | ${0}
    ${11}   | ${A} | ${R} | ${0}    | ${0.25}
    ${14}   | ${R} | ${C} | ${1}    | ${0}
    ${17}   | ${R} | ${C} | ${1}    | ${0.75}
    ${21}   | ${A} | ${B} | ${0}    | ${0.5}
  `('at $instant ms one is $progress of the way from $from to $to', ({ instant, ...expected }) => {
    expect(at(instant).flying).toEqual([expect.objectContaining(expected)]);
  });
  test.each([0, 9, 18, 19, 22, 30])('at %d ms there is none', (instant) => {
    expect(at(instant).flying).toEqual([]);
  });
  test('stepping back to a record of the same instant puts its packet back on the wire', () => {
    expect(packets.at(cursorAfter(run.records, 4), 0).flying).toHaveLength(2);
    expect(packets.at(cursorAfter(run.records, 5), 0).flying).toHaveLength(1);
  });
  test('a packet to a group is for many, one to a host is not', () => {
    expect(at(21).flying[0]?.many).toBe(true);
    expect(at(11).flying[0]?.many).toBe(false);
  });
});

describe('what ended lately', () => {
  test('stays for as long as the trail', () => {
    expect(at(25, 6).recent.map(({ to }) => to)).toEqual([R, B]);
    expect(at(25, 4).recent.map(({ to }) => to)).toEqual([B]);
    expect(at(25, 0).recent).toEqual([]);
  });
  test('a loss ends where the packet was for, not where it was dropped', () => {
    expect(at(20, 1).recent).toEqual([expect.objectContaining({ from: A, to: R, segment: 0, lost: true })]);
  });
});

test('a sending record belongs to all its crossings, any other to the one it ends', () => {
  expect(packets.of(3).map(({ to }) => to)).toEqual([R, B]);
  expect(packets.of(1).map(({ from, to }) => [from, to])).toEqual([[A, R]]);
  expect(packets.of(2).map(({ from, to }) => [from, to])).toEqual([[R, C]]);
});

test.each([
  [0, false],
  [2, true],
  [3, true],
  [99, false],
])('endpoint %d is for many: %s', (endpoint, many) => {
  expect(isForMany(run, endpoint)).toBe(many);
});

test('the index agrees with looking at every record', () => {
  const plans = fc.array(fc.record({ gap: fc.integer({ min: 0, max: 3 }), delay: fc.integer({ min: 0, max: 9 }) }), {
    maxLength: 30,
  });
  fc.assert(
    fc.property(plans, fc.nat(100), (plan, instant) => {
      const made = sketchRun({ records: recordsOf(plan), end: 200 });
      const cursor = cursorAt(made.records, made.end, instant * 1e6);
      const { kind, cause } = made.records;
      const expected = [...cause.keys()].filter(
        (i) => kind[i] === Kind.deliver && (cause[i] as number) <= cursor.position && i >= cursor.position,
      );
      const found = new Packets(made).at(cursor, 0).flying.map(({ end }) => end);
      expect(found.toSorted((a, b) => a - b)).toEqual(expected);
    }),
  );
});

/** Sends in order, each delivered after its delay; causes are the numbers that the sends end up with. */
function recordsOf(plan: readonly { gap: number; delay: number }[]): SketchRecord[] {
  let now = 0;
  const events = plan.flatMap(({ gap, delay }, packet) => {
    now += gap;
    return [
      { at: now, order: 0, packet },
      { at: now + delay, order: 1, packet },
    ];
  });
  const sorted = events.toSorted((a, b) => a.at - b.at || a.order - b.order || a.packet - b.packet);
  return sorted.map(({ at, order, packet }) =>
    order === 0
      ? { at, kind: 'send', node: A, peer: B }
      : {
          at,
          kind: 'deliver',
          node: B,
          peer: A,
          cause: sorted.findIndex((each) => each.order === 0 && each.packet === packet) + 1,
        },
  );
}

describe('what a frame draws', () => {
  const crowd = (flying: number, ended: number, pairs: number) =>
    sketchRun({
      end: 100,
      records: [
        ...Array.from({ length: ended + flying }, (_, i): SketchRecord => ({ at: 1, kind: 'send', node: i % pairs, peer: 3 })),
        ...Array.from(
          { length: ended + flying },
          (_, i): SketchRecord => ({
            at: i < ended ? 2 : 50,
            kind: 'deliver',
            node: 3,
            peer: i % pairs,
            cause: i + 1,
          }),
        ),
      ],
    });
  test.each`
    flying  | ended
    ${10}   | ${5000}
    ${1000} | ${5000}
    ${3000} | ${100}
    ${3000} | ${5000}
    ${4200} | ${5000}
    ${4201} | ${5000}
    ${9000} | ${9000}
  `('is at most 5000 strokes with $flying packets on their way and $ended just ended', ({ flying, ended }) => {
    const made = crowd(flying, ended, 3);
    const traffic = new Packets(made).at(cursorAt(made.records, made.end, 3e6), 2e6);
    expect(traffic.count).toBe(flying);
    const [each, rest] = [traffic.flying.length <= 1000 ? 2 : 1, 4 * 200];
    const strokes = each * traffic.flying.length + traffic.flows.length + 3 * traffic.recent.length + rest;
    expect(strokes).toBeLessThanOrEqual(5000);
    expect(traffic.recent.length + traffic.hidden).toBe(ended);
    const inFlows = traffic.flows.reduce((sum, { count }) => sum + count, 0);
    expect(traffic.flying.length + inFlows).toBe(flying);
  });
  test('of too many is who sends how many to whom, the widest flow first', () => {
    const made = crowd(4500, 0, 3);
    const { flows } = new Packets(made).at(cursorAt(made.records, made.end, 3e6), 0);
    expect(flows.map(({ from, to, count }) => [from, to, count])).toEqual([
      [0, 3, 1500],
      [1, 3, 1500],
      [2, 3, 1500],
    ]);
  });
});
