import { describe, expect, test } from 'vitest';
import { Describer, kindName } from './describe.ts';
import { sketchRun } from './sketch.ts';

const packet = { from: 0, to: 1, transport: 'udp', message: { type: 'ping', sequence: 7 } };
const arp = { from: 0, to: 2, transport: 'arp', message: undefined };
const run = sketchRun({
  endpoints: ['10.0.1.10:7946', '10.0.2.10:7946', '10.0.1.99:0'],
  records: [
    { at: 1.5, kind: 'send', node: 0, peer: 2, word: 'ping', size: 42, payload: packet },
    { at: 2, kind: 'forward', node: 3, cause: 1, word: 'ping', payload: packet },
    { at: 3, kind: 'deliver', node: 2, cause: 2, word: 'ping', size: 42, payload: packet },
    { at: 4, kind: 'drop', node: 0, word: 'no-owner', payload: arp },
    { at: 5, kind: 'stop', node: 0, word: 'serf', payload: { process: 1, how: 'TERM' } },
    { at: 6, kind: 'notice', node: 0, word: 'member', payload: { type: 'member-join', name: 'b', tags: new Map() } },
    { at: 7, kind: 'verdict', word: 'check', payload: { check: 'one leader', verdict: 'held', says: 'always' } },
    { at: 8, kind: 'timer', node: 1, word: 'probe', payload: null },
    { at: 9, kind: 'start', node: 1, word: 'serf', payload: 17 },
  ],
});
const describer = new Describer(run);

describe('a row of the list', () => {
  test.each([
    [0, 'ping → c:7946 · 42 B'],
    [1, 'ping · a:7946 → c:7946'],
    [2, 'ping ← a:7946 · 42 B'],
    [3, 'no-owner · arp a:7946 → 10.0.1.99'],
    [4, 'serf · TERM'],
    [5, 'member-join name=b tags={}'],
    [6, 'one leader: held · always'],
    [7, 'probe'],
    [8, 'serf'],
  ])('record %d reads “%s”', (i, text) => {
    expect(describer.text(i)).toBe(text);
  });
  test('says when, where and what', () => {
    expect(describer.row(0)).toMatchObject({ time: '0.001500', node: 'a', kind: 'send' });
    expect(describer.row(6).node).toBe('');
  });
});

test('a payload is written with what its numbers stand for', () => {
  expect(describer.lines(packet)).toEqual([
    'from: a:7946',
    'to: c:7946',
    'transport: udp',
    'message:',
    '  type: ping',
    '  sequence: 7',
  ]);
  expect(describer.lines({ transport: 'udp', source: 2, header: undefined })).toEqual(['transport: udp', 'source: c']);
  expect(describer.lines({ type: 'arp request', sender: 0x0a00010a })).toEqual(['type: arp request', 'sender: 10.0.1.10']);
  expect(describer.lines(packet, 2)).toEqual(['from: a:7946', 'to: c:7946', '…']);
  expect(describer.lines(undefined)).toEqual([]);
});

test('a kind that this version does not know keeps its number', () => {
  expect(kindName(9)).toBe('drop');
  expect(kindName(99)).toBe('kind 99');
});
